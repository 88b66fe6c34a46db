/**
 * Links out of Web streams: whatever gives a readable and a writable stream of bytes can carry a socket's messages.
 *
 * Bytes are copied on their way out, a piece at a time: a Web stream may keep what it was given, or transfer it, after its
 * `write` has resolved.
 *
 * @module
 */

import { viewOf } from "../bytes.ts";
import { microtask, type Timer } from "../clock.ts";
import { ZmqError } from "../errors.ts";
import { Hold, idleTimer } from "./hold.ts";
import { Grace } from "./grace.ts";
import { endpointText, peerText } from "../peer_text.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../transport.ts";
import { goneUnwritten, isGone } from "../untransferable.ts";

const OPEN = 0;
/** `close` was called: what was written goes out, what comes in is dropped. */
const CLOSING = 1;
/** The end is sent; the peer's is waited for. */
const ENDED = 2;
const CLOSED = 3;

/** Most bytes copied and handed to the stream at a time. */
const PIECE = 64 * 1024;
const NO_CHUNKS: readonly Uint8Array[] = [];

/**
 * A link over a pair of Web streams, to be given to a socket's `attach`: a TLS connection, a child process's standard input and
 * output, a WebTransport stream, a decompressor in between. The streams belong to the link from now on. Back-pressure goes both
 * ways as far as the streams hand it on: Node's `Readable.toWeb` reads 16384 chunks ahead, of any size, unless it is told
 * `{ strategy: { highWaterMark: 1 } }`.
 *
 * @param stream `readable` gives what the peer sends, `writable` takes what it is sent.
 * @param options `remote` says where the peer is, for events and logs; default `"stream"`.
 * @throws {TypeError} If one of the streams is locked.
 *
 * @example
 * ```ts
 * import { linkOf, Pair, toText } from "@monocoque/zmq";
 *
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 * await using left = new Pair();
 * await using right = new Pair();
 * left.attach(linkOf({ readable: back.readable, writable: there.writable }));
 * right.attach(linkOf({ readable: there.readable, writable: back.writable }));
 * await left.send("over any stream");
 * const [text] = await right.receive();
 * console.log(toText(text!)); // over any stream
 * ```
 */
export function linkOf(
  stream: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> },
  options: { readonly remote?: string } = {},
): Link {
  // The writer first: if that is taken already, the reader stays free.
  const writer = stream.writable.getWriter();
  try {
    return new StreamLink(stream.readable.getReader(), writer, options.remote ?? "stream");
  } catch (error) {
    writer.releaseLock();
    throw error;
  }
}

class StreamLink implements Link {
  readonly remote: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #told = false;
  #error: Error | undefined;
  /** Why the writable stream takes nothing any more. */
  #deafness: Error | undefined;
  readonly #grace = new Grace(() => this.#finish());
  #timer: Timer | undefined;

  #reading = false;
  #paused = false;
  /** Keeps the process alive while paused, as sockets of the operating system do. */
  readonly #hold = new Hold();
  /** Read while the link was paused. */
  #held: Uint8Array | undefined;
  #peerEnded = false;

  #writing = false;
  #queue = NO_CHUNKS;
  #next = 0;
  #offset = 0;
  /** Bytes of the last write that the stream was given. */
  #given = 0;
  /** Bytes of the piece that the stream was given and has not taken yet. */
  #piece = 0;
  /** Bytes of all writes that the stream has taken. */
  #total = 0;
  /** The peer has ended its side while a piece was in flight: when the stream has taken that, the link is done. */
  #leaving = false;

  constructor(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
    remote: string,
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
    writer.closed.catch(this.#onDeaf);
  }

  start(sink: LinkSink): void {
    if (this.#sink !== undefined) throw new TypeError("A link is started once, and belongs to one socket");
    this.#sink = sink;
    if (this.#told) microtask(() => sink.onClose(this.#error, this.#given));
    else if (this.#state === OPEN && !this.#paused) this.#flow();
  }

  pause(): void {
    if (this.#state !== OPEN) return;
    this.#paused = true;
    this.#hold.hold();
    this.#timer?.cancel();
  }

  resume(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    this.#hold.release();
    if (this.#sink !== undefined) microtask(() => this.#flow());
  }

  // Reading.

  /** Delivers what was held back, then reads on. */
  #flow(): void {
    if (this.#paused || this.#state !== OPEN) return;
    const chunk = this.#held;
    this.#held = undefined;
    if (chunk !== undefined) this.#sink!.onData(chunk);
    if (this.#paused || this.#state !== OPEN) return;
    if (this.#peerEnded) return this.#leave();
    this.#readOn();
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#reader.read().then(this.#onRead, this.#onReadError);
  }

  readonly #onRead = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
    this.#reading = false;
    if (this.#state === CLOSED) return;
    if (done) return this.#onEnd();
    const chunk = viewOf(value);
    if (chunk === undefined) {
      return this.#finish(
        new ZmqError("EINVAL", `The stream of ${endpointText(this.remote)} holds a ${typeof value}, not bytes`),
      );
    }
    if (this.#state === OPEN && chunk.length > 0) {
      if (this.#paused) this.#held = chunk;
      else this.#sink!.onData(chunk);
    }
    if (!this.#paused || this.#state !== OPEN) this.#readOn();
  };

  #readOn(): void {
    if (this.#state === CLOSED) return;
    if (this.#state === OPEN && this.#deafness !== undefined) this.#watch();
    this.#read();
  }

  #onEnd(): void {
    this.#peerEnded = true;
    if (this.#state === OPEN && !this.#paused) this.#leave();
    // A peer that ends its side may go on reading what `close` still has to send.
    else if (this.#state === ENDED) this.#finish();
  }

  readonly #onReadError = (cause: unknown): void => {
    this.#reading = false;
    this.#finish(this.#state === ENDED ? undefined : this.#error ?? this.#broken(cause));
  };

  // Writing.

  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#writing) this.#given = 0;
    // A stream that takes nothing more may still have something to give.
    if (this.#state !== OPEN || this.#deafness !== undefined) {
      this.#error ??= this.#deafness;
      return false;
    }
    this.#queue = chunks.slice();
    this.#next = this.#offset = 0;
    this.#writing = this.#writeOn();
    return !this.#writing;
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number {
    return this.#total;
  }

  /** Hands the next piece to the stream; `false` if there is none. */
  #writeOn(): boolean {
    if (this.#queue.some((chunk, i) => i >= this.#next && isGone(chunk))) {
      this.#finish(goneUnwritten(this.remote));
      return true;
    }
    const piece = this.#nextPiece();
    if (piece === undefined) return false;
    this.#given += this.#piece = piece.length;
    // Not `desiredSize` and `ready`: the streams that Node makes of its own count chunks there, of any size, up to 16384.
    this.#writer.write(piece).then(this.#onWritten, this.#onLost);
    return true;
  }

  #nextPiece(): Uint8Array | undefined {
    const queue = this.#queue;
    let size = -this.#offset;
    for (let i = this.#next; i < queue.length && size < PIECE; i++) size += queue[i]!.length;
    if (size <= 0) {
      this.#queue = NO_CHUNKS;
      return undefined;
    }
    const piece = new Uint8Array(Math.min(size, PIECE));
    for (let at = 0; at < piece.length;) {
      const chunk = queue[this.#next]!;
      const part = chunk.subarray(this.#offset, this.#offset + piece.length - at);
      piece.set(part, at);
      at += part.length;
      this.#offset += part.length;
      if (this.#offset < chunk.length) continue;
      this.#next++;
      this.#offset = 0;
    }
    return piece;
  }

  readonly #onWritten = (): void => {
    this.#total += this.#piece;
    if (this.#state > CLOSING || this.#writeOn()) return;
    this.#writing = false;
    if (this.#leaving) this.#finish(this.#error, true);
    else if (this.#state === OPEN) this.#sink?.onDrain();
    else this.#sendEnd();
  };

  /** Something written did not arrive. */
  readonly #onLost = (cause: unknown): void => {
    if (this.#state > CLOSING) return;
    this.#error ??= this.#broken(cause);
    this.#onDeaf(cause);
  };

  /** The stream takes nothing any more. What the peer sent before is still to be read: an open link ends when reading does. */
  readonly #onDeaf = (cause: unknown): void => {
    if (this.#state > CLOSING || this.#deafness !== undefined) return;
    this.#deafness = this.#broken(cause);
    if (this.#state === CLOSING) this.#finish(this.#error ?? this.#deafness);
    else if (this.#sink !== undefined && !this.#paused) this.#watch();
  };

  /** A peer that we can no longer speak to is given up when it falls silent. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = idleTimer(CLOSE_GRACE, () => this.#finish(this.#error ?? this.#deafness));
  }

  // The end.

  /** The peer has ended its side, and may read on: a piece that the stream was given is still to arrive, and no other. */
  #leave(): void {
    if (!this.#writing || this.#deafness !== undefined) return this.#finish(this.#error, true);
    this.#state = CLOSING;
    this.#leaving = true;
    this.#queue = NO_CHUNKS;
    this.#timer = idleTimer(CLOSE_GRACE, () => this.#finish(this.#error));
  }

  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#held = undefined;
      this.#hold.release();
      this.#timer?.cancel();
      if (this.#deafness !== undefined) this.#finish(this.#error);
      else {
        // A peer that waits until somebody reads would not read either.
        if (!this.#peerEnded) this.#read();
        if (!this.#writing) this.#sendEnd();
      }
    }
    return this.#closed;
  }

  unref(): void {
    this.#hold.unref();
  }

  ref(): void {
    this.#hold.ref();
  }

  #sendEnd(): void {
    this.#writer.close().then(() => {
      if (this.#state !== CLOSING) return;
      this.#state = ENDED;
      if (this.#peerEnded) this.#finish();
      else this.#grace.start();
    }, this.#onLost);
  }

  abort(reason?: Error): void {
    this.#finish(reason ?? this.#error);
  }

  /** @param gently The peer has ended its side: ours is ended, too, rather than broken off. */
  #finish(error?: Error, gently = false): void {
    if (this.#state === CLOSED) return;
    const ended = this.#state === ENDED;
    this.#state = CLOSED;
    this.#error = error;
    this.#held = undefined;
    this.#queue = NO_CHUNKS;
    this.#hold.release();
    this.#timer?.cancel();
    this.#grace.stop();
    if (!this.#peerEnded) this.#reader.cancel(error).catch(() => {});
    if (gently && !this.#writing) this.#writer.close().catch(() => {});
    else if (!ended) this.#writer.abort(error).catch(() => {});
    microtask(() => this.#tell());
  }

  #broken(cause: unknown): ZmqError {
    const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
    const known = code === "ETIMEDOUT" ? "ETIMEDOUT" : code === "ECONNRESET" || code === "EPIPE" ? "ECONNRESET" : "EIO";
    const why = peerText(String(message ?? cause));
    return new ZmqError(known, `Connection to ${endpointText(this.remote)} failed: ${why}`, { cause });
  }

  #tell(): void {
    this.#told = true;
    // Whether the piece in flight arrives is not known: a Web stream does not say how much of a write it has done.
    this.#sink?.onClose(this.#error, this.#given);
    this.#resolveClosed();
  }
}
