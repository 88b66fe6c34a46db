/**
 * Versions of this library: three numbers.
 *
 * @module
 */

import { gt, parse } from "semver";

/** Returns whether a text is exactly a version; versions with a tag (`1.0.0-beta.1`) are not released. */
export function isVersion(text: string): boolean {
  const parsed = parse(text);
  // It also takes spaces and a leading v.
  return parsed?.version === text && parsed.prerelease.length === 0;
}

/** Returns whether a version is above another. */
export function isAbove(version: string, other: string): boolean {
  return gt(version, other);
}
