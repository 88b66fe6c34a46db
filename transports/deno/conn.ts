/**
 * Deno's connections and their addresses, as much of them as is used.
 *
 * @module
 */

/** Deno's `NetAddr`. */
export interface DenoAddress {
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** Deno's `TcpConn` or `UnixConn`, as much of it as is used. */
export interface DenoConn {
  /** Reads some bytes; `null` is the peer's end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends the end. */
  closeWrite(): Promise<void>;
  /** Closes both ways; a pending read or write rejects. */
  close(): void;
  /** Has reads keep the process alive no longer. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
}

/** Deno's `TcpConn`, what it has besides. */
export interface DenoTcpConn extends DenoConn {
  /** Where the peer is. */
  readonly remoteAddr: DenoAddress;
  /** Where the connection comes from. */
  readonly localAddr: DenoAddress;
  /** Sets TCP_NODELAY. */
  setNoDelay(on: boolean): void;
  /** Sets SO_KEEPALIVE. */
  setKeepAlive(on: boolean): void;
}
