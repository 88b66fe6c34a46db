/**
 * The part of Bun's API that the transport uses.
 *
 * @module
 */

/** A connected socket, with the data that its callbacks need. */
export interface BunSocket<Data> {
  /** Undefined at first. */
  data: Data | undefined;
  /** Undefined once the connection is closed. */
  readonly remoteAddress: string | undefined;
  /** Undefined once the connection is closed. */
  readonly remotePort: number | undefined;
  /** The address of this end of the connection. */
  readonly localAddress: string;
  /** The port of this end of the connection. */
  readonly localPort: number;
  /** Passes bytes to the kernel and returns how many it took; Bun keeps none. Negative on a closed socket. */
  write(bytes: Uint8Array): number;
  /** Sends the end. */
  shutdown(): void;
  /** Closes both directions; the kernel still sends what it holds. */
  close(): void;
  /** Stops keeping the process alive. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
  /** Closes with a reset. */
  terminate(): void;
  /** Stops reading. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /** Sets TCP_NODELAY. */
  setNoDelay(on: boolean): void;
  /** Sets SO_KEEPALIVE and, unless it is 0, the time (ms) until the first probe. */
  setKeepAlive(on: boolean, delay?: number): boolean;
  /** Sets IP_TOS or IPV6_TCLASS. */
  setTypeOfService(value: number): void;
}

/** The callbacks of sockets. */
export interface BunHandlers<Data> {
  /** Called when a socket is connected or accepted. */
  open(socket: BunSocket<Data>): void;
  /** Called with each chunk. */
  data(socket: BunSocket<Data>, chunk: Uint8Array): void;
  /** Called when the kernel takes more. */
  drain(socket: BunSocket<Data>): void;
  /** Called when the peer ends its side. */
  end(socket: BunSocket<Data>): void;
  /** Called when the socket is closed. */
  close(socket: BunSocket<Data>, error?: Error): void;
}

/** A tcp address. */
export interface BunTcpAddress {
  /** An IP address or a host name. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Source address. Not in Bun's documentation; used only where `hostname` is an IP address. */
  readonly localAddress?: string;
  /** Source port; used only with `localAddress`. */
  readonly localPort?: number;
}

/** An ipc address. */
export interface BunUnixAddress {
  /** The path. */
  readonly unix: string;
}

/** The address of a socket. */
export type BunAddress = BunTcpAddress | BunUnixAddress;

/** A socket that listens. */
export interface BunListener {
  /** The port that is bound. */
  readonly port: number;
  /** Writes the bound address into an object. */
  getsockname(into: { address?: string }): void;
  /** Stops accepting. */
  stop(): void;
  /** Stops keeping the process alive. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
}

interface SocketOptions<Data> {
  readonly socket: BunHandlers<Data>;
  /** Without it Bun closes on the peer's end, though `close` may still have data to send. */
  readonly allowHalfOpen: true;
}

interface BunNet {
  connect<Data>(options: SocketOptions<Data> & BunAddress): Promise<BunSocket<Data>>;
  listen<Data>(options: SocketOptions<Data> & BunAddress & { readonly reusePort?: boolean }): BunListener;
}

declare const Bun: BunNet;

/** Bun's sockets. A function, because the name exists on Bun only. */
export function bun(): BunNet {
  return Bun;
}
