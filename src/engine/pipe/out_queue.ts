/**
 * The queue of one peer to send: messages, and runs of broadcasts, in their order.
 *
 * More than 20 members because messages and runs keep one order, and counts of both change with each step.
 *
 * @module
 */

import { type Message, messageBytes } from "../../base/message.ts";
import { Ring } from "../../routing/ring.ts";
import type { Broadcast } from "../../zmtp/broadcast.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";
import { Run } from "./run.ts";

/** After this many broadcasts without a gap, the next ones are queued in runs. */
const STREAK = 32;

/** One or more messages of a queue. */
export type OutEntry = Message | Run;

/** A queue that lends its entries until their fate is known. */
export class OutQueue {
  /** The number of messages that wait. */
  messages = 0;
  /** Bytes of their bodies. */
  bytes = 0;
  /** The number of frames minus the number of messages: so messages of one frame, which most are, cost nothing to count. */
  extraFrames = 0;
  /** A message was refused: the socket waits for room. */
  full = false;
  /**
   * True once there was a run: checking each entry would cost sockets that do not broadcast 2 % of their throughput.
   */
  shared = false;

  readonly #entries = new Ring<OutEntry>();
  /** The last entry, if it is a run that may grow. */
  #tail: Run | undefined;
  /** The last broadcast that this peer got, and how many it got without a gap. */
  #sequence = 0;
  #streak = 0;

  /** True if a message more is within the high-water marks. */
  hasSpace(marks: HighWaterMarks): boolean {
    const { messages } = this;
    return messages < marks.sendMessages && this.bytes < marks.sendBytes &&
      messages + this.extraFrames < marks.sendFrames;
  }

  /** Adds a message. */
  push(message: Message): void {
    this.#entries.push(message);
    this.#tail = undefined;
    this.messages++;
    this.bytes += messageBytes(message);
    if (message.length !== 1) this.extraFrames += message.length - 1;
  }

  /** The frames of all messages; those of a run are contiguous, and use only their bytes. */
  get frames(): number {
    return this.messages + this.extraFrames;
  }

  /**
   * True if the next broadcast is to be added by `share`. A run keeps a whole slab alive, so it must be worth it: a pipe
   * that got all of the last messages will get the next ones as well.
   */
  shares(broadcast: Broadcast): boolean {
    this.#streak = broadcast.sequence === this.#sequence + 1 ? this.#streak + 1 : 0;
    this.#sequence = broadcast.sequence;
    try {
      return this.#streak >= STREAK && broadcast.encode();
    } catch {
      // A message that could not be shared is not missed: the connection encodes it itself.
      return false;
    }
  }

  /** Adds a broadcast that is encoded. */
  share(broadcast: Broadcast): void {
    this.shared = true;
    if (this.#tail?.extend(broadcast) !== true) this.#entries.push(this.#tail = new Run(broadcast));
    this.messages++;
    this.extraFrames--;
    this.bytes += broadcast.bytes;
  }

  /** The peer misses a broadcast. */
  skip(): void {
    this.#streak = 0;
  }

  /** The next entry, which no longer waits; `undefined` if there is none. The caller then calls `taken`. */
  lend(): OutEntry | undefined {
    this.#tail = undefined;
    return this.#entries.lend();
  }

  /** Messages were lent: their number, their bytes, and their frames minus the number of messages. */
  taken(messages: number, bytes: number, extraFrames: number): void {
    this.messages -= messages;
    this.extraFrames = this.messages === 0 ? 0 : this.extraFrames - extraFrames;
    // A user may have changed a buffer meanwhile.
    this.bytes = this.messages === 0 ? 0 : this.bytes - bytes;
  }

  /** All that is lent is handed over. */
  handedOver(): void {
    this.#entries.endLoan();
  }

  /**
   * All that is lent is handed over, except the last `count` entries, which are the next again. Returns their number, with their
   * messages and bytes: none if the queue was cleared meanwhile.
   */
  putBack(count: number): { entries: number; messages: number; bytes: number } {
    const entries = this.#entries.endLoan(count);
    let messages = 0;
    let bytes = 0;
    let left = entries;
    for (const entry of this.#entries) {
      if (left-- === 0) break;
      const run = entry instanceof Run;
      messages += run ? entry.messages : 1;
      bytes += run ? entry.bytes : messageBytes(entry);
      this.extraFrames += run ? -entry.messages : entry.length - 1;
    }
    this.messages += messages;
    this.bytes += bytes;
    return { entries, messages, bytes };
  }

  /** The first entry that waits, if it is a single message. */
  first(): Message | undefined {
    const entry = this.#entries.peek();
    return entry instanceof Run ? undefined : entry;
  }

  /** Drops that message, and returns it. Nothing may be lent. */
  dropFirst(): Message | undefined {
    const message = this.first();
    if (message === undefined) return undefined;
    this.#entries.shift();
    if (this.messages === 1) this.#tail = undefined;
    this.taken(1, messageBytes(message), message.length - 1);
    return message;
  }

  /** The entry that was lent last, if there is one. */
  get lent(): OutEntry | undefined {
    return this.#entries.lent;
  }

  /** Drops the entry that was lent last. */
  dropLent(): void {
    this.#entries.dropLent();
  }

  /** Drops everything, also what is lent; returns how many messages waited. */
  clear(): number {
    const { messages } = this;
    this.#entries.clear();
    this.#tail = undefined;
    this.messages = this.bytes = this.extraFrames = 0;
    return messages;
  }
}
