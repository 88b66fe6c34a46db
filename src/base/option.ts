/**
 * The definition of a socket option: its check, its default, when a change applies, its names in libzmq. Options are
 * defined in groups, each next to its public interface; the type checker makes sure that both have the same names and
 * types.
 *
 * An option is added only in the file of its group. Values, checks, properties and tables are derived from it.
 *
 * @module
 */

import type { Check } from "./checks.ts";

/** When a change of an option applies; `never` if only the default can be set. */
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

/** The definition of an option. */
export interface Option<T> {
  /** Checks a value from the user, and returns it in the library's own form. */
  readonly check: Check<T>;
  /** The default. */
  readonly initial: T;
  /** When a change applies. */
  readonly applies: Applies;
  /** Its names in zmq.h, without `ZMQ_`; none for options that libzmq does not have. */
  readonly libzmq: readonly string[];
  /** The value is overwritten with zeros when it is replaced and when the socket is closed. */
  readonly secret?: true;
}

/** The type of a stored value: bytes, if the option takes bytes or text. */
type Kept<T> = Uint8Array extends T ? Exclude<T, string> : T;

/** The option values in the library's own form. `context` is not included, because it cannot be changed. */
export type Values<Options> = {
  -readonly [Name in keyof Options as Exclude<Name, "context">]-?: Kept<Exclude<Options[Name], undefined>>;
};

/** The definitions of all options of an interface. */
export type OptionGroup<Options> = {
  readonly [Name in keyof Values<Options>]: Option<Values<Options>[Name]>;
};

/** Defines an option. */
export function option<T>(check: Check<T>, initial: T, applies: Applies, ...libzmq: string[]): Option<T> {
  return { check, initial, applies, libzmq };
}

/** Defines an option whose value is a secret. */
export function secret<T>(check: Check<T>, initial: T, applies: Applies, ...libzmq: string[]): Option<T> {
  return { check, initial, applies, libzmq, secret: true };
}
