/**
 * Bun's `Socket`, as much of it as is used.
 *
 * @module
 */

/** A connected socket, and what its callbacks need. */
export interface BunSocket<Data> {
  /** Undefined at first. */
  data: Data | undefined;
  /** Undefined once the peer is gone. */
  readonly remoteAddress: string | undefined;
  /** Undefined once the peer is gone. */
  readonly remotePort: number | undefined;
  /** Where the connection comes from. */
  readonly localAddress: string;
  /** Where the connection comes from. */
  readonly localPort: number;
  /** Gives bytes to the kernel and returns how many it took; Bun keeps none. Negative on a closed socket. */
  write(bytes: Uint8Array): number;
  /** Sends the end. */
  shutdown(): void;
  /** Closes both ways; what the kernel holds still goes out. */
  close(): void;
  /** Has the socket keep the process alive no longer. */
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
