/**
 * Changes the repository's files for a new version. Pure functions from text to text.
 *
 * @module
 */

import { hasUnreleased, wasReleased } from "./changelog.ts";
import { withoutNotPublishedYet } from "./not_published_yet.ts";
import { isAbove, isVersion } from "./version.ts";

/** The files that a release changes, by path. */
export type ReleaseFiles = Readonly<Record<"deno.json" | "core.ts" | "README.md" | "CHANGELOG.md", string>>;

/**
 * Returns the files for the new version: `deno.json` and `core.ts` have the version, the changelog has a section with
 * the unreleased changes, and the README no longer says that nothing is published.
 *
 * @param date The day of the release, `2026-01-31`.
 */
export function bump(files: ReleaseFiles, version: string, date: string): ReleaseFiles {
  const { version: current } = JSON.parse(files["deno.json"]) as { version: string };
  const changelog = files["CHANGELOG.md"];
  const released = wasReleased(changelog, current);
  if (!isVersion(version) || !(isAbove(version, current) || (version === current && !released))) {
    const lowest = released ? `above ${current}` : `${current} or above`;
    throw new RangeError(`Cannot release ${version}: it must be three numbers, and ${lowest}`);
  }
  if (!hasUnreleased(changelog)) {
    throw new Error(`Cannot release ${version}: CHANGELOG.md has nothing under [Unreleased]`);
  }
  return {
    "deno.json": replaceOnce(files["deno.json"], `"version": "${current}"`, `"version": "${version}"`),
    "core.ts": replaceOnce(
      files["core.ts"],
      `export const version: string = "${current}";`,
      `export const version: string = "${version}";`,
    ),
    "README.md": withoutNotPublishedYet(files["README.md"]),
    "CHANGELOG.md": replaceOnce(changelog, "## [Unreleased]", `## [Unreleased]\n\n## [${version}] - ${date}`),
  };
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`Cannot find "${from}" exactly once`);
  const ends = text.includes("\r\n") ? to.replaceAll("\n", "\r\n") : to;
  // A function, so that special characters in `ends` have no effect.
  return text.replace(from, () => ends);
}
