/**
 * Sockets that listen at a path, and socket files without a listener, as a killed process leaves them. It uses this
 * library's transport: `node:net` of Deno 2.9.5 closes the descriptors of such listeners twice, when they may belong to
 * another file.
 *
 * @module
 */

import { link } from "node:fs/promises";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { ZmqError } from "../../src/base/errors.ts";
import type { Listener } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";

/** Listens at a path, and drops who connects. */
export async function listenAt(path: string): Promise<Listener> {
  return await (await loadTransport()).listen(Endpoint.parse(`ipc://${path}`, "bind"), (link) => link.abort());
}

/** Creates a socket file without a listener. */
export async function makeStale(path: string): Promise<void> {
  const listener = await listenAt(`${path}!`);
  // Only the name that is listened on is removed at the end.
  await link(`${path}!`, path);
  await listener.close();
  await deserted(path);
}

/**
 * Resolves once the path has no listener: a process that another test starts may have copies of our descriptors for a
 * moment.
 */
export async function deserted(path: string): Promise<void> {
  while (await isLive(path));
}

/** Returns whether a path has a listener: one that accepts connections, or has too many waiting. */
export async function isLive(path: string): Promise<boolean> {
  try {
    (await (await loadTransport()).connect(Endpoint.parse(`ipc://${path}`, "connect"))).abort();
    return true;
  } catch (error) {
    return (error as ZmqError).code !== "ECONNREFUSED";
  }
}
