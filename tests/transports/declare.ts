/**
 * How the parts of the compliance suite declare their tests for the transport at hand.
 *
 * @module
 */

import type { Transport } from "../../src/transport.ts";
import { test, type TestOptions } from "../support/harness.ts";
import { type Pair, withPair } from "./peer.ts";

export const MIB = 1 << 20;
/** More than the kernel holds for one connection, both ends together. */
export const TOO_MUCH = 64 * MIB;
/** For tests that move many megabytes. */
export const LONG: TestOptions = { timeout: 30_000 };

/** Declares tests for one transport. */
export interface Declare {
  /** Where to listen; every listener gets an address of its own. */
  readonly endpoint: string;
  /** Where to listen for an address that can be bound again. */
  readonly lasting: string;
  /** A test that is given a connected pair of links, both started. */
  pair(name: string, body: (pair: Pair) => Promise<void>, options?: TestOptions): void;
  /** A test that is given the transport. */
  plain(name: string, body: (transport: Transport) => Promise<void>, options?: TestOptions): void;
}

/** Makes a {@link Declare}; `prefix` is put before the name of each test, those in `except` are skipped for that reason. */
export function declareFor(
  prefix: string,
  load: () => Promise<Transport>,
  endpoint: string,
  lasting: string,
  except: Readonly<Record<string, string>>,
): Declare {
  const declare = (name: string, body: () => Promise<void>, options: TestOptions = {}): void => {
    const skip = except[name];
    test(`${prefix}: ${name}`, body, skip === undefined ? options : { ...options, skip });
  };
  return {
    endpoint,
    lasting,
    pair: (name, body, options) => declare(name, async () => await withPair(await load(), endpoint, body), options),
    plain: (name, body, options) => declare(name, async () => await body(await load()), options),
  };
}
