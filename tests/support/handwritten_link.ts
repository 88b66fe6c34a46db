/**
 * A link of a user's own, written by hand after the contract in `src/transport/transport.ts`: two ends in memory, with a buffer of some
 * bytes between them each way. It stands for the links of other people,
 * which share no code with ours. Unlike `fake_link.ts`, which a test plays, it works by itself.
 *
 * @module
 */

import { systemClock } from "../../src/base/clock.ts";
import { Grace } from "../../src/transport/grace.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport/transport.ts";

/** More bytes than this on their way, and the writer waits. */
const BUFFER = 256 * 1024;

const OPEN = 0;
const CLOSING = 1;
const ENDED = 2;
const CLOSED = 3;

/** One of two ends. */
export class HandwrittenLink implements Link {
  readonly remote: string;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #peer!: HandwrittenLink;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #paused = false;
  #told = false;
  #error: Error | undefined;
  readonly #grace = new Grace(() => this.#finish(), systemClock);
  #scheduled = false;
  /** Written by the peer and not yet delivered. */
  readonly #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #peerEnded = false;
  /** The last write waits for the peer to read. */
  #blocked = false;
  /** The last write found the link closed. */
  #refused = false;

  private constructor(remote: string) {
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** Two ends. */
  static pair(first = "memory:first", second = "memory:second"): [HandwrittenLink, HandwrittenLink] {
    const ends: [HandwrittenLink, HandwrittenLink] = [new HandwrittenLink(second), new HandwrittenLink(first)];
    ends[0].#peer = ends[1];
    ends[1].#peer = ends[0];
    return ends;
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#told) queueMicrotask(() => sink.onClose(this.#error, this.#refused ? 0 : undefined));
    else this.#schedule();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const peer = this.#peer;
    if (this.#state !== OPEN || peer.#state === CLOSED) {
      this.#refused ||= !this.#blocked;
      return false;
    }
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      peer.#inbox.push(chunk.slice());
      peer.#inboxBytes += chunk.length;
    }
    peer.#schedule();
    this.#blocked = peer.#inboxBytes > BUFFER && peer.#state !== CLOSED;
    return !this.#blocked;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#schedule();
      if (!this.#blocked) this.#sendEnd();
    }
    return this.#closed;
  }

  abort(reason?: Error): void {
    this.#finish(reason);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#state === OPEN && this.#sink === undefined) return;
    while (this.#inbox.length > 0 && !(this.#state === OPEN && this.#paused)) {
      const chunk = this.#inbox.shift()!;
      this.#inboxBytes -= chunk.length;
      if (this.#state === OPEN) this.#sink!.onData(chunk);
    }
    if (this.#inboxBytes <= BUFFER) this.#peer.#unblock();
    if (!this.#peerEnded || this.#inbox.length > 0) return;
    if (this.#state === ENDED || (this.#state === OPEN && !this.#paused)) this.#finish();
    // The remaining bytes have no receiver.
    else if (this.#state === CLOSING && this.#peer.#state === CLOSED) this.#finish();
  }

  #unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (this.#state === OPEN) this.#sink!.onDrain();
    else if (this.#state === CLOSING) this.#sendEnd();
  }

  #sendEnd(): void {
    this.#state = ENDED;
    this.#peer.#ended();
    this.#schedule();
    this.#grace.start();
  }

  #ended(): void {
    this.#peerEnded = true;
    this.#schedule();
  }

  #finish(error?: Error): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.#error = error;
    this.#grace.stop();
    this.#inbox.length = this.#inboxBytes = 0;
    this.#peer.#ended();
    queueMicrotask(() => {
      this.#told = true;
      this.#sink?.onClose(this.#error, this.#refused ? 0 : undefined);
      this.#resolveClosed();
    });
  }
}
