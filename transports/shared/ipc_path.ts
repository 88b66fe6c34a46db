/**
 * Gives a listening socket its path, to exactly one of all the sockets and processes that want it, without a lock
 * (docs/adr/0012-ipc-paths.md). A socket listens under a name of its own first; a hard link makes it the path's, which
 * fails if something is there. A stale file is replaced by a rename, by the one that has the claim on that very file.
 *
 * @module
 */

import type * as fs from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";

/** The operations on files that this is made of. */
export type PathFiles = Pick<typeof fs, "link" | "lstat" | "rename" | "rm">;

/** What is needed to publish a socket. */
export interface Publishing {
  readonly files: PathFiles;
  /** Whether anybody listens at a path. Only a refused connection says that nobody does. */
  isLive(path: string): Promise<boolean>;
}

/** After so many changes of the path under our hands it is taken. */
const ATTEMPTS = 100;
/** What `link` fails with on file systems, and Android, that have no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"]);
/** So many random characters end a name of our own. */
const RANDOM = 8;
const BASE = 36;

/**
 * Makes the socket that listens at `own` the one at `path`, in the same folder. Never touches a socket that somebody listens
 * on, nor anything that is no socket. `own` stays where it is.
 *
 * @returns Whether it did: `false` if the path is taken.
 */
export function publish(own: string, path: string, publishing: Publishing): Promise<boolean> {
  return publishAt(own, path, path, publishing);
}

/** @param pathOf What claims are named after. */
async function publishAt(own: string, path: string, pathOf: string, publishing: Publishing): Promise<boolean> {
  const { files, isLive } = publishing;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await link(own, path, files)) return true;
    const there = await fileAt(path, files);
    if (there === undefined) continue;
    if (!there.isSocket() || await isLive(path)) return false;
    // Whoever has the claim on this stale file may replace it, nobody else. A claim whose owner was killed is a stale file too.
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
      // After the rename the claim may be that of another already.
      if (!replaced) await dropClaim(own, claim, files);
    }
  }
  return false;
}

/** The name of the claim on a stale file, the same on all runtimes: not all of them tell more than milliseconds. */
export function claimName(path: string, { ino, mtimeMs }: BigIntStats): string {
  const { folder, name } = splitPath(path);
  return `${folder}.${name}.${ino.toString(BASE)}.${mtimeMs.toString(BASE)}`;
}

async function dropClaim(own: string, claim: string, files: PathFiles): Promise<void> {
  // Back to `own` where a rename stood for the link; to its own hard link it does nothing.
  await files.rename(claim, own);
  await files.rm(claim, { force: true });
}

/**
 * Takes the socket that listened as `own` away from where it is, and then ends it with `stop`. Never removes another's.
 *
 * @param path Where it is: `own` itself if it was not published.
 * @param ino The number of its file, which no other has while it is listened on.
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
    // Before nobody listens there: a stale file may be replaced by anybody.
    if (ino === undefined || (await fileAt(path, files))?.ino !== ino) return;
    await files.rename(path, leaving);
    // Who knows nothing of this, such as libzmq, may have put something there at this very moment.
    if ((await fileAt(leaving, files))?.ino !== ino) await link(leaving, path, files);
  } finally {
    await stop();
    await files.rm(leaving, { force: true });
  }
}

/** Another name for the same file; `false` if there is a file of that name already. */
async function link(from: string, to: string, files: PathFiles): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw cause;
    // Without hard links there is a moment between the look and the rename.
    if (await fileAt(to, files) !== undefined) return false;
    await files.rename(from, to);
    return true;
  }
}

/** The file at a path, `undefined` if there is none. Numbers of files may be larger than a `number` is exact. */
export function fileAt(path: string, { lstat }: Pick<PathFiles, "lstat">): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(absent);
}

/** That there is nothing at a path is no error; that nobody may look is one. */
function absent(cause: unknown): undefined {
  const { code } = cause as { readonly code?: unknown };
  if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
}

/** The folder with its slash; empty for the working folder. */
function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const start = path.lastIndexOf("/") + 1;
  return { folder: path.slice(0, start), name: path.slice(start) };
}

/** What the names that sockets for this path listen under begin with, and how many random characters follow. */
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
 * A name beside the path that most likely nobody has: `/run/.jobs.sock.k3v9x0ab` for `/run/jobs.sock`, shorter where the path
 * is almost as long as a path may be.
 *
 * @param longest Bytes that the path of a socket may have.
 */
export function ownName(path: string, longest: number): string {
  const { start, random } = ownNames(path, longest);
  for (;;) {
    let own = start;
    for (let i = 0; i < random; i++) own += Math.floor(systemClock.random() * BASE).toString(BASE);
    if (own !== path) return own;
  }
}

/** Whether `own` is such a name for the path. */
export function isOwnName(own: string, path: string, longest: number): boolean {
  const { start, random } = ownNames(path, longest);
  return own.length === start.length + random && own.startsWith(start);
}

/**
 * The name of what listened as `own`, from when it is to be found no longer until it listens no longer. So that one that is
 * listed, but has neither of its names, is to be found at its path.
 */
export function leavingName(own: string): string {
  return `${own}.leaving`;
}

/** Whether such a name is so short that somebody else may want it. */
export function isShortName(path: string, longest: number): boolean {
  return ownNames(path, longest).random < RANDOM;
}

/** The length of a path as the operating system counts it. */
export function byteLength(path: string): number {
  return new TextEncoder().encode(path).length;
}
