/**
 * Parses the changelog, with LF or CRLF line endings.
 *
 * @module
 */

/** A section of it. */
export interface Section {
  /** `Unreleased`, or a version. */
  readonly name: string;
  /** The day of the release, where it has one. */
  readonly date: string | undefined;
  /** `true` if it has an entry; headings alone do not count. */
  readonly tells: boolean;
}

const HEADING = /^## \[([^\]]*)\](.*)$/;
const DATE = /^ - (\d{4}-\d{2}-\d{2})$/;

/** Its sections, from the top. */
export function changelogSections(text: string): Section[] {
  const sections: { name: string; date: string | undefined; tells: boolean }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name, rest = ""] = HEADING.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, date: DATE.exec(rest.trimEnd())?.[1], tells: false });
    else if (sections.length > 0 && line.trim() !== "" && !line.startsWith("#")) sections.at(-1)!.tells = true;
  }
  return sections;
}

/** Returns whether there are unreleased entries. */
export function hasUnreleased(text: string): boolean {
  return changelogSections(text).some(({ name, tells }) => name === "Unreleased" && tells);
}

/** Returns whether a version was released: it has a section with a date. */
export function wasReleased(text: string, version: string): boolean {
  return changelogSections(text).some(({ name, date }) => name === version && date !== undefined);
}
