/**
 * A link that the test controls: records what is written, and reports what the test sets, within the contract of
 * `Link`.
 *
 * @module
 */

import { concat } from "@std/bytes";
import type { Link, LinkSink } from "../../src/transport/transport.ts";
import { toHex } from "./hex.ts";

/** One byte stream without a network. */
export class FakeLink implements Link {
  readonly remote: string = "tcp://192.0.2.1:9";
  /** The chunks of each write, as they were handed over. */
  readonly chunks: (readonly Uint8Array[])[] = [];
  /** The bytes of each write. */
  readonly writes: Uint8Array[] = [];
  readonly aborts: (Error | undefined)[] = [];
  paused = false;
  /** The progress of a blocked write, set by the test. */
  bytesTaken = 0;
  closes = 0;
  /** The grace that each call of `close` gave the peer. */
  readonly graces: (number | undefined)[] = [];
  /** The return value of `write`. */
  takes = true;
  /** `true`: `close` closes the link; `false`: it hangs. */
  closesAtOnce = true;
  /** `true`: `abort` ends the link; `false`: it hangs, against its contract. */
  abortsAtOnce = true;
  /** Resolves when `onClose` has been called. */
  readonly ended: Promise<void>;

  #sink: LinkSink | undefined;
  #blocked = false;
  #over = false;
  #resolveEnded: () => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
  }

  /** Everything written, as hex. */
  get hex(): string {
    return toHex(concat(this.writes));
  }

  /** The number of written bytes. */
  get bytes(): number {
    return this.writes.reduce((sum, write) => sum + write.length, 0);
  }

  /** `true` from a write that it has kept until it drains. */
  get blocked(): boolean {
    return this.#blocked;
  }

  start(sink: LinkSink): void {
    if (this.#sink !== undefined) throw new Error("A link is started once");
    this.#sink = sink;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#over) return false;
    if (this.#blocked) throw new Error("A link that returned false is not written to before onDrain");
    if (this.closes > 0) throw new Error("Written to after close");
    this.chunks.push([...chunks]);
    this.writes.push(concat(chunks));
    this.#blocked = !this.takes;
    if (this.takes) this.bytesTaken = this.bytes;
    return this.takes;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(grace?: number): Promise<void> {
    this.graces.push(grace);
    if (this.graces.length === 1) this.closes++;
    if (this.closesAtOnce) this.#end(undefined);
    return this.ended;
  }

  abort(reason?: Error): void {
    this.aborts.push(reason);
    if (this.abortsAtOnce) this.#end(reason);
  }

  #end(error: Error | undefined, taken?: number): void {
    if (this.#over) return;
    this.#over = true;
    queueMicrotask(() => {
      this.#sink?.onClose(error, taken);
      this.#resolveEnded();
    });
  }

  // Events of the network.

  /** Bytes arrive; on a paused link they would not. */
  arrive(...parts: Uint8Array[]): void {
    if (this.paused) throw new Error("A paused link delivers nothing");
    if (!this.#over) this.#sink!.onData(concat(parts));
  }

  /** The peer has read: the link takes the next write, and takes it immediately, unless `takes` is `false`. */
  drain(takes = true): void {
    if (!this.#blocked) throw new Error("Only a blocked link drains");
    this.#blocked = false;
    this.bytesTaken = this.bytes;
    this.takes = takes;
    this.#sink!.onDrain();
  }

  /** The stream breaks, or the peer ends it; of the last write this many bytes are out, if that is known. */
  async lose(error?: Error, taken?: number): Promise<void> {
    this.#end(error, taken);
    await this.ended;
  }
}
