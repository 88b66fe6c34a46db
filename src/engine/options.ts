/**
 * The options of sockets as users see them: names of zeromq.js, units and defaults. Each may be given to the constructor, and
 * is a property of the socket that can be read and set. How they are checked and kept is in `settings.ts`.
 *
 * @module
 */

import type { AuthenticateFunction, AuthenticateObject } from "./authentication.ts";
import type { Context } from "./context.ts";
import type { ReconnectStop } from "./settings.ts";

/**
 * How connections are secured, in the names of zeromq.js. A socket is a PLAIN or CURVE server or client by what is set here,
 * and NULL, which is not secured at all, otherwise; both sides must have the same mechanism, one of them as server. Nothing of
 * this applies over inproc. docs/security.md tells what each mechanism is good for.
 */
export interface SecurityOptions {
  /** Whether this socket is a PLAIN server: peers tell a user name and a password, in the clear. Default `false`. */
  readonly plainServer?: boolean;
  /** User name to tell a PLAIN server, 1 to 255 bytes; null for none. Default null. */
  readonly plainUsername?: string | null;
  /** Password to tell a PLAIN server, at most 255 bytes; null for none. Default null. */
  readonly plainPassword?: string | null;
  /** Whether this socket is a CURVE server: needs `curveSecretKey`, and somebody to ask whom to let in. Default `false`. */
  readonly curveServer?: boolean;
  /** Public key of this socket, which may be left out: 32 bytes, or 40 characters of Z85; null for none. Default null. */
  readonly curvePublicKey?: string | Uint8Array | null;
  /**
   * Secret key of this socket: 32 bytes, or 40 characters of Z85; null for none. A client without one makes a new pair for each
   * connection. Wiped from memory when the socket is closed. Default null.
   */
  readonly curveSecretKey?: string | Uint8Array | null;
  /** Public key of the CURVE server to talk to, which makes this socket a client; null for none. Default null. */
  readonly curveServerKey?: string | Uint8Array | null;
  /** Domain to tell the authenticator, at most 255 bytes. With NULL, a domain has the authenticator asked. Default empty. */
  readonly zapDomain?: string;
  /** Whether a PLAIN or CURVE server without a `zapDomain` is an error. Default `false`. */
  readonly zapEnforceDomain?: boolean;
  /**
   * Decides whether a peer may join: a function, or an object such as an `Authenticator`. With NULL it is asked about the
   * address. Null asks the ZAP handler at `inproc://zeromq.zap.01` of the socket's context; a PLAIN or CURVE server that has
   * neither cannot be bound or connected. A change applies to peers that come after it. Default null.
   */
  readonly authenticate?: AuthenticateFunction | AuthenticateObject | null;
  /**
   * Most peers that came in and have not completed their handshake; when there are more, the one that has taken longest is
   * dropped. Default 4096.
   */
  readonly maxHandshakes?: number;
  /**
   * Most connections per second whose handshake begins, of those that come in; a burst may have as many. One that is over the
   * limit is closed before anything is done for it, with an `accept:refused` event. 0 is no limit. Default 0.
   */
  readonly maxHandshakesPerSecond?: number;
}

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
  /** Can only be −1: no runtime gives access to it. */
  readonly tcpKeepaliveCount?: number;
  /** Can only be −1: no runtime gives access to it. */
  readonly tcpKeepaliveInterval?: number;
  /** Can only be 0: no runtime gives access to it. */
  readonly tcpMaxRetransmitTimeout?: number;
  /**
   * `IP_TOS` or `IPV6_TCLASS` of tcp connections, 0 to 255; 0 as the operating system has it. Not on every runtime:
   * see `capability.typeOfService`. Default 0.
   */
  readonly typeOfService?: number;
  /** Can only be null: no runtime gives access to it. */
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

/** Options of socket types that send. */
export interface SendOptions {
  /** Most messages queued for one peer; 0 is no limit. A change applies at once. Default 1000. */
  readonly sendHighWaterMark?: number;
  /**
   * Bytes queued for one peer from which on nothing more is queued; 0 is no limit. What goes over the mark is at most one
   * message. A change applies at once. Default 0.
   */
  readonly sendHighWaterMarkBytes?: number;
  /** How long `send()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly sendTimeout?: number;
  /** Can only be −1: no runtime gives access to it. */
  readonly sendBufferSize?: number;
}

/** Options of socket types that receive. */
export interface ReceiveOptions {
  /**
   * Most messages held from one peer, which is no longer read then; 0 is no limit. Whatever it is, a program that receives as
   * fast as it can and is behind its peers holds at most about 65,536 in all, or 1000 per peer if that is more. A change
   * applies at once. Default 1000.
   */
  readonly receiveHighWaterMark?: number;
  /** Bytes held from one peer from which on it is no longer read; 0 is no limit. A change applies at once. Default 0. */
  readonly receiveHighWaterMarkBytes?: number;
  /**
   * Bytes of memory that may be taken by messages of peers that are gone, until they are received. While there are as many, no
   * new peer is accepted; none of these messages is dropped. What goes over the limit is at most what the peers that are
   * connected may leave behind. 0 is no limit. Default 256 MiB.
   */
  readonly maxLeftoverBytes?: number;
  /** How long `receive()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly receiveTimeout?: number;
  /** Can only be −1: no runtime gives access to it. */
  readonly receiveBufferSize?: number;
  /** A one-frame message to receive when a connection that came in at a bound endpoint is lost; null is none. Default null. */
  readonly disconnectMessage?: string | Uint8Array | null;
  /** A one-frame message to receive when a connection made by `connect` is lost; null is none. Default null. */
  readonly hiccupMessage?: string | Uint8Array | null;
}

/** Options of socket types that receive messages out of larger buffers. */
export interface ZeroCopyOptions {
  /**
   * Whether received frames may be views of the buffer that they came in (some 64 KiB), which they keep alive: for programs
   * that keep small messages for long, `false` gives each frame memory of its own, at the price of a copy (docs/performance.md
   * has figures). Applies to what comes over connections made after a change; over inproc nothing is copied. Default `true`.
   */
  readonly zeroCopyReceive?: boolean;
}

/** Options of socket types that tell peers a routing id. */
export interface RoutingIdOptions {
  /** The id by which a ROUTER knows this socket: 1 to 255 bytes, the first not zero. Default null: the ROUTER makes one up. */
  readonly routingId?: string | Uint8Array | null;
}

/** Options of socket types that can keep just the last message. */
export interface ConflateOptions {
  /**
   * Whether only the last message is kept: for each peer to send to, and from each peer to receive from. Messages may have
   * several frames (libzmq: one). High-water marks do not count then. A change applies to the queues that are made after it: with
   * `connect`, or with a connection that comes in. Default `false`.
   */
  readonly conflate?: boolean;
}

/** Options of socket types that can introduce themselves to a ROUTER. */
export interface ProbeOptions {
  /** Whether each new connection begins with an empty message, which tells a ROUTER who is there. Default `false`. */
  readonly probeRouter?: boolean;
}

/** Options of `Request`. */
export interface RequestStateOptions {
  /**
   * Whether each request carries a number that its reply must carry too, so that late replies are told apart. The peer must
   * keep the whole envelope, as `Reply` does. Default `false`.
   */
  readonly correlate?: boolean;
  /**
   * Whether a request may be sent before the last one has its reply, which is dropped then. Use it together with `correlate`.
   * Default `false`.
   */
  readonly relaxed?: boolean;
}

/** Options of `Router` about its peers. */
export interface RouterPeerOptions {
  /**
   * Whether sending to a peer that is not connected fails with `EHOSTUNREACH`, and to one that is full waits (sends to
   * other peers go on). Otherwise such messages are dropped. Default `false`.
   */
  readonly mandatory?: boolean;
  /**
   * Whether a new peer takes the place of a connected one with the same routing id. The one without the id stays connected, but
   * what it sends is dropped, and counted by `statistics().dropped`. Default `false`: the first one keeps the id.
   */
  readonly handover?: boolean;
  /** Of what a peer's routing id with an empty frame is received: its connection, its loss, or both; null for none. Default null. */
  readonly notify?: "connect" | "disconnect" | "both" | null;
}

/** Options of socket types that publish. */
export interface PublishOptions {
  /** Whether sending waits while a peer that wants the message is full, instead of dropping it for that peer. Default `false`. */
  readonly noDrop?: boolean;
  /** Whether a message goes to those that did **not** subscribe to it; subscribers must set it, too. Default `false`. */
  readonly invertMatching?: boolean;
  /**
   * Most topics per subscriber. One that subscribes to more is disconnected: its `disconnect` event says why, and it
   * reconnects ever more slowly. A change applies to the next subscription. Default 1000000 (libzmq: no limit).
   */
  readonly maxTopics?: number;
  /**
   * Most bytes of memory that the topics of one subscriber may take, at 320 bytes and its length per topic; otherwise as
   * `maxTopics`. Default 256 MiB: 745,000 topics of 40 bytes.
   */
  readonly maxTopicBytes?: number;
}

/** Options of `XPublisher` about subscriptions. */
export interface SubscriptionEventOptions {
  /**
   * Which subscriptions are received: null, the first subscribe and the last cancel of each topic; `"allSubs"`, every subscribe
   * and the last cancel; `"allSubsUnsubs"`, all. Default null.
   */
  readonly verbosity?: "allSubs" | "allSubsUnsubs" | null;
  /** Whether the program itself subscribes the peer whose message was received last, by `subscribe()`. Default `false`. */
  readonly manual?: boolean;
  /** As `manual`, and what is sent after `subscribe()` goes to that one peer, once: the last value of a topic. Default `false`. */
  readonly manualLastValue?: boolean;
  /** A one-frame message that is sent to each subscriber first; null is none. Default null. */
  readonly welcomeMessage?: string | Uint8Array | null;
}

/** Options of `Subscriber`. */
export interface FilterOptions {
  /** Whether messages are received that match **no** subscription; publishers must set it, too. Default `false`. */
  readonly invertMatching?: boolean;
}

/** Options of `XSubscriber`. */
export interface ForwardingOptions {
  /** Whether every cancel is passed on to the publishers, not just the last of a topic. Default `false`. */
  readonly verboseUnsubscribe?: boolean;
}

/** Options of `Stream`. */
export interface StreamNoticeOptions {
  /** Whether an empty frame is received when a connection is made and when it is gone. Default `true`. */
  readonly notify?: boolean;
}
