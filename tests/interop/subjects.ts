/**
 * Behaviour that this library shares with libzmq: the same test with a socket of ours as its subject, and with one of
 * libzmq's. The second proves that the test asks for what libzmq does.
 *
 * @module
 */

import { test } from "../support/harness.ts";
import type { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";

/** Opens the socket under test. */
export type OpenSubject = (type: EndType, options?: EndOptions) => Promise<End & AsyncDisposable>;

/** Declares a test for both subjects. */
export function testBoth(libzmq: Peer, name: string, body: (open: OpenSubject) => Promise<void>): void {
  test(`ours: ${name}`, () => body((type, options) => Promise.resolve(new OurEnd(type, options))));
  test(`libzmq itself: ${name}`, () => body((type, options) => libzmq.open(type, options)));
}
