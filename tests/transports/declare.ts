/**
 * The declaration of tests in the parts of the compliance suite, for each transport.
 *
 * @module
 */

import type { Transport } from "../../src/transport/transport.ts";
import { test, type TestOptions } from "../support/harness.ts";
import { type Pair, withPair } from "./peer.ts";

export const MIB = 1 << 20;
/** More than the kernel holds for one connection, both ends together. */
export const TOO_MUCH = 64 * MIB;
/** For tests that move many megabytes. */
export const LONG: TestOptions = { timeout: 30_000 };

/** The differences of a transport. */
export interface Variation {
  /** An endpoint whose address can be bound again after it was closed. Default: the same. */
  readonly lasting?: string;
  /** Tests that it cannot pass, by name, and why. */
  readonly except?: Readonly<Record<string, string>>;
  /**
   * The knowledge of its links about the bytes that were taken; default `"exact"`. Links over other streams know an
   * upper limit.
   */
  readonly knows?: "exact" | "most" | "nothing";
  /** True if a chunk is a message, which arrives as it is, also an empty one. */
  readonly whole?: boolean;
}

/** Declares tests for one transport. */
export interface Declare {
  /** Where to listen; every listener gets an address of its own. */
  readonly endpoint: string;
  /** Where to listen for an address that can be bound again. */
  readonly lasting: string;
  readonly knows: NonNullable<Variation["knows"]>;
  readonly whole: boolean;
  /** A test that is given a connected pair of links, both started. */
  pair(name: string, body: (pair: Pair) => Promise<void>, options?: TestOptions): void;
  /** A test that is given the transport. */
  plain(name: string, body: (transport: Transport) => Promise<void>, options?: TestOptions): void;
}

/** Makes a {@link Declare}; `prefix` is put before the name of each test, those in `except` are skipped for the reason there. */
export function declareFor(
  prefix: string,
  load: () => Promise<Transport>,
  endpoint: string,
  { lasting = endpoint, except = {}, knows = "exact", whole = false }: Variation,
): Declare {
  const declare = (name: string, body: () => Promise<void>, options: TestOptions = {}): void => {
    const skip = except[name];
    test(`${prefix}: ${name}`, body, skip === undefined ? options : { ...options, skip });
  };
  return {
    endpoint,
    lasting,
    knows,
    whole,
    pair: (name, body, options) => declare(name, async () => await withPair(await load(), endpoint, body), options),
    plain: (name, body, options) => declare(name, async () => await body(await load()), options),
  };
}
