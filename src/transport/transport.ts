/**
 * The boundary between the ZMTP core and a byte stream: plain callbacks, no promise per chunk.
 *
 * A {@link Transport} opens {@link Link}s (one ordered byte stream each) and {@link Listener}s. The core never sees a
 * runtime; the adapters under `transports/` never see a frame. Transport authors run `tests/transports/` against their
 * transport: that suite checks what these comments specify.
 *
 * @module
 */

import type { Endpoint, HostPort } from "../schemes/endpoint.ts";
import type { EndpointOptionValues } from "../schemes/endpoint_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Receives the events of a {@link Link}. Its methods never throw. */
export interface LinkSink {
  /**
   * Bytes arrived, at least one. The sink owns the chunk: the link never writes to that memory again, so the sink may
   * keep views of it. (The chunk may be a view of a larger buffer whose other parts are delivered later.) Never called
   * while the link is paused, before `start`, or after `onClose`.
   */
  onData(chunk: Uint8Array): void;
  /**
   * The caller owns the chunks of the last `write`, which returned `false`, again, and may call `write` again. Called
   * once for each `write` that returned `false`, never from inside `write`, and not after `onClose`.
   */
  onDrain(): void;
  /**
   * The link has ended: the peer ended its side (after all of its bytes were delivered), the stream broke (`error` is
   * the reason), or `close` or `abort` was called. Called exactly once, last, and never from inside `start`, `write`,
   * `pause`, `resume`, `close` or `abort`. No other callback comes after `close` or `abort`.
   *
   * When the peer ends its side, bytes that the operating system has taken are still delivered to it. All others are
   * not sent, and `taken` is the number of bytes that were taken. While the link is paused, the peer's end is reported
   * only after `resume`: it never overtakes the bytes before it. A reset may be reported at once, may destroy bytes
   * that were not delivered, and may be reported without an `error`, like an end.
   *
   * `taken` is the number of bytes of the last `write` that the operating system has taken, if that write returned
   * `false` and no `onDrain` followed. If the link cannot know it exactly, it is an upper bound: the bytes after it
   * were certainly not sent, and may be sent over another link. 0 for a write to a link that was not open; `undefined`
   * means that all bytes may have been taken.
   */
  onClose(error?: Error, taken?: number): void;
}

/** One connected, ordered, reliable byte stream. */
export interface Link {
  /** The peer's address, for events and logs: `tcp://127.0.0.1:40120`. */
  readonly remote: string;
  /**
   * Total number of bytes of all writes that the operating system has taken so far. It grows while a large write is in
   * flight, never shrinks, and is cheap to read. For a link over streams: the number of bytes that the stream has
   * taken. `undefined` if the link does not count.
   */
  readonly bytesTaken?: number | undefined;
  /**
   * Starts delivery to `sink`. Called once, before the first `write`. Nothing is delivered earlier, and bytes that
   * arrived earlier are not lost; a link that has already ended calls `onClose` soon after.
   */
  start(sink: LinkSink): void;
  /**
   * Writes all chunks, in order. Never throws.
   *
   * - Returns `true` if the chunks were taken by the operating system or copied: their memory may be reused
   *   immediately.
   * - Returns `false` if the link refers to the memory of the chunks (not to the array) until `onDrain` or `onClose`.
   *   The caller does not write again before `onDrain`.
   *
   * A link that is not open takes nothing and returns `false`: after `close` or `abort`, and from the moment at which
   * the stream has ended, even before `onClose` is called. That `onClose` then reports 0 as `taken`, so no write is
   * reported as taken that cannot be sent.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /**
   * Stops `onData` immediately and stops reading, so that back-pressure reaches the peer through the kernel. The link
   * itself buffers at most one read (up to 256 KiB; when the peer resets a paused link, Bun reads everything that the
   * kernel has buffered), and keeps the process alive unless it is unref'd. Idempotent; may be called before `start`.
   */
  pause(): void;
  /** Undoes `pause`. Never calls `onData` synchronously. Idempotent. */
  resume(): void;
  /**
   * Calls `callback`, never synchronously, after the runtime has polled all of its sockets. Present only where turns of
   * the event loop (`setImmediate`) may pass without that.
   */
  poll?(callback: () => void): void;
  /**
   * Sends the bytes that `write` has taken, then ends the stream, so that the peer reads all bytes and then the end.
   * Incoming bytes are dropped from then on. The promise never rejects; it resolves when the link is closed, after
   * `onClose`. A peer that stops reading before all bytes are sent is disconnected only by `abort`. Once the operating
   * system has taken all bytes and the end, the peer has `grace` ms to end its own side, then it is disconnected. Over
   * tcp the peer can still read the bytes that its operating system has received, unless it keeps sending: that is
   * answered by a reset, which may destroy them. Over ipc, libzmq loses them.
   *
   * Idempotent. A later call may shorten the remaining time, but never extends it.
   *
   * @param grace Time for the peer to end its side, in ms. Default {@link CLOSE_GRACE}. 0 disconnects as soon as the
   * operating system has taken everything; `Infinity` waits until the peer ends its side, or until a later call.
   */
  close(grace?: number): Promise<void>;
  /**
   * Drops the link and all unsent bytes immediately. `reason` is passed to `onClose`. The peer sees an end or a reset.
   * Idempotent; also ends a pending `close`.
   */
  abort(reason?: Error): void;
  /**
   * Lets the process exit while the link is open, paused or closing. (On Node and Deno, a write that the operating
   * system has not taken yet still keeps the process alive.) Idempotent. Sockets call it on every link, because they
   * decide themselves if the process stays alive.
   */
  unref?(): void;
  /** Undoes `unref`. Idempotent. */
  ref?(): void;
}

/** Default time in ms for which a link that has sent its end waits for the peer's end before it is destroyed. */
export const CLOSE_GRACE = 500;

/** A bound endpoint that accepts links. */
export interface Listener {
  /** The endpoint as bound, with the actual address and port: `tcp://127.0.0.1:49152`. */
  readonly endpoint: string;
  /** Stops accepting and frees the address; links that were accepted stay open. Idempotent. */
  close(): Promise<void>;
  /**
   * Lets the process exit while the listener is open. Links that it accepted keep the process alive until they are
   * unref'd. Idempotent.
   */
  unref?(): void;
  /** Undoes `unref`. Idempotent. */
  ref?(): void;
}

/** Options of the operating system's tcp sockets. Only passed to schemes that accept them (`Scheme.options`). */
export interface TcpOptions {
  /** `SO_KEEPALIVE`: 1 on, 0 off, −1 the operating system's default. Default −1. */
  readonly tcpKeepalive?: number;
  /** Idle time before the first keep-alive probe, in seconds; −1 uses the operating system's default. Default −1. */
  readonly tcpKeepaliveIdle?: number;
  /** `IP_TOS` or `IPV6_TCLASS`: 0 to 255; 0 uses the operating system's default. Default 0. Set once connected. */
  readonly typeOfService?: number;
}

/** The terms on which a socket takes a link of whole frames (`FrameLink`). */
export interface FrameTerms {
  /**
   * The names of the protocols that the socket speaks (subprotocols of WebSocket), in order of preference. A client offers all
   * of them; a server chooses the first offered one that it speaks, and rejects clients without one.
   */
  readonly protocols: readonly string[];
  /** The size of the largest message that may be delivered, in bytes. */
  readonly maxFrameSize: number;
  /** The time for the carrier's own handshake, before that of the mechanism, in ms; 0 is unlimited. Default 0. */
  readonly handshakeInterval?: number;
}

/** The options of transports that open links of whole frames. */
export interface FrameOptions {
  /** Returns the terms for a new link. To be called for each one, because they follow the options of the socket. */
  readonly frames?: () => FrameTerms;
}

/** A SOCKS5 proxy (RFC 1928), and the credentials for it (RFC 1929). */
export interface SocksProxy {
  /** A host name or an IP address. */
  readonly host: string;
  /** The port, usually 1080. */
  readonly port: number;
  /** The local address of the connection to the proxy. Default: the source address of the endpoint, if it has one. */
  readonly source?: HostPort;
  /** The user name, 1 to 255 bytes. Default: none, for proxies without authentication. */
  readonly username?: string;
  /** The password, up to 255 bytes. Default: empty. */
  readonly password?: string;
}

/** Options of {@link Transport.connect}. `Own` is the interface of the options that the scheme brings for `connect`. */
export interface ConnectOptions<Own extends object = object> extends TcpOptions, FrameOptions {
  /** The options that the scheme brings (`Scheme.connectOptions`), checked, with their defaults. */
  readonly endpointOptions?: EndpointOptionValues<Own>;
  /**
   * Cancels the connect: the promise rejects with `signal.reason`, and a link that was about to open is closed. Does
   * nothing once the link is open. (Bun cannot cancel a connect: one to a host that does not answer keeps the process
   * alive until the operating system's timeout.)
   */
  readonly signal?: AbortSignal;
  /**
   * Connects through this proxy, which also resolves the host name. Only passed to schemes that accept it, such as tcp.
   * {@link Link.remote} is then the requested endpoint.
   */
  readonly socks?: SocksProxy;
}

/** Options of {@link Transport.listen}. `Own` is the interface of the options that the scheme brings for `bind`. */
export interface ListenOptions<Own extends object = object> extends TcpOptions, FrameOptions {
  /** The options that the scheme brings (`Scheme.bindOptions`), checked, with their defaults. */
  readonly endpointOptions?: EndpointOptionValues<Own>;
  /**
   * Length of the queue of connections that are not accepted yet. Default 1024, or the runtime's own length if it
   * cannot be set.
   */
  readonly backlog?: number;
  /**
   * `true` binds host `*` on all IPv6 interfaces as well, and the name of a network interface to its IPv6 address.
   * Default `false`: IPv4 only.
   */
  readonly ipv6?: boolean;
  /**
   * If true, other listeners that ask for the same may listen on the same port, in this thread or another one: the operating
   * system gives each connection to one of them (`SO_REUSEPORT`). Asked for only if the transport was registered with the
   * capability `reusePort`. Default `false`.
   */
  readonly reusePort?: boolean;
  /** Called when accepting fails; the listener keeps listening if it can. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens and accepts byte streams for one or more endpoint schemes. `Connect` and `Bind` are the interfaces of the options
 * that the scheme brings.
 */
export interface Transport<Connect extends object = object, Bind extends object = object> {
  /**
   * Opens a link, from the endpoint's source address if it has one. Resolves a host name anew each time, and attempts
   * each of its addresses.
   *
   * @throws {ZmqError} With the reason as its code (`ECONNREFUSED`, `EHOSTUNREACH`, `ETIMEDOUT`, …) and the runtime's
   * error as its `cause`.
   */
  connect(endpoint: Endpoint, options?: ConnectOptions<Connect>): Promise<Link>;
  /**
   * Listens on an endpoint. Port 0 or `*` picks a free port; the host may be the name of a network interface, such as
   * `lo`.
   *
   * @param onLink Called with each accepted link, which must then be started.
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, ….
   */
  listen(endpoint: Endpoint, onLink: (link: Link) => void, options?: ListenOptions<Bind>): Promise<Listener>;
}

/** Loads a transport when the first `bind` or `connect` needs it. */
export type TransportLoader = () => Promise<Transport>;

/** The capabilities of a transport on this runtime, by the name of the option. */
export type Capability = Readonly<Record<string, boolean>>;

interface Registration {
  readonly loader: TransportLoader;
  readonly capability: Capability;
}

// Module-level, because endpoints are strings and sockets are created with `new Push()`.
const registrations = new Map<string, Registration>();

/**
 * Registers the transport for an endpoint scheme, replacing an earlier one. Sockets pass it endpoints as parsed by the
 * scheme (`registerScheme`); without a registered scheme, an `OtherEndpoint` whose `address` is everything after `://`.
 *
 * @param scheme The part before `://`, for example `tcp`.
 * @param loader Called on first use. The returned promise is not cached here; cache it if loading is expensive.
 * @param capability Options that only some runtimes support, and whether this one does.
 * @throws {TypeError} If the scheme is not a string, or the loader not a function.
 */
export function registerTransport(scheme: string, loader: TransportLoader, capability: Capability = {}): void {
  if (arguments.length > 3) refuseSurplus("registerTransport()", 3, arguments[3]);
  if (typeof scheme !== "string" || typeof loader !== "function") {
    throw new TypeError("registerTransport() takes the name of a scheme and a function that loads its transport");
  }
  registrations.set(scheme, { loader, capability });
}

/** Returns the loader registered for `scheme`, or `undefined`. */
export function transportFor(scheme: string): TransportLoader | undefined {
  return registrations.get(scheme)?.loader;
}

/** Checks if the transport of `scheme` supports an option on this runtime. */
export function canTransport(scheme: string, option: string): boolean {
  return registrations.get(scheme)?.capability[option] === true;
}

/** Checks if the transport of `scheme` was registered as lacking a capability on this runtime. */
export function transportLacks(scheme: string, what: string): boolean {
  return registrations.get(scheme)?.capability[what] === false;
}
