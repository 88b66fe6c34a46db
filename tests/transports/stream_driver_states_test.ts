/**
 * The states of the driver of Web streams: every cell of the table in the header of `src/transport/stream_driver.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import type { DriverSink } from "../../src/transport/driver.ts";
import { StreamDriver } from "../../src/transport/stream_driver.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

const BROKEN = new Error("the test says so");
const BYTE = Uint8Array.of(7);

/** Lets all promises go on that can. */
const settled = () => new Promise<void>((resolve) => systemClock.turn(resolve));

/** A promise of a stream in progress: a piece, or the end. */
interface Pending {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** A driver under a link that the test plays, over streams that it plays as well. */
class Rig implements DriverSink {
  readonly remote = "played:peer";
  readonly calls: string[] = [];
  /** Timers that run. */
  readonly timers = new Set<() => void>();
  piece: Pending | undefined;
  close: Pending | undefined;
  /** The link has called `finish` or `leave`. */
  ending = false;
  driver: StreamDriver;
  #controller!: WritableStreamDefaultController;
  readonly #timer = systemClock.timer;

  constructor() {
    const timer = (_ms: number, callback: () => void) => {
      const act = () => void (this.timers.delete(act), callback());
      this.timers.add(act);
      return { cancel: () => void this.timers.delete(act), ref() {}, unref() {} };
    };
    Object.assign(systemClock, { timer });
    this.driver = this.open();
  }

  /** A driver over new streams. */
  open(): StreamDriver {
    const pending = (set: (pending: Pending) => void) => new Promise<void>((done, failed) => set({ done, failed }));
    const writable = new WritableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      write: () => pending((piece) => this.piece = piece),
      close: () => pending((close) => this.close = close),
    });
    const driver = this.driver = new StreamDriver(
      new ReadableStream<Uint8Array>().getReader(),
      writable.getWriter(),
    );
    driver.open(this);
    driver.resume();
    return driver;
  }

  end(): void {
    Object.assign(systemClock, { timer: this.#timer });
  }

  async write(): Promise<void> {
    this.driver.write([BYTE]);
    await settled();
  }

  async taken(): Promise<void> {
    cause(this.piece).done();
    this.piece = undefined;
    await settled();
  }

  async finish(): Promise<void> {
    this.ending = true;
    this.driver.finish();
    await settled();
  }

  async finished(): Promise<void> {
    cause(this.close).done();
    this.close = undefined;
    await settled();
  }

  async leave(): Promise<void> {
    this.ending = true;
    this.driver.leave();
    await settled();
  }

  async writingFails(): Promise<void> {
    const pending = this.piece ?? this.close;
    if (pending !== undefined) pending.failed(BROKEN);
    else {
      // An end that is sent cannot fail.
      requireCause(!this.calls.includes("endSent"));
      this.#controller.error(BROKEN);
    }
    await settled();
  }

  drop(): void {
    if (!this.calls.includes("closed")) this.driver.drop(undefined);
  }

  // Reports of the driver, and how a link acts on them.

  received(): void {}
  peerEnded(): void {}

  drained(): void {
    this.calls.push("drained");
  }

  endSent(): void {
    this.calls.push("endSent");
  }

  writeFailed(): void {
    this.calls.push("writeFailed");
    if (this.ending) this.drop();
  }

  lost(): void {
    this.drop();
  }

  fail(): void {
    this.drop();
  }

  closed(): void {
    this.calls.push("closed");
  }
}

walkStates<Rig>("stream driver", {
  path: "transport/stream_driver.ts",
  async make() {
    const rig = new Rig();
    await settled();
    return rig;
  },
  reach: {
    OPEN: () => {},
    WRITING: (rig) => rig.write(),
    DEAF: (rig) => rig.writingFails(),
    FINISHING: (rig) => rig.finish(),
    async ENDED(rig) {
      await rig.finish();
      await rig.finished();
    },
    async LEAVING(rig) {
      await rig.write();
      await rig.leave();
    },
    async DEAD(rig) {
      await rig.write();
      rig.drop();
    },
  },
  happen: {
    write: (rig) => rig.write(),
    taken: (rig) => rig.taken(),
    "writing fails": (rig) => rig.writingFails(),
    finish: (rig) => rig.finish(),
    async finished(rig, from) {
      if (from === "DEAD") {
        // One that was dropped while its end was being sent.
        rig.calls.length = 0;
        rig.open();
        await settled();
        await rig.finish();
        rig.drop();
      }
      await rig.finished();
    },
    leave: (rig) => rig.leave(),
    silence(rig) {
      requireCause(rig.timers.size > 0);
      for (const act of rig.timers) act();
    },
    drop: (rig) => rig.drop(),
  },
  async stateOf(rig) {
    const { calls, timers } = rig;
    if (calls.includes("closed")) {
      assertEquals([calls.filter((call) => call === "closed").length, timers.size], [1, 0]);
      return "DEAD";
    }
    if (calls.includes("endSent")) return "ENDED";
    if (rig.close !== undefined) return "FINISHING";
    const { length } = calls;
    if (rig.piece === undefined) {
      await rig.write();
      return calls.length > length ? "DEAF" : "OPEN";
    }
    await rig.taken();
    if (calls.includes("closed")) return "LEAVING";
    return calls.at(-1) === "drained" ? "WRITING" : "DEAF";
  },
  end: (rig) => rig.end(),
});
