/**
 * What makes a socket type: which pipe gets the next message, from which one the next is taken, and what state is between.
 * Patterns are pure: they know pipes and messages only, so each is tested without a byte of I/O.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { DropCount } from "./drops.ts";
import type { Pipe } from "./pipe.ts";

/** What a pattern may ask of its socket. */
export interface PatternHost {
  /** The clock of its context. */
  readonly clock: Clock;
  /** Who subscribed to what has changed: sends may go on, and waits for subscribers may be over. */
  subscribersChanged(): void;
}

/** The behaviour of a socket type. What a type does not do stays undefined. */
export interface Pattern {
  /**
   * Whether `connect` makes a pipe at once, which queues messages before there is a peer and keeps them when the
   * connection is lost; otherwise a pipe is there from the end of a handshake to the end of that connection.
   */
  readonly queuesAhead: boolean;

  /** Whether each message names its peer, so that one that waits does not hold up those to others. */
  readonly sendsByPeer?: boolean;

  /** Messages thrown away that no pipe can count: there was nobody to send them to. */
  readonly drops?: DropCount;

  /** Called once, before anything else. */
  begin?(host: PatternHost): void;

  /**
   * A pipe is there.
   *
   * @returns Why this peer is refused, and its connection closed; `undefined` if it is welcome.
   */
  attach?(pipe: Pipe): ZmqError | undefined;
  /** A pipe that is attached has a connection now, the first or another one. */
  connected?(pipe: Pipe): void;
  /** A pipe lost its connection and waits for another one, whose peer has heard nothing yet. */
  waiting?(pipe: Pipe): void;
  /** A pipe has no connection any more; `lost` unless it was this side that ended it. It is detached next, if it is gone for good. */
  disconnected?(pipe: Pipe, lost: boolean): void;
  /** Whether its user is to hear of the loss of this peer by this message of his own. */
  wantsNotice?(pipe: Pipe, notice: Message): boolean;
  /** The pipe is gone for good. Messages that it holds may still be received. */
  detach?(pipe: Pipe): void;
  /** A message came into a pipe: for those who care about the order among pipes. */
  delivered?(pipe: Pipe): void;
  /** A message came into a pipe that held none. */
  pipeReadable?(pipe: Pipe): void;
  /** A pipe that refused a message has room again. */
  pipeWritable?(pipe: Pipe): void;

  /**
   * Looks at a message as it arrives, before it is queued.
   *
   * @returns The message to queue, or `undefined` if there is none; the pipe is told if one is thrown away.
   */
  inbound?(pipe: Pipe, message: Message): Message | undefined;
  /** The peer subscribed or cancelled by a command. Returns a message to queue for the user, if there is one to see. */
  subscription?(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined;

  /**
   * Sends if that is possible now; `false` if it must wait.
   *
   * @throws {ZmqError} `EFSM` in a state in which it is not allowed, `EHOSTUNREACH` for a peer that is not there.
   */
  trySend?(message: Message): boolean;
  /** Whether `trySend` would take a message now. */
  canSend?(): boolean;
  /** The next message, or `undefined` if there is none or none may be taken in this state. */
  tryReceive?(): Message | undefined;
  /** Whether `tryReceive` would return a message now. */
  canReceive?(): boolean;
  /** Why a user may not ask for a message in this state. */
  receiveError?(): ZmqError | undefined;
}
