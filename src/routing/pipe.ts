/**
 * A pipe: what routing sees of one peer. Two bounded queues of whole messages, nothing of bytes or connections.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Broadcast } from "../zmtp/broadcast.ts";
import type { DropReason } from "./drops.ts";

/** One peer, as routing strategies see it. */
export interface Pipe {
  /** The routing id that the peer chose; empty if it chose none, or is not known yet. */
  readonly identity: Uint8Array;
  /** The routing id that our user chose for the peer. */
  readonly assignedId: Uint8Array | undefined;
  /** The routing id by which a ROUTER knows this pipe: routing's own note, the pipe does nothing with it. */
  routingId: Uint8Array;
  /** Whether `trySend` would take a message; if not, `pipeWritable` tells when it does. */
  readonly writable: boolean;
  /** Whether what comes from the peer is dropped, and counted, because nobody could ever receive it. */
  ignored: boolean;
  /** Queues a message for the peer; `false` if the queue is full or the pipe is gone. */
  trySend(message: Message): boolean;
  /** Queues a message, or counts it as dropped. */
  sendOrDrop(message: Message): void;
  /** Queues a message that others get as well, or counts it as dropped. */
  broadcast(broadcast: Broadcast): void;
  /** Sends a message before everything that is queued, whatever the high-water mark says; for this connection only. */
  greet(message: Message): void;
  /** Takes the next message that came from the peer. */
  tryReceive(): Message | undefined;
  /** The message that `tryReceive` would take. */
  peek(): Message | undefined;
  /** Whether a message is waiting to be taken. */
  readonly readable: boolean;
  /** Puts a message behind those that came from the peer, whatever the high-water mark says. */
  deliver(message: Message): void;
  /**
   * Tells the peer of a subscription or a cancel, behind the messages that are queued; while no peer is connected it waits
   * with them. `false` if too many wait: all of them are forgotten.
   */
  subscribe(cancel: boolean, topic: Uint8Array): boolean;
  /**
   * Sends every topic to the peer, before all that is queued and as fast as the connection takes it: they are asked for when
   * they go out. `false` while no peer is connected.
   */
  subscribeAll(topics: Iterator<Uint8Array>): boolean;
  /** Counts a message of the peer's that is thrown away. */
  drop(reason: DropReason): void;
  /** Drops what is queued for the peer. */
  discard(): void;
  /** Closes the connection when everything queued is sent. */
  finish(): void;
  /** Closes the connection to a peer that misbehaves; `tell` has the peer told why, so that it comes back slowly. */
  reject(reason: Error, tell?: boolean): void;
}
