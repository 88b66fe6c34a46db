/**
 * Exceptions on demand: a method that throws at one of its next calls, before or after it has done its work.
 *
 * @module
 */

/** Which call of which method throws. */
export interface Fault {
  /** For the name of a test. */
  readonly name: string;
  /** The prototype, or the object. */
  readonly of: object;
  readonly method: string;
  /** `true` if the method does its work first. */
  readonly late: boolean;
}

/** The two faults of each of these methods: before and after its work. */
export function faultsOf(name: string, of: object, methods: readonly string[]): Fault[] {
  return methods.flatMap((method) =>
    [false, true].map((late) => ({ name: `${name}.${method} ${late ? "after" : "before"} its work`, of, method, late }))
  );
}

/** A fault that is armed. */
export interface ArmedFault extends Disposable {
  /** The error, once it was thrown. */
  readonly thrown: Error | undefined;
}

/** Has the method throw at its `nth` call from now on, once; what it is on is as before when this is disposed of. */
export function arm({ of, method, late }: Fault, nth: number, error = new Error("the test threw this")): ArmedFault {
  // deno-lint-ignore no-explicit-any -- any method of any class
  const target = of as any;
  const own = Object.getOwnPropertyDescriptor(of, method);
  const real = target[method];
  if (typeof real !== "function") throw new TypeError(`There is no method ${method} to break`);
  let left = nth;
  let thrown: Error | undefined;
  target[method] = function (...args: unknown[]) {
    const hit = --left === 0;
    if (hit) thrown = error;
    if (hit && !late) throw error;
    const result = real.apply(this, args);
    if (hit) throw error;
    return result;
  };
  return {
    get thrown() {
      return thrown;
    },
    [Symbol.dispose]() {
      if (own === undefined) delete target[method];
      else Object.defineProperty(of, method, own);
    },
  };
}
