/**
 * A ping-pong on a runtime's own TCP sockets: the bare minimum that a library on them can reach.
 *
 * @module
 */

/** A ping-pong on a runtime's own TCP sockets. */
export interface RawTcp {
  /** Sends back everything that arrives, on a free port of this machine, which it returns. */
  echo(): Promise<number>;
  /** Sends `size` bytes, and again whenever as many have come back, until `lap` returns true. */
  pingPong(port: number, size: number, lap: () => boolean): Promise<void>;
}
