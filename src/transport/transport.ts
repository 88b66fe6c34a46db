/**
 * The boundary between the ZMTP core and a byte stream: plain callbacks, no promise a chunk.
 *
 * A {@link Transport} opens {@link Link}s (one ordered byte stream each) and {@link Listener}s. The core
 * never sees a runtime; the adapters under `transports/` never see a frame. Whoever writes a transport runs
 * `tests/transports/` against it: what stands in these comments is what that suite checks.
 *
 * @module
 */

import type { Endpoint, HostPort } from "../schemes/endpoint.ts";

/** Receives what happens on a {@link Link}. Its methods never throw. */
export interface LinkSink {
  /**
   * Bytes arrived, at least one. The chunk belongs to the sink from now on: the link never writes to that memory
   * again, so views of it may be kept for any time. (The chunk may be a view of a larger buffer whose other parts
   * are delivered later.) Never called while the link is paused, before `start`, or after `onClose`.
   */
  onData(chunk: Uint8Array): void;
  /**
   * The chunks of the last `write`, which returned `false`, are the caller's again, and the link takes the next
   * `write`. Called once for each `write` that returned `false`, never from inside `write`, and not after `onClose`.
   */
  onDrain(): void;
  /**
   * The link is gone: the peer ended its side (all of its bytes were delivered before), the stream broke
   * (`error` tells why), or `close`/`abort` was called here. Called exactly once, last, and never from inside
   * `start`, `write`, `pause`, `resume`, `close` or `abort`. No other callback comes after `close` or `abort`.
   *
   * When the peer ends its side, what the operating system has taken is still delivered to it; what it has not taken is not
   * sent, and `taken` tells how much that is. While the link is paused, the peer's end is told only after `resume`: it never
   * overtakes the bytes before it. A reset may be told at once, may destroy bytes that were not delivered, and may be told
   * without an `error`, as an end.
   *
   * `taken` is about the last `write`, if that returned `false` and no `onDrain` came: how many of its bytes the operating
   * system has taken. Where the link cannot know exactly it is the most that can have been taken: what is behind is certain
   * not to have been sent, and may be sent over another link. 0 for a write to a link that was not open; `undefined` means
   * that all of it may have been taken.
   */
  onClose(error?: Error, taken?: number): void;
}

/** One connected, ordered, reliable byte stream. */
export interface Link {
  /** Where the other end is, for events and logs: `tcp://127.0.0.1:40120`. */
  readonly remote: string;
  /**
   * How many bytes of all writes the operating system has taken so far: grows while one large write is in flight, never
   * shrinks, and costs next to nothing to read. On a link over streams: how many bytes the stream has taken. `undefined` where
   * a link does not count.
   */
  readonly bytesTaken?: number | undefined;
  /**
   * Starts delivery to `sink`. Called once, and before the first `write`. Nothing is delivered before it, and what
   * arrived earlier is not lost; a link that has ended already calls `onClose` soon after.
   */
  start(sink: LinkSink): void;
  /**
   * Writes all chunks, in order. Never throws. A link that is not open takes nothing and returns `false`: after `close` or
   * `abort`, and from the moment at which the stream is gone, though `onClose` is still to come. That `onClose` then reports 0
   * as `taken`. So nothing is ever answered as taken that has nowhere to go.
   *
   * `true`: the chunks have been taken over (by the operating system or by a copy) and their memory may be reused at once.
   * `false`: the link refers to the memory of the chunks (not to the array itself) until `onDrain`, or until `onClose`.
   * The caller does not write again before `onDrain`.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /**
   * Stops `onData` at once and stops reading, so that back-pressure reaches the peer through the kernel. The link itself
   * holds no more than one read's worth (at most 256 KiB; when the peer resets a paused link, Bun reads what the kernel held), and
   * keeps the process alive unless it is unref'd. Idempotent; may be called before `start`.
   */
  pause(): void;
  /** Undoes `pause`. `onData` is not called from inside `resume`. Idempotent. */
  resume(): void;
  /**
   * Calls back, never from inside, when the runtime has looked at all of its sockets. Only where turns of its event loop
   * (`setImmediate`) may pass without that.
   */
  poll?(callback: () => void): void;
  /**
   * Sends what `write` has taken, then ends the stream so that the peer reads everything and then the end. Reading
   * stops mattering: incoming bytes are dropped. Resolves when the link is closed, in every case, after `onClose`: a peer
   * that reads so little that bytes are left here is cut off only by `abort`. Once the operating system has taken all of
   * them and the end, the peer has `grace` ms to end its own side. A peer that has not read everything by then is cut off:
   * over tcp it can still read what the operating system holds for it, unless it sends on, which is answered by a reset that
   * may destroy that; libzmq loses it over ipc.
   *
   * Idempotent. A later call may shorten the time that is left, and never lengthens it.
   *
   * @param grace Time for the peer's end, in ms. Default {@link CLOSE_GRACE}. 0 cuts it off as soon as the operating system
   *   has everything; `Infinity` waits until the peer ends its side, or until a later call.
   */
  close(grace?: number): Promise<void>;
  /**
   * Drops the link at once, with what is unsent. `reason` is handed to `onClose`. The peer sees an end or a reset.
   * Idempotent; also ends a pending `close`.
   */
  abort(reason?: Error): void;
  /**
   * Has the link keep the process alive no longer: neither open, nor paused, nor closing. (On Node and Deno a write that the
   * operating system has not taken yet still does.) Idempotent. Sockets call it on every link they get, for they themselves know
   * whether the process is to live; a link without it keeps alive what it keeps alive.
   */
  unref?(): void;
  /** Undoes `unref`. Idempotent. */
  ref?(): void;
}

/** How long (ms) a link that has sent its end waits for the peer's before it is destroyed, unless `close` says otherwise. */
export const CLOSE_GRACE = 500;

/** A bound endpoint that accepts links. */
export interface Listener {
  /** The endpoint as bound, with the real port and address: `tcp://127.0.0.1:49152`. */
  readonly endpoint: string;
  /** Stops accepting and frees the address; links already accepted live on. Idempotent. */
  close(): Promise<void>;
  /** Has the listener keep the process alive no longer; links that it accepts do until they are unref'd. Idempotent. */
  unref?(): void;
  /** Undoes `unref`. Idempotent. */
  ref?(): void;
}

/** What the operating system's tcp sockets are asked for; only given to schemes that take it (`Scheme.options`). */
export interface TcpOptions {
  /** `SO_KEEPALIVE`: 1 on, 0 off, −1 (the default) as the operating system has it. */
  readonly tcpKeepalive?: number;
  /** Time of silence before the first probe, in s; −1 (the default) as the operating system has it. */
  readonly tcpKeepaliveIdle?: number;
  /** `IP_TOS` or `IPV6_TCLASS`: 0 to 255; 0 (the default) as the operating system has it. Set once connected. */
  readonly typeOfService?: number;
}

/** A SOCKS5 proxy (RFC 1928), and who asks it (RFC 1929). */
export interface SocksProxy {
  /** A host name or an IP address. */
  readonly host: string;
  /** Usually 1080. */
  readonly port: number;
  /** Where the connection to the proxy comes from. Default: the source address of the endpoint, if it has one. */
  readonly source?: HostPort;
  /** 1 to 255 bytes; the proxy may do without it. */
  readonly username?: string;
  /** Up to 255 bytes. Default: empty. */
  readonly password?: string;
}

/** What a {@link Transport} is told when it opens a link. */
export interface ConnectOptions extends TcpOptions {
  /**
   * Gives up: the promise rejects with `signal.reason`, and a link that was about to open is closed. (Bun cannot cancel
   * a connect: one to a host that does not answer keeps the process alive until the operating system gives up.)
   * Does nothing once the link is open.
   */
  readonly signal?: AbortSignal;
  /**
   * Connects by way of this proxy, which also looks up the host's name. Only given to schemes that take it, such as tcp.
   * {@link Link.remote} then tells the endpoint as it was asked for.
   */
  readonly socks?: SocksProxy;
}

/** What a {@link Transport} is told when it listens. */
export interface ListenOptions extends TcpOptions {
  /** Length of the queue of connections not yet accepted. Default 1024, or the runtime's own where it cannot be set. */
  readonly backlog?: number;
  /**
   * Whether host `*` means every IPv6 interface as well, and the name of a network interface its IPv6 address.
   * Default `false`: IPv4 only.
   */
  readonly ipv6?: boolean;
  /** Something went wrong while accepting; listening goes on where it can. */
  readonly onError?: (error: Error) => void;
}

/** Opens and accepts byte streams for one or more endpoint schemes. */
export interface Transport {
  /**
   * Opens a link, from the endpoint's source address if it has one. A host name is looked up anew each time, and each of
   * its addresses is tried. Rejects with a `ZmqError` whose code tells why (`ECONNREFUSED`, `EHOSTUNREACH`, `ETIMEDOUT`,
   * …) and whose `cause` is the runtime's error.
   */
  connect(endpoint: Endpoint, options?: ConnectOptions): Promise<Link>;
  /**
   * Listens. Port 0 or `*` picks a free port; a host may also be the name of a network interface, such as `lo`. `onLink`
   * is called with each accepted link, which must then be started. Rejects with a `ZmqError` (`EADDRINUSE`,
   * `EADDRNOTAVAIL`, `EACCES`, …).
   */
  listen(endpoint: Endpoint, onLink: (link: Link) => void, options?: ListenOptions): Promise<Listener>;
}

/** Loads a transport when the first `bind` or `connect` needs it. */
export type TransportLoader = () => Promise<Transport>;

/** What a transport can be asked for on this runtime, by the name of the option. */
export type Capability = Readonly<Record<string, boolean>>;

interface Registration {
  readonly loader: TransportLoader;
  readonly capability: Capability;
}

// The one registry: module-level because endpoints are strings and sockets are made with `new Push()`.
const registrations = new Map<string, Registration>();

/**
 * Registers the transport for an endpoint scheme, replacing an earlier one. Sockets give it endpoints as the scheme parses them
 * (`registerScheme`); where none is registered, everything behind the `://`, as the `address` of an `OtherEndpoint`.
 *
 * @param scheme The part before `://`, for example `tcp`.
 * @param loader Called on the first use; the promise it returns is not cached here, so cache it if that matters.
 * @param capability Which options it honours here, where that is not so everywhere.
 */
export function registerTransport(scheme: string, loader: TransportLoader, capability: Capability = {}): void {
  registrations.set(scheme, { loader, capability });
}

/** The loader registered for `scheme`, or `undefined`. */
export function transportFor(scheme: string): TransportLoader | undefined {
  return registrations.get(scheme)?.loader;
}

/** Whether the transport of `scheme` honours an option on this runtime. */
export function canTransport(scheme: string, option: string): boolean {
  return registrations.get(scheme)?.capability[option] === true;
}

/** Whether the transport of `scheme` is known not to have something on this runtime. */
export function transportLacks(scheme: string, what: string): boolean {
  return registrations.get(scheme)?.capability[what] === false;
}
