/**
 * A fuzz target: takes bytes, passes them to one part of the library, and checks that all invariants hold.
 *
 * @module
 */

import type { ZmqError } from "../../src/base/errors.ts";

/** A part of the library, with the invariants that hold for all inputs. */
export interface Target {
  readonly name: string;
  /** Maximum length of an input, in bytes. Default: 256. */
  readonly most?: number;
  /** Valid inputs to start from, besides those in the corpus. */
  readonly seeds: readonly Uint8Array[];
  /** Byte strings that occur in the format. Mutations insert them. */
  readonly tokens?: readonly Uint8Array[];
  /** Inputs in `npm test`. Default: 400. */
  readonly inputs?: number;
  /**
   * Passes one input to the library. The result depends on the input alone.
   *
   * @throws {Error} If an invariant does not hold, or if the library throws an error that it must not throw.
   */
  run(input: Uint8Array): void;
}

/** An invariant does not hold. */
class Broken extends Error {
  override readonly name = "Broken";
}

/** Checks an invariant. */
export function require(holds: boolean, invariant: string, ...values: readonly unknown[]): asserts holds {
  if (holds) return;
  throw new Broken(`${invariant}${values.length === 0 ? "" : `: ${values.map(shown).join(" / ")}`}`);
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value);
  return JSON.stringify(value, (_key, one) => {
    if (one instanceof Uint8Array) return toHex(one);
    if (one instanceof Map) return [...one];
    return typeof one === "bigint" ? `${one}` : one;
  }) ?? String(value);
}

/** A value, or the typed error with which an input was rejected. */
export type Outcome<T> = { readonly value: T; readonly rejected?: never } | {
  readonly rejected: string;
  readonly value?: never;
};

type ErrorClass = abstract new (...args: never[]) => Error;

/** Calls `fn`. Only errors of these classes may reject an input; all others are thrown. */
export function attempt<T>(fn: () => T, ...types: readonly ErrorClass[]): Outcome<T> {
  try {
    return { value: fn() };
  } catch (error) {
    return { rejected: rejection(error, types) };
  }
}

/** Returns a typed error as text; throws any other error. */
export function rejection(error: unknown, types: readonly ErrorClass[]): string {
  if (!types.some((type) => error instanceof type)) throw error;
  const { code, message } = error as ZmqError;
  return `${code}: ${message}`;
}

/** Bytes as hex text. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += bytes[i]!.toString(16).padStart(2, "0");
  return text;
}

/** Compares bytes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Concatenates numbers, bytes and text (each character is one byte). */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  const out: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") out.push(part);
    else if (typeof part === "string") { for (let i = 0; i < part.length; i++) out.push(part.charCodeAt(i)); }
    else out.push(...part);
  }
  return Uint8Array.from(out);
}
