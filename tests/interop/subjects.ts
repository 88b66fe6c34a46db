/**
 * Behavior that this library shares with libzmq: the same test with a socket of ours as its subject, and with one of
 * libzmq's. The second proves that the test asks for what libzmq does.
 *
 * @module
 */

import { test, type TestOptions } from "../support/harness.ts";
import type { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";

/** Opens the socket under test. */
export type OpenSubject = (type: EndType, options?: EndOptions) => Promise<End & AsyncDisposable>;

const openOurs: OpenSubject = (type, options) => Promise.resolve(new OurEnd(type, options));

/** Declares a test for both subjects. */
export function testBoth(
  libzmq: Peer,
  name: string,
  body: (open: OpenSubject) => Promise<void>,
  options?: TestOptions,
): void {
  test(`ours: ${name}`, () => body(openOurs), options);
  test(`libzmq itself: ${name}`, () => body((type, options) => libzmq.open(type, options)), options);
}

/** Declares a test of two sockets that talk: ours with libzmq's, libzmq's with ours, and libzmq's with its like. */
export function testTalk(
  libzmq: Peer,
  name: string,
  body: (open: OpenSubject, openOther: OpenSubject) => Promise<void>,
): void {
  const openTheirs: OpenSubject = (type, options) => libzmq.open(type, options);
  test(`ours with ${libzmq.kind}: ${name}`, () => body(openOurs, openTheirs));
  test(`${libzmq.kind} with ours: ${name}`, () => body(openTheirs, openOurs));
  test(`${libzmq.kind} itself: ${name}`, () => body(openTheirs, openTheirs));
}
