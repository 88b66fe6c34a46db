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
  /** What the link has asked for, in order, without the bytes. */
  readonly calls: string[] = [];
  /** The bytes of each write. */
  readonly writes: Uint8Array[] = [];
  sink!: DriverSink;
  flowing = false;
  /** What `write` returns. */
  takes = true;
  /** Whether `drop` closes at once. */
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

  // What the network does.

  /** Bytes arrive. */
  arrive(...parts: Uint8Array[]): void {
    if (!this.flowing) throw new Error("A paused socket reads nothing");
    this.sink.received(concat(parts));
  }

  /** What was written is taken; the next write is, or not. */
  drain(takes = true): void {
    this.takes = takes;
    this.mostTaken = this.bytesTaken += this.writes.at(-1)!.length;
    this.sink.drained();
  }
}
