/**
 * What a session is made with, and whom it tells what it finds.
 *
 * @module
 */

import type { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { PeerInfo } from "./peer_info.ts";
import type { WireType } from "./socket_type.ts";

/** What may be read before the handler is asked again; a message in the clear costs 1, the rest about what it takes more. */
export interface ReadCredit {
  left: number;
}

/**
 * What a session calls. Calls come from inside `start`, `feed`, `resume` and `onTime`; and where somebody is asked whether
 * the peer may join, once more when the answer comes, with `flush` or `onFailure` at the end.
 */
export interface SessionHandler {
  /** Shared by all sessions of an event loop. */
  readonly credit: ReadCredit;
  /** The credit is used up. `false` stops the session until `resume`. */
  mayRead(): boolean;
  /** The time, on the clock of `start`. */
  now(): number;
  /** Bytes to send before everything that is queued. */
  send(bytes: Uint8Array): void;
  /** Bytes were sent at a time of their own: they are to be written. */
  flush(): void;
  /** The handshake is complete; `peer` is `undefined` where there is none, and so nothing is known of the peer. */
  onReady(peer: PeerInfo | undefined): void;
  /** A whole message. `false` stops the session until `resume`. */
  onMessage(message: Message): boolean;
  /** A SUBSCRIBE or CANCEL command. `false` stops the session until `resume`. */
  onSubscription(cancel: boolean, topic: Uint8Array): boolean;
  /** The peer broke the protocol, refused the handshake or was too slow. Once; the connection must be closed. */
  onFailure(error: ZmqError): void;
}

/** What a session is made with. */
export interface SessionOptions {
  /** Our socket type. */
  readonly type: WireType;
  /** The routing id that we tell; empty lets the peer choose. */
  readonly identity: Uint8Array;
  /** What one peer may cost. */
  readonly limits: Limits;
  /** Whether frames may be views of the chunks that they came in. Default: yes. */
  readonly zeroCopyReceive?: boolean;
  /** Default: none. */
  readonly heartbeat?: HeartbeatOptions;
}
