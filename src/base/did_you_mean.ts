/**
 * The name that a misspelt one probably stands for.
 *
 * @module
 */

/** Most differences between a name and its misspelling, per this many characters. */
const CHARACTERS = 3;
/** Most names that are proposed for a part of several. */
const MOST_NAMED = 4;

/** Names of other libraries, and parts of names, with the names that are probably meant. */
const USUAL: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  timeout: ["timeout", "receiveTimeout", "sendTimeout"],
  timeo: ["timeout", "receiveTimeout", "sendTimeout"],
  retry: ["retries"],
  attempts: ["retries"],
  hwm: ["sendHighWaterMark", "receiveHighWaterMark"],
  highwatermark: ["sendHighWaterMark", "receiveHighWaterMark"],
  sndhwm: ["sendHighWaterMark"],
  rcvhwm: ["receiveHighWaterMark"],
  sndtimeo: ["sendTimeout"],
  rcvtimeo: ["receiveTimeout"],
  identity: ["routingId"],
}));

/**
 * Returns the advice for a name that is not known, such as `; did you mean receiveTimeout?`; empty if no known name is similar:
 * nearly the same letters, or one is the end or beginning of the other (`timeout`).
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const asked = name.toLowerCase();
  // Text of any length may be passed in; the comparison takes its square.
  if (asked.length > 64) return "";
  let best: string | undefined;
  let least = Infinity;
  const parts: string[] = [];
  for (const each of known) {
    const other = each.toLowerCase();
    const [short, long] = asked.length < other.length ? [asked, other] : [other, asked];
    const far = distance(asked, other);
    const most = Math.max(1, Math.floor(Math.max(asked.length, other.length) / CHARACTERS));
    if (far <= most && far < least) [best, least] = [each, far];
    if (short.length > 3 && (long.endsWith(short) || long.startsWith(short))) parts.push(each);
  }
  // The end of several names may be meant as each of them.
  const usual = known.filter((each) => USUAL.get(asked)?.includes(each));
  const others = parts.filter((each) => !usual.includes(each));
  const meant = best === undefined ? [...usual, ...others].slice(0, MOST_NAMED) : [best];
  const last = meant.pop();
  return last === undefined ? "" : `; did you mean ${meant.length === 0 ? last : `${meant.join(", ")} or ${last}`}?`;
}

/** Number of characters to insert, delete or replace, or of neighbors to swap. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
