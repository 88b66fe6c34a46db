/**
 * Why tests of zeromq.js fail here: the decisions of the table in docs/migration.md.
 *
 * @module
 */

/** A failure without a class. */
export const UNEXPECTED = "UNEXPECTED";

interface Class {
  readonly why: string;
  /** Matches `path: title`. */
  readonly tests: RegExp;
  /** Only on these runtimes. */
  readonly on?: readonly string[];
}

const CLASSES: readonly Class[] = [];

/** The class of a failure. */
export function classOf(runtime: string, path: string, title: string): string {
  const found = CLASSES.find(({ tests, on }) => tests.test(`${path}: ${title}`) && (on?.includes(runtime) ?? true));
  return found?.why ?? UNEXPECTED;
}
