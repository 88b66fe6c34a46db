/**
 * The `mappings` of a source map, and a function that moves the lines of its source.
 *
 * @module
 */

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MORE = 32;

/**
 * The mappings with each line of the one source replaced.
 *
 * @param lineOf The new line, both counted from 0; for `undefined` the code there comes from no source.
 */
export function moveLines(mappings: string, lineOf: (line: number) => number | undefined): string {
  // All numbers are differences to the one before, over the whole file; the column of the code restarts in each line.
  const before = { source: 0, line: 0, column: 0, name: 0 };
  const after = { ...before };
  return mappings.split(";").map((code) =>
    code === "" ? "" : code.split(",").map((segment) => {
      const [codeColumn, source = 0, line = 0, column = 0, name] = decode(segment);
      before.source += source;
      before.line += line;
      before.column += column;
      before.name += name ?? 0;
      const moved = segment === encode([codeColumn!]) ? undefined : lineOf(before.line);
      if (moved === undefined) return encode([codeColumn!]);
      const now = { ...before, line: moved };
      const fields = [codeColumn!, now.source - after.source, now.line - after.line, now.column - after.column];
      if (name !== undefined) {
        fields.push(now.name - after.name);
        after.name = now.name;
      }
      Object.assign(after, { source: now.source, line: now.line, column: now.column });
      return encode(fields);
    }).join(",")
  ).join(";");
}

function decode(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & (MORE - 1)) << shift;
    shift += 5;
    if (digit & MORE) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

function encode(numbers: readonly number[]): string {
  return numbers.map((number) => {
    let rest = number < 0 ? (-number << 1) | 1 : number << 1;
    let text = "";
    do {
      const digit = rest & (MORE - 1);
      rest >>>= 5;
      text += DIGITS[rest > 0 ? digit | MORE : digit];
    } while (rest > 0);
    return text;
  }).join("");
}
