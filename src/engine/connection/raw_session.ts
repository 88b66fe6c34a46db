/**
 * The protocol of STREAM sockets, which have none of their own: a chunk that arrives is a message, and messages are written as they are.
 *
 * | Event             | NEW  | READY   | STOPPED | ENDED |
 * | ----------------- | ---- | ------- | ------- | ----- |
 * | start             | READY | x       | x       | x     |
 * | chunk             | x    | -       | -       | -     |
 * | chunk, inbox full | x    | STOPPED | -       | -     |
 * | stop              | x    | STOPPED | -       | -     |
 * | resume            | x    | -       | READY   | -     |
 * | end               | -    | ENDED   | ENDED   | -     |
 *
 * STOPPED: the connection pauses the link; a chunk in transit is still taken. ENDED drops what arrives. `-` changes nothing; `x` would break
 * the contract of the connection, which starts its protocol once, before anything else. `tests/engine/connection/raw_session_test.ts` walks the table.
 *
 * @module
 */

import { received } from "../../base/bytes.ts";
import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../../zmtp/batch_encoder.ts";
import type { SessionHandler } from "../../zmtp/session_handler.ts";
import { ReadMemory } from "../../base/untransferable.ts";
import type { Protocol } from "./protocol.ts";

/** A link without a protocol. */
export class RawSession implements Protocol {
  readonly nextDeadline: number = Infinity;
  readonly #handler: SessionHandler;
  readonly #memory = new ReadMemory();
  #ready = false;
  #stopped = false;

  constructor(handler: SessionHandler) {
    this.#handler = handler;
  }

  get ready(): boolean {
    return this.#ready;
  }

  start(): void {
    this.#ready = true;
    // The peer does not introduce itself.
    this.#handler.onReady(undefined);
  }

  feed(chunk: Uint8Array): boolean {
    const bytes = this.#memory.keep(received(chunk));
    if (this.#ready && !this.#handler.onMessage([bytes])) this.#stopped = true;
    return !this.#stopped;
  }

  resume(): boolean {
    this.#stopped = false;
    return true;
  }

  stop(): void {
    this.#stopped = true;
  }

  end(): void {
    this.#ready = false;
  }

  encode(message: Message, batch: BatchEncoder): void {
    for (const bytes of message) batch.addEncoded(bytes);
  }
}
