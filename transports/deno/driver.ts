/**
 * Deno's own connections, as of 2.9.5.
 *
 * - Reads and writes are promises, at most one of each in flight, and a write never completes synchronously.
 * - `close` cancels a pending read and a blocked write. A cancelled write uses the caller's memory until it has settled; older
 *   versions did not cancel it, so the wait has a limit.
 * - After a failed write, bytes that the peer sent before can still be read.
 *
 * | Event       | OPEN      | WRITING | DEAF | FINISHING | ENDED | DROPPED | DEAD |
 * | ----------- | --------- | ------- | ---- | --------- | ----- | ------- | ---- |
 * | write       | WRITING   | x       | x    | x         | x     | x       | x    |
 * | taken       |           | OPEN    |      |           |       | DEAD    | -    |
 * | write fails |           | DEAF    |      |           |       | DEAD    | -    |
 * | finish      | FINISHING | x       | x    | x         | x     | x       | x    |
 * | end sent    |           |         |      | ENDED     |       |         | -    |
 * | end fails   |           |         |      | DEAD      |       |         | -    |
 * | drop        | DEAD      | DROPPED | DEAD | DEAD      | DEAD  | x       | x    |
 * | grace over  |           |         |      |           |       | DEAD    |      |
 *
 * The states of writing. DROPPED is closed, with a write that still uses its memory. A link answers a lost end with `drop`. `-` changes nothing; an empty
 * cell cannot happen, as there is no such promise or timer; `x` would break the contract of `Driver`. `tests/transports/deno_driver_states_test.ts`
 * walks the table.
 *
 * More than 20 members because reading and writing are promises, each with what it has to remember while it is in flight.
 *
 * @module
 */

import type { Timer } from "../../src/base/clock.ts";
import { CLOSE_GRACE } from "../../src/transport/transport.ts";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { idleTimer } from "../../src/transport/hold.ts";
import { Unwritten } from "../../src/transport/unwritten.ts";
import { goneUnwritten } from "../../src/base/untransferable.ts";
import { connectionError } from "../shared/tcp.ts";
import type { DenoConn } from "./api.ts";
import { lookAtSockets } from "./look_at_sockets.ts";
import { ReadBuffer } from "./read_buffer.ts";

/** Drives a connection. */
export class DenoDriver implements Driver {
  /** See {@link Driver.holdsProcess}. */
  readonly holdsProcess = false;
  /** See {@link Driver.poll}. */
  readonly poll: typeof lookAtSockets = lookAtSockets;
  /** See {@link Driver.bytesTaken}. */
  bytesTaken = 0;
  readonly #conn: DenoConn;
  #sink!: DriverSink;
  #dead = false;
  #timer: Timer | undefined;
  readonly #buffer = new ReadBuffer();
  #flowing = false;
  #reading = false;
  readonly #unwritten = new Unwritten();
  #writing = false;

  /** Takes over a connection. */
  constructor(conn: DenoConn) {
    this.#conn = conn;
  }

  /** See {@link Driver.mostTaken}. */
  get mostTaken(): number {
    return this.bytesTaken + (this.#writing ? this.#unwritten.atHand : 0);
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    this.#sink = sink;
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    this.#flowing = true;
    if (this.#reading || this.#dead) return;
    this.#reading = true;
    this.#conn.read(this.#buffer.next()).then(this.#onRead, this.#onReadError);
  }

  /** See {@link Driver.pause}. */
  pause(): void {
    this.#flowing = false;
  }

  readonly #onRead = (length: number | null): void => {
    this.#reading = false;
    if (this.#dead) return;
    if (length === null) return this.#sink.peerEnded();
    const chunk = this.#buffer.take(length);
    if (length > 0) this.#sink.received(chunk);
    if (this.#flowing) this.resume();
  };

  readonly #onReadError = (cause: unknown): void => {
    if (!this.#dead) this.#sink.lost(connectionError(this.#sink.remote, cause));
  };

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    this.#unwritten.keep(chunks);
    return this.#writeOn();
  }

  /** Writes the next chunk; `true` if there is none. */
  #writeOn(): boolean {
    const chunk = this.#unwritten.next();
    this.#writing = chunk !== undefined;
    if (chunk !== undefined) this.#conn.write(chunk).then(this.#onWritten, this.#onWriteError);
    else if (this.#unwritten.gone) this.#sink.fail(goneUnwritten(this.#sink.remote));
    return chunk === undefined && !this.#unwritten.gone;
  }

  readonly #onWritten = (length: number): void => {
    this.bytesTaken += length;
    this.#unwritten.take(length);
    if (this.#dead) this.#settled();
    else if (this.#writeOn()) this.#sink.drained();
  };

  readonly #onWriteError = (cause: unknown): void => {
    this.#writing = false;
    if (this.#dead) this.#settled();
    else this.#sink.writeFailed(connectionError(this.#sink.remote, cause));
  };

  /** See {@link Driver.finish}. */
  finish(): void {
    this.#conn.closeWrite().then(
      () => this.#sink.endSent(),
      (cause) => this.#sink.lost(connectionError(this.#sink.remote, cause)),
    );
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#dead = true;
    this.#conn.close();
    if (this.#writing) this.#timer = idleTimer(CLOSE_GRACE, () => this.#sink.closed());
    else this.#settled();
  }

  /** No write is in flight now. */
  #settled(): void {
    this.#writing = false;
    this.#timer?.cancel();
    this.#unwritten.clear();
    this.#sink.closed();
  }

  /** See {@link Driver.unref}. */
  unref(): void {
    this.#conn.unref();
  }

  /** See {@link Driver.ref}. */
  ref(): void {
    this.#conn.ref();
  }
}
