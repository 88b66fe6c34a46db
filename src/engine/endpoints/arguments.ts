/**
 * Arguments of the program: sets the endpoint on errors about it, and checks that a link has the methods of one.
 *
 * @module
 */

import { atEndpoint } from "../../base/errors.ts";
import type { Link } from "../../transport/transport.ts";

/** Calls a function, and sets the endpoint on the error that it throws. */
export function about<T>(endpoint: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw atEndpoint(error, endpoint);
  }
}

/** @throws {TypeError} If it is not a link. */
export function requireLink(link: Link): void {
  const methods = ["start", "write", "pause", "resume", "close", "abort"] as const;
  const parts = Object(link) as Partial<Link>;
  if (typeof parts.remote === "string" && methods.every((name) => typeof parts[name] === "function")) return;
  throw new TypeError("A link must have a string remote, and the methods start, write, pause, resume, close and abort");
}
