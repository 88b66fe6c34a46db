/**
 * A pipe: one peer as routing sees it, with two bounded queues of whole messages and no knowledge of bytes or
 * connections.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Broadcast } from "../zmtp/broadcast.ts";
import type { DropReason } from "./drops.ts";

/** See {@link Pipe.thread}. */
export type ThreadInbound = (message: Message) => Message | undefined;

/** One peer, as patterns see it. */
export interface Pipe {
  /** The routing id that the peer chose; empty if it chose none, or if it is not known yet. */
  readonly identity: Uint8Array;
  /** The routing id that the user of this socket assigned to the peer. */
  readonly assignedId: Uint8Array | undefined;
  /** The routing id under which a ROUTER knows this pipe. Set and read by routing only. */
  routingId: Uint8Array;
  /** True if `trySend` would accept a message; if false, `pipeWritable` reports when it would. */
  readonly writable: boolean;
  /** If true, incoming messages are dropped and counted, because they can never be received. */
  ignored: boolean;
  /**
   * Set if the pipe leads to a thread that serves subscribers of this socket: takes what it sends besides subscriptions, and
   * returns what the user is to receive.
   */
  readonly thread?: ThreadInbound | undefined;
  /** Queues a message for the peer; `false` if the queue is full or the pipe is closed. */
  trySend(message: Message): boolean;
  /** Queues a message, or counts it as dropped. */
  sendOrDrop(message: Message): void;
  /** Queues a message that other pipes get as well, or counts it as dropped. */
  broadcast(broadcast: Broadcast): void;
  /**
   * Sends a message ahead of everything that is queued, regardless of the high-water mark, and on the current
   * connection only.
   */
  sendFirst(message: Message): void;
  /** Takes the next message from the peer. */
  tryReceive(): Message | undefined;
  /** Returns the message that `tryReceive` would take. */
  peek(): Message | undefined;
  /** True if a message waits to be received. */
  readonly readable: boolean;
  /** Appends a message to those received from the peer, regardless of the high-water mark. */
  deliver(message: Message): void;
  /**
   * Sends a subscribe or unsubscribe to the peer, after the messages that are queued; while no peer is connected it
   * waits with them. `false` if too many wait: all of them are discarded.
   */
  subscribe(cancel: boolean, topic: Uint8Array): boolean;
  /**
   * Sends every topic to the peer, ahead of all that is queued and as fast as the connection takes them; topics are
   * taken from the iterator when they are written. `false` while no peer is connected.
   */
  subscribeAll(topics: Iterator<Uint8Array>): boolean;
  /** Counts an incoming message as dropped. */
  countDrop(reason: DropReason): void;
  /** Drops the messages that are queued for the peer. */
  discard(): void;
  /** Ends the connection after everything queued is sent. */
  finish(): void;
  /**
   * Ends the connection to a peer that violates the protocol. With `tell`, the reason is sent to the peer, so that it
   * backs off.
   */
  fail(reason: Error, tell?: boolean): void;
}
