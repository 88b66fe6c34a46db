/**
 * Finding out whether a socket listens at an ipc path, on Bun. Bun reports a full accept queue as a refused connection, so
 * Linux's list of the sockets that listen decides.
 *
 * @module
 */

import { LONGEST_PATH } from "../shared/ipc.ts";
import { fileAt, isOwnName, leavingName } from "../shared/ipc_path.ts";
import { causeInTruth } from "../shared/open_files.ts";
import { bun } from "./api.ts";

/** See {@link IpcRuntime.connect}. */
export async function tryPath(path: string): Promise<void> {
  const nothing = () => {};
  const socket = { open: nothing, data: nothing, drain: nothing, end: nothing, close: nothing };
  try {
    (await bun().connect({ unix: path, socket, allowHalfOpen: true })).close();
  } catch (error) {
    const cause = await causeInTruth(error);
    if (await isListed(path)) throw { code: "EAGAIN", cause };
    throw cause;
  }
}

/** Checks if Linux lists a socket that listens at the path, under the path or under the name that it had before. */
async function isListed(path: string): Promise<boolean> {
  if (path.startsWith("\0")) return (await listening()).includes(`@${path.slice(1)}`);
  const files = await import("node:fs/promises");
  const there = await fileAt(path, files);
  const named: string[] = [];
  for (const listens of await listening()) {
    if (listens === path) return true;
    if (!isOwnName(listens, path, LONGEST_PATH)) continue;
    // The file of a name so short that it is kept shows which socket it is; any other name is removed once its socket has the path,
    // or has stopped.
    const own = await fileAt(listens, files);
    if (own !== undefined && own.ino === there?.ino) return true;
    if (own === undefined && await fileAt(leavingName(listens), files) === undefined) named.push(listens);
  }
  if (named.length === 0) return false;
  const still = await listening();
  return named.some((name) => still.includes(name));
}

/** A line of Linux's list of Unix sockets: the flag of those that accept connections, and the path. */
const LISTENS = /^\S+ \S+ \S+ 00010000 \S+ \S+ +\S+ (.*)$/;

/** The paths of the Unix sockets that listen; none where there is no such list. */
async function listening(): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  const list = await readFile("/proc/net/unix", "utf8").catch(() => "");
  return list.split("\n").flatMap((line) => LISTENS.exec(line)?.[1] ?? []);
}
