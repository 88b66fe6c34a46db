/**
 * The lowest supported versions of the users' tools; `tests/package/lowest_test.ts` tests the package with them.
 *
 * @module
 */

/** By name. Node 20.4 is the first with `Symbol.asyncDispose`, TypeScript 5.2 the first whose libraries declare it. */
export const LOWEST = { Node: "20.4", TypeScript: "5.2" } as const;
