/**
 * Drives a pair of Web streams as the socket of a link.
 *
 * - Bytes are copied before they are written, in pieces: a stream may keep or transfer a chunk after its `write` has
 *   resolved, and does not report how much of a chunk it has processed.
 * - `desiredSize` and `ready` are not used: the streams that Node creates from its own count chunks there, of any size,
 *   up to 16384.
 * - The writable stream may fail while the readable one still has bytes to deliver. A peer that cannot be written to
 *   and has been silent for {@link CLOSE_GRACE} is disconnected.
 *
 * | Event         | OPEN      | WRITING | DEAF | FINISHING | ENDED | LEAVING | DEAD |
 * | ------------- | --------- | ------- | ---- | --------- | ----- | ------- | ---- |
 * | write         | WRITING   | x       | -    | x         | x     | x       | x    |
 * | taken         |           | OPEN    |      |           |       | DEAD    | -    |
 * | writing fails | DEAF      | DEAF    | -    | DEAD      |       | DEAD    | -    |
 * | finish        | FINISHING | x       | DEAD | x         | x     | x       | x    |
 * | finished      |           |         |      | ENDED     |       |         | -    |
 * | leave         | DEAD      | LEAVING | DEAD | x         | x     | x       | x    |
 * | silence       |           |         | DEAD |           |       | DEAD    |      |
 * | drop          | DEAD      | DEAD    | DEAD | DEAD      | DEAD  | DEAD    | x    |
 *
 * The states of writing: reading goes on in OPEN, WRITING and DEAF. `taken`: the stream has taken the last piece; `silence`: {@link CLOSE_GRACE} is
 * over. In FINISHING and LEAVING the link answers a failure with `drop`, as it does in all states when the stream is lost. `-` changes nothing; an empty cell cannot
 * happen, as there is no piece, end or timer; `x` would break the contract of `Driver`. `tests/transports/stream_driver_states_test.ts` walks the table.
 *
 * More than 20 members because the two streams end and fail each by itself. Longer than the driver of a runtime may be (100 lines of
 * code, `tests/tooling/drivers_test.ts`): streams copy, count and end nothing by themselves, which sockets do.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";
import type { Timer } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import { endpointText, peerText } from "../base/peer_text.ts";
import { CLOSE_GRACE } from "./transport.ts";
import { goneUnwritten } from "../base/untransferable.ts";
import type { Driver, DriverSink } from "./driver.ts";
import { idleTimer } from "./hold.ts";
import { Unwritten } from "./unwritten.ts";

/** Maximum bytes that are copied and passed to the stream at a time. */
const PIECE = 64 * 1024;

/** Drives a reader and a writer that nothing else uses. */
export class StreamDriver implements Driver {
  readonly holdsProcess = false;
  /** Bytes that the stream has taken. */
  bytesTaken = 0;
  /** Bytes that were passed to the stream. */
  mostTaken = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #sink!: DriverSink;
  #dead = false;
  /** Runs while the link is in LEAVING or DEAF. */
  #timer: Timer | undefined;

  #flowing = false;
  #reading = false;
  #readAll = false;

  readonly #unwritten = new Unwritten();
  /** Remaining bytes of the current write. */
  #left = 0;
  #writing = false;
  #ended = false;
  /** The peer has ended its side: the link ends when the piece in flight is taken. */
  #leaving = false;
  /** The reason why the writable stream no longer takes anything. */
  #writableError: Error | undefined;

  constructor(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ) {
    this.#reader = reader;
    this.#writer = writer;
  }

  open(sink: DriverSink): void {
    this.#sink = sink;
    this.#writer.closed.catch(this.#onWritableError);
  }

  // Reading.

  resume(): void {
    this.#flowing = true;
    if (this.#readAll || this.#dead) return;
    this.#watch();
    if (this.#reading) return;
    this.#reading = true;
    this.#reader.read().then(this.#onRead, this.#onReadError);
  }

  pause(): void {
    this.#flowing = false;
    this.#timer?.cancel();
  }

  readonly #onRead = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
    this.#reading = false;
    if (this.#dead) return;
    if (done) {
      this.#readAll = true;
      return this.#sink.peerEnded();
    }
    const chunk = viewOf(value);
    if (chunk === undefined) {
      const where = endpointText(this.#sink.remote);
      return this.#sink.fail(new ZmqError("EINVAL", `The stream of ${where} contains a ${typeof value}, not bytes`));
    }
    if (chunk.length > 0) this.#sink.received(chunk);
    if (this.#flowing) this.resume();
  };

  readonly #onReadError = (cause: unknown): void => {
    if (!this.#dead) this.#sink.lost(this.#broken(cause));
  };

  // Writing.

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#writableError !== undefined) {
      this.#sink.writeFailed(this.#writableError);
      return false;
    }
    this.#left = chunks.reduce((sum, { length }) => sum + length, 0);
    this.#unwritten.keep(chunks);
    return this.#writeOn();
  }

  /** Passes the next piece to the stream; returns `true` if there is none. */
  #writeOn(): boolean {
    const piece = this.#nextPiece();
    if (this.#unwritten.gone) {
      this.#sink.fail(goneUnwritten(this.#sink.remote));
      return false;
    }
    this.#writing = piece.length > 0;
    if (!this.#writing) return true;
    this.mostTaken += piece.length;
    this.#writer.write(piece).then(this.#onWritten, this.#onWriteFailed);
    return false;
  }

  #nextPiece(): Uint8Array {
    const piece = new Uint8Array(Math.min(this.#left, PIECE));
    for (let at = 0; at < piece.length;) {
      const part = this.#unwritten.next()?.subarray(0, piece.length - at);
      if (part === undefined) break;
      piece.set(part, at);
      at += part.length;
      this.#unwritten.take(part.length);
    }
    this.#left -= piece.length;
    return piece;
  }

  readonly #onWritten = (): void => {
    this.#writing = false;
    this.bytesTaken = this.mostTaken;
    if (this.#leaving) this.leave();
    else if (!this.#dead && this.#writeOn()) this.#sink.drained();
  };

  /** Written bytes were lost. */
  readonly #onWriteFailed = (cause: unknown): void => {
    if (this.#dead) return;
    this.#sink.writeFailed(this.#writableError ?? this.#broken(cause));
    this.#onWritableError(cause);
  };

  /** The stream no longer takes anything. Bytes that the peer sent before must still be read. */
  readonly #onWritableError = (cause: unknown): void => {
    if (this.#dead || this.#writableError !== undefined) return;
    this.#writableError = this.#broken(cause);
    if (this.#flowing) this.#watch();
  };

  /** Disconnects a peer that can no longer be written to when it falls silent. */
  #watch(): void {
    if (this.#writableError === undefined) return;
    this.#timer?.cancel();
    this.#timer = idleTimer(CLOSE_GRACE, () => this.#sink.lost(this.#writableError));
  }

  // Ending.

  finish(): void {
    if (this.#writableError !== undefined) return this.#sink.lost();
    this.#writer.close().then(() => {
      this.#ended = true;
      this.#sink.endSent();
    }, this.#onWriteFailed);
  }

  leave(): void {
    if (this.#writing && this.#writableError === undefined) {
      this.#leaving = true;
      this.#timer = idleTimer(CLOSE_GRACE, () => this.#sink.lost());
      return;
    }
    if (this.#dead) return;
    // Closed, not aborted, because nothing is lost.
    if (!this.#writing) this.#ended = true, this.#writer.close().catch(() => {});
    this.drop(undefined);
  }

  drop(reason: Error | undefined): void {
    this.#dead = true;
    this.#timer?.cancel();
    this.#unwritten.clear();
    if (!this.#readAll) this.#reader.cancel(reason).catch(() => {});
    if (!this.#ended) this.#writer.abort(reason).catch(() => {});
    this.#sink.closed();
  }

  #broken(cause: unknown): ZmqError {
    const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
    const known = code === "ETIMEDOUT" ? "ETIMEDOUT" : code === "ECONNRESET" || code === "EPIPE" ? "ECONNRESET" : "EIO";
    const why = peerText(String(message ?? cause));
    return new ZmqError(known, `Connection to ${endpointText(this.#sink.remote)} failed: ${why}`, { cause });
  }
}
