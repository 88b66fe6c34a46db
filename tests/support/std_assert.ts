/**
 * Stand-in for the names of `@std/assert` that the tests use, on `node:assert`, with the same call signatures.
 *
 * Used on Node and Bun always, and on Deno unless `USE_JSR=1` (see `scripts/test.ts`).
 *
 * @module
 */

import nodeAssert, { AssertionError } from "node:assert";

/** A class, abstract ones too. */
// deno-lint-ignore no-explicit-any -- `unknown[]` would refuse constructors that take arguments.
export type AnyConstructor = abstract new (...args: any[]) => any;

function failWith(message: string, note: string | undefined, actual?: unknown, expected?: unknown): never {
  throw new AssertionError({
    message: note === undefined ? message : `${message}: ${note}`,
    actual,
    expected,
    stackStartFn: failWith,
  });
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return value.name || "(anonymous function)";
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return String(value);
}

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  if (!expr) failWith(msg ?? "Expected a truthy value", undefined, expr, true);
}

/** Fails. */
export function fail(msg?: string): never {
  failWith("Failed assertion", msg);
}

/** Fails unless both are deeply equal, constructors included. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (error) {
    failWith((error as Error).message, msg, actual, expected);
  }
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    nodeAssert.notDeepStrictEqual(actual, expected);
  } catch (error) {
    failWith((error as Error).message, msg, actual, expected);
  }
}

/** Fails unless both are the same value, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  try {
    nodeAssert.strictEqual(actual, expected);
  } catch (error) {
    failWith((error as Error).message, msg, actual, expected);
  }
}

/** Fails if `actual` is `undefined` or `null`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) failWith(`Expected a value, got ${actual}`, msg, actual);
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  failWith(`Expected an instance of ${expectedType.name}, got ${show(actual)}`, msg || undefined, actual, expectedType);
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (actual.search(expected) === -1) failWith(`Expected ${show(actual)} to match ${expected}`, msg, actual, expected);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  failWith(`Expected ${show(actual)} to contain ${show(expected)}`, msg, actual, expected);
}

/** Fails unless `actual` is greater than `expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) failWith(`Expected ${show(actual)} > ${show(expected)}`, msg, actual, expected);
}

/** Fails unless `actual` is less than `expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) failWith(`Expected ${show(actual)} < ${show(expected)}`, msg, actual, expected);
}

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

function checkError(
  error: unknown,
  did: string,
  errorClass: ErrorClass<Error> | undefined,
  part: string | undefined,
  msg: string | undefined,
): void {
  if (errorClass === undefined) return;
  if (!(error instanceof Error)) failWith(`Expected ${did} an Error, got ${show(error)}`, msg, error);
  if (!(error instanceof errorClass)) {
    failWith(`Expected ${did} ${errorClass.name}, got ${show(error)}`, msg, error, errorClass);
  }
  if (part !== undefined && !error.message.includes(part)) {
    failWith(`Expected an error message with ${show(part)}, got ${show(error.message)}`, msg, error.message, part);
  }
}

/** Fails unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless `fn` throws an `ErrorClass` whose message contains `msgIncludes`; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMessage?: ErrorClass<Error> | string,
  msgIncludesOrMessage?: string,
  msg?: string,
): unknown {
  const [errorClass, part, note] = expectation(classOrMessage, msgIncludesOrMessage, msg);
  try {
    fn();
  } catch (error) {
    checkError(error, "to throw", errorClass, part, note);
    return error;
  }
  failWith("Expected the function to throw", note);
}

/** Fails unless `fn` returns a promise that rejects; resolves with the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Fails unless `fn` rejects with an `ErrorClass` whose message contains `msgIncludes`; resolves with the error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMessage?: ErrorClass<Error> | string,
  msgIncludesOrMessage?: string,
  msg?: string,
): Promise<unknown> {
  const [errorClass, part, note] = expectation(classOrMessage, msgIncludesOrMessage, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    failWith(`Expected a rejected promise, but the function threw ${show(error)}`, note, error);
  }
  try {
    await promise;
  } catch (error) {
    checkError(error, "to reject with", errorClass, part, note);
    return error;
  }
  failWith("Expected the promise to reject", note);
}

function expectation(
  classOrMessage: ErrorClass<Error> | string | undefined,
  msgIncludesOrMessage: string | undefined,
  msg: string | undefined,
): [errorClass: ErrorClass<Error> | undefined, part: string | undefined, note: string | undefined] {
  if (typeof classOrMessage === "string") return [undefined, undefined, classOrMessage];
  return [classOrMessage, msgIncludesOrMessage, msg];
}
