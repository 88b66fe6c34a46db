/**
 * The end of a publisher's connection to a thread that serves subscribers: every message goes on at once, and one that cannot waits with
 * all those behind it.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** Where messages go. */
export interface RelaySink {
  /** Sends a message now or not at all. */
  trySend(message: Message): boolean;
  /** Sends a message as soon as it can. */
  send(message: Message): Promise<void>;
}

/** The behavior of that end. */
export class RelayPattern implements Pattern {
  readonly queuesAhead = false;
  /** The publisher. */
  pipe: Pipe | undefined;
  /** The number of messages that have gone on. */
  forwarded = 0;
  /** Called when `forwarded` has reached `notifyAt`. */
  onForwarded: () => void = () => {};
  notifyAt: number = Infinity;
  /** Called when the publisher has a queue, or room in it. */
  onWritable: () => void = () => {};

  readonly #sink: RelaySink;
  #waiting = false;

  constructor(sink: RelaySink) {
    this.#sink = sink;
  }

  attach(pipe: Pipe): undefined {
    this.pipe = pipe;
    this.onWritable();
  }

  // The pipe stays: messages in it still go on.
  detach(): void {}

  pipeWritable(): void {
    this.onWritable();
  }

  inbound(_pipe: Pipe, message: Message): Message | undefined {
    if (this.#waiting) return message;
    if (this.#sink.trySend(message)) this.#went();
    else void this.#wait(message);
    return undefined;
  }

  subscription(): undefined {}

  /** True while no message waits to go on. */
  get idle(): boolean {
    return !this.#waiting;
  }

  trySend(message: Message): boolean {
    return this.pipe?.trySend(message) ?? false;
  }

  canSend(): boolean {
    return this.pipe?.writable ?? false;
  }

  async #wait(first: Message): Promise<void> {
    this.#waiting = true;
    try {
      for (let message: Message | undefined = first; message !== undefined; message = this.pipe?.tryReceive()) {
        await this.#sink.send(message);
        this.#went();
      }
    } catch {
      // The socket was closed.
    }
    this.#waiting = false;
    this.onForwarded();
  }

  #went(): void {
    if (++this.forwarded >= this.notifyAt) this.onForwarded();
  }
}
