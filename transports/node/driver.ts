/**
 * Drives sockets of `node:net`.
 *
 * - Each chunk of a `data` event has its own memory. A listener for it starts the stream, so it is added by the first read.
 * - `writableLength === 0` means that the kernel took a write, unless the socket is no longer `writable`, which changes long
 *   before an event reports that it broke. Callbacks of earlier writes, which completed immediately, come late: only the last one counts.
 *   Those of a destroyed socket come without an error, as if it had written.
 * - The handle shows the rest of a write in flight, for the last time in `_destroy`, the hook of the stream itself. For a failed
 *   write it does not, but then at least one byte was left. Deno's `node:net` never does.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { connectionError } from "../shared/tcp.ts";

/** Stream high-water mark of the sockets: one chunk fills the buffer, so a paused socket holds one chunk and stops reading. */
export const STREAM_MARK = 1;

/** Drives a connected socket. */
export class NodeDriver implements Driver {
  /** See {@link Driver.holdsProcess}. */
  readonly holdsProcess = false;
  /** See {@link Driver.mostTaken}. */
  mostTaken = 0;
  readonly #socket: Socket;
  #sink!: DriverSink;
  #read = false;
  #writesIssued = 0;
  #writesDone = 0;
  /** Bytes of all writes that are complete. */
  #written = 0;
  /** Bytes of the write that is not known to be complete; 0 if there is none. */
  #pending = 0;
  /** The most that `bytesTaken` has been so far. */
  #seen = 0;

  /** Takes over a socket. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    const socket = this.#socket;
    this.#sink = sink;
    socket.on("error", (error) => sink.lost(connectionError(sink.remote, error)));
    socket.on("end", () => sink.peerEnded());
    socket.on("finish", () => sink.endSent());
    socket.on("close", () => sink.closed());
    const { _destroy } = socket;
    socket._destroy = (error, done) => {
      this.#settle(error);
      _destroy.call(socket, error, done);
    };
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    if (!this.#read) this.#socket.on("data", (chunk: Uint8Array) => this.#sink.received(chunk));
    this.#read = true;
    this.#socket.resume();
  }

  /** See {@link Driver.pause}. */
  pause(): void {
    this.#socket.pause();
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (!socket.writable) return false;
    let size = 0;
    if (chunks.length !== 1) socket.cork();
    for (let i = 0; i < chunks.length; i++) {
      size += chunks[i]!.length;
      this.#writesIssued++;
      socket.write(chunks[i]!, this.#onWritten);
    }
    if (chunks.length !== 1) socket.uncork();
    if (!socket.writable) return false;
    if (socket.writableLength === 0) {
      this.#written += size;
      return true;
    }
    this.#pending = size;
    return false;
  }

  /** See {@link Driver.bytesTaken}. */
  get bytesTaken(): number {
    if (this.#pending === 0) return this.#written;
    const left = this.#socket.destroyed ? undefined : this.#left();
    if (left !== undefined) this.#seen = Math.max(this.#seen, this.#written + this.#pending - left);
    return Math.max(this.#seen, this.#written);
  }

  readonly #onWritten = (error?: Error | null): void => {
    this.#writesDone++;
    if (error || this.#pending === 0 || this.#writesDone !== this.#writesIssued || this.#socket.destroyed) return;
    this.#written += this.#pending;
    this.#pending = 0;
    this.#sink.drained();
  };

  /** See {@link Driver.finish}. */
  finish(): void {
    this.#socket.end();
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#socket.destroy();
  }

  /** See {@link Driver.unref}. */
  unref(): void {
    this.#socket.unref();
  }

  /** See {@link Driver.ref}. */
  ref(): void {
    this.#socket.ref();
  }

  #left(): number | undefined {
    return (this.#socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize;
  }

  #settle(error: Error | null): void {
    const failed = (error as { syscall?: string } | null)?.syscall?.startsWith("write") === true;
    const left = this.#pending === 0 ? 0 : failed ? undefined : this.#left();
    this.mostTaken = this.#written + this.#pending - (left ?? (failed ? 1 : 0));
    if (left === undefined) return;
    this.#written = this.mostTaken;
    this.#pending = 0;
  }
}
