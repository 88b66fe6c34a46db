/**
 * The contract of a socket, or of a pair of streams, from which `LinkCore` makes a link.
 *
 * A driver knows how its socket reads, writes and ends, and nothing of what a link promises: what is dropped, held back or
 * reported, and when, is decided in `link.ts`.
 *
 * @module
 */

import type { Link } from "./transport.ts";

/** Receives what happens on a {@link Driver}'s socket. Everything may be called at any time, also from inside a call. */
export interface DriverSink {
  /** Where the peer is, for error messages. */
  readonly remote: string;
  /** Bytes arrived, at least one, in memory that is never written again. */
  received(chunk: Uint8Array): void;
  /** The peer has ended its side; all of its bytes were delivered before. */
  peerEnded(): void;
  /** All of the write that returned `false` is taken. */
  drained(): void;
  /** The end that `end` was asked for is sent. */
  endSent(): void;
  /** Something written did not arrive and nothing more will, but there may still be something to read. */
  writeFailed(error: Error): void;
  /** The stream is over, both ways; with an error, it broke. */
  lost(error?: Error): void;
  /** Ends the link for this reason, as `Link.abort` does. */
  abort(reason: Error): void;
  /** The socket is closed, and no longer refers to memory of a write. Idempotent. */
  closed(): void;
}

/** One connected byte stream, as a runtime has it. No method throws. */
export interface Driver {
  /** True if the socket itself keeps the process alive while it is paused; if not, the link does. */
  readonly holdsProcess: boolean;
  /** Bytes of all writes that are certain to be taken. Cheap to read. */
  readonly bytesTaken: number;
  /** Bytes of all writes that may be taken; read once the socket is closed. */
  readonly mostTaken: number;
  /** See {@link Link.poll}. */
  readonly poll?: Link["poll"];
  /** Takes the sink. Called once, first; nothing is read before `resume`. */
  open(sink: DriverSink): void;
  /** Reads, and goes on reading until `pause`. Idempotent. */
  resume(): void;
  /** Reads no further; what is being read may still arrive. Idempotent. */
  pause(): void;
  /**
   * Writes all chunks, in order. `true`: they are taken, or copied. `false`: their memory (not the array) is referred to until
   * `drained`, `writeFailed` or `closed`; or the socket no longer takes anything, and `closed` will follow. The next write comes
   * after `drained`.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Sends the end, then calls `endSent`. Nothing is being written then, and nothing will be. */
  end(): void;
  /**
   * Sends what is being written as far as it is out of the link's hands already, and then closes: the peer has ended its side,
   * and may read on. Without it, `destroy` is called.
   */
  leave?(): void;
  /** Closes at once, both ways, without a reset if that can be, then calls `closed`. `reason` is for streams that take one. */
  destroy(reason: Error | undefined): void;
  /** See {@link Link.unref}. */
  unref?(): void;
  /** See {@link Link.ref}. */
  ref?(): void;
}
