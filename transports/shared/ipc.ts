/**
 * Listening on ipc endpoints, for all runtimes: the path of a Unix domain socket, files that are already there, and how the socket
 * gets the path and releases it. A stale socket file, on which no process listens, is replaced; a live one, and anything that is
 * not a socket, never is.
 *
 * @module
 */

import process from "node:process";
import type { IpcEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { Listener } from "../../src/transport/transport.ts";
import { transportCapability } from "../capability.ts";
import { byteLength, fileAt, isShortName, ownName, publish, withdraw } from "./ipc_path.ts";
import { inTurn } from "./ipc_turns.ts";
import { listenError, tcpError } from "./tcp.ts";

/** Operations of a runtime on Unix domain sockets. */
export interface IpcRuntime {
  /** Connects to a path and closes the connection; rejects with the runtime's error. */
  connect(path: string): Promise<void>;
  /**
   * Listens at a path where no file exists; the runtimes remove the file there when they stop. Rejects with a {@link ZmqError}.
   *
   * @param endpoint The endpoint text that users see.
   */
  listen(path: string, endpoint: string): Promise<Listener>;
}

/** Longest path of a socket, in bytes: Linux has 108 with a zero byte at the end, macOS and the BSDs 104. */
export const LONGEST_PATH: number = process.platform === "linux" ? 107 : 103;
/** Attempts to find a free name. */
const NAMES = 1000;

/**
 * Returns the path in the form of the operating system: an abstract name starts with a zero byte.
 *
 * @throws {ZmqError} `ENOTSUP` for an abstract name that this runtime would change.
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
 * Listens on an ipc endpoint. If several sockets bind a path at the same time, one of them gets it.
 *
 * @throws {ZmqError} `EADDRINUSE` if the path is taken, `ENOENT` if its directory does not exist, `ENOTDIR` if that is a file.
 */
export async function listenIpc(endpoint: IpcEndpoint, runtime: IpcRuntime): Promise<Listener> {
  const path = systemPath(endpoint);
  if (path.startsWith("\0")) {
    if (await isLive(path, runtime)) throw refused("EADDRINUSE", endpoint, "the address is in use");
    return await runtime.listen(path, endpoint.toString());
  }
  try {
    if (path === "*") return await listenAnywhere(runtime);
    const folder = await requireFolder(endpoint, path);
    const file = `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
    return await inTurn(file, () => listenAt(path, file, endpoint, runtime));
  } catch (cause) {
    if (cause instanceof ZmqError) throw cause;
    throw listenError(`Cannot listen on ${endpoint.toString()}`, cause);
  }
}

async function listenAnywhere(runtime: IpcRuntime): Promise<Listener> {
  // Imported here and not at the top, because importing this library needs no permission on Deno.
  const { mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const folder = await mkdtemp(`${tmpdir()}/zmq-`);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const listener = await runtime.listen(`${folder}/socket`, `ipc://${folder}/socket`);
    return { ...lifeOf(listener), close: () => listener.close().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @param file The same path without symbolic links, which stays valid when the working directory changes. */
async function listenAt(path: string, file: string, endpoint: IpcEndpoint, runtime: IpcRuntime): Promise<Listener> {
  const files = await import("node:fs/promises");
  const there = await fileAt(path, files);
  if (there !== undefined) {
    if (!there.isSocket()) {
      throw refused("EADDRINUSE", endpoint, "the path is in use by a file that is not a socket");
    }
    if (await isLive(path, runtime)) throw refused("EADDRINUSE", endpoint, "the address is in use");
  }
  const { own, listener } = await listenBeside(path, endpoint, runtime);
  // Absolute, because the working directory may change.
  const ownFile = `${file.slice(0, file.lastIndexOf("/"))}/${own.slice(own.lastIndexOf("/") + 1)}`;
  const stop = () => listener.close();
  const ino = (await fileAt(own, files).catch(() => undefined))?.ino;
  try {
    const published = await publish(own, path, { files, isLive: (there) => isLiveBeside(there, path, runtime) });
    if (!published) throw refused("EADDRINUSE", endpoint, "the address is in use");
  } catch (error) {
    await withdraw(ownFile, ownFile, ino, stop, files).catch(() => {});
    throw error;
  }
  // The runtime removes this name when it stops, so another socket must not get it before.
  if (!isShortName(path, LONGEST_PATH)) await files.rm(own, { force: true }).catch(() => {});
  let closed: Promise<void> | undefined;
  const close = () => withdraw(ownFile, file, ino, stop, files);
  return { ...lifeOf(listener), close: () => closed ??= inTurn(file, close) };
}

/** All members of a listener except `close`. */
function lifeOf(listener: Listener): Omit<Listener, "close"> {
  return { endpoint: listener.endpoint, unref: () => listener.unref?.(), ref: () => listener.ref?.() };
}

/** Listens under a generated name in the directory of the path. */
async function listenBeside(
  path: string,
  endpoint: IpcEndpoint,
  runtime: IpcRuntime,
): Promise<{ readonly own: string; readonly listener: Listener }> {
  for (let attempt = 1;; attempt++) {
    const own = ownName(path, LONGEST_PATH);
    try {
      return { own, listener: await runtime.listen(own, endpoint.toString()) };
    } catch (error) {
      // All names can be taken only where there is room for just one or two characters.
      if (!(error instanceof ZmqError) || error.code !== "EADDRINUSE" || attempt === NAMES) throw error;
    }
  }
}

/**
 * Returns the directory of a path, without symbolic links where they can be resolved. The text before the last slash must be a
 * directory, as for the operating system: `dirname` would ignore a slash at the end.
 */
async function requireFolder(endpoint: IpcEndpoint, path: string): Promise<string> {
  const { realpath, stat } = await import("node:fs/promises");
  const slash = path.lastIndexOf("/");
  const folder = slash < 0 ? "." : path.slice(0, slash) || "/";
  const there = await stat(folder).catch((cause) => {
    if ((cause as { readonly code?: unknown }).code === "ENOENT") return undefined;
    throw cause;
  });
  if (there === undefined) throw refused("ENOENT", endpoint, "its directory does not exist");
  if (!there.isDirectory()) throw refused("ENOTDIR", endpoint, "its directory is a file");
  if (path.endsWith("/")) throw refused("EADDRINUSE", endpoint, "the path is a directory");
  return await realpath(folder).catch(() => folder);
}

/** libuv reports EACCES where the system reports ENOENT: it was ENOENT if the directory is writable. */
export async function pipeError(error: unknown, path: string, endpoint: string): Promise<unknown> {
  const { cause } = Object(error) as { readonly cause?: unknown };
  if ((Object(cause) as { readonly code?: unknown }).code !== "EACCES") return error;
  const { access, constants } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const writable = await access(dirname(path), constants.W_OK).then(() => true, () => false);
  return writable ? listenError(`Cannot listen on ${endpoint}`, { code: "ENOENT", cause }) : error;
}

/** Like `isLive`, for a claim on the path: if its name is too long to connect to, it gets a shorter one for that. */
async function isLiveBeside(claim: string, path: string, runtime: IpcRuntime): Promise<boolean> {
  if (byteLength(claim) <= LONGEST_PATH) return await isLive(claim, runtime);
  const { link, rm } = await import("node:fs/promises");
  for (let attempt = 1;; attempt++) {
    const short = ownName(path, LONGEST_PATH);
    try {
      await link(claim, short);
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown };
      if (code === "ENOENT") return false;
      if (code !== "EEXIST" || attempt === NAMES) return true;
      continue;
    }
    try {
      return await isLive(short, runtime);
    } finally {
      await rm(short, { force: true });
    }
  }
}

/** Only a refused connection means that no process listens; the queue may be full, or the socket may belong to another user. */
async function isLive(path: string, runtime: IpcRuntime): Promise<boolean> {
  try {
    await runtime.connect(path);
    return true;
  } catch (cause) {
    const error = tcpError("Cannot connect", cause);
    if (error.code === "EMFILE") throw cause;
    return error.code !== "ECONNREFUSED";
  }
}

function refused(code: ZmqErrorCode, endpoint: IpcEndpoint, why: string): ZmqError {
  return new ZmqError(code, `Cannot listen on ${endpointText(endpoint)}: ${why}`);
}
