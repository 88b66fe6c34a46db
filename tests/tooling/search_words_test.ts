/**
 * The words that people search for are on the pages that answer them: in a heading or the first paragraph where the page is
 * about it, otherwise in its text. A page that loses such a word is no longer found.
 *
 * @module
 */
// A process of its own: it reads all pages, and takes long.

import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { proseOfMarkdown } from "../../scripts/prose/prose_of.ts";
import { test } from "../support/harness.ts";

const GUIDE = "docs/guide/";

/** A term, the page that is about it, and the pages where a reader also looks for it. */
const WORDS: readonly (readonly [term: RegExp, about: string, ...also: string[]])[] = [
  [/\bRPC\b/, `${GUIDE}request-reply.md`, "README.md", "docs/README.md", "docs/getting-started.md"],
  [/\blatency\b/i, "docs/performance.md", "README.md", "docs/README.md", `${GUIDE}request-reply.md`],
  [/\bthroughput\b/i, "docs/performance.md", "README.md", "docs/README.md", `${GUIDE}batching.md`],
  [/\blate joiners?\b/i, `${GUIDE}publish-subscribe.md`, "docs/reliability.md", "docs/getting-started.md"],
  [/\bslow joiner\b/i, "docs/glossary.md", `${GUIDE}publish-subscribe.md`, "docs/getting-started.md"],
  [/\bslow subscribers?\b/i, `${GUIDE}publish-subscribe.md`, "docs/reliability.md", "docs/deployment.md"],
  [/\bfan-out\b/i, `${GUIDE}publish-subscribe.md`, "README.md", "docs/README.md", "docs/getting-started.md"],
  [/\bround-robin\b/i, `${GUIDE}push-pull.md`, `${GUIDE}dealer-router.md`, `${GUIDE}proxies.md`, "README.md"],
  [/\bfair-queued\b/i, `${GUIDE}push-pull.md`, `${GUIDE}dealer-router.md`, `${GUIDE}request-reply.md`],
  [/\bback-pressure\b/i, "docs/reliability.md", "README.md", `${GUIDE}push-pull.md`, "docs/getting-started.md"],
  [/\bmetrics\b/i, "docs/deployment.md", "README.md", "docs/README.md", "docs/getting-started.md"],
  [/\bauthorization\b/i, "docs/security.md", "README.md", "docs/README.md", "docs/deployment.md"],
  [/\bTLS\b/, "docs/security.md", "README.md", "docs/README.md", "docs/deployment.md", "docs/from-brokers.md"],
  [/\bhealth checks?\b/i, "docs/deployment.md", "docs/containers.md", "README.md", "docs/README.md"],
  [/\bin flight\b/i, `${GUIDE}request-reply.md`, "docs/README.md", "docs/reliability.md", `${GUIDE}dealer-router.md`],
  [/\btroubleshooting\b/i, "docs/deployment.md", "README.md", "docs/README.md", "docs/security.md"],
  [/\bgraceful|shutting down\b/i, "docs/deployment.md", "docs/README.md"],
];
/** All but the last two have an entry there, too. */
const IN_THE_GLOSSARY = WORDS.slice(0, -2);

/** Headings and the first paragraph, or all of the text. */
function textOf(page: string, part: "front" | "all"): string {
  const prose = proseOfMarkdown(readFileSync(join(ROOT, page), "utf8"));
  const first = prose.find(({ kind }) => kind === "text");
  const front = prose.filter((one) => part === "all" || one.kind === "heading" || one === first);
  return front.map(({ text }) => text).join("\n");
}

test("search words: the page about a term has it in a heading or in its first paragraph", () => {
  const missing = WORDS.filter(([term, about]) => !term.test(textOf(about, "front")) && about !== "docs/glossary.md");
  assertEquals(missing.map(([term, about]) => `${term.source}: ${about}`), []);
});

test("search words: the other pages where a reader looks for a term have it in their text", () => {
  const missing = WORDS.flatMap(([term, about, ...also]) =>
    [about, ...also].filter((page) => !term.test(textOf(page, "all"))).map((page) => `${term.source}: ${page}`)
  );
  assertEquals(missing, []);
});

test("search words: the glossary has an entry for each term", () => {
  const glossary = readFileSync(join(ROOT, "docs/glossary.md"), "utf8");
  const entries = [...glossary.matchAll(/^\| ([^|]+?) *\|/gm)].map(([, entry]) => entry!).join("\n");
  assertEquals(IN_THE_GLOSSARY.filter(([term]) => !term.test(entries)).map(([term]) => term.source), []);
});

test("search words: words in the body only do not count as prominent, and code does not count as text", () => {
  assertEquals(/\breconnectStop\b/.test(textOf("docs/reliability.md", "all")), false); // code in a table
  assertEquals(/\bLinger\b/.test(textOf("docs/reliability.md", "front")), true);
  assertEquals(/\bunplugged\b/.test(textOf("docs/reliability.md", "front")), false);
  assertEquals(/\bunplugged\b/.test(textOf("docs/reliability.md", "all")), true);
});
