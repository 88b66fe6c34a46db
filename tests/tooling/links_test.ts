/**
 * The documents: every target of a link within the repository exists; every page can be reached from the index, every
 * example from a page; pictures exist for light and dark. Links to other machines are not followed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { documents, ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { REPOSITORY } from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";
import { anchorsOf, pathsOf, targetsOf } from "../support/markdown.ts";

const PAGES = ["CHANGELOG.md", ...documents()];

/** The pages that JSR and npm show, without the other files beside them. */
const PUBLISHED = ["README.md", "CHANGELOG.md", "npm/README.md", "npm-zeromq/README.md"];
/** Addresses of this repository, of which the files are here. */
const OURS = new RegExp(`^${REPOSITORY}/(?:blob|tree)/main/(.+)$`);

/** A link or a picture of a page. */
interface Link {
  readonly page: string;
  readonly target: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

function linksOf(page: string): Link[] {
  return targetsOf(read(page)).map((target) => ({ page, target }));
}

/** Returns the problem of a link; `undefined` if there is none. */
function problem({ page, target }: Link): string | undefined {
  const ours = OURS.exec(target);
  if (ours !== null) return problem({ page: "README.md", target: ours[1]! });
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  if (target === "") return `${page}: a link leads nowhere`;
  if (target.startsWith("[")) return `${page}: ${target} is not defined`;
  let path: string, anchor: string | undefined;
  try {
    [path, anchor] = target.split("#").map(decodeURIComponent) as [string, string | undefined];
  } catch {
    return `${page}: ${target} is not well formed`;
  }
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (file.startsWith("..")) return `${page}: ${target} leads out of the repository`;
  if (!existsSync(join(ROOT, file))) return `${page}: ${target} is not there`;
  return anchor === undefined || hasAnchor(file, anchor) ? undefined : `${page}: ${target} has no such anchor`;
}

/** A page has headings, a folder those of its README.md, and every other file lines: `#L10`, `#L10-L20`. */
function hasAnchor(file: string, anchor: string): boolean {
  if (statSync(join(ROOT, file)).isDirectory()) {
    const index = join(file, "README.md");
    return existsSync(join(ROOT, index)) && hasAnchor(index, anchor);
  }
  if (file.endsWith(".md")) return anchorsOf(read(file)).has(anchor);
  const [, first, last = first] = /^L(\d+)(?:-L(\d+))?$/.exec(anchor) ?? [];
  return first !== undefined && Number(first) >= 1 && Number(last) <= read(file).split("\n").length;
}

test("documents: links are found, but not in code and comments", () => {
  const found: [string, string[]][] = [
    ["a [b](c.md#d) ![e](<f g.svg>) `[h](i)` ``[j](`k`)``\n```ts\nx[1](2)\n```", ["c.md#d", "f g.svg"]],
    ["[a](b.md 'c') [a](d.md \"e\") [a](f.md\n(g)) [a](h(1).md) [a](i\\)j.md) [a]()", [
      ...["b.md", "d.md", "f.md", "h(1).md", "i)j.md", ""],
    ]],
    ["[![a](b.svg)](c.md)", ["b.svg", "c.md"]],
    ["[a][B  c] [d][] [e][f] [g]\n\n[b c]: h.md\n[d]: <i j.md> 'k'", ["h.md", "i j.md", "[f]"]],
    [`<img src="a.svg" alt="b"> <a class='x' href='c.md'>`, ["a.svg", "c.md"]],
    [`<source srcset="a.svg, b.svg 2x"> src="no.svg"`, ["a.svg", "b.svg"]],
    ["<!-- [a](b.md)\n<img src='c.svg'> --> [d](e.md)", ["e.md"]],
  ];
  for (const [page, targets] of found) assertEquals(targetsOf(page), targets);
});

test("documents: anchors are those of headings and tags", () => {
  const page = "# A `b` of c.d\n## Größe, 1 (x)\n# Two\n# Two\n<!-- # No -->\n```\n# No\n```\n<a id='three'></a>";
  assertEquals([...anchorsOf(page)], ["a-b-of-cd", "größe-1-x", "two", "two-1", "three"]);
});

test("documents: wrong links are found", () => {
  const wrong = (target: string) => problem({ page: "docs/design.md", target }) !== undefined;
  const there = `${REPOSITORY}/blob/main/docs/design.md`;
  const bad = [
    "nowhere.md",
    "no where.md",
    "#nothing",
    "../README.md#nothing",
    "../../README.md",
    "",
    "[ref]",
    "%",
    `${there}#nothing`,
  ];
  assertEquals(bad.filter((target) => !wrong(target)), []);
  const badAnchors = ["adr#nothing", "../mod.ts#nothing", "../mod.ts#L0", "../mod.ts#L999999", "../mod.ts#L2-L999999"];
  assertEquals(badAnchors.filter((target) => !wrong(target)), []);
  const good = [
    "#layers",
    "../README.md#install",
    "adr",
    "https://x.example/",
    "../mod.ts#L1-L2",
    "../examples#security",
    `${there}#layers`,
  ];
  assertEquals(good.filter(wrong), []);
});

test("documents: those that are published alone link to addresses", () => {
  for (const page of PUBLISHED) {
    const links = linksOf(page);
    assert(links.length > 0, `${page} has no links`);
    assertEquals(links.filter(({ target }) => !/^https:|^#/.test(target)), [], page);
    // The name of the repository stands in them all.
    assertEquals(links.filter(({ target }) => /\/(?:blob|tree)\//.test(target) && !OURS.test(target)), [], page);
  }
});

test("documents: the files that they name are found, in code only", () => {
  const page = "`docs/x.md` docs/no.md `npx tsx bench/main.ts --quick` `src/{a,b}.ts` `src/*.ts` `src/engine/`\n" +
    "`docs/y.md#z` `other/x.ts`\n```sh\nsrc/no.ts\n```";
  assertEquals(pathsOf(page), [
    ...["docs/x.md", "bench/main.ts", "src/a.ts", "src/b.ts", "src/engine/", "docs/y.md"],
  ]);
});

test("documents: link targets exist", () => {
  const links = PAGES.flatMap(linksOf);
  assert(links.length > 50, `only ${links.length} links were found`);
  assertEquals(links.map(problem).filter((found) => found !== undefined), []);
});

test("documents: the files that they name exist", () => {
  // The changelog may name files that no longer exist.
  const pages = PAGES.filter((page) => page !== "CHANGELOG.md");
  const named = pages.flatMap((page) => pathsOf(read(page)).map((path) => ({ page, path })));
  assert(named.length > 100, `only ${named.length} were found`);
  assertEquals(named.filter(({ path }) => !existsSync(join(ROOT, path))), []);
});

test("documents: every page of docs/ is reached from docs/README.md", () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const { target } of linksOf(page)) {
      const file = normalize(join(dirname(page), target.split("#")[0]!));
      if (PAGES.includes(file)) visit(file);
    }
  };
  visit("docs/README.md");
  assertEquals(PAGES.filter((page) => page.startsWith("docs/") && !reached.has(page)), []);
});

test("documents: docs/README.md lists every page and every decision itself", () => {
  const listed = new Set(linksOf("docs/README.md").map(({ target }) => `docs/${target.split("#")[0]}`));
  const pages = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
  assertEquals(pages.filter((page) => !listed.has(page)), []);
});

test("documents: every example is linked from a page of docs/", () => {
  const pages = PAGES.filter((page) => page.startsWith("docs/"));
  const linked = new Set(pages.flatMap(linksOf).map(({ page, target }) => normalize(join(dirname(page), target))));
  const examples = sourceFiles(["examples"], ".ts");
  assert(examples.length > 30);
  assertEquals(examples.filter((path) => !linked.has(path)), []);
});

test("documents: every picture is used, has a description, and is readable in light and dark mode", () => {
  const shown = new Set(
    PAGES.flatMap(linksOf).map(({ page, target }) => normalize(join(dirname(page), target))),
  );
  const pictures = sourceFiles(["docs/pictures"], ".svg");
  assert(pictures.length > 5);
  assertEquals(pictures.filter((path) => !shown.has(path)), []);
  for (const path of pictures) {
    const svg = read(path);
    assert(svg.startsWith("<svg ") && svg.trimEnd().endsWith("</svg>"), `${path} is not a picture`);
    assert(/<title>[^<]+<\/title>/.test(svg), `${path} has no title`);
    assert(svg.includes("prefers-color-scheme: dark"), `${path} has no colors for dark`);
    assert(
      !/(?:href|src)=|<script|url\(http/.test(svg.replaceAll("http://www.w3.org/2000/svg", "")),
      `${path} loads something`,
    );
  }
});
