/**
 * The part of Deno's API that the transport uses.
 *
 * @module
 */

/** Deno's `NetAddr`. */
export interface DenoAddress {
  /** An IP address without brackets, or a host name. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** Deno's `UnixConnectOptions`. */
export interface DenoUnixAddress {
  /** The kind of address. */
  readonly transport: "unix";
  /** The path. */
  readonly path: string;
}

/** Deno's `TcpConn` or `UnixConn`. */
export interface DenoConn {
  /** Reads some bytes; `null` is the peer's end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends the end. */
  closeWrite(): Promise<void>;
  /** Closes both directions; a pending read or write rejects. */
  close(): void;
  /** Stops reads from keeping the process alive. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
}

/** Deno's `TcpConn`, with the members that a `UnixConn` does not have. */
export interface DenoTcpConn extends DenoConn {
  /** The address of the peer. */
  readonly remoteAddr: DenoAddress;
  /** The address of this end of the connection. */
  readonly localAddr: DenoAddress;
  /** Sets TCP_NODELAY. */
  setNoDelay(on: boolean): void;
  /** Sets SO_KEEPALIVE. */
  setKeepAlive(on: boolean): void;
}

/** A socket that listens. */
export interface DenoListener {
  /** Waits for the next connection. */
  accept(): Promise<DenoConn>;
  /** Stops accepting. */
  close(): void;
  /** Stops keeping the process alive. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
}

/** A tcp socket that listens. */
export interface DenoTcpListener extends DenoListener {
  /** The address that is bound. */
  readonly addr: DenoAddress;
  /** See {@link DenoListener}. */
  accept(): Promise<DenoTcpConn>;
}

interface DenoNet {
  connect(options: DenoAddress & { readonly signal?: AbortSignal }): Promise<DenoTcpConn>;
  connect(options: DenoUnixAddress & { readonly signal?: AbortSignal }): Promise<DenoConn>;
  listen(options: DenoAddress & { readonly tcpBacklog: number; readonly reusePort: boolean }): DenoTcpListener;
  listen(options: DenoUnixAddress): DenoListener;
  readonly permissions: {
    querySync(about: { readonly name: "net"; readonly host: string }): { readonly state: string };
  };
}

declare const Deno: DenoNet;

/** True if `listen` takes `reusePort`: with `--unstable-net`, which defines this name as well. */
export function canReusePort(): boolean {
  return "listenDatagram" in Deno;
}

/** Deno's sockets. A function, because the name exists on Deno only. */
export function deno(): DenoNet {
  return Deno;
}
