/**
 * Choices on a command line.
 *
 * @module
 */

/**
 * The choice that a flag was given, `undefined` if it was not.
 *
 * @throws {RangeError} If it is none of the choices.
 */
export function oneOf<T extends string>(choices: readonly T[], value: string | undefined, flag: string): T | undefined {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined || value === undefined) return choice;
  throw new RangeError(`Cannot use ${flag} ${value}: choose one of ${choices.join(", ")}`);
}
