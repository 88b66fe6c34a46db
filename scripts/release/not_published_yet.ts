/**
 * The sentence of the README for the time before the first release.
 *
 * @module
 */

const WORDS = /\bnot (?:been )?published yet\b/i;
const SENTENCE = /^Version \S+ is not published yet[^\n]*\n\r?\n/m;

/**
 * Returns the documents, given by path, that say "not published yet". The page about releasing only quotes the
 * sentence.
 */
export function sayNotPublishedYet(documents: Readonly<Record<string, string>>): string[] {
  return Object.keys(documents).filter((path) => path !== "docs/releasing.md" && WORDS.test(documents[path]!));
}

/** The README without the sentence. */
export function withoutNotPublishedYet(readme: string): string {
  return readme.replace(SENTENCE, "");
}
