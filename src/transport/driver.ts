/**
 * The contract of a driver: the socket or pair of streams that `LinkCore` turns into a link.
 *
 * A driver knows how its socket reads, writes and ends, but none of the guarantees of a link: `link.ts` decides what is
 * dropped, delayed or reported, and when.
 *
 * @module
 */

import type { Link } from "./transport.ts";

/**
 * Receives the events of a {@link Driver}'s socket. All methods may be called at any time, including from inside a call
 * of the driver.
 */
export interface DriverSink {
  /** The peer's address, for error messages. */
  readonly remote: string;
  /** Bytes arrived, at least one, in memory that is never written again. */
  received(chunk: Uint8Array): void;
  /** The peer has ended its side; all of its bytes were delivered before. */
  peerEnded(): void;
  /** All bytes of the write that returned `false` are taken. */
  drained(): void;
  /** The end that `finish` requested is sent. */
  endSent(): void;
  /** Written bytes were lost and no more can be written, but there may still be bytes to read. */
  writeFailed(error: Error): void;
  /** The stream has ended in both directions; with an error, it broke. */
  lost(error?: Error): void;
  /** Ends the link for this reason, like `Link.abort`. */
  fail(reason: Error): void;
  /** The socket is closed and no longer refers to the memory of a write. Idempotent. */
  closed(): void;
}

/** One connected byte stream of a runtime. No method throws. */
export interface Driver {
  /** True if the socket itself keeps the process alive while it is paused; otherwise the link does. */
  readonly holdsProcess: boolean;
  /** Number of bytes of all writes that are certain to be taken. Cheap to read. */
  readonly bytesTaken: number;
  /** Number of bytes of all writes that may be taken; read once the socket is closed. */
  readonly mostTaken: number;
  /** See {@link Link.poll}. */
  readonly poll?: Link["poll"];
  /** Sets the sink. Called once, before any other method; nothing is read before `resume`. */
  open(sink: DriverSink): void;
  /** Reads until `pause` is called. Idempotent. */
  resume(): void;
  /** Stops reading; a read in progress may still deliver. Idempotent. */
  pause(): void;
  /**
   * Writes all chunks, in order. Returns `true` if they are taken or copied. Returns `false` if the driver refers to
   * their memory (not to the array) until `drained`, `writeFailed` or `closed`, or if the socket no longer takes
   * anything and `closed` will follow. The next write comes after `drained`.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Sends the end, then calls `endSent`. Called when no write is in progress; no write follows. */
  finish(): void;
  /**
   * Called after the peer has ended its side, but may still read: sends the part of the write in progress that cannot be
   * cancelled, then closes. Without this method, `drop` is called.
   */
  leave?(): void;
  /**
   * Closes both directions immediately, if possible without a reset, then calls `closed`. `reason` is for streams that
   * take one.
   */
  drop(reason: Error | undefined): void;
  /** See {@link Link.unref}. */
  unref?(): void;
  /** See {@link Link.ref}. */
  ref?(): void;
}
