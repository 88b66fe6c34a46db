/**
 * A link on a socket of Bun's. See `src/transport.ts` for what a link promises.
 *
 * Measured on Bun 1.4.5: every chunk (up to 512 KiB) has memory of its own, which Bun does not touch again, so it is
 * handed on uncopied. A paused socket keeps the process alive, holds back the peer's end, but may still deliver data
 * when the peer resets it. `close` and `drain` may be called from inside other calls, `drain` also for no reason.
 *
 * @module
 */

import { microtask } from "../../src/clock.ts";
import { Grace } from "../../src/transport/grace.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport.ts";
import { goneUnwritten, isGone } from "../../src/untransferable.ts";
import { tcpError } from "../shared/tcp.ts";

/** Bun's `Socket`, as much of it as is used. */
export interface BunSocket {
  /** The link on this socket. */
  data: BunLink | undefined;
  /** Undefined once the peer is gone. */
  readonly remoteAddress: string | undefined;
  /** Undefined once the peer is gone. */
  readonly remotePort: number | undefined;
  /** Where the connection comes from. */
  readonly localAddress: string;
  /** Where the connection comes from. */
  readonly localPort: number;
  /** Gives bytes to the kernel and tells how many it took; Bun keeps none. Negative on a closed socket. */
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

const OPEN = 0;
/** `close` was called: what was written goes out, what comes in is dropped. */
const CLOSING = 1;
/** The end is sent; the peer's is waited for. */
const ENDED = 2;
const CLOSED = 3;

const NO_CHUNKS: readonly Uint8Array[] = [];

/** A link on a connected socket; the socket's callbacks call `received`, `writable`, `peerEnded` and `gone`. */
export class BunLink implements Link {
  /** See {@link Link.remote}. */
  readonly remote: string;
  readonly #socket: BunSocket;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #told = false;
  #error: Error | undefined;
  readonly #grace = new Grace(() => this.#finish());

  #paused = false;
  /** Arrived while the link was paused. */
  #held: Uint8Array[] = [];
  #peerEnded = false;
  /** The socket is closed, but what is held is still to be delivered. */
  #gone = false;

  #rest: Uint8Array | undefined;
  #queue = NO_CHUNKS;
  #next = 0;
  /** Bytes of the last write that the kernel has. */
  #taken = 0;
  /** Bytes of all writes that the kernel has. */
  #total = 0;

  /** Takes over a socket that has just opened; nothing is read before `start`. */
  constructor(socket: BunSocket, remote: string) {
    this.#socket = socket;
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
    socket.setNoDelay(true);
    socket.pause();
  }

  /** See {@link Link.start}. */
  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#told) microtask(() => sink.onClose(this.#error, this.#taken));
    else if (!this.#paused) this.#flow();
  }

  /** See {@link Link.pause}. */
  pause(): void {
    if (this.#state !== OPEN) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** See {@link Link.resume}. */
  resume(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    if (this.#sink !== undefined) this.#flow();
  }

  #flow(): void {
    if (this.#held.length > 0) microtask(() => this.#deliverHeld());
    else this.#socket.resume();
  }

  #deliverHeld(): void {
    while (this.#held.length > 0) {
      if (this.#paused || this.#state !== OPEN) return;
      this.#sink!.onData(this.#held.shift()!);
    }
    if (this.#state !== OPEN) return;
    if (this.#peerEnded || this.#gone) this.#finish(this.#error);
    else if (!this.#paused) this.#socket.resume();
  }

  /** Data arrived. */
  received(chunk: Uint8Array): void {
    if (this.#state !== OPEN) return;
    if (this.#paused || this.#sink === undefined || this.#held.length > 0) this.#held.push(chunk);
    else this.#sink.onData(chunk);
  }

  /** See {@link Link.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#rest === undefined) this.#taken = 0;
    if (this.#state !== OPEN) return false;
    for (let i = 0; i < chunks.length; i++) {
      const rest = this.#send(chunks[i]!);
      if (rest === undefined) continue;
      this.#rest = rest;
      this.#queue = i + 1 < chunks.length ? chunks.slice(i + 1) : NO_CHUNKS;
      this.#next = 0;
      return false;
    }
    return true;
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number {
    return this.#total;
  }

  /** Gives a chunk to the socket; what it did not take is returned. */
  #send(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length === 0) return undefined;
    // Negative on a socket that is gone: `close` is called, or about to be.
    const taken = Math.max(0, this.#socket.write(chunk));
    this.#taken += taken;
    this.#total += taken;
    if (taken === chunk.length) return undefined;
    return chunk.subarray(taken);
  }

  /** The socket takes more. */
  writable(): void {
    if (this.#rest === undefined || this.#state > CLOSING) return;
    const first = this.#rest;
    if (isGone(first) || this.#queue.some((chunk, i) => i >= this.#next && isGone(chunk))) {
      return this.#finish(goneUnwritten(this.remote));
    }
    // Bun may call `drain` from inside `write`: what is being sent must not be found here again.
    this.#rest = undefined;
    let rest = this.#send(first);
    while (rest === undefined && this.#next < this.#queue.length) rest = this.#send(this.#queue[this.#next++]!);
    this.#rest = rest;
    if (rest !== undefined) return;
    this.#queue = NO_CHUNKS;
    if (this.#state === OPEN) this.#sink?.onDrain();
    else if (this.#state === CLOSING) this.#sendEnd();
  }

  /** See {@link Link.close}. */
  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#held = [];
      // Unread data at the time of the real close would make the kernel send a reset, which can destroy data on its way.
      this.#socket.resume();
      if (this.#gone) this.#finish(this.#error);
      else if (this.#rest === undefined) this.#sendEnd();
    }
    return this.#closed;
  }

  /** See {@link Link.unref}. */
  unref(): void {
    this.#socket.unref();
  }

  /** See {@link Link.ref}. */
  ref(): void {
    this.#socket.ref();
  }

  #sendEnd(): void {
    this.#state = ENDED;
    this.#socket.shutdown();
    if (this.#peerEnded) this.#finish();
    else this.#grace.start();
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    this.#finish(reason ?? this.#error);
  }

  /** The peer ended its side. */
  peerEnded(): void {
    this.#peerEnded = true;
    // A peer that ends its side may go on reading what `close` still has to send.
    if (this.#state !== CLOSING && this.#held.length === 0) this.#finish();
  }

  /** The socket is closed. */
  gone(cause?: Error): void {
    if (this.#state === CLOSED) return;
    const error = cause && this.#state !== ENDED ? tcpError(`Connection to ${this.remote} failed`, cause) : undefined;
    if (this.#state !== OPEN || this.#held.length === 0) return this.#finish(error);
    this.#gone = true;
    this.#error = error;
  }

  #finish(error?: Error): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.#error = error;
    this.#held = [];
    this.#grace.stop();
    // Not `terminate`: its reset would destroy what the kernel still has to deliver.
    this.#socket.close();
    microtask(() => this.#tell());
  }

  #tell(): void {
    this.#told = true;
    this.#rest = undefined;
    this.#queue = NO_CHUNKS;
    this.#sink?.onClose(this.#error, this.#taken);
    this.#resolveClosed();
  }
}
