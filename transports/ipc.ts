/**
 * What the ipc adapters of all runtimes share: which path a Unix domain socket takes, and what stands in its way. A stale
 * socket file, on which nobody listens any more, is removed; a live one and anything that is not a socket never is.
 *
 * @module
 */

import type { Stats } from "node:fs";
import type { IpcEndpoint } from "../src/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../src/errors.ts";
import { endpointText } from "../src/peer_text.ts";
import { transportCapability } from "./capability.ts";
import { listenError, tcpError } from "./tcp.ts";

/** A path to listen on. */
export interface ClaimedPath {
  /** As the operating system wants it. */
  readonly path: string;
  /** As users see it. */
  readonly endpoint: string;
  /** Removes the folder of a path that was made up; the runtimes themselves remove the socket file when it is closed. */
  release(): Promise<void>;
  /**
   * Stops listening, and then as `release`. The runtimes remove whatever is at the path: what somebody else has put there
   * meanwhile is kept out of their way.
   */
  close(stop: () => Promise<void>): Promise<void>;
  /** Notes which file is ours, once it is listened on. */
  bound?(): Promise<void>;
}

/**
 * The path as the operating system wants it: an abstract name starts with a zero byte.
 *
 * @throws {ZmqError} `ENOTSUP` for an abstract name where this runtime would make another one of it.
 */
export function systemPath(endpoint: IpcEndpoint): string {
  const { path } = endpoint;
  if (!path.startsWith("@")) return path;
  if (transportCapability()["ipcAbstract"]) return `\0${path.slice(1)}`;
  throw new ZmqError(
    "ENOTSUP",
    `Cannot use ${
      endpointText(endpoint)
    }: abstract names need Linux, and Node 21.6.2 or later (before, it pads them, and no other program finds them); use a path`,
  );
}

/**
 * Makes a path ready to be listened on.
 *
 * @param endpoint What was asked for.
 * @param connect Connects to a path and lets go again; rejects as the runtime does.
 * @throws {ZmqError} `EADDRINUSE` if the path is taken, `ENOENT` if its folder is not there, `ENOTDIR` if that is none.
 */
export async function claimPath(
  endpoint: IpcEndpoint,
  connect: (path: string) => Promise<void>,
): Promise<ClaimedPath> {
  const path = systemPath(endpoint);
  if (path.startsWith("\0")) {
    const text = endpoint.toString();
    if (await isLive(path, connect)) throw refused("EADDRINUSE", endpoint, "the address is in use");
    return { path, endpoint: text, release: nothing, close: (stop) => stop() };
  }
  // Not at the top: importing this library asks for no permission on Deno.
  const { lstat, mkdtemp, rm } = await import("node:fs/promises");
  try {
    if (path === "*") {
      const { tmpdir } = await import("node:os");
      const folder = await mkdtemp(`${tmpdir()}/zmq-`);
      const made = `${folder}/socket`;
      const release = () => rm(folder, { recursive: true, force: true });
      return { path: made, endpoint: `ipc://${made}`, release, close: (stop) => stop().then(release) };
    }
    const there: Stats | undefined = await lstat(path).catch(absent);
    if (there !== undefined) {
      if (!there.isSocket()) {
        throw refused("EADDRINUSE", endpoint, "the path is taken by something that is not a socket");
      }
      if (await isLive(path, connect)) throw refused("EADDRINUSE", endpoint, "the address is in use");
      await rm(path, { force: true });
    } else {
      await requireFolder(endpoint, path);
    }
    const own = { ino: undefined as number | undefined };
    return {
      path,
      endpoint: endpoint.toString(),
      release: nothing,
      close: (stop) => closeOwn(path, own.ino, stop),
      async bound() {
        own.ino = (await lstat(path).catch(() => undefined))?.ino;
      },
    };
  } catch (cause) {
    if (cause instanceof ZmqError) throw cause;
    throw listenError(`Cannot listen on ${endpoint.toString()}`, cause);
  }
}

/** What stands before the last slash must be a folder, as for the operating system: `dirname` would pass over a slash at the end. */
async function requireFolder(endpoint: IpcEndpoint, path: string): Promise<void> {
  const { stat } = await import("node:fs/promises");
  const slash = path.lastIndexOf("/");
  const folder = slash < 0 ? "." : path.slice(0, slash) || "/";
  const there = await stat(folder).catch((cause) => {
    if ((cause as { readonly code?: unknown }).code === "ENOENT") return undefined;
    throw cause;
  });
  if (there === undefined) throw refused("ENOENT", endpoint, "its folder is not there");
  if (!there.isDirectory()) throw refused("ENOTDIR", endpoint, "its folder is a file");
  if (path.endsWith("/")) throw refused("EADDRINUSE", endpoint, "the path is that of a folder");
}

/** libuv says EACCES where the system says ENOENT: where the folder may be written to, that was it. */
export async function pipeError(error: unknown, { path, endpoint }: ClaimedPath): Promise<unknown> {
  const { cause } = Object(error) as { readonly cause?: unknown };
  if ((Object(cause) as { readonly code?: unknown }).code !== "EACCES") return error;
  const { access, constants } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const writable = await access(dirname(path), constants.W_OK).then(() => true, () => false);
  return writable ? listenError(`Cannot listen on ${endpoint}`, { code: "ENOENT", cause }) : error;
}

async function closeOwn(path: string, ino: number | undefined, stop: () => Promise<void>): Promise<void> {
  const { lstat, rename } = await import("node:fs/promises");
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined || there.ino === ino) return await stop();
  const aside = `${path}~`;
  await rename(path, aside);
  try {
    await stop();
  } finally {
    await rename(aside, path);
  }
}

/** Only a refusal says that nobody listens; a queue that is full, or a socket of another user, is somebody's. */
function isLive(path: string, connect: (path: string) => Promise<void>): Promise<boolean> {
  return connect(path).then(() => true, (cause) => tcpError("Cannot connect", cause).code !== "ECONNREFUSED");
}

function refused(code: ZmqErrorCode, endpoint: IpcEndpoint, why: string): ZmqError {
  return new ZmqError(code, `Cannot listen on ${endpointText(endpoint)}: ${why}`);
}

/** That there is nothing at a path is no error; that nobody may look is one. */
function absent(cause: unknown): undefined {
  const { code } = cause as { readonly code?: unknown };
  if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
