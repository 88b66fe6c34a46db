/**
 * Checks of arguments, with the messages of zeromq.js.
 *
 * @module
 */

/** @throws {TypeError} If there are more arguments than `most`. */
export function requireCount(count: number, most: number): void {
  if (count <= most) return;
  throw new TypeError(`Expected ${most} argument${most === 1 ? "" : "s"} but received ${count}`);
}

/** @throws {TypeError} If the address is not a string, or is not the only argument. */
export function requireAddress(address: unknown, count: number): asserts address is string {
  if (typeof address !== "string") throw new TypeError("Address must be a string");
  requireCount(count, 1);
}

/** @throws {TypeError} If there are options that are not an object. */
export function requireOptions(options: unknown): asserts options is object | undefined {
  if (options === undefined || (typeof options === "object" && options !== null) || typeof options === "function") {
    return;
  }
  throw new TypeError("Options must be an object");
}

/**
 * Sets an option by its name, as an assignment to an object that takes no new properties; the error has V8's text on every
 * runtime.
 *
 * @throws {TypeError} If there is no option of that name.
 */
export function assignOption(target: object, name: string, value: unknown): void {
  if (!(name in target)) throw new TypeError(`Cannot add property ${name}, object is not extensible`);
  (target as Record<string, unknown>)[name] = value;
}

/** Sets options by their names. */
export function assignOptions(target: object, options: object): void {
  for (const name of Object.keys(options)) {
    assignOption(target, name, (options as Readonly<Record<string, unknown>>)[name]);
  }
}
