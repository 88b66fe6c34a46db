/**
 * The contract of a socket type's behavior: which pipe gets the next message, from which pipe the next message is
 * received, and which state lies in between. Patterns are pure: they see pipes and messages only, so each is tested
 * without I/O.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { DropCount } from "./drops.ts";
import type { Pipe } from "./pipe.ts";

/** The socket, as its pattern sees it. */
export interface PatternHost {
  /** The clock of the socket's context. */
  readonly clock: Clock;
  /** Called after a change of subscriptions: pending sends and waits for subscribers may continue. */
  subscribersChanged(): void;
  /** Called for the first message that is dropped because no peer is connected, where such messages are not counted. */
  sentToNobody?(): void;
}

/** The behavior of a socket type. Operations that a type does not support stay undefined. */
export interface Pattern {
  /**
   * If true, `connect` creates a pipe immediately, which queues messages before a peer is connected and keeps them when
   * the connection is lost. Otherwise a pipe exists from the end of a handshake to the end of its connection.
   */
  readonly queuesAhead: boolean;

  /** True if each message is addressed to one peer, so that a waiting send does not block sends to other peers. */
  readonly sendsByPeer?: boolean;

  /** Messages that were dropped because there was no pipe to send them to. */
  readonly drops?: DropCount;

  /** True if the socket can receive nothing because it has no subscription. */
  readonly subscribedToNothing?: boolean;

  /** Called once, before every other method. */
  begin?(host: PatternHost): void;

  /**
   * Called when a pipe is created.
   *
   * @returns The reason to reject the peer and close its connection; `undefined` to accept it.
   */
  attach?(pipe: Pipe): ZmqError | undefined;
  /** Called when an attached pipe gets a connection: its first one, or another one after a loss. */
  connected?(pipe: Pipe): void;
  /** Called when a pipe lost its connection and waits for another one, whose peer knows no subscriptions yet. */
  waiting?(pipe: Pipe): void;
  /**
   * Called when a pipe lost its connection; `lost` unless this socket closed it. If the pipe will not reconnect,
   * `detach` follows.
   */
  disconnected?(pipe: Pipe, lost: boolean): void;
  /**
   * Returns true if `notice`, the user's `disconnectMessage` or `hiccupMessage`, is to be delivered for the loss of this
   * peer. `kept`: messages wait for its next connection.
   */
  wantsNotice?(pipe: Pipe, notice: Message, kept: boolean): boolean;
  /** Called when a pipe is removed. Messages that it holds can still be received. */
  detach?(pipe: Pipe): void;
  /** Called for every message that arrives in a pipe, for patterns that keep the order of arrival across pipes. */
  delivered?(pipe: Pipe): void;
  /** Called when a message arrives in an empty pipe. */
  pipeReadable?(pipe: Pipe): void;
  /** Called when a pipe that was full has room again. */
  pipeWritable?(pipe: Pipe): void;

  /**
   * Inspects an incoming message before it is queued.
   *
   * @returns The message to queue; `undefined` to queue none. A dropped message is counted with `pipe.countDrop`.
   */
  inbound?(pipe: Pipe, message: Message): Message | undefined;
  /** Handles a SUBSCRIBE or CANCEL command of the peer. Returns a message to queue for the user, if there is one. */
  subscription?(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined;

  /**
   * Sends a message if that is possible now; `false` if the caller must wait.
   *
   * @throws {ZmqError} `EFSM` if the state does not allow it, `EHOSTUNREACH` if the addressed peer is not connected.
   */
  trySend?(message: Message): boolean;
  /** Returns true if `trySend` would accept a message now. */
  canSend?(): boolean;
  /** Takes the next message; `undefined` if there is none, or if the state does not allow receiving. */
  tryReceive?(): Message | undefined;
  /** Returns true if `tryReceive` would return a message now. */
  canReceive?(): boolean;
  /** The reason why the state does not allow receiving, if it does not. */
  receiveError?(): ZmqError | undefined;
}
