/**
 * The documents: what they link to is there, in these files; every page can be found from the index; pictures are drawn for
 * light and dark. Addresses of other machines are not asked for.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { documents, ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { REPOSITORY } from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";

const PAGES = ["CHANGELOG.md", ...documents()];

/** What JSR and npm show; they have none of the others beside it. */
const PUBLISHED = ["README.md", "CHANGELOG.md", "npm/README.md"];
/** Addresses of this repository, of which the files are here. */
const OURS = new RegExp(`^${REPOSITORY}/(?:blob|tree)/main/(.+)$`);

/** A link or a picture of a page. */
interface Link {
  readonly page: string;
  readonly target: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** A page without its code, in which brackets mean something else. */
function prose(text: string): string {
  return text.replace(/^ *(```+|~~~+)[^\n]*\n[\s\S]*?^ *\1 *$/gm, "").replace(/`[^`\n]*`/g, "``");
}

function linksOf(page: string, text: string): Link[] {
  const plain = prose(text);
  const found = [
    ...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...plain.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
    ...plain.matchAll(/\s(?:src|href|srcset)="([^"]+)"/g),
  ];
  return found.map((match) => ({ page, target: match[1]! }));
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const headings = text.replace(/^ *(```+|~~~+)[^\n]*\n[\s\S]*?^ *\1 *$/gm, "").matchAll(/^#{1,6} +(.+?)[ #]*$/gm);
  for (const [, heading] of headings) {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replace(/ /g, "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link; `undefined` if nothing is. */
function problem({ page, target }: Link): string | undefined {
  const ours = OURS.exec(target);
  if (ours !== null) return problem({ page: "README.md", target: ours[1]! });
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = target.split("#") as [string, string | undefined];
  const file = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (file.startsWith("..")) return `${page}: ${target} leads out of the repository`;
  if (!existsSync(join(ROOT, file))) return `${page}: ${target} is not there`;
  if (anchor === undefined || statSync(join(ROOT, file)).isDirectory() || !file.endsWith(".md")) return undefined;
  return anchorsOf(read(file)).has(decodeURIComponent(anchor)) ? undefined : `${page}: ${target} has no such heading`;
}

test("documents: links are found, but not in code", () => {
  const page = 'a [b](c.md#d) ![e](<f.svg>) `[g](h)`\n```ts\nx[1](2)\n```\n[i]: j.md\n<img src="k.svg">';
  assertEquals(linksOf("", page).map(({ target }) => target), ["c.md#d", "f.svg", "j.md", "k.svg"]);
  assertEquals([...anchorsOf("# A `b` of c.d\n## Größe, 1 (x)\n# Two\n# Two")], [
    ...["a-b-of-cd", "größe-1-x", "two", "two-1"],
  ]);
});

test("documents: wrong links are found", () => {
  const wrong = (target: string) => problem({ page: "docs/design.md", target }) !== undefined;
  const there = `${REPOSITORY}/blob/main/docs/design.md`;
  const bad = ["nowhere.md", "#nothing", "../README.md#nothing", "../../README.md", `${there}#nothing`, `${there}.md`];
  assertEquals(bad.map(wrong), bad.map(() => true));
  const good = ["#layers", "../README.md#install", "adr", "https://x.example/", `${there}#layers`];
  assertEquals(good.map(wrong), good.map(() => false));
});

test("documents: those that are published alone link to addresses", () => {
  for (const page of PUBLISHED) {
    const links = linksOf(page, read(page));
    assert(links.length > 0, `${page} has no links`);
    assertEquals(links.filter(({ target }) => !/^https:|^#/.test(target)), [], page);
    // The name of the repository stands in them all.
    assertEquals(links.filter(({ target }) => /\/(?:blob|tree)\//.test(target) && !OURS.test(target)), [], page);
  }
});

test("documents: what they link to is there", () => {
  const links = PAGES.flatMap((page) => linksOf(page, read(page)));
  assert(links.length > 50, `only ${links.length} links were found`);
  assertEquals(links.map(problem).filter((found) => found !== undefined), []);
});

test("documents: the files that they name are there", () => {
  const named = PAGES.filter((page) => page !== "CHANGELOG.md").flatMap((page) =>
    [...read(page).matchAll(/`((?:bench|examples|scripts|src|tests|transports)\/[\w./-]*)`/g)].map((match) => ({
      page,
      path: match[1]!,
    }))
  );
  assert(named.length > 100, `only ${named.length} were found`);
  assertEquals(named.filter(({ path }) => !existsSync(join(ROOT, path))), []);
});

test("documents: every page of docs/ is reached from docs/README.md", () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const { target } of linksOf(page, read(page))) {
      const file = normalize(join(dirname(page), target.split("#")[0]!));
      if (PAGES.includes(file)) visit(file);
    }
  };
  visit("docs/README.md");
  assertEquals(PAGES.filter((page) => page.startsWith("docs/") && !reached.has(page)), []);
});

test("documents: every picture is shown somewhere, says what it shows, and can be read in light and dark", () => {
  const shown = new Set(
    PAGES.flatMap((page) => linksOf(page, read(page))).map(({ page, target }) =>
      normalize(join(dirname(page), target))
    ),
  );
  const pictures = sourceFiles(["docs/pictures"], ".svg");
  assert(pictures.length > 5);
  assertEquals(pictures.filter((path) => !shown.has(path)), []);
  for (const path of pictures) {
    const svg = read(path);
    assert(svg.startsWith("<svg ") && svg.trimEnd().endsWith("</svg>"), `${path} is no picture`);
    assert(/<title>[^<]+<\/title>/.test(svg), `${path} has no title`);
    assert(svg.includes("prefers-color-scheme: dark"), `${path} has no colours for dark`);
    assert(
      !/(?:href|src)=|<script|url\(http/.test(svg.replaceAll("http://www.w3.org/2000/svg", "")),
      `${path} loads something`,
    );
  }
});
