/**
 * Checks of numbers that users hand in, and of the names of options.
 *
 * @module
 */

import { LONGEST_TIMER } from "./clock.ts";
import { peerText } from "./peer_text.ts";

/** Checks a value and returns it in the library's own form. */
export type Check<T> = (name: string, value: unknown) => T;

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (name, value) => {
    if (typeof value !== "number") throw new TypeError(`${name} must be a number, not ${typeof value}`);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
    }
    // No negative zero.
    return value + 0;
  };
}

/** A time in ms. */
export function timeFrom(least: number): Check<number> {
  return wholeNumber(least, LONGEST_TIMER);
}

/**
 * Checks a number of things to wait for.
 *
 * @throws {TypeError} If it is not a number, {@linkcode RangeError} if it is not whole or negative.
 */
export function amount(name: string, value: number): number {
  return wholeNumber(0)(name, value);
}

/**
 * Checks that options are an object with no other names than these.
 *
 * @throws {TypeError} If not: a name that nothing reads is a slip of the pen.
 */
export function onlyOptions(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${what}: options must be an object, such as { ${names[0]}: … }`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`${what} has no option ${peerText(name)}; it has ${names.join(", ")}`);
    }
  }
}
