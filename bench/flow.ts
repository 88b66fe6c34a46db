/**
 * Sends and receives messages with each of the two APIs. No other file knows what "await" and "batch" mean.
 *
 * @module
 */

import type { Api } from "./case.ts";
import type { Receiver, Sender } from "./peers/library.ts";

/** Messages per `sendMany`. */
const BURST = 500;

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
  const burst = new Array<Uint8Array>(Math.min(BURST, count)).fill(message);
  for (let left = count; left > 0; left -= burst.length) {
    await socket.sendMany!(left < burst.length ? burst.slice(0, left) : burst);
  }
}

async function awaitUntil(socket: Receiver, take: (message: readonly Uint8Array[]) => boolean): Promise<void> {
  for await (const message of socket) {
    if (take(message)) return;
  }
}

async function batchUntil(socket: Receiver, take: (message: readonly Uint8Array[]) => boolean): Promise<void> {
  for (;;) {
    for (const message of await socket.receiveMany!()) {
      if (take(message)) return;
    }
  }
}
