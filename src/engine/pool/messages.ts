/**
 * The protocol between a socket and the threads that serve its subscribers, over the port of a thread. Messages, subscriptions and
 * counts of subscribers go over a connection besides, so that none overtakes another.
 *
 * @module
 */

import type { ZapRequest, ZapVerdict } from "../../security/zap.ts";
import type { ThreadPort } from "../../transport/thread_port.ts";
import type { SocketEvent } from "../events.ts";
import type { PeerStatistics, SocketStatistics } from "../statistics.ts";

/** An error, as it crosses threads. */
export interface PortedError {
  readonly code: string | undefined;
  readonly message: string;
  readonly endpoint: string | undefined;
}

/** The counts of a thread. */
export type ThreadCounts = Omit<SocketStatistics, "peers">;

/** From the socket to a thread. */
export type ToThread =
  | {
    readonly type: "begin";
    readonly name: "PUB" | "XPUB";
    readonly options: Readonly<Record<string, unknown>>;
    /** The socket has an authenticator of its own. */
    readonly authenticates: boolean;
    /** The connection for messages. */
    readonly port: ThreadPort;
  }
  | { readonly type: "bind"; readonly id: number; readonly endpoint: string; readonly values: object | undefined }
  /** No longer listens. */
  | { readonly type: "unbind"; readonly id: number; readonly endpoint: string }
  /** Ends the connections that were accepted at an endpoint, after `after` messages. */
  | { readonly type: "finish"; readonly endpoint: string; readonly after: number }
  | { readonly type: "option"; readonly name: string; readonly value: unknown }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: ZapVerdict | PortedError }
  /** Also counts the subscribers of this topic, or no longer does. */
  | { readonly type: "watch"; readonly id: number; readonly topic: Uint8Array | undefined }
  /** Disconnects peers by their addresses; `anew`: handshakes in progress as well. */
  | { readonly type: "disconnect"; readonly remotes: readonly string[]; readonly anew: boolean }
  | { readonly type: "peers" }
  /** Ends now. */
  | { readonly type: "drop" };

/** From a thread to the socket. */
export type FromThread =
  | { readonly type: "ready" }
  | { readonly type: "answer"; readonly id: number; readonly endpoint?: string; readonly error?: PortedError }
  | { readonly type: "event"; readonly event: SocketEvent; readonly error?: PortedError }
  | { readonly type: "question"; readonly id: number; readonly request: ZapRequest }
  /** The peer no longer waits for the verdict. */
  | { readonly type: "over"; readonly id: number }
  | { readonly type: "counts"; readonly counts: ThreadCounts }
  | { readonly type: "peers"; readonly peers: readonly PeerStatistics[] }
  | { readonly type: "closed"; readonly lost: number };

/** First frame of each message that a thread sends over the connection for messages: the rest is for the user. */
export const FOR_USER = 0;
/** The same: the second frame has the number of subscribers, and for each watched topic its id and the number of its subscribers. */
export const COUNTS = 1;
