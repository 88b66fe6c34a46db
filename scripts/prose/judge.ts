/**
 * Judges prose: the project's own terms and openings, words that are repeated, and "a" before a vowel.
 *
 * @module
 */

import retextEnglish from "retext-english";
import retextIndefiniteArticle from "retext-indefinite-article";
import retextRepeatedWords from "retext-repeated-words";
import { type Plugin, unified } from "unified";
import type { Prose } from "./prose_of.ts";
import { FINE_OPENINGS, OPENERS, TERMS } from "./terms.ts";

/** Something that is not as it should be. */
export interface ProseProblem {
  readonly line: number;
  readonly message: string;
}

const english = unified()
  .use(retextEnglish as Plugin)
  .use(retextRepeatedWords)
  .use(retextIndefiniteArticle)
  .freeze();
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });
const OPENING = new RegExp(`^["(]?(?:${OPENERS.join("|")})\\b`);

/** Returns the problems of a piece of prose. */
export function judge({ line, text, kind }: Prose): ProseProblem[] {
  const problems: ProseProblem[] = [];
  const add = (message: string) => problems.push({ line, message });
  for (const { avoid, say } of TERMS) {
    for (const [found] of text.matchAll(avoid)) add(`"${found}": say ${say}`);
  }
  if (kind !== "heading") {
    for (const { segment } of sentences.segment(text)) {
      const sentence = segment.trim();
      // A cell of a table may be a part of a sentence: "How to run it".
      const statement = kind === "text" ? !sentence.endsWith("?") : sentence.endsWith(".");
      if (!OPENING.test(sentence) || !statement || FINE_OPENINGS.some((fine) => fine.test(sentence))) continue;
      add(`A sentence begins with "${sentence.split(" ", 4).join(" ")} …": put its subject first`);
    }
  }
  // Both plugins look at neighbors only; a text without such a pair need not be parsed.
  if (/\b(\w+)\s+\1\b|\ban?\s/i.test(text)) {
    const file = { value: text, messages: [] as { reason: string }[] };
    const tree = english.parse(text);
    const report = {
      message: (reason: string) => (file.messages.push({ reason }), { actual: undefined, expected: undefined }),
    };
    english.runSync(tree, Object.assign(report, { toString: () => text, value: text }) as never);
    for (const { reason } of file.messages) add(reason.replaceAll("`", '"'));
  }
  return problems;
}
