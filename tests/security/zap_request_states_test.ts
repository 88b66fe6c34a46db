/**
 * The states of a request to a ZAP handler: every cell of the table in the header of `src/engine/zap_client.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { contextOn } from "../../src/engine/context.ts";
import { askZap } from "../../src/engine/zap_client.ts";
import { Router } from "../../src/sockets/router.ts";
import { SpyController } from "../support/spy_signal.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { ZAP, zapReply } from "./zap_rig.ts";

const TIMEOUT = 1000;

/** A request to a handler, which the test plays. */
class Rig {
  readonly clock = new VirtualClock();
  readonly context = contextOn(this.clock);
  readonly handler = new Router({ context: this.context, linger: 0 });
  readonly over = new SpyController();
  /** The outcome of the request. */
  outcome: "ASKING" | "ANSWERED" | "REFUSED" = "ASKING";
  #envelope: Uint8Array[] = [];

  static async make(): Promise<Rig> {
    const rig = new Rig();
    await rig.handler.bind(ZAP);
    const request = { domain: "test", address: "", identity: new Uint8Array(0), mechanism: "NULL", credentials: [] };
    askZap(rig.context, request, TIMEOUT, rig.over.signal).then(
      () => rig.outcome = "ANSWERED",
      () => rig.outcome = "REFUSED",
    );
    // The routing id of the asking side, the delimiter, the version and the id of the request.
    rig.#envelope = (await rig.handler.receive()).slice(0, 2);
    return rig;
  }

  async reply(reply: readonly (string | Uint8Array)[]): Promise<void> {
    this.handler.trySend([...this.#envelope, ...reply]);
    await this.clock.settle();
  }
}

walkStates<Rig>("ZAP request", {
  path: "engine/zap_client.ts",
  make: () => Rig.make(),
  reach: {
    ASKING: () => {},
    ANSWERED: (rig) => rig.reply(zapReply()),
    REFUSED: (rig) => rig.reply(zapReply({ version: "2.0" })),
  },
  happen: {
    reply: (rig) => rig.reply(zapReply()),
    "malformed reply": (rig) => rig.reply(["1.0"]),
    "handler closes": (rig) => rig.handler.close(),
    async timeout({ clock }) {
      requireCause(clock.next === TIMEOUT);
      await clock.advance(TIMEOUT);
    },
    over: (rig) => rig.over.abort(),
  },
  async stateOf(rig) {
    await rig.clock.settle();
    const asking = rig.outcome === "ASKING";
    // Neither a timer nor a listener is left behind.
    assertEquals([rig.clock.next === TIMEOUT, rig.over.listeners], [asking, asking ? 1 : 0]);
    return rig.outcome;
  },
  end: (rig) => rig.handler.close(),
});
