/**
 * Marks by which what one copy of this library made is known to another in the same program (`import` and `require` load one
 * each), where `instanceof` alone would not know it.
 *
 * @module
 */

const symbolOf = (name: string): symbol => Symbol.for(`monocoque-zmq.${name}`);

/** Marks an object, and with a prototype all that have it. */
export function brand(object: object, name: string): void {
  Object.defineProperty(object, symbolOf(name), { value: true });
}

/** Whether any copy has marked a value so. */
export function isBranded(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && symbolOf(name) in value;
}
