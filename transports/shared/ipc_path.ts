/**
 * Publishes a listening socket at its path, without a lock: exactly one of the sockets and processes that bind a path gets it
 * (docs/adr/0012-ipc-paths.md). A socket listens under a generated name first; a hard link publishes it at the path, which fails if
 * a file exists. A stale file is replaced by a rename, by the socket that has the claim on that very file.
 *
 * @module
 */

import type * as fs from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";

/** The file operations that are used. */
export type PathFiles = Pick<typeof fs, "link" | "lstat" | "rename" | "rm">;

/** Operations that publishing a socket needs. */
export interface Publishing {
  readonly files: PathFiles;
  /** Checks if a process listens at a path. Only a refused connection means that none does. */
  isLive(path: string): Promise<boolean>;
}

/** Changes of the path by others after which it counts as taken. */
const ATTEMPTS = 100;
/** Codes of `link` on file systems, and Android, without hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"]);
/** Number of random characters at the end of a generated name. */
const RANDOM = 8;
const BASE = 36;

/**
 * Publishes the socket that listens at `own` at `path`, in the same directory. Never touches a live socket, nor a file that is not
 * a socket. The file `own` stays.
 *
 * @returns `true` if it is published, `false` if the path is taken.
 */
export function publish(own: string, path: string, publishing: Publishing): Promise<boolean> {
  return publishAt(own, path, path, publishing);
}

/** @param pathOf The path that claims are named after. */
async function publishAt(own: string, path: string, pathOf: string, publishing: Publishing): Promise<boolean> {
  const { files, isLive } = publishing;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await link(own, path, files)) return true;
    const there = await fileAt(path, files);
    if (there === undefined) continue;
    if (!there.isSocket() || await isLive(path)) return false;
    // Only the owner of the claim on this stale file may replace it. The claim of a killed process is a stale file as well.
    const claim = claimName(pathOf, there);
    if (!await publishAt(own, claim, pathOf, publishing)) return false;
    let replaced = false;
    try {
      const still = await fileAt(path, files);
      if (still?.ino === there.ino && still.mtimeMs === there.mtimeMs && !await isLive(path)) {
        await files.rename(claim, path);
        return replaced = true;
      }
    } finally {
      // After the rename the claim may already belong to another socket.
      if (!replaced) await dropClaim(own, claim, files);
    }
  }
  return false;
}

/** The name of the claim on a stale file, the same on all runtimes: some of them report times only in milliseconds. */
export function claimName(path: string, { ino, mtimeMs }: BigIntStats): string {
  const { folder, name } = splitPath(path);
  return `${folder}.${name}.${ino.toString(BASE)}.${mtimeMs.toString(BASE)}`;
}

async function dropClaim(own: string, claim: string, files: PathFiles): Promise<void> {
  // Back to `own` where a rename replaced the link; between hard links of one file a rename does nothing.
  await files.rename(claim, own);
  await files.rm(claim, { force: true });
}

/**
 * Removes the socket that listened as `own` from its path, and then stops it with `stop`. Never removes another socket's file.
 *
 * @param path The path of the socket: `own` itself if it was not published.
 * @param ino The number of its file, which is unique while the socket listens.
 */
export async function withdraw(
  own: string,
  path: string,
  ino: bigint | undefined,
  stop: () => Promise<void>,
  files: PathFiles,
): Promise<void> {
  const leaving = leavingName(own);
  try {
    // Before the socket stops, because any process may replace a stale file.
    if (ino === undefined || (await fileAt(path, files))?.ino !== ino) return;
    await files.rename(path, leaving);
    // A program without this protocol, such as libzmq, may have created a file there at this very moment.
    if ((await fileAt(leaving, files))?.ino !== ino) await link(leaving, path, files);
  } finally {
    await stop();
    await files.rm(leaving, { force: true });
  }
}

/** Gives a file another name; returns `false` if a file of that name exists. */
async function link(from: string, to: string, files: PathFiles): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw cause;
    // Without hard links there is a moment between the check and the rename.
    if (await fileAt(to, files) !== undefined) return false;
    await files.rename(from, to);
    return true;
  }
}

/** Returns the file at a path, `undefined` if there is none. Numbers of files may be too large for an exact `number`. */
export function fileAt(path: string, { lstat }: Pick<PathFiles, "lstat">): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(absent);
}

/** A missing file is not an error, a missing permission is. */
function absent(cause: unknown): undefined {
  const { code } = cause as { readonly code?: unknown };
  if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
}

/** Splits a path into its directory, with the slash, and its name. The directory is empty for the working directory. */
function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const start = path.lastIndexOf("/") + 1;
  return { folder: path.slice(0, start), name: path.slice(start) };
}

/** Returns the start of generated names for this path, and the number of random characters after it. */
function ownNames(path: string, longest: number): { readonly start: string; readonly random: number } {
  const { folder, name } = splitPath(path);
  // At least as long as the path itself, which must be possible.
  const room = Math.max(longest - byteLength(folder), byteLength(name));
  const random = Math.min(RANDOM, room);
  const stem = [...`.${name}.`];
  while (byteLength(stem.join("")) > room - random) stem.pop();
  return { start: folder + stem.join(""), random };
}

/**
 * Generates a name beside the path that is most likely free: `/run/.jobs.sock.k3v9x0ab` for `/run/jobs.sock`, shorter where the path
 * is almost as long as a path may be.
 *
 * @param longest Longest path of a socket, in bytes.
 */
export function ownName(path: string, longest: number): string {
  const { start, random } = ownNames(path, longest);
  for (;;) {
    let own = start;
    for (let i = 0; i < random; i++) own += Math.floor(systemClock.random() * BASE).toString(BASE);
    if (own !== path) return own;
  }
}

/** Checks if `own` is such a name for the path. */
export function isOwnName(own: string, path: string, longest: number): boolean {
  const { start, random } = ownNames(path, longest);
  return own.length === start.length + random && own.startsWith(start);
}

/**
 * The name of a socket that listened as `own`, from the moment its path is removed until it stops. So a socket that the system
 * lists, and that has neither of its names, must be at its path.
 */
export function leavingName(own: string): string {
  return `${own}.leaving`;
}

/** Checks if such a name is so short that another socket may generate it too. */
export function isShortName(path: string, longest: number): boolean {
  return ownNames(path, longest).random < RANDOM;
}

/** Returns the length of a path in bytes, as the operating system counts it. */
export function byteLength(path: string): number {
  return new TextEncoder().encode(path).length;
}
