/**
 * The states of a proxy: every cell of the table in the header of `src/composites/proxy.ts`.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { Proxy, Pull, Push } from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { SpyController } from "../support/spy_signal.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const BROKEN = new Error("the test says so");

/** A source, a sink, and a proxy between them, in a context of their own. */
class Rig {
  readonly clock = new VirtualClock();
  readonly context = contextOn(this.clock);
  readonly source = new Push({ context: this.context, linger: 0 });
  readonly pull = new Pull({ context: this.context, linger: 0 });
  readonly push = new Push({ context: this.context, linger: 0 });
  readonly sink = new Pull({ context: this.context, linger: 0 });
  readonly proxy = new Proxy(this.pull, this.push);
  readonly stop = new SpyController();
  /** The outcome of the first `run` that was not aborted before. */
  run: "none" | "running" | "resolved" | "rejected" = "none";
  error: unknown;

  static async make(): Promise<Rig> {
    const rig = new Rig();
    rig.source.connect(await rig.pull.bind("inproc://front"));
    rig.sink.connect(await rig.push.bind("inproc://back"));
    await rig.clock.settle();
    return rig;
  }

  start(signal: AbortSignal = this.stop.signal): void {
    const first = this.run === "none" && !signal.aborted;
    if (first) this.run = "running";
    this.proxy.run({ signal }).then(
      () => first && (this.run = "resolved"),
      (error) => first && ([this.run, this.error] = ["rejected", error]),
    );
  }

  async end(): Promise<void> {
    for (const socket of [this.source, this.pull, this.push, this.sink]) await socket.close();
  }

  /** True if a message goes through. */
  async forwards(): Promise<boolean> {
    if (this.pull.closed) return false;
    const before = this.sink.statistics().messagesReceived;
    this.source.trySend("through");
    await this.clock.settle();
    return this.sink.statistics().messagesReceived > before;
  }
}

walkStates<Rig>("proxy", {
  path: "composites/proxy.ts",
  make: () => Rig.make(),
  reach: {
    NEW: () => {},
    HELD: ({ proxy }) => proxy.pause(),
    RUNNING: (rig) => rig.start(),
    PAUSED(rig) {
      rig.start();
      rig.proxy.pause();
    },
    TERMINATED(rig) {
      rig.start();
      rig.proxy.terminate();
    },
  },
  happen: {
    run: (rig) => rig.start(),
    "run, aborted": (rig) => rig.start(AbortSignal.abort(BROKEN)),
    pause: ({ proxy }) => proxy.pause(),
    resume: ({ proxy }) => proxy.resume(),
    terminate: ({ proxy }) => proxy.terminate(),
    async abort({ clock, stop }) {
      await clock.settle();
      requireCause(stop.listeners > 0);
      stop.abort(BROKEN);
    },
    async "socket closes"({ clock, pull }) {
      await clock.settle();
      await pull.close();
    },
    async "send throws"(rig) {
      await rig.clock.settle();
      let thrown = false;
      Object.assign(rig.push, {
        trySend() {
          thrown = true;
          throw BROKEN;
        },
      });
      await rig.forwards();
      if (!thrown) Reflect.deleteProperty(rig.push, "trySend");
      requireCause(thrown);
      assertStrictEquals(rig.error, BROKEN);
    },
  },
  async stateOf(rig) {
    await rig.clock.settle();
    const { run } = rig;
    if (run === "running") return await rig.forwards() ? "RUNNING" : "PAUSED";
    assertEquals(rig.stop.listeners, 0);
    if (run !== "none") return "TERMINATED";
    // One that was terminated before, or has lost a socket, ends at once.
    rig.start();
    await rig.clock.settle();
    if (rig.run !== "running") return "TERMINATED";
    return await rig.forwards() ? "NEW" : "HELD";
  },
  end: (rig) => rig.end(),
});
