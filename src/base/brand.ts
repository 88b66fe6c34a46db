/**
 * Brands that identify objects across copies of this library in one program: `import` and `require` load one copy each,
 * and a test runner loads one per test file.
 *
 * @module
 */

/** The symbol that all copies share under this name. */
export const symbolOf = (name: string): symbol => Symbol.for(`monocoque-zmq.${name}`);

interface Class {
  readonly prototype: object;
}

/** Brands all instances of a class, including those of subclasses. */
export function brand(type: Class, name: string): void {
  Object.defineProperty(type.prototype, symbolOf(name), { value: true });
}

/**
 * Brands a class and makes `instanceof` check the brand, so that it is true for instances from every copy of the class.
 * For subclasses that a program defines, `instanceof` keeps its usual meaning.
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

/** Checks if a value is an instance of a class that any copy has branded with this name. */
export function isBranded(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Looks at the prototype of the value, so that neither the class's own prototype nor an object with the symbol as its
  // own property passes.
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && symbolOf(name) in prototype;
}
