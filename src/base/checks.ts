/**
 * Checks of values that users pass in (numbers, words, text, bytes) and of option names.
 *
 * @module
 */

import { viewOf } from "./bytes.ts";
import { LONGEST_TIMER } from "./clock.ts";
import { didYouMean } from "./did_you_mean.ts";
import { toBytes } from "./message.ts";
import { peerText, quotedPeerText } from "./peer_text.ts";
import { typeName } from "./type_name.ts";

/** Checks a value and returns it in the library's own form. */
export type Check<T> = (name: string, value: unknown) => T;

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (name, value) => {
    if (typeof value !== "number") throw new TypeError(`${name} must be a number, not ${typeof value}`);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
    }
    // Turns -0 into 0.
    return value + 0;
  };
}

/** A time in ms, from `least` to the longest that a timer takes. */
export function timeFrom(least: number): Check<number> {
  return wholeNumber(least, LONGEST_TIMER);
}

/**
 * Checks a count of things to wait for.
 *
 * @throws {TypeError} If it is not a number; {@linkcode RangeError} if it is negative or not a whole number.
 */
export function amount(name: string, value: number): number {
  return wholeNumber(0)(name, value);
}

/** True or false. */
export const flag: Check<boolean> = (name, value) => {
  if (typeof value !== "boolean") throw new TypeError(`${name} must be true or false, not ${typeof value}`);
  return value;
};

/** One of these words, or `null`. */
export function oneOf<T extends string>(...words: readonly T[]): Check<T | null> {
  return (name, value) => {
    if (value === null || words.includes(value as T)) return value as T | null;
    throw new TypeError(`${name} must be one of ${words.join(", ")}, or null, not ${show(value)}`);
  };
}

/** An array of these words; repeated words are removed. */
export function someOf<T extends string>(...words: readonly T[]): Check<readonly T[]> {
  return (name, value) => {
    if (!Array.isArray(value) || !value.every((word) => words.includes(word))) {
      throw new TypeError(`${name} must be an array of ${words.join(", ")}, not ${show(value)}`);
    }
    return Object.freeze([...new Set(value as T[])]);
  };
}

/** Text of 1 to `most` bytes in UTF-8, or `null`. */
export function textOrNull(most: number): Check<string | null> {
  return (name, value) => {
    if (value === null) return null;
    if (typeof value !== "string") throw new TypeError(`${name} must be a string or null, not ${typeof value}`);
    const { length } = toBytes(value);
    if (length < 1 || length > most) throw new RangeError(`${name} must be 1 to ${most} bytes long, not ${length}`);
    return value;
  };
}

/** Text of up to `most` bytes in UTF-8. */
export function text(most: number): Check<string> {
  return (name, value) => {
    if (typeof value !== "string") throw new TypeError(`${name} must be a string, not ${typeof value}`);
    const { length } = toBytes(value);
    if (length > most) throw new RangeError(`${name} must be at most ${most} bytes long, not ${length}`);
    return value;
  };
}

/** One frame of a message, or `null`. */
export const frameOrNull: Check<Uint8Array | null> = (name, value) => value === null ? null : bytesOf(name, value);

/**
 * Returns a copy of the bytes, or the UTF-8 bytes of a string.
 *
 * @throws {TypeError} If the value is neither.
 */
export function bytesOf(name: string, value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? toBytes(value) : viewOf(value);
  if (bytes === undefined) throw new TypeError(`${name} must be a string or a Uint8Array, not ${typeof value}`);
  return bytes.slice();
}

/** Returns a value as error messages show it: text in quotes, anything else by its type. */
export function show(value: unknown): string {
  return typeof value === "string" ? quotedPeerText(value) : typeof value;
}

/**
 * Checks that options are an object and that all of its names are known.
 *
 * @param advise Returns advice for a name that is not known, besides the names that are.
 * @throws {TypeError} If not: an unknown name is a typo that would go unnoticed.
 */
export function onlyOptions(
  what: string,
  options: object,
  names: readonly string[],
  advise: (name: string) => string = () => "",
): void {
  if (!isOptions(options)) {
    throw new TypeError(`${what}: options must be an object, such as { ${names[0]}: … }, not ${typeName(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`${what} has no option ${peerText(name)}; ${listOf(names, name)}${advise(name)}`);
    }
  }
}

/**
 * True for an object of options. False for an array, a date, an `AbortSignal`, a socket or a `Context`, which would be ignored: no
 * option has their names.
 */
export function isOptions(value: unknown): value is object {
  if (!/^\[object (Object|Module)\]$/.test(Object.prototype.toString.call(value))) return false;
  return typeName(value) === "object" || Object.keys(value as object).length > 0;
}

/** Returns a list of all options for the message about an unknown name, with the one that was probably meant. */
export function listOf(names: readonly string[], name: string): string {
  return names.length === 0 ? "it has none" : `it has ${names.join(", ")}${didYouMean(name, names)}`;
}
