/**
 * Options of every socket type, and options of every socket type that speaks ZMTP.
 *
 * @module
 */

import { flag, frameOrNull, someOf, textOrNull, timeFrom, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup, secret } from "../../base/option.ts";
import { DEFAULT_LIMITS } from "../../zmtp/limits.ts";
import type { Context } from "../context.ts";
import { metadata, proxyAddress, unavailable, whereCapable } from "../option_checks.ts";
import { SECURITY, type SecurityOptions } from "./security.ts";

/** A condition under which a socket stops reconnecting to an endpoint: see `reconnectStop` of `SocketOptions`. */
export type ReconnectStop = "refused" | "handshakeFailed" | "afterDisconnect";

/**
 * Options of every socket type. Times are in ms, sizes in bytes. A change applies to later operations: the next wait,
 * the next connection (including a reconnect), the next `bind`.
 */
export interface SocketOptions extends SecurityOptions {
  /**
   * The context in which `inproc://` names are registered. Default: a context shared by all sockets. Cannot be changed
   * later.
   */
  readonly context?: Context | undefined;
  /**
   * Time that `close()` waits, in ms, for queued messages to be sent, and then for the peers that received messages to
   * read them and close their side of the connection. −1 waits forever, 0 drops queued messages. Default 5000 (libzmq:
   * forever).
   */
  readonly linger?: number | undefined;
  /**
   * Interval between attempts to connect, in ms, with jitter: 1 to 2 times the value, or 0.5 to 1 times the value if
   * `reconnectMaxInterval` is larger. 10 times the value after a peer violated the protocol. With −1 or 0 the socket
   * does not reconnect: after a failed attempt or a lost connection it emits a `connect:end` event and drops the
   * messages queued for the endpoint. Default 100.
   */
  readonly reconnectInterval?: number | undefined;
  /**
   * Maximum interval of the back-off, in ms: `reconnectInterval` doubles up to it. Default 0: the interval does not
   * grow.
   */
  readonly reconnectMaxInterval?: number | undefined;
  /**
   * Conditions under which a socket stops reconnecting to an endpoint, as with a `reconnectInterval` of −1:
   * `"refused"`, the connection was refused; `"handshakeFailed"`, a handshake failed; `"afterDisconnect"`, the
   * connection was lost after `disconnect()` while messages were still queued. Default: none.
   */
  readonly reconnectStop?: readonly ReconnectStop[] | undefined;
  /**
   * Timeout of one attempt to connect, in ms; 0 leaves the limit to the operating system, or to
   * `handshakeInterval` for a connection through a proxy. Default 0.
   */
  readonly connectTimeout?: number | undefined;
  /**
   * If true, messages are queued only for established connections, and are dropped when the connection is lost. If
   * false, `connect()` creates a queue immediately, which outlives lost connections. A change applies to the next
   * `connect()`. Default `false`.
   */
  readonly immediate?: boolean | undefined;
  /** Timeout of a handshake, in ms; 0 means no limit. Default 30000. */
  readonly handshakeInterval?: number | undefined;
  /** Interval between the heartbeats (ZMTP PING) that are sent to each peer, in ms; 0 sends none. Default 0. */
  readonly heartbeatInterval?: number | undefined;
  /**
   * Timeout of a heartbeat, in ms: if the peer sends nothing within this time, the connection is closed; 0 waits forever.
   * Default −1: the value of `heartbeatInterval`.
   */
  readonly heartbeatTimeout?: number | undefined;
  /**
   * Time that this socket may be silent before its peers close the connection, in ms, in steps of 100, at most 6553599.
   * Sent with each heartbeat. Default 0: not sent. libzmq reads only 16 bits of ms; for values above 65,500, up to 65.5
   * s more are sent, so that it reads at least 65.4 s; keep `heartbeatInterval` below that.
   */
  readonly heartbeatTimeToLive?: number | undefined;
  /**
   * Maximum size of an accepted message, in bytes, all frames together; −1 means no limit. Default 256 MiB (libzmq: no
   * limit).
   */
  readonly maxMessageSize?: number | undefined;
  /** Maximum number of frames in an accepted message. Default 65536. */
  readonly maxFrames?: number | undefined;
  /**
   * Maximum number of connections that wait to be accepted, if the runtime supports the option (`capability.backlog`)
   * and the operating system allows it. Default 1024 (libzmq: 100).
   */
  readonly backlog?: number | undefined;
  /**
   * Maximum number of connections at the same time, counting those accepted over tcp, ipc, ws and wss and those attached.
   * Another one is closed immediately, with an `accept:refused` event. 0 means no limit. Default 0.
   */
  readonly maxConnections?: number | undefined;
  /**
   * The same limit per IP address, or per /64 network for IPv6. It does not apply to ipc, which has no addresses.
   * Behind a proxy or load balancer all peers may share one address. 0 means no limit. Default 0.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** If true, the host `*` includes every IPv6 interface. IPv6 addresses can be used in any case. Default `false`. */
  readonly ipv6?: boolean | undefined;
  /** `SO_KEEPALIVE` of tcp connections: 1 on, 0 off, −1 the default of the operating system. Default −1. */
  readonly tcpKeepalive?: number | undefined;
  /** Idle time before the first keep-alive probe, in s; −1 is the default of the operating system. Default −1. */
  readonly tcpKeepaliveIdle?: number | undefined;
  /**
   * `IP_TOS` or `IPV6_TCLASS` of tcp connections, 0 to 255; 0 is the default of the operating system. Not supported by
   * every runtime: see `capability.typeOfService`. Default 0.
   */
  readonly typeOfService?: number | undefined;
  /**
   * The SOCKS5 proxy for outgoing tcp connections, as `host:port`, or `source:port;host:port` to reach the proxy from
   * that source address; null for none. Default null.
   */
  readonly socksProxy?: string | null | undefined;
  /** User name for the SOCKS5 proxy, 1 to 255 bytes; null for none. Default null. */
  readonly socksUsername?: string | null | undefined;
  /** Password for the SOCKS5 proxy, 1 to 255 bytes; null for none. Default null. */
  readonly socksPassword?: string | null | undefined;
  /** Properties to send to every peer in the handshake; their names start with `X-`. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** A one-frame message that is sent to each peer first; null for none. Default null. */
  readonly helloMessage?: string | Uint8Array | null | undefined;
}

/** Default of `linger`, in ms. docs/adr/0004-linger-default.md explains why it is finite. */
const DEFAULT_LINGER = 5000;

/** Maximum time to live of a PING, in ms: the field has 16 bits and counts tenths of a second. */
const MAX_TIME_TO_LIVE = 6_553_599;

/** Names of {@link SocketOptions} that apply to ZMTP only. */
export type ZmtpOptionName =
  | "handshakeInterval"
  | "heartbeatInterval"
  | "heartbeatTimeout"
  | "heartbeatTimeToLive"
  | "maxFrames"
  | "maxMessageSize"
  | "metadata"
  | keyof SecurityOptions;

/**
 * Options of libzmq that no runtime supports. Setting one throws an error that says so. They are not in the types, so that
 * editors do not offer them.
 */
const UNSUPPORTED = {
  tcpKeepaliveCount: option(unavailable(-1, wholeNumber(-1)), -1, "never", "TCP_KEEPALIVE_CNT"),
  tcpKeepaliveInterval: option(unavailable(-1, wholeNumber(-1)), -1, "never", "TCP_KEEPALIVE_INTVL"),
  tcpMaxRetransmitTimeout: option(unavailable(0, timeFrom(0)), 0, "never", "TCP_MAXRT"),
  interface: option(unavailable(null, textOrNull(255)), null, "never", "BINDTODEVICE"),
};

/** Definition of the {@link SocketOptions} of every socket type. */
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
  typeOfService: option(whereCapable(0, wholeNumber(0, 255)), 0, "next connection", "TOS"),
  socksProxy: option(proxyAddress, null, "next attempt", "SOCKS_PROXY"),
  socksUsername: option(textOrNull(255), null, "next attempt", "SOCKS_USERNAME"),
  socksPassword: secret(textOrNull(255), null, "next attempt", "SOCKS_PASSWORD"),
  helloMessage: option(frameOrNull, null, "next connection", "HELLO_MSG"),
  ...UNSUPPORTED,
};

/** Definition of the {@link SocketOptions} of types that speak ZMTP, except those about security. */
const ZMTP: OptionGroup<Pick<SocketOptions, Exclude<ZmtpOptionName, keyof SecurityOptions>>> = {
  handshakeInterval: option(timeFrom(0), DEFAULT_LIMITS.handshakeInterval, "next connection", "HANDSHAKE_IVL"),
  heartbeatInterval: option(timeFrom(0), 0, "next connection", "HEARTBEAT_IVL"),
  heartbeatTimeout: option(timeFrom(-1), -1, "next connection", "HEARTBEAT_TIMEOUT"),
  heartbeatTimeToLive: option(wholeNumber(0, MAX_TIME_TO_LIVE), 0, "next connection", "HEARTBEAT_TTL"),
  maxMessageSize: option(wholeNumber(-1), DEFAULT_LIMITS.maxMessageSize, "next connection", "MAXMSGSIZE"),
  maxFrames: option(wholeNumber(1), DEFAULT_LIMITS.maxFrames, "next connection"),
  metadata: option(metadata, Object.freeze({}), "next connection", "METADATA"),
};

/** Definition of {@link SocketOptions}, for every socket type that speaks ZMTP. */
export const SOCKET: OptionGroup<SocketOptions> = { ...COMMON, ...ZMTP, ...SECURITY };
