/**
 * Arguments that a call would ignore, and which are nearly always a mistake: `close(0)`, `disconnect(a, b)`.
 *
 * Calls on the path of a message declare one more parameter, in an implementation that overloads hide: it costs nothing, where
 * `arguments` would be allocated until the call is compiled. Other calls look at `arguments`.
 *
 * @module
 */

import { typeName } from "./type_name.ts";

const COUNTS = ["no arguments", "1 argument", "2 arguments", "3 arguments"];

/** The advice about frames of a message that were passed as several arguments. */
export const ONE_ARRAY = "; pass the frames of a message in one array";

/**
 * Rejects an argument that a call would ignore, unless it is `undefined`.
 *
 * @param most Number of arguments that the call takes.
 * @throws {TypeError} If there is one.
 */
export function refuseSurplus(call: string, most: number, other: unknown, advice?: string): void {
  if (other !== undefined) throw surplusError(call, most, other, advice);
}

/** The error of {@linkcode refuseSurplus}. */
export function surplusError(call: string, most: number, other: unknown, advice = ""): TypeError {
  const one = most === 0 ? "one" : "another one";
  return new TypeError(`${call} takes ${COUNTS[most]}, and would ignore ${one} of type ${typeName(other)}${advice}`);
}
