/**
 * What the ipc adapters of all runtimes share: which path a Unix domain socket takes, what stands in its way, and how it
 * gets the path and gives it back. A stale socket file, on which nobody listens any more, is replaced; a live one and
 * anything that is not a socket never is.
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

/** What a runtime does with Unix domain sockets. */
export interface IpcRuntime {
  /** Connects to a path and lets go again; rejects as the runtime does. */
  connect(path: string): Promise<void>;
  /**
   * Listens at a path that nothing is at; the runtimes remove what is there when they stop. Rejects with a {@link ZmqError}.
   *
   * @param endpoint As users see it.
   */
  listen(path: string, endpoint: string): Promise<Listener>;
}

/** Bytes that the path of a socket may have: Linux has 108 with a zero byte at the end, macOS and the BSDs 104. */
export const LONGEST_PATH: number = process.platform === "linux" ? 107 : 103;
/** So many names are tried. */
const NAMES = 1000;

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
 * Listens on an ipc endpoint. Of all that want a path at once one gets it.
 *
 * @throws {ZmqError} `EADDRINUSE` if the path is taken, `ENOENT` if its directory does not exist, `ENOTDIR` if that is none.
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
  // Not at the top: importing this library asks for no permission on Deno.
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

/** @param file The same path, without links and whatever the working folder will be. */
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
  // Whatever the working folder will be.
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
  // The runtime removes it at the end: until then nobody else may take such a name.
  if (!isShortName(path, LONGEST_PATH)) await files.rm(own, { force: true }).catch(() => {});
  let closed: Promise<void> | undefined;
  const close = () => withdraw(ownFile, file, ino, stop, files);
  return { ...lifeOf(listener), close: () => closed ??= inTurn(file, close) };
}

/** Of a listener, all but its end. */
function lifeOf(listener: Listener): Omit<Listener, "close"> {
  return { endpoint: listener.endpoint, unref: () => listener.unref?.(), ref: () => listener.ref?.() };
}

/** Listens under a name of our own in the folder of the path. */
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
      // Only where there is room for one or two characters, others may have all these names.
      if (!(error instanceof ZmqError) || error.code !== "EADDRINUSE" || attempt === NAMES) throw error;
    }
  }
}

/**
 * What stands before the last slash must be a folder, as for the operating system: `dirname` would pass over a slash at the
 * end. Returns it without links, where that can be told.
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

/** libuv says EACCES where the system says ENOENT: where the folder may be written to, that was it. */
export async function pipeError(error: unknown, path: string, endpoint: string): Promise<unknown> {
  const { cause } = Object(error) as { readonly cause?: unknown };
  if ((Object(cause) as { readonly code?: unknown }).code !== "EACCES") return error;
  const { access, constants } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const writable = await access(dirname(path), constants.W_OK).then(() => true, () => false);
  return writable ? listenError(`Cannot listen on ${endpoint}`, { code: "ENOENT", cause }) : error;
}

/** As `isLive` for a claim on the path, whose name may be too long to connect to: then it gets a shorter one for that. */
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

/** Only a refusal says that nobody listens; a queue that is full, or a socket of another user, is somebody's. */
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
