/**
 * Socket classes that have the same methods without a class in common, because a class has one base: their comments are the same.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "../support/harness.ts";

/** Files, and the members that both have. */
const TWINS: readonly (readonly [string, string, number])[] = [
  ["sending.ts", "duplex.ts", 8],
  ["publisher.ts", "xpublisher.ts", 3],
  ["subscriber.ts", "xsubscriber.ts", 1],
];

const MEMBER =
  /^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}((?:get )?\w+(?:<.*>)?\((?:.*?|\n(?: {4}.*\n)* {2}\).*?))(?: \{|;)$/gm;
const EXAMPLE = /@example[\s\S]*?```ts[\s\S]*?```/g;

/** The comments of a class's members without their examples, which one of two twins may leave out; by signature. */
function commentsIn(file: string): Map<string, string> {
  const text = readFileSync(new URL(`../../src/sockets/${file}`, import.meta.url), "utf8");
  const members = [...text.matchAll(MEMBER)].filter(([, , signature]) => !signature!.startsWith("constructor("));
  return new Map(members.map(([, comment, signature]) => {
    const words = comment!.replaceAll(/^\s*\* ?/gm, "").replaceAll(EXAMPLE, "");
    // A duplex socket may refuse more messages, and a signature may have several lines.
    const key = signature!.replace(", TooFew", "").replaceAll(/\(\s+|,?\s+\)/g, (all) => all.includes("(") ? "(" : ")")
      .replaceAll(/\s+/g, " ");
    return [key, words.replaceAll(/\s+/g, " ").trim()];
  }));
}

for (const [one, other, count] of TWINS) {
  test(`twins: members that ${one} and ${other} share have the same documentation`, () => {
    const [ours, theirs] = [commentsIn(one), commentsIn(other)];
    const common = [...ours.keys()].filter((signature) => theirs.has(signature));
    assertEquals(common.length, count, common.join("\n"));
    for (const signature of common) assertEquals(theirs.get(signature), ours.get(signature), signature);
  });
}
