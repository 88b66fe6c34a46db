/**
 * The states of a dialer: every cell of the table in the header of `dialer.ts`.
 *
 * @module
 */

import type { Connection } from "../../../src/engine/connection/contract.ts";
import type { Attempt } from "../../../src/engine/carriers/carrier.ts";
import { Dialer, type DialerHost } from "../../../src/engine/endpoints/dialer.ts";
import { NO_HOLD } from "../../../src/engine/waits/process_hold.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { Endpoint } from "../../../src/schemes/endpoint.ts";
import { assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { settle } from "../../support/socket_types.ts";
import { cause, requireCause, walkStates } from "../../support/state_table.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const REFUSED = new ZmqError("ECONNREFUSED", "the test says so");

/** A dialer with everything around it played by the test. */
class Rig implements DialerHost {
  readonly clock = new VirtualClock();
  readonly settings = { ...settle("PUSH", { reconnectInterval: 100 }) };
  readonly attempts: Attempt[] = [];
  readonly intervals: (number | undefined)[] = [];
  drops = 0;
  readonly connection = { start() {}, drop: () => void this.drops++ } as unknown as Connection;
  readonly dialer = new Dialer({
    address: Endpoint.parse("tcp://127.0.0.1:5555", "connect"),
    settings: this.settings,
    clock: this.clock,
    hold: NO_HOLD,
    dial: (attempt) => void this.attempts.push(attempt),
    pipe: undefined,
    routingId: undefined,
  }, this);

  get attempt(): Attempt {
    return this.attempts.at(-1)!;
  }

  dialing(): void {}
  connected(): void {}
  retrying(_dialer: Dialer, interval: number | undefined): void {
    this.intervals.push(interval);
  }
}

function connected(rig: Rig): void {
  rig.dialer.dial();
  rig.attempt.connected(rig.connection);
}

/** The attempt that is to be answered: each is answered once. In ENDED it is one from before the end. */
function open(rig: Rig, from: string): Attempt {
  requireCause(from === "ATTEMPTING" || from === "ENDED");
  return cause(rig.attempts.at(-1));
}

/** A connection that can be lost: the one of the dialer. In ENDED it is one from before the end. */
function requireConnection(rig: Rig, from: string): void {
  requireCause(rig.dialer.connection !== undefined || from === "ENDED");
}

walkStates<Rig>("dialer", {
  path: "engine/endpoints/dialer.ts",
  make: () => new Rig(),
  reach: {
    NEW: () => {},
    ATTEMPTING: (rig) => rig.dialer.dial(),
    CONNECTED: connected,
    WAITING(rig) {
      rig.dialer.dial();
      rig.attempt.failed(REFUSED);
    },
    ENDED(rig) {
      rig.dialer.dial();
      rig.dialer.drop();
    },
  },
  happen: {
    // By its owner, once, then by its timer.
    async connect(rig, from) {
      if (from === "NEW") return rig.dialer.dial();
      requireCause(rig.clock.pending > 0);
      await rig.clock.advance(1000);
    },
    connected: (rig, from) => open(rig, from).connected(rig.connection),
    failed: (rig, from) => open(rig, from).failed(REFUSED),
    lost(rig, from) {
      requireConnection(rig, from);
      rig.dialer.lost(REFUSED, true);
    },
    "failed, stops"(rig, from) {
      const attempt = open(rig, from);
      rig.settings.reconnectInterval = -1;
      attempt.failed(REFUSED);
    },
    "lost, stops"(rig, from) {
      requireConnection(rig, from);
      rig.settings.reconnectStop = ["handshakeFailed"];
      rig.dialer.lost(REFUSED, false);
    },
    drop: (rig) => rig.dialer.drop(),
  },
  stateOf(rig) {
    const { dialer, attempts } = rig;
    if (!dialer.active) {
      assertEquals([rig.clock.pending, dialer.connection === undefined || rig.drops === 0], [0, true]);
      return "ENDED";
    }
    if (dialer.connection !== undefined) return "CONNECTED";
    if (attempts.length === 0) return "NEW";
    return rig.intervals.length === attempts.length && rig.clock.pending === 1 ? "WAITING" : "ATTEMPTING";
  },
});

test("dialer states: drop aborts the attempt in progress, and drops a connection that is made nevertheless", () => {
  const rig = new Rig();
  rig.dialer.dial();
  const { signal } = rig.attempt;
  rig.dialer.drop();
  assertEquals([signal.aborted, rig.drops], [true, 0]);
  rig.attempt.connected(rig.connection);
  assertEquals([rig.drops, rig.dialer.connection, rig.intervals], [1, undefined, []]);
});
