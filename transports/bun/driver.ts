/**
 * Bun's own sockets, as of 1.4.5.
 *
 * - Every chunk (up to 512 KiB) has its own memory, which Bun does not write to again.
 * - A socket reads as soon as it is open, so it is paused immediately. A paused socket keeps the process alive and holds back the
 *   peer's end, but may still deliver data when the peer resets it.
 * - `write` keeps nothing and returns how much the kernel took, or a negative number on a closed socket, for which `close` is
 *   called. `drain` and `close` may be called from inside other calls, `drain` also without a reason.
 * - `terminate` would destroy the data that the kernel still has to deliver; `close` does not.
 *
 * @module
 */

import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { Unwritten } from "../../src/transport/unwritten.ts";
import { goneUnwritten } from "../../src/base/untransferable.ts";
import { connectionError } from "../shared/tcp.ts";
import type { BunSocket } from "./api.ts";

/** Drives a socket that has just opened; the callbacks of `handlers.ts` call `writable`, `gone` and the sink. */
export class BunDriver implements Driver {
  /** See {@link Driver.holdsProcess}. */
  readonly holdsProcess = true;
  /** See {@link Driver.bytesTaken}. */
  bytesTaken = 0;
  /** The sink of `data` and `end`. */
  sink!: DriverSink;
  readonly #socket: BunSocket<BunDriver>;
  readonly #unwritten = new Unwritten();
  /** A part of a write waits for `drain`. */
  #blocked = false;

  /** Takes over a socket. */
  constructor(socket: BunSocket<BunDriver>) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.pause();
  }

  /** See {@link Driver.mostTaken}. */
  get mostTaken(): number {
    return this.bytesTaken;
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    this.sink = sink;
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    this.#socket.resume();
  }

  /** See {@link Driver.pause}. */
  pause(): void {
    this.#socket.pause();
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    for (let i = 0; i < chunks.length; i++) {
      const { length } = chunks[i]!;
      if (length === 0) continue;
      const taken = this.#give(chunks[i]!);
      if (taken === length) continue;
      this.#unwritten.keep(chunks, i, taken);
      this.#blocked = true;
      return false;
    }
    return true;
  }

  #give(chunk: Uint8Array): number {
    const taken = Math.max(0, this.#socket.write(chunk));
    this.bytesTaken += taken;
    return taken;
  }

  /** The socket takes more. */
  writable(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    const unwritten = this.#unwritten;
    for (let chunk = unwritten.next(); chunk !== undefined; chunk = unwritten.next()) {
      const { length } = chunk;
      const taken = this.#give(chunk);
      unwritten.take(taken);
      if (taken < length) {
        this.#blocked = true;
        return;
      }
    }
    if (unwritten.gone) this.sink.fail(goneUnwritten(this.sink.remote));
    else this.sink.drained();
  }

  /** The socket is closed. */
  gone(cause: Error | undefined): void {
    this.sink.lost(cause && connectionError(this.sink.remote, cause));
  }

  /** See {@link Driver.finish}. */
  finish(): void {
    this.#socket.shutdown();
    this.sink.endSent();
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#blocked = false;
    this.#unwritten.clear();
    this.#socket.close();
    this.sink.closed();
  }

  /** See {@link Driver.unref}. */
  unref(): void {
    this.#socket.unref();
  }

  /** See {@link Driver.ref}. */
  ref(): void {
    this.#socket.ref();
  }
}
