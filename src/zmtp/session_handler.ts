/**
 * The options of a session, and the contract of its handler.
 *
 * @module
 */

import type { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { PeerInfo } from "./peer_info.ts";
import type { ZmtpSocketType } from "./socket_type.ts";

/** Credit for reading: a message in the clear costs 1, everything else about as much more as it takes. */
export interface ReadCredit {
  /** When it is used up, the handler is asked before the session continues. */
  left: number;
}

/**
 * The connection, as its session sees it. Calls come from inside `start`, `feed`, `resume` and `onTime`. Where an
 * authenticator is asked about the peer, they also come when it answers, with `flush` or `onFailure` at the end.
 */
export interface SessionHandler {
  /** Shared by all sessions of an event loop. */
  readonly credit: ReadCredit;
  /** The credit is used up. `false` stops the session until `resume`. */
  mayRead(): boolean;
  /** Returns the time, by the clock of `start`. */
  now(): number;
  /** Sends bytes before everything that is queued. */
  send(bytes: Uint8Array): void;
  /** Writes bytes that were sent later, when an authenticator had answered. */
  flush(): void;
  /** The handshake is complete; `peer` is `undefined` where there is none, and so nothing is known of the peer. */
  onReady(peer: PeerInfo | undefined): void;
  /** Takes a whole message. `false` stops the session until `resume`. */
  onMessage(message: Message): boolean;
  /** Takes a SUBSCRIBE or CANCEL command. `false` stops the session until `resume`. */
  onSubscription(cancel: boolean, topic: Uint8Array): boolean;
  /** The peer broke the protocol, rejected the handshake or was too slow. Called once; the connection must be closed. */
  onFailure(error: ZmqError): void;
}

/** The options of a session. */
export interface SessionOptions {
  /** Our socket type. */
  readonly type: ZmtpSocketType;
  /** Our routing id; empty leaves the choice to the peer. */
  readonly identity: Uint8Array;
  /** The limits of one peer. */
  readonly limits: Limits;
  /** `false` copies received frames out of the chunks that contain them. Default: `true`, they are views. */
  readonly zeroCopyReceive?: boolean;
  /** The protocol that a link of whole frames has agreed on. Default: the link carries bytes, and both sides greet. */
  readonly protocol?: string;
  /** Default: none. */
  readonly heartbeat?: HeartbeatOptions;
}
