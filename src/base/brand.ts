/**
 * Marks by which what one copy of this library made is known to another in the same program: `import` and `require` load one
 * each, and a test runner loads one for each test file.
 *
 * @module
 */

/** The symbol under which all copies look for something. */
export const symbolOf = (name: string): symbol => Symbol.for(`monocoque-zmq.${name}`);

/** A class. */
interface Class {
  readonly prototype: object;
}

/** Marks all objects of a class, those of its subclasses included. */
export function brand(type: Class, name: string): void {
  Object.defineProperty(type.prototype, symbolOf(name), { value: true });
}

/**
 * Marks a class, and has `instanceof` go by the mark: true for the objects of every copy of the class. Of a subclass that a
 * program makes, `instanceof` says what it says of any class.
 */
export function brandInstances(type: Class, name: string): void {
  brand(type, name);
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return this === type
        ? isBranded(value, name)
        : Reflect.apply(Function.prototype[Symbol.hasInstance], this, [value]);
    },
  });
}

/** Whether a value is of a class that any copy has marked so. */
export function isBranded(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Not the prototype of the class itself, nor an object that carries the mark as a property of its own.
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && symbolOf(name) in prototype;
}
