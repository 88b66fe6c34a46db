/**
 * Two ends of a byte stream on a virtual clock: what one writes the other gets in the next turn, until the network between them
 * goes dark.
 *
 * @module
 */

import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** One of two ends. */
export class VirtualLink implements Link {
  readonly remote = "virtual://there";
  /** Whether nothing arrives at this end any more: neither bytes nor the peer's end. */
  dark = false;
  readonly #clock: VirtualClock;
  #peer!: VirtualLink;
  #sink: LinkSink | undefined;
  readonly #inbox: Uint8Array[] = [];
  #paused = false;
  #closing = false;
  #peerEnded = false;
  #over = false;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;

  private constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** Two ends. */
  static pair(clock: VirtualClock): [VirtualLink, VirtualLink] {
    const [one, other] = [new VirtualLink(clock), new VirtualLink(clock)];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    this.#flow();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#closing || this.#over) return false;
    for (const chunk of chunks) this.#peer.#inbox.push(chunk.slice());
    this.#peer.#flow();
    return true;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  close(grace: number = CLOSE_GRACE): Promise<void> {
    if (!this.#closing && !this.#over) {
      this.#closing = true;
      this.#peer.#peerEnded = true;
      this.#peer.#flow();
      this.#flow();
    }
    // The first timer that is over counts; those of a link that is gone do nothing.
    if (grace < Infinity) this.#clock.timer(grace, () => this.#end());
    return this.#closed;
  }

  abort(reason?: Error): void {
    this.#peer.#peerEnded = true;
    this.#peer.#flow();
    this.#end(reason);
  }

  #flow(): void {
    this.#clock.turn(() => {
      if (this.#sink === undefined || this.dark || this.#over) return;
      while (this.#inbox.length > 0 && !this.#paused && !this.#over) {
        const chunk = this.#inbox.shift()!;
        if (!this.#closing) this.#sink.onData(chunk);
      }
      if (this.#peerEnded && this.#inbox.length === 0 && !this.#paused) this.#end();
    });
  }

  #end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#closing) {
      this.#peer.#peerEnded = true;
      this.#peer.#flow();
    }
    queueMicrotask(() => {
      this.#sink?.onClose(error);
      this.#resolveClosed();
    });
  }
}
