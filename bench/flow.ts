/**
 * How messages are sent and received in benchmarks, with each of the two APIs: the one place that knows what "await" and
 * "batch" are.
 *
 * @module
 */

import type { Api } from "./case.ts";
import type { Receiver, Sender } from "./peers/library.ts";

/** Sends a message `count` times. */
export function sendTimes(socket: Sender, message: Uint8Array, count: number, api: Api): Promise<void> {
  return api === "await" ? awaitTimes(socket, message, count) : batchTimes(socket, message, count);
}

/** Calls `take` with every message until it returns true. */
export function receiveUntil(
  socket: Receiver,
  take: (message: readonly Uint8Array[]) => boolean,
  api: Api,
): Promise<void> {
  return api === "await" ? awaitUntil(socket, take) : batchUntil(socket, take);
}

async function awaitTimes(socket: Sender, message: Uint8Array, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) await socket.send(message);
}

async function batchTimes(socket: Sender, message: Uint8Array, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    if (!socket.trySend!(message)) await socket.send(message);
  }
}

async function awaitUntil(socket: Receiver, take: (message: readonly Uint8Array[]) => boolean): Promise<void> {
  for await (const message of socket) {
    if (take(message)) return;
  }
}

async function batchUntil(socket: Receiver, take: (message: readonly Uint8Array[]) => boolean): Promise<void> {
  for (;;) {
    let message: readonly Uint8Array[] | undefined = await socket.receive();
    do {
      if (take(message)) return;
      message = socket.tryReceive!();
    } while (message !== undefined);
  }
}
