/**
 * Every hint in one table: the problem, which is nearly always a mistake, and what to do about it.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { endpointText, errorText } from "../../base/peer_text.ts";
import type { DropReason } from "../../routing/drops.ts";
import { AuthError } from "../../zmtp/auth_error.ts";
import { PeerRejection } from "../../zmtp/peer_rejection.ts";
import { ProtocolError } from "../../zmtp/protocol_error.ts";
import type { ConnectionLimit } from "../refusals.ts";

/**
 * The kind of a `hint` event.
 *
 * - `notConnected`: no connection to an endpoint for 5 s after `connect()`; once per endpoint.
 * - `handshakeFailed`: the handshake with a peer failed, or the peer rejected this socket after it; both sides get a
 *   hint if both are of this library. Once per reason and connected endpoint; for peers that connect to this socket, again after 60 s with their number.
 * - `closedByPeer`: a peer closed three connections in a row within 5 s after the handshake, without a reason; once per
 *   connected endpoint.
 * - `notUsed`: a call has waited for 5 s on a socket that is neither bound nor connected.
 * - `noPeerYet`: a message was sent, and no peer has ever connected: at once if it is dropped, after 5 s if it waits.
 * - `notSubscribed`: a `Subscriber` has been connected for 5 s without a subscription.
 * - `connectionLimit`: an incoming connection was refused because of a limit such as `maxConnections`. Once per limit,
 *   and again after 60 s with the number of connections.
 * - All others: the first message that was dropped for that `DropReason`: drops that are nearly always a mistake.
 */
export type HintKind =
  | "notConnected"
  | "handshakeFailed"
  | "closedByPeer"
  | "notUsed"
  | "noPeerYet"
  | "notSubscribed"
  | "connectionLimit"
  | Extract<
    DropReason,
    | "highWaterMark"
    | "unroutable"
    | "noPeer"
    | "noDelimiter"
    | "unexpectedReply"
    | "unexpectedMessage"
    | "refusedPeer"
    | "tooLarge"
  >;

/** Facts for the text of a hint. */
export interface HintFacts {
  /** The socket type, such as `PUSH`. */
  readonly socket: string;
  /** The endpoint; empty if there is none. */
  readonly endpoint: string;
  /** The last error of the endpoint. */
  readonly error?: Error | undefined;
  /** Number of messages that wait to be sent. */
  readonly queued?: number;
  /** True if a call of `receive` waits. */
  readonly receives?: boolean;
  /** True if neither `bind` nor `connect` was called. */
  readonly unused?: boolean;
  /** True if no endpoint is bound or connected now. */
  readonly nowhere?: boolean;
  /** The limit that was reached. */
  readonly limit?: ConnectionLimit;
  /** Number of times that the same happened since it was last reported. */
  readonly more?: number;
}

/** One hint. */
interface Hint {
  /** Says what is wrong. */
  problem(facts: HintFacts): string;
  /** Says what to do. */
  cure(facts: HintFacts): string;
}

const FITTING_TYPES = "use socket types that fit, such as Push with Pull, or Request with Reply";

/** Maximum length of the text of an error in a hint. */
const SHOWN = 400;

/** Advice for a limit of incoming connections that is reached. */
const LIMIT_CURES: Readonly<Record<ConnectionLimit, string>> = {
  maxConnections: "raise maxConnections, or see in statistics().peers which clients connect more often than needed",
  maxConnectionsPerAddress:
    "clients behind one NAT or proxy share an address: raise maxConnectionsPerAddress, or reuse connections",
  maxHandshakesPerSecond: "raise maxHandshakesPerSecond, or raise reconnectInterval of the clients",
  maxHandshakes:
    "peers connect faster than they complete the handshake: raise maxHandshakes, or lower handshakeInterval",
  maxLeftoverBytes: "receive the messages of disconnected peers, or raise maxLeftoverBytes",
};

/** All hints. */
const HINTS: Readonly<Record<HintKind, Hint>> = {
  notConnected: {
    problem: ({ socket, endpoint, error, queued = 0 }) =>
      `${socket} has not connected to ${endpointText(endpoint)} for 5 s` +
      (error === undefined ? "" : ` (${errorText(error, SHOWN)})`) +
      (queued === 0 ? "" : `; ${queued} of its messages wait`),
    cure: connectionCure,
  },
  handshakeFailed: {
    problem: ({ socket, endpoint, error, more = 0 }) =>
      `${socket} and a peer at ${endpointText(endpoint)} cannot talk: ${
        error === undefined ? "the peer closed" : errorText(error, SHOWN)
      }` +
      (more === 0 ? "" : ` (${more} more times since the last hint)`),
    cure: handshakeCure,
  },
  closedByPeer: {
    problem: ({ socket, endpoint, queued = 0 }) =>
      `${socket} was connected to ${endpointText(endpoint)} three times, and the peer closed each connection at once` +
      (queued === 0 ? "" : `; ${queued} messages wait`),
    cure: () =>
      "see the log of the peer: it may restart, or reject this socket or a message silently, as libzmq does with a message over its ZMQ_MAXMSGSIZE",
  },
  notUsed: {
    problem: ({ socket, receives }) =>
      `${socket} has waited for 5 s to ${receives ? "receive" : "send"}, and is neither bound nor connected`,
    cure: () => "call bind() or connect()",
  },
  noPeerYet: {
    problem: ({ socket, queued = 0, unused }) =>
      queued > 0
        ? `${socket} sends, but no peer has ever connected; the message waits`
        : `${socket} sent a message before ${
          unused ? "it was bound or connected" : "any peer connected"
        }; it was dropped`,
    cure: ({ queued = 0, unused, nowhere }) =>
      queued > 0
        ? nowhere ? "it has no endpoint now: call bind() or connect()" : "check that the peers connect to this endpoint"
        : `${
          unused ? "call bind() or connect(), and " : ""
        }await waitForSubscribers() or waitForPeers() before the first send`,
  },
  notSubscribed: {
    problem: ({ socket, endpoint }) =>
      `${socket} has been connected to ${endpointText(endpoint)} for 5 s without a subscription, and receives nothing`,
    cure: () => 'call subscribe(topic), or subscribe("") for every message',
  },
  connectionLimit: {
    problem: ({ socket, endpoint, limit = "maxConnections", more = 0 }) =>
      `${socket} refused ${more === 0 ? "a connection" : `${more + 1} connections`}${
        at(endpoint)
      }: ${limit} is reached`,
    cure: ({ limit = "maxConnections" }) => LIMIT_CURES[limit],
  },
  highWaterMark: {
    problem: ({ socket, endpoint }) =>
      `${socket} dropped a message for a peer${at(endpoint)}: its queue is full (sendHighWaterMark)`,
    cure: ({ socket }) =>
      socket === "ROUTER"
        ? "see which peer is slow in statistics().peers; raise sendHighWaterMark, or set mandatory so that send() waits for room"
        : "see which peer is slow in statistics().peers; raise sendHighWaterMark, or make that peer faster",
  },
  unroutable: {
    problem: ({ socket }) => `${socket} dropped a message: no connected peer has the routing id in its first frame`,
    cure: () =>
      "send [routingId, …frames] with an id that was received, while that peer is connected; mandatory makes it an error",
  },
  noPeer: {
    problem: ({ socket }) => `${socket} dropped a message: the peer that it was for has disconnected, or there is none`,
    cure: () => "the message must be sent again by the program, when a peer is connected",
  },
  noDelimiter: {
    problem: ({ socket, endpoint }) =>
      `${socket} dropped a message from a peer${at(endpoint)}: it has no empty delimiter frame, or no frame after it`,
    cure: () => 'a Dealer or Router that talks to it sends ["", …body], with the envelope of the request in a reply',
  },
  unexpectedReply: {
    problem: ({ socket, endpoint }) =>
      `${socket} dropped a reply from a peer${at(endpoint)}: it replies to no open request`,
    cure: ({ socket }) =>
      socket === "DEALER"
        ? "it came after the timeout of its request, or twice, as after a retry: raise timeout, or reply once per request"
        : "the server must reply once per request; set correlate to recognize replies that are late",
  },
  unexpectedMessage: {
    problem: ({ socket, endpoint }) =>
      `${socket} dropped a message from a peer${at(endpoint)}: this socket type receives none`,
    cure: () => "use an XPublisher to receive messages of subscribers, or another pair of socket types",
  },
  refusedPeer: {
    problem: ({ socket, endpoint }) =>
      `${socket} dropped a message from a peer${at(endpoint)}: another connected peer has its routing id`,
    cure: () => "give each peer a routingId of its own, or none",
  },
  tooLarge: {
    problem: ({ socket, endpoint }) => `${socket} dropped a message${at(endpoint)}: it exceeds a limit of its receiver`,
    cure: () => "raise maxMessageSize of the receiver, or send less per message",
  },
};

/** Returns the kind of a failed handshake: a rule of the protocol, a status of the authenticator, or a code. */
export function ruleOf(error: Error): string {
  if (error instanceof ProtocolError) return error.rule;
  if (error instanceof AuthError) return `${error.status}`;
  return error instanceof ZmqError ? error.code : "";
}

/** Returns true if a message that is dropped for this reason is worth a hint. */
export function isDropHint(reason: DropReason): reason is DropReason & HintKind {
  return reason in HINTS;
}

/** Returns the text of a hint. */
export function hintText(kind: HintKind, facts: HintFacts): string {
  const { problem, cure } = HINTS[kind];
  return `${problem(facts)}: ${cure(facts)}`;
}

function at(endpoint: string): string {
  return endpoint === "" ? "" : ` at ${endpointText(endpoint)}`;
}

function connectionCure({ socket, endpoint, error }: HintFacts): string {
  if (endpoint.startsWith("inproc:")) {
    return "bind the name, in the same Context of the same copy of this library; other threads need context.share()";
  }
  if (error instanceof AuthError || error instanceof ProtocolError) return handshakeCure({ socket, endpoint, error });
  const file = endpoint.startsWith("ipc:");
  switch (error instanceof ZmqError ? error.code : undefined) {
    case "ECONNREFUSED":
      if (file) return "no process listens there: check the path, and that the peer is bound";
      return "nothing listens there: check host and port, and that the peer is bound";
    case "ENOENT":
      return "there is no such socket file: check the path, and that the peer is bound";
    case "ENOTFOUND":
      return "check the name of the host";
    case "EACCES":
      if (file) return "check the permissions of the program and of the socket file";
      return "check the permissions of the program, on Deno for example --allow-net";
    case "ECONNRESET":
      return "what listens there may not be ZeroMQ, or it rejects this socket silently: check port, curveServerKey, and its limit of connections";
    case undefined:
      return "what listens there may not be ZeroMQ, or packets are dropped: check host, port and firewall";
    default:
      return "check that the peer is reachable, and that it speaks ZeroMQ";
  }
}

/** Advice about a peer that has no place on a socket: one over the number that it takes, or with a taken id. */
function placeCure(socket: string): string {
  return socket === "PAIR"
    ? "close the other Pair, or use Dealer and Router for several peers"
    : "give each peer a routingId of its own, or none";
}

function handshakeCure({ socket, error }: HintFacts): string {
  if (error instanceof AuthError) return "check user name, password or key, and the authenticator of the server";
  if (error instanceof PeerRejection) {
    if (error.reason.includes("cannot talk to")) return FITTING_TYPES;
    if (socket === "PAIR") return placeCure(socket);
    return "the peer rejects this socket for that reason: change what it names, here or in the options of the peer";
  }
  const rule = error instanceof ProtocolError ? error.rule : undefined;
  if (rule === "MECHANISM_MISMATCH") return "use the same security mechanism on both sides, one of them as the server";
  if (rule === "CRYPTOGRAPHIC" || rule === "KEY_EXCHANGE") return "check curveServerKey of the client";
  if (rule === "INVALID_METADATA") return FITTING_TYPES;
  if (rule !== undefined) return "the peer may not be ZeroMQ: check host and port";
  const code = error instanceof ZmqError ? error.code : undefined;
  if (code === "EADDRINUSE") return placeCure(socket);
  if (code === "ETIMEDOUT") return "the peer may not be ZeroMQ, or is too slow for handshakeInterval";
  return "the peer may reject this socket silently (a wrong curveServerKey, a limit of connections), or may not be ZeroMQ";
}
