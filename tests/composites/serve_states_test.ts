/**
 * The states of a server: every cell of the table in the header of `src/composites/serve.ts`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, type Message, Router, serve } from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { SpyController } from "../support/spy_signal.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const CONCURRENCY = 3;
const BROKEN = new Error("the test says so");

/** A request whose handler runs. */
interface Running {
  reply(): void;
  fail(): void;
}

/** A server, whose handlers, client and receiving the test plays. */
class Rig {
  readonly clock = new VirtualClock();
  readonly context = contextOn(this.clock);
  readonly router = new Router({ context: this.context, linger: 0 });
  readonly client = new Dealer({ context: this.context, linger: 0 });
  readonly stop = new SpyController();
  running: Running[] = [];
  /** Aborted when the server stops. */
  stopped: AbortSignal | undefined;
  /** `onError` throws as well. */
  strict = false;
  outcome: "open" | "resolved" | "rejected" = "open";
  /** Makes the receive fail that waits. */
  #breakReceive: (() => void) | undefined;

  static async make(): Promise<Rig> {
    const rig = new Rig();
    const receive = rig.router.receive.bind(rig.router);
    const breakable = (options: Parameters<typeof receive>[0]) =>
      new Promise((resolve, reject) => {
        const fails = rig.#breakReceive = () => reject(BROKEN);
        const over = () => {
          if (rig.#breakReceive === fails) rig.#breakReceive = undefined;
        };
        receive(options).finally(over).then(resolve, reject);
      });
    Object.defineProperty(rig.router, "receive", { value: breakable });
    await rig.router.bind("inproc://server");
    rig.client.connect("inproc://server");
    const handler = (_: Message, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<string>((resolve, reject) => {
        rig.stopped = signal;
        rig.running.push({ reply: () => resolve("answer"), fail: () => reject(BROKEN) });
      });
    const onError = () => {
      if (rig.strict) throw BROKEN;
    };
    serve(rig.router, handler, { concurrency: CONCURRENCY, onError, signal: rig.stop.signal }).then(
      () => rig.outcome = "resolved",
      (error) => {
        assertEquals(error, BROKEN);
        rig.outcome = "rejected";
      },
    );
    await rig.clock.settle();
    return rig;
  }

  async request(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) this.client.trySend(["", "asked"]);
    await this.clock.settle();
  }

  async reply(): Promise<void> {
    cause(this.running.shift()).reply();
    await this.clock.settle();
  }

  async error(strict: boolean): Promise<void> {
    this.strict = strict;
    cause(this.running.shift()).fail();
    await this.clock.settle();
    this.strict = false;
  }

  async receiveFails(): Promise<void> {
    cause(this.#breakReceive)();
    await this.clock.settle();
  }
}

walkStates<Rig>("server", {
  path: "composites/serve.ts",
  make: () => Rig.make(),
  reach: {
    IDLE: () => {},
    BUSY: (rig) => rig.request(CONCURRENCY - 1),
    FULL: (rig) => rig.request(CONCURRENCY),
    async STOPPING(rig) {
      await rig.request(CONCURRENCY - 1);
      rig.stop.abort();
      await rig.clock.settle();
    },
    async OVER(rig) {
      rig.stop.abort();
      await rig.clock.settle();
    },
  },
  happen: {
    request: (rig) => rig.request(),
    async "malformed request"(rig) {
      const drops = rig.router.statistics().dropped;
      rig.client.trySend([""]);
      await rig.clock.settle();
      // It is dropped where the server receives.
      if (rig.outcome === "open" && !rig.stop.signal.aborted && rig.running.length < CONCURRENCY) {
        assert(rig.router.statistics().dropped > drops);
      }
    },
    reply: (rig) => rig.reply(),
    async "all reply"(rig) {
      requireCause(rig.running.length > 0);
      while (rig.running.length > 0) await rig.reply();
    },
    error: (rig) => rig.error(false),
    "unhandled error": (rig) => rig.error(true),
    "receive fails": (rig) => rig.receiveFails(),
    stop: (rig) => rig.stop.abort(),
    close: (rig) => void rig.router.close(),
  },
  async stateOf(rig) {
    await rig.clock.settle();
    if (rig.outcome !== "open") {
      // Nothing listens any longer, and no request is accepted.
      assertEquals([rig.stop.listeners, rig.running.length], [0, 0]);
      await rig.request();
      assertEquals(rig.running.length, 0);
      return "OVER";
    }
    const before = rig.running.length;
    await rig.request(CONCURRENCY + 1);
    const begun = rig.running.length - before;
    if (rig.stopped?.aborted === true) {
      assertEquals(begun, 0);
      return "STOPPING";
    }
    assertEquals(rig.running.length, CONCURRENCY);
    return begun === CONCURRENCY ? "IDLE" : begun === 0 ? "FULL" : "BUSY";
  },
  async end(rig) {
    rig.stop.abort();
    await rig.clock.settle();
    while (rig.running.length > 0) await rig.reply();
    const closed = Promise.all([rig.client.close(), rig.router.close()]);
    // The linger of 0 ms.
    await rig.clock.advance(0);
    await closed;
  },
});
