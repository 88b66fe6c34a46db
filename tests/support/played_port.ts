/**
 * Message ports that a test plays: nothing is transferred, and messages arrive when the test says so.
 *
 * @module
 */

import type { ThreadPort } from "../../src/transport/thread_port.ts";

/** One end of a channel. */
export class PlayedPort implements ThreadPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  /** Messages that were posted. */
  readonly posted: unknown[] = [];
  closed = false;
  readonly #listeners: { readonly type: string; readonly listener: (data: unknown) => void }[] = [];

  postMessage(message: unknown): void {
    if (!this.closed) this.posted.push(message);
  }

  close(): void {
    this.closed = true;
  }

  on(type: string, listener: (data: unknown) => void): void {
    this.#listeners.push({ type, listener });
  }

  /** A message arrives. */
  arrive(data: unknown): void {
    this.#emit("message", data);
  }

  /** The peer is closed, or its thread has ended. */
  end(): void {
    this.#emit("close", undefined);
  }

  #emit(wanted: string, data: unknown): void {
    for (const { type, listener } of this.#listeners) if (type === wanted) listener(data);
  }
}

/** Replaces `MessageChannel` until the function that it returns is called. */
export function playChannels(channels: { readonly port1: PlayedPort; readonly port2: PlayedPort }[]): () => void {
  const original = globalThis.MessageChannel;
  const Played = class {
    readonly port1 = new PlayedPort();
    readonly port2 = new PlayedPort();
    constructor() {
      channels.push(this);
    }
  };
  Object.assign(globalThis, { MessageChannel: Played });
  return () => void Object.assign(globalThis, { MessageChannel: original });
}
