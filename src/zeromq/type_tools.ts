/**
 * Types about types, under the names of zeromq.js.
 *
 * @module
 */

/** `A` if two types are the same, otherwise `B`. */
export type IfEquals<X, Y, A, B = never> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? A : B;

/** A type with all of its members written out. */
export type Expand<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** `Q` if a property is not a method. */
// deno-lint-ignore ban-types
export type NotMethod<T, P extends keyof T, Q> = T[P] extends Function ? never : Q;

/** The names of properties, without methods. */
export type ReadableKeys<T> = { [P in keyof T]-?: NotMethod<T, P, P> }[keyof T];

/** The names of properties that can be assigned. */
export type WritableKeys<T> = {
  [P in keyof T]-?: NotMethod<T, P, IfEquals<{ [Q in P]: T[P] }, { -readonly [Q in P]: T[P] }, P>>;
}[keyof T];

/** An object of options: what can be assigned, all of it optional. */
// deno-lint-ignore ban-types
export type Options<T, E = {}> = Expand<Partial<E & Pick<T, WritableKeys<T>>>>;
