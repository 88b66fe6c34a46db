/**
 * A driver that the test plays, under a real link: it notes what the link asks of it, and the test calls its sink.
 *
 * @module
 */

import { concat } from "@std/bytes";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";

/** One socket without a network. */
export class PlayedDriver implements Driver {
  readonly holdsProcess: boolean = true;
  bytesTaken = 0;
  mostTaken = 0;
  /** The link's calls, in order, without the bytes. */
  readonly calls: string[] = [];
  /** The bytes of each write. */
  readonly writes: Uint8Array[] = [];
  sink!: DriverSink;
  flowing = false;
  /** The return value of `write`. */
  takes = true;
  /** `true` if `drop` closes immediately. */
  closes = true;
  /** The reason that `drop` was given. */
  reason: Error | undefined;

  open(sink: DriverSink): void {
    this.sink = sink;
  }

  resume(): void {
    this.calls.push("resume");
    this.flowing = true;
  }

  pause(): void {
    this.calls.push("pause");
    this.flowing = false;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.calls.push("write");
    const bytes = concat(chunks);
    this.writes.push(bytes);
    if (this.takes) this.mostTaken = this.bytesTaken += bytes.length;
    return this.takes;
  }

  finish(): void {
    this.calls.push("finish");
  }

  drop(reason: Error | undefined): void {
    this.calls.push("drop");
    this.reason = reason;
    if (this.closes) this.sink.closed();
  }

  // Events of the network.

  /** Bytes arrive. */
  arrive(...parts: Uint8Array[]): void {
    if (!this.flowing) throw new Error("A paused socket reads nothing");
    this.sink.received(concat(parts));
  }

  /** The written bytes are taken; `takes` is the result of the next write. */
  drain(takes = true): void {
    this.takes = takes;
    this.mostTaken = this.bytesTaken += this.writes.at(-1)!.length;
    this.sink.drained();
  }
}
