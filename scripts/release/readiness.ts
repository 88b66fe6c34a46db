/**
 * Checks if the repository can be released under a tag.
 *
 * @module
 */

import type { Manifests } from "../check_manifests.ts";
import { hasUnreleased, wasReleased } from "./changelog.ts";
import { sayNotPublishedYet } from "./not_published_yet.ts";

/** Returns the reasons against a release, as messages. */
export function readinessProblems({ deno, changelog, documents }: Manifests, tag: string): string[] {
  return [
    ...(tag === `v${deno.version}` ? [] : [`deno.json has version ${deno.version}`]),
    ...(wasReleased(changelog, deno.version) ? [] : [`CHANGELOG.md has no section of ${deno.version} with a date`]),
    ...(hasUnreleased(changelog) ? ["CHANGELOG.md has something under [Unreleased]"] : []),
    ...sayNotPublishedYet(documents).map((path) => `${path} says that it is not published yet`),
  ];
}
