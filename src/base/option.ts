/**
 * One option of sockets: its check, its default, when a change applies, what libzmq calls it. Options are defined in groups, each
 * next to the interface by which users read of it; the type checker sees to it that both have the same names and types.
 *
 * An option is added in the file of its group, and nowhere else: values, checks, properties and tables follow from there.
 *
 * @module
 */

import type { Check } from "./checks.ts";

/** When a change of an option applies; `never` where no other value than the default can be set. */
export type Applies =
  | "at once"
  | "next message"
  | "next wait"
  | "next connect"
  | "next attempt"
  | "next connection"
  | "next loss"
  | "next bind"
  | "close"
  | "never";

/** What is known of an option. */
export interface Option<T> {
  /** Takes a value as users give it, and returns it in the library's own form. */
  readonly check: Check<T>;
  /** The default. */
  readonly initial: T;
  /** When a change applies. */
  readonly applies: Applies;
  /** Its names in zmq.h, without `ZMQ_`; none for options that libzmq does not have. */
  readonly libzmq: readonly string[];
  /** Wiped when it is replaced, and when the socket is closed. */
  readonly secret?: true;
}

/** How a value is kept: as bytes, where text may be given as well. */
type Kept<T> = Uint8Array extends T ? Exclude<T, string> : T;

/** The values of options in the library's own form. `context` is not among them: it cannot be changed. */
export type Values<Options> = {
  -readonly [Name in keyof Options as Exclude<Name, "context">]-?: Kept<Exclude<Options[Name], undefined>>;
};

/** The options of an interface, defined. */
export type OptionGroup<Options> = {
  readonly [Name in keyof Values<Options>]: Option<Values<Options>[Name]>;
};

/** Defines an option. */
export function option<T>(check: Check<T>, initial: T, applies: Applies, ...libzmq: string[]): Option<T> {
  return { check, initial, applies, libzmq };
}

/** Defines an option whose value nobody else may know. */
export function secret<T>(check: Check<T>, initial: T, applies: Applies, ...libzmq: string[]): Option<T> {
  return { check, initial, applies, libzmq, secret: true };
}
