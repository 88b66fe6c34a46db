/**
 * The states of Deno's driver: every cell of the table in the header of `transports/deno/driver.ts`. The test plays the
 * connection, so it runs everywhere.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import type { DriverSink } from "../../src/transport/driver.ts";
import type { DenoConn } from "../../transports/deno/api.ts";
import { DenoDriver } from "../../transports/deno/driver.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

const BYTE = Uint8Array.of(7);
const BROKEN = new Error("the test says so");
const { timer, turn } = systemClock;
const settled = () => new Promise<void>((resolve) => turn(resolve));

/** A promise of the connection. */
interface Pending<T> {
  readonly done: (value: T) => void;
  readonly failed: (error: Error) => void;
}

/** A driver under a link, over a connection, both of which the test plays. */
class Rig implements DriverSink {
  readonly remote = "tcp://127.0.0.1:5555";
  readonly calls: string[] = [];
  readonly timers = new Set<() => void>();
  writing: Pending<number> | undefined;
  ending: Pending<void> | undefined;
  driver: DenoDriver;

  constructor() {
    Object.assign(systemClock, {
      timer: (_ms: number, callback: () => void) => {
        const act = () => void (this.timers.delete(act), callback());
        this.timers.add(act);
        return { cancel: () => void this.timers.delete(act), ref() {}, unref() {} };
      },
    });
    this.driver = this.open();
  }

  /** A driver over a new connection. */
  open(): DenoDriver {
    const conn = {
      read: () => new Promise<null>(() => {}),
      write: () => new Promise<number>((done, failed) => this.writing = { done, failed }),
      closeWrite: () => new Promise<void>((done, failed) => this.ending = { done, failed }),
      close: () => void this.calls.push("close"),
      ref() {},
      unref() {},
    } as unknown as DenoConn;
    const driver = this.driver = new DenoDriver(conn);
    driver.open(this);
    return driver;
  }

  async taken(): Promise<void> {
    const { done } = cause(this.writing);
    this.writing = undefined;
    done(BYTE.length);
    await settled();
  }

  async writeFails(): Promise<void> {
    const { failed } = cause(this.writing);
    this.writing = undefined;
    failed(BROKEN);
    await settled();
  }

  /** The promise of the end settles; in DEAD, that of a driver that was dropped before. */
  async end(from: string, error?: Error): Promise<void> {
    if (from === "DEAD") {
      this.calls.length = 0;
      this.open().finish();
      this.driver.drop();
    }
    const { done, failed } = cause(this.ending);
    this.ending = undefined;
    if (error === undefined) done();
    else failed(error);
    await settled();
  }

  received(): void {}
  peerEnded(): void {}

  drained(): void {
    this.calls.push("drained");
  }

  endSent(): void {
    if (!this.calls.includes("closed")) this.calls.push("endSent");
  }

  writeFailed(): void {
    this.calls.push("writeFailed");
  }

  // As a link does.
  lost(): void {
    if (!this.calls.includes("close")) this.driver.drop();
  }

  fail(): void {
    this.lost();
  }

  closed(): void {
    if (!this.calls.includes("closed")) this.calls.push("closed");
  }
}

walkStates<Rig>("driver of Deno", {
  path: "../transports/deno/driver.ts",
  make: () => new Rig(),
  reach: {
    OPEN: () => {},
    WRITING: (rig) => void rig.driver.write([BYTE]),
    DEAF(rig) {
      rig.driver.write([BYTE]);
      return rig.writeFails();
    },
    FINISHING: (rig) => rig.driver.finish(),
    ENDED(rig) {
      rig.driver.finish();
      return rig.end("FINISHING");
    },
    DROPPED(rig) {
      rig.driver.write([BYTE]);
      rig.driver.drop();
    },
    DEAD(rig) {
      rig.driver.write([BYTE]);
      rig.driver.drop();
      for (const act of rig.timers) act();
    },
  },
  happen: {
    write: (rig) => void rig.driver.write([BYTE]),
    taken: (rig) => rig.taken(),
    "write fails": (rig) => rig.writeFails(),
    finish: (rig) => rig.driver.finish(),
    "end sent": (rig, from) => rig.end(from),
    "end fails": (rig, from) => rig.end(from, BROKEN),
    drop: (rig) => rig.driver.drop(),
    "grace over"(rig) {
      requireCause(rig.timers.size > 0);
      for (const act of rig.timers) act();
    },
  },
  stateOf({ calls, ending, timers, writing }) {
    // A timer runs as long as a dropped connection uses the memory of a write.
    const dropped = calls.includes("close");
    assertEquals(timers.size, dropped && !calls.includes("closed") ? 1 : 0);
    if (dropped) return calls.includes("closed") ? "DEAD" : "DROPPED";
    if (calls.includes("writeFailed")) return "DEAF";
    if (calls.includes("endSent")) return "ENDED";
    if (ending !== undefined) return "FINISHING";
    return writing === undefined ? "OPEN" : "WRITING";
  },
  end: () => void Object.assign(systemClock, { timer }),
});
