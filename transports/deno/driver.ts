/**
 * A link on a connection of Deno's. See `src/transport.ts` for what a link promises.
 *
 * Reads and writes are promises there, at most one of each under way; a write is never known to be complete at once.
 * Measured on Deno 2.9.5: `close` of a connection cancels a pending read and a blocked write; older ones did not. A loop
 * that is never idle looks at its sockets only in every 61st turn (tokio's `event_interval`).
 *
 * @module
 */

import { microtask, type Timer } from "../../src/clock.ts";
import { Grace } from "../../src/transport/grace.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { Hold, idleTimer } from "../../src/transport/hold.ts";
import { goneUnwritten, isGone } from "../../src/untransferable.ts";
import { tcpError } from "../shared/tcp.ts";

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
  /** Writes some of the bytes, and tells how many. */
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
  /** Where the other end is. */
  readonly remoteAddr: DenoAddress;
  /** Where the connection comes from. */
  readonly localAddr: DenoAddress;
  /** Sets TCP_NODELAY. */
  setNoDelay(on: boolean): void;
  /** Sets SO_KEEPALIVE. */
  setKeepAlive(on: boolean): void;
}

const OPEN = 0;
/** `close` was called: what was written goes out, what comes in is dropped. */
const CLOSING = 1;
/** The end is sent; the peer's is waited for. */
const ENDED = 2;
const CLOSED = 3;

const NOTHING: Uint8Array = new Uint8Array(0);
const SOME_BYTES = new Uint8Array(64 * 1024);
const NO_CHUNKS: readonly Uint8Array[] = [];

/** Calls back when Deno has looked at its sockets: it does before it waits for what another thread does. */
export function lookAtSockets(callback: () => void): void {
  crypto.subtle.digest("SHA-512", SOME_BYTES).then(callback, callback);
}

/** A link on a connected socket. */
export class DenoLink implements Link {
  /** See {@link Link.remote}. */
  readonly remote: string;
  readonly #conn: DenoConn;
  readonly #hold = new Hold();
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #told = false;
  #error: Error | undefined;
  readonly #grace = new Grace(() => this.#finish());
  #timer: Timer | undefined;

  readonly #buffer = new ReadBuffer();
  #reading = false;
  #paused = false;
  #peerEnded = false;
  /** Read while the link was paused. */
  #held: Uint8Array | undefined;

  #writing = false;
  #rest: Uint8Array = NOTHING;
  #queue = NO_CHUNKS;
  #next = 0;
  /** Bytes of the last write that the kernel has, at most. */
  #taken = 0;
  /** Bytes of all writes that the kernel has. */
  #total = 0;

  /** Takes over a connection; nothing is read before `start`. */
  constructor(conn: DenoConn, remote: string) {
    this.#conn = conn;
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** See {@link Link.start}. */
  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#told) microtask(() => sink.onClose(this.#error, this.#taken));
    else if (this.#state === OPEN && !this.#paused) this.#read();
  }

  /** See {@link Link.pause}. */
  pause(): void {
    if (this.#state !== OPEN) return;
    this.#paused = true;
    this.#hold.hold();
  }

  /** See {@link Link.resume}. */
  resume(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    this.#hold.release();
    if (this.#held !== undefined) microtask(() => this.#deliverHeld());
    else if (this.#sink !== undefined) this.#read();
  }

  /** See {@link Link.poll}. */
  readonly poll: NonNullable<Link["poll"]> = lookAtSockets;

  /** See {@link Link.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#writing) this.#taken = 0;
    if (this.#state !== OPEN) return false;
    if (chunks.length === 0) return true;
    this.#rest = chunks[0]!;
    this.#queue = chunks.length === 1 ? NO_CHUNKS : chunks.slice();
    this.#next = 1;
    this.#writing = this.#writeNext();
    return !this.#writing;
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number {
    return this.#total;
  }

  /** See {@link Link.close}. */
  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#paused = false;
      this.#held = undefined;
      this.#hold.release();
      // Unread data at the time of the real close would make the kernel send a reset, which can destroy data on its way.
      this.#read();
      if (this.#error !== undefined) this.#finish(this.#error);
      else if (!this.#writing) this.#sendEnd();
    }
    return this.#closed;
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    this.#finish(reason ?? this.#error);
  }

  /** See {@link Link.unref}. */
  unref(): void {
    this.#conn.unref();
    this.#hold.unref();
  }

  /** See {@link Link.ref}. */
  ref(): void {
    this.#conn.ref();
    this.#hold.ref();
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#conn.read(this.#buffer.next()).then(this.#onRead, this.#onReadError);
  }

  readonly #onRead = (length: number | null): void => {
    this.#reading = false;
    if (this.#state === CLOSED) return;
    if (length === null) {
      this.#peerEnded = true;
      // A peer that ends its side may go on reading what `close` still has to send.
      if (this.#state !== CLOSING) this.#finish(this.#error);
      return;
    }
    const chunk = this.#buffer.take(length);
    if (this.#state === OPEN && length > 0) {
      if (this.#paused) {
        this.#held = chunk;
        return;
      }
      this.#sink!.onData(chunk);
    }
    this.#readOn();
  };

  #deliverHeld(): void {
    const chunk = this.#held;
    if (chunk === undefined || this.#paused || this.#state !== OPEN) return;
    this.#held = undefined;
    this.#sink!.onData(chunk);
    this.#readOn();
  }

  #readOn(): void {
    if (this.#state !== CLOSED && !this.#paused) this.#read();
  }

  readonly #onReadError = (cause: unknown): void => {
    this.#reading = false;
    this.#finish(this.#state === ENDED ? undefined : this.#error ?? this.#broken(cause));
  };

  /** Starts writing what is next; false if there is nothing. */
  #writeNext(): boolean {
    while (this.#rest.length === 0) {
      if (this.#next >= this.#queue.length) return false;
      this.#rest = this.#queue[this.#next++]!;
      if (isGone(this.#rest)) {
        this.#writing = false;
        this.#finish(goneUnwritten(this.remote));
        return true;
      }
    }
    this.#conn.write(this.#rest).then(this.#onWritten, this.#onWriteError);
    return true;
  }

  readonly #onWritten = (length: number): void => {
    this.#taken += length;
    this.#total += length;
    if (this.#state === CLOSED) return this.#tell();
    if (isGone(this.#rest)) {
      this.#writing = false;
      return this.#finish(goneUnwritten(this.remote));
    }
    this.#rest = length === this.#rest.length ? NOTHING : this.#rest.subarray(length);
    if (this.#writeNext()) return;
    this.#writing = false;
    this.#queue = NO_CHUNKS;
    if (this.#state === OPEN) this.#sink?.onDrain();
    else this.#sendEnd();
  };

  readonly #onWriteError = (cause: unknown): void => {
    this.#writing = false;
    if (this.#state === CLOSED) return this.#tell();
    // What the peer sent before it went is still to be read: an open link ends when reading does.
    this.#error ??= this.#broken(cause);
    if (this.#state === CLOSING) this.#finish(this.#error);
  };

  #sendEnd(): void {
    this.#conn.closeWrite().then(() => {
      if (this.#state !== CLOSING) return;
      this.#state = ENDED;
      if (this.#peerEnded) this.#finish();
      else this.#grace.start();
    }, (cause) => this.#finish(this.#broken(cause)));
  }

  #broken(cause: unknown): Error {
    return tcpError(`Connection to ${this.remote} failed`, cause);
  }

  #finish(error?: Error): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.#error = error;
    this.#held = undefined;
    this.#hold.release();
    this.#grace.stop();
    this.#conn.close();
    // A cancelled write uses the caller's memory until it has settled; the timer is for a Deno that does not cancel it.
    if (this.#writing) {
      this.#timer = idleTimer(CLOSE_GRACE, () => {
        this.#taken += this.#rest.length;
        this.#tell();
      });
    } else microtask(() => this.#tell());
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#timer?.cancel();
    this.#rest = NOTHING;
    this.#queue = NO_CHUNKS;
    this.#sink?.onClose(this.#error, this.#taken);
    this.#resolveClosed();
  }
}
