/**
 * The states of a request: every cell of the table in the header of `src/composites/requester.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Message, Requester, Router, RpcError } from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { SpyController } from "../support/spy_signal.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { texts } from "../support/fake_pipe.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const RETRY = 1000;
const RETRIES = 3;

/** A request, and a server that has room for one message, and receives as the test says. */
class Rig {
  readonly clock = new VirtualClock();
  readonly context = contextOn(this.clock);
  readonly server = new Router({ context: this.context, receiveHighWaterMark: 1, linger: 0 });
  readonly requester: Requester;
  readonly stop = new SpyController();
  /** The attempts that the server has received. */
  readonly attempts: Message[] = [];
  /** Those that were made. */
  made = 1;
  outcome: "open" | "answered" | "failed" = "open";

  constructor(endpoint: string) {
    this.requester = new Requester(endpoint, { context: this.context, sendHighWaterMark: 1, linger: 0 });
  }

  static async make(): Promise<Rig> {
    const rig = new Rig("inproc://server");
    await rig.server.bind("inproc://server");
    await rig.clock.settle();
    const { signal } = rig.stop;
    rig.requester.request("asked", { timeout: RETRY * (RETRIES + 1), retries: RETRIES, signal }).then(
      () => rig.outcome = "answered",
      () => rig.outcome = "failed",
    );
    await rig.room();
    assertEquals(rig.attempts.length, 1);
    return rig;
  }

  /** The server receives all that comes. */
  async room(): Promise<void> {
    await this.clock.settle();
    while (this.server.readable) {
      const message = this.server.tryReceive()!;
      if (texts(message)!.at(-1) === "asked") this.attempts.push(message);
      await this.clock.settle();
    }
  }

  /** Other requests take all room. */
  async fill(): Promise<void> {
    for (let i = 0; i < 3; i++) this.requester.request("other", { timeout: -1 }).catch(() => {});
    await this.clock.settle();
  }

  async timer(ms: number): Promise<void> {
    requireCause(this.clock.next <= this.clock.now() + ms);
    await this.clock.advance(ms);
  }

  /** The server replies to the first attempt. */
  async reply(body: readonly (string | Uint8Array)[]): Promise<void> {
    await this.server.send([...this.attempts[0]!.slice(0, 3), ...body]);
    await this.clock.settle();
  }

  async end(): Promise<void> {
    await this.requester.close();
    await this.server.close();
  }
}

/** The time for the next attempt has come. */
async function retry(rig: Rig): Promise<void> {
  await rig.timer(RETRY);
}

walkStates<Rig>("request", {
  path: "composites/requester.ts",
  make: () => Rig.make(),
  reach: {
    async QUEUED(rig) {
      await rig.fill();
      await retry(rig);
      rig.made++;
    },
    SENT: () => {},
    OVER: (rig) => rig.reply(["answer"]),
  },
  happen: {
    room: (rig) => rig.room(),
    async retry(rig, from) {
      await retry(rig);
      if (from === "SENT") rig.made++;
    },
    async "retry, no room"(rig, from) {
      if (from === "SENT") await rig.fill();
      await retry(rig);
      if (from === "SENT") rig.made++;
    },
    reply: (rig) => rig.reply(["answer"]),
    "error reply": (rig) => rig.reply(new RpcError("NO", "the test says so").toMessage()),
    timeout: (rig) => rig.timer(RETRY * (RETRIES + 1)),
    abort: (rig) => rig.stop.abort(),
    close: (rig) => rig.requester.close(),
  },
  async stateOf(rig) {
    await rig.clock.settle();
    if (rig.outcome !== "open") {
      // Neither a timer nor a listener is left behind, nor an attempt that waits.
      assertEquals([rig.clock.next > rig.clock.now() + RETRY, rig.stop.listeners], [true, 0]);
      return "OVER";
    }
    // An attempt that waits for room is withdrawn with its request; one that is sent is not.
    rig.stop.abort();
    await rig.room();
    return rig.attempts.length < rig.made ? "QUEUED" : "SENT";
  },
  end: (rig) => rig.end(),
});
