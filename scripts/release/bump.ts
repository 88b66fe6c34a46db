/**
 * What a new version changes in the repository's files. Pure: texts in, texts out.
 *
 * @module
 */

/** The files that a release changes, by path. */
export type ReleaseFiles = Readonly<Record<"deno.json" | "core.ts" | "README.md" | "CHANGELOG.md", string>>;

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;
const UNRELEASED = /^## \[Unreleased\]\n([\s\S]*?)(?=^## \[|$(?![\s\S]))/m;
const NOT_PUBLISHED_YET = /^Version \S+ is not published yet.*\n\n/m;

/**
 * The files as of the new version: it stands in `deno.json` and `core.ts`, what was unreleased has a section of its own in the
 * changelog, and the README does not say any more that nothing is published.
 *
 * @param date The day of the release, `2026-01-31`.
 */
export function bump(files: ReleaseFiles, version: string, date: string): ReleaseFiles {
  const { version: current } = JSON.parse(files["deno.json"]) as { version: string };
  if (!isAbove(version, current)) {
    throw new RangeError(`Cannot release ${version}: it must be three numbers, and above ${current}`);
  }
  const [, changes] = UNRELEASED.exec(files["CHANGELOG.md"]) ?? [];
  if (changes === undefined || changes.trim() === "") {
    throw new Error(`Cannot release ${version}: CHANGELOG.md has nothing under [Unreleased]`);
  }
  return {
    "deno.json": replaceOnce(files["deno.json"], `"version": "${current}"`, `"version": "${version}"`),
    "core.ts": replaceOnce(
      files["core.ts"],
      `export const version: string = "${current}";`,
      `export const version: string = "${version}";`,
    ),
    "README.md": files["README.md"].replace(NOT_PUBLISHED_YET, ""),
    "CHANGELOG.md": replaceOnce(
      files["CHANGELOG.md"],
      "## [Unreleased]\n",
      `## [Unreleased]\n\n## [${version}] - ${date}\n`,
    ),
  };
}

/** Whether a version is one, and above another. */
function isAbove(version: string, current: string): boolean {
  const [one, other] = [version, current].map((text) => VERSION.exec(text)?.slice(1).map(Number));
  if (one === undefined || other === undefined) return false;
  const differs = one.findIndex((part, i) => part !== other[i]);
  return differs !== -1 && one[differs]! > other[differs]!;
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`Cannot find "${from.trim()}" exactly once`);
  // As a function, so that no character of `to` means anything.
  return text.replace(from, () => to);
}
