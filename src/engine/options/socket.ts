/**
 * Options of every socket type, and those of every type that speaks ZMTP.
 *
 * @module
 */

import { flag, frameOrNull, someOf, textOrNull, timeFrom, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup, secret } from "../../base/option.ts";
import { DEFAULT_LIMITS } from "../../zmtp/limits.ts";
import type { Context } from "../context.ts";
import { metadata, proxyAddress, unavailable, whereCapable } from "../option_checks.ts";
import { SECURITY, type SecurityOptions } from "./security.ts";

/** When attempts to connect end for good: see `reconnectStop` of `SocketOptions`. */
export type ReconnectStop = "refused" | "handshakeFailed" | "afterDisconnect";

/**
 * Options that every socket type takes. Times are in ms, sizes in bytes. A change applies to what begins after it: the next
 * wait, the next connection (also one that is made again), the next `bind`.
 */
export interface SocketOptions extends SecurityOptions {
  /** Where the names of `inproc://` endpoints belong to. Default: the context that all sockets share. Cannot be changed later. */
  readonly context?: Context;
  /**
   * How long `close()` waits for queued messages to go out, and then for peers that were sent messages to read them and end
   * their side of the connection, in ms. −1 waits without end, 0 drops what is queued. Default 5000 (libzmq: without end).
   */
  readonly linger?: number;
  /**
   * First interval between attempts to connect, in ms, jittered: one to two times as long, or half to once as long where
   * `reconnectMaxInterval` is larger; ten times as long after a peer that broke the protocol. −1 and 0: after a failed attempt
   * or a lost connection the endpoint is given up with a `connect:end` event, and what is queued for it is dropped. Default 100.
   */
  readonly reconnectInterval?: number;
  /** Interval up to which `reconnectInterval` is doubled, in ms. Default 0: it is not doubled. */
  readonly reconnectMaxInterval?: number;
  /**
   * After what an endpoint is given up as if `reconnectInterval` were −1: `"refused"`, when the connection is refused;
   * `"handshakeFailed"`, when a handshake fails; `"afterDisconnect"`, when its connection is lost after `disconnect()`, though
   * messages are still queued. Default: none.
   */
  readonly reconnectStop?: readonly ReconnectStop[];
  /**
   * How long one attempt to connect may take, in ms; 0 leaves that to the operating system, and by way of a proxy to
   * `handshakeInterval`. Default 0.
   */
  readonly connectTimeout?: number;
  /**
   * Whether messages are queued only for connections that are up. Otherwise `connect()` makes a queue at once, which also
   * outlives a lost connection. With `true` what was queued for a lost connection is dropped. A change applies to the next
   * `connect()`. Default `false`.
   */
  readonly immediate?: boolean;
  /** Time in which a handshake must be complete, in ms; 0 is no limit. Default 30000. */
  readonly handshakeInterval?: number;
  /** Time between two heartbeats (ZMTP PINGs) that are sent to each peer, in ms; 0 sends none. Default 0. */
  readonly heartbeatInterval?: number;
  /**
   * How long a peer may be silent after a heartbeat before its connection is closed, in ms; 0 is without end. Default −1: as
   * long as `heartbeatInterval`.
   */
  readonly heartbeatTimeout?: number;
  /**
   * How long this socket may be silent before its peers are to close the connection, in ms, in steps of 100, at most 6553599.
   * Told with each heartbeat. Default 0: not told. libzmq reads only 16 bits of ms, so above 65,500 up to 65.5 s more are
   * told, of which it reads at least 65.4 s; keep `heartbeatInterval` below that.
   */
  readonly heartbeatTimeToLive?: number;
  /** Largest message to accept, in bytes, all frames together; −1 is no limit. Default 256 MiB (libzmq: no limit). */
  readonly maxMessageSize?: number;
  /** Most frames to accept in one message. Default 65536. */
  readonly maxFrames?: number;
  /** Connections that may wait to be accepted, where the runtime lets that be set and the operating system has room. Default 1024 (libzmq: 100). */
  readonly backlog?: number;
  /**
   * Most connections at the same time, of those that come in over tcp and ipc or are attached; another one is closed at once,
   * with an `accept:refused` event. 0 is no limit. Default 0.
   */
  readonly maxConnections?: number;
  /**
   * The same for connections from one IP address; for IPv6, from one /64 network. Over ipc there are no addresses. Behind a
   * proxy or load balancer all peers may have one. 0 is no limit. Default 0.
   */
  readonly maxConnectionsPerAddress?: number;
  /** Whether host `*` means every IPv6 interface as well. IPv6 addresses can be used in any case. Default `false`. */
  readonly ipv6?: boolean;
  /** `SO_KEEPALIVE` of tcp connections: 1 on, 0 off, −1 as the operating system has it. Default −1. */
  readonly tcpKeepalive?: number;
  /** Time of silence before the first keep-alive probe, in s; −1 as the operating system has it. Default −1. */
  readonly tcpKeepaliveIdle?: number;
  /** Can only be −1: no runtime supports it. */
  readonly tcpKeepaliveCount?: number;
  /** Can only be −1: no runtime supports it. */
  readonly tcpKeepaliveInterval?: number;
  /** Can only be 0: no runtime supports it. */
  readonly tcpMaxRetransmitTimeout?: number;
  /**
   * `IP_TOS` or `IPV6_TCLASS` of tcp connections, 0 to 255; 0 as the operating system has it. Not on every runtime:
   * see `capability.typeOfService`. Default 0.
   */
  readonly typeOfService?: number;
  /** Can only be null: no runtime supports it. */
  readonly interface?: string | null;
  /**
   * The SOCKS5 proxy through which tcp connections are made, as `host:port`, or `source:port;host:port` to reach it from that
   * source address; null is none. Default null.
   */
  readonly socksProxy?: string | null;
  /** User name for the SOCKS5 proxy, 1 to 255 bytes; null for none. Default null. */
  readonly socksUsername?: string | null;
  /** Password for the SOCKS5 proxy, 1 to 255 bytes; null for none. Default null. */
  readonly socksPassword?: string | null;
  /** Properties to tell every peer in the handshake; their names start with `X-`. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** A one-frame message that is sent to each peer first; null is none. Default null. */
  readonly helloMessage?: string | Uint8Array | null;
}

/** Default of `linger`, in ms; why it is finite stands in docs/adr/0004-linger-default.md. */
export const DEFAULT_LINGER = 5000;

/** What fits into the 16 bits of a PING, which count tenths of a second. */
const MAX_TIME_TO_LIVE = 6_553_599;

/** Names of {@link SocketOptions} that have no meaning without ZMTP. */
export type ZmtpOptionName =
  | "handshakeInterval"
  | "heartbeatInterval"
  | "heartbeatTimeout"
  | "heartbeatTimeToLive"
  | "maxFrames"
  | "maxMessageSize"
  | "metadata"
  | keyof SecurityOptions;

/** {@link SocketOptions} that a type has whatever it speaks, defined. */
export const COMMON: OptionGroup<Omit<SocketOptions, ZmtpOptionName>> = {
  linger: option(timeFrom(-1), DEFAULT_LINGER, "close", "LINGER"),
  reconnectInterval: option(timeFrom(-1), 100, "next attempt", "RECONNECT_IVL"),
  reconnectMaxInterval: option(timeFrom(0), 0, "next attempt", "RECONNECT_IVL_MAX"),
  reconnectStop: option(
    someOf<ReconnectStop>("refused", "handshakeFailed", "afterDisconnect"),
    Object.freeze([]),
    "next attempt",
    "RECONNECT_STOP",
  ),
  connectTimeout: option(timeFrom(0), 0, "next attempt", "CONNECT_TIMEOUT"),
  immediate: option(flag, false, "next connect", "IMMEDIATE"),
  backlog: option(wholeNumber(1, 65_535), 1024, "next bind", "BACKLOG"),
  maxConnections: option(wholeNumber(0), 0, "next connection"),
  maxConnectionsPerAddress: option(wholeNumber(0), 0, "next connection"),
  ipv6: option(flag, false, "next bind", "IPV6"),
  tcpKeepalive: option(wholeNumber(-1, 1), -1, "next connection", "TCP_KEEPALIVE"),
  tcpKeepaliveIdle: option(wholeNumber(-1, 32_767), -1, "next connection", "TCP_KEEPALIVE_IDLE"),
  tcpKeepaliveCount: option(unavailable(-1, wholeNumber(-1)), -1, "never", "TCP_KEEPALIVE_CNT"),
  tcpKeepaliveInterval: option(unavailable(-1, wholeNumber(-1)), -1, "never", "TCP_KEEPALIVE_INTVL"),
  tcpMaxRetransmitTimeout: option(unavailable(0, timeFrom(0)), 0, "never", "TCP_MAXRT"),
  typeOfService: option(whereCapable(0, wholeNumber(0, 255)), 0, "next connection", "TOS"),
  interface: option(unavailable(null, textOrNull(255)), null, "never", "BINDTODEVICE"),
  socksProxy: option(proxyAddress, null, "next attempt", "SOCKS_PROXY"),
  socksUsername: option(textOrNull(255), null, "next attempt", "SOCKS_USERNAME"),
  socksPassword: secret(textOrNull(255), null, "next attempt", "SOCKS_PASSWORD"),
  helloMessage: option(frameOrNull, null, "next connection", "HELLO_MSG"),
};

/** {@link SocketOptions} that a type has if it speaks ZMTP, without those about security. */
const ZMTP: OptionGroup<Pick<SocketOptions, Exclude<ZmtpOptionName, keyof SecurityOptions>>> = {
  handshakeInterval: option(timeFrom(0), DEFAULT_LIMITS.handshakeInterval, "next connection", "HANDSHAKE_IVL"),
  heartbeatInterval: option(timeFrom(0), 0, "next connection", "HEARTBEAT_IVL"),
  heartbeatTimeout: option(timeFrom(-1), -1, "next connection", "HEARTBEAT_TIMEOUT"),
  heartbeatTimeToLive: option(wholeNumber(0, MAX_TIME_TO_LIVE), 0, "next connection", "HEARTBEAT_TTL"),
  maxMessageSize: option(wholeNumber(-1), DEFAULT_LIMITS.maxMessageSize, "next connection", "MAXMSGSIZE"),
  maxFrames: option(wholeNumber(1), DEFAULT_LIMITS.maxFrames, "next connection"),
  metadata: option(metadata, Object.freeze({}), "next connection", "METADATA"),
};

/** {@link SocketOptions}, defined: what every type has that speaks ZMTP. */
export const SOCKET: OptionGroup<SocketOptions> = { ...COMMON, ...ZMTP, ...SECURITY };
