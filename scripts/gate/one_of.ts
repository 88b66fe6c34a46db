/**
 * Choices on a command line.
 *
 * @module
 */

/**
 * Returns the value of a flag with fixed choices; `undefined` if the flag was not given.
 *
 * @throws {RangeError} If the value is not one of the choices.
 */
export function oneOf<T extends string>(choices: readonly T[], value: string | undefined, flag: string): T | undefined {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined || value === undefined) return choice;
  throw new RangeError(`Cannot use ${flag} ${value}: choose one of ${choices.join(", ")}`);
}
