/**
 * Drives a port to another thread of this process. Each write is copied once, into memory that is then moved to the other thread,
 * so the kernel is not involved. The receiver returns credit for the bytes that it has taken; without it nothing would limit what
 * waits in the port.
 *
 * @module
 */

import type { Driver, DriverSink } from "./driver.ts";
import { LinkCore } from "./link.ts";
import { OpenPort, type ThreadPort } from "./thread_port.ts";

/** Bytes that may be in the port before a write waits. A write that is larger goes alone. */
const WINDOW = 256 * 1024;
/** Bytes for which credit is returned at once. */
const CREDIT = 32 * 1024;
/** The message that ends a side; a number is credit, and an `ArrayBuffer` bytes. */
const END = "end";

/** Drives one end of a port. */
class PortDriver implements Driver {
  /** See {@link Driver.holdsProcess}: no link between threads keeps the process alive. */
  readonly holdsProcess = true;
  /** See {@link Driver.bytesTaken}. */
  bytesTaken = 0;
  readonly #port: ThreadPort;
  #opened!: OpenPort;
  #sink!: DriverSink;
  /** Bytes for which the peer has not returned credit. */
  #unacknowledged = 0;
  #writing = false;
  /** Bytes that this side has taken since it returned credit last. */
  #taken = 0;
  #paused = true;
  #open = true;

  /** Takes over a port. */
  constructor(port: ThreadPort) {
    this.#port = port;
  }

  /** See {@link Driver.mostTaken}. */
  get mostTaken(): number {
    return this.bytesTaken;
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    this.#sink = sink;
    this.#opened = new OpenPort(this.#port, (data) => this.#received(data), () => this.#sink.lost());
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    this.#paused = false;
    this.#returnCredit();
  }

  /** See {@link Driver.pause}. The peer stops when its credit is used up. */
  pause(): void {
    this.#paused = true;
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#open) return false;
    let size = 0;
    for (let i = 0; i < chunks.length; i++) size += chunks[i]!.length;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let i = 0; i < chunks.length; i++) {
      bytes.set(chunks[i]!, at);
      at += chunks[i]!.length;
    }
    this.#opened.post(bytes.buffer, [bytes.buffer]);
    this.bytesTaken += size;
    this.#unacknowledged += size;
    return !(this.#writing = this.#unacknowledged > WINDOW);
  }

  /** See {@link Driver.finish}. */
  finish(): void {
    if (!this.#open) return;
    this.#opened.post(END);
    this.#sink.endSent();
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#opened.close();
    this.#open = false;
    this.#sink.closed();
  }

  #received(data: unknown): void {
    if (typeof data === "number") this.#acknowledged(data);
    else if (data === END) this.#sink.peerEnded();
    else {
      const bytes = new Uint8Array(data as ArrayBuffer);
      this.#taken += bytes.length;
      if (bytes.length > 0) this.#sink.received(bytes);
      this.#returnCredit();
    }
  }

  #returnCredit(): void {
    if (this.#paused || !this.#open || this.#taken < CREDIT) return;
    this.#opened.post(this.#taken);
    this.#taken = 0;
  }

  #acknowledged(bytes: number): void {
    this.#unacknowledged -= bytes;
    if (!this.#writing || this.#unacknowledged > WINDOW / 2) return;
    this.#writing = false;
    this.#sink.drained();
  }
}

/** A link over a port. `remote` is its name in events. */
export function portLink(port: ThreadPort, remote: string): LinkCore {
  return new LinkCore(new PortDriver(port), remote);
}
