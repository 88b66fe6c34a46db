/**
 * Counters of the messages and bytes to and from a peer.
 *
 * @module
 */

import { DropCount, type Drops } from "../routing/drops.ts";

/** Counts of whole messages, and of the bytes of their frames. */
export interface Counters {
  /** Messages passed to the connection. */
  readonly messagesSent: number;
  /** Bytes of these. */
  readonly bytesSent: number;
  /** Messages taken from the connection, including those that wait to be received. */
  readonly messagesReceived: number;
  /** Bytes of these. */
  readonly bytesReceived: number;
  /** Dropped instead of sent or received; the sum of `drops`. */
  readonly dropped: number;
  /** The same by the reason, such as `highWaterMark`, `unroutable` or `unexpectedReply`. */
  readonly drops: Drops;
}

/** Running counts. */
export class CounterSet {
  messagesSent = 0;
  bytesSent = 0;
  messagesReceived = 0;
  bytesReceived = 0;
  readonly drops: DropCount = new DropCount();

  /** The sum of `drops`. */
  get dropped(): number {
    return this.drops.total;
  }

  /** Adds other counts to these. */
  add(other: CounterSet): void {
    this.messagesSent += other.messagesSent;
    this.bytesSent += other.bytesSent;
    this.messagesReceived += other.messagesReceived;
    this.bytesReceived += other.bytesReceived;
    this.drops.addAll(other.drops);
  }

  /** The counts as they are now. */
  snapshot(): Counters {
    const { messagesSent, bytesSent, messagesReceived, bytesReceived, dropped, drops } = this;
    return { messagesSent, bytesSent, messagesReceived, bytesReceived, dropped, drops: drops.snapshot() };
  }
}
