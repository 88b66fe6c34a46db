/**
 * The states of a dialer: every cell of the tables in the headers of `dialer.ts`, and of `dialers.ts`, whether its socket uses it.
 *
 * @module
 */

import type { Connection } from "../../../src/engine/connection/contract.ts";
import type { Attempt, Carrier } from "../../../src/engine/carriers/carrier.ts";
import { Dialer, type DialerHost } from "../../../src/engine/endpoints/dialer.ts";
import { Dialers, type DialersHost } from "../../../src/engine/endpoints/dialers.ts";
import { Linger } from "../../../src/engine/linger.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { NO_HOLD } from "../../../src/engine/waits/process_hold.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { Endpoint } from "../../../src/schemes/endpoint.ts";
import { assertEquals } from "@std/assert";
import { message } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { drain, PipeWatcher } from "../../support/pipe_watcher.ts";
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

const ADDRESS = Endpoint.parse("tcp://127.0.0.1:5555", "connect");
const LINGER = 1000;

/** One connected endpoint, with everything around it played by the test. */
class SocketRig {
  readonly clock = new VirtualClock();
  readonly linger = new Linger(this.clock);
  readonly settings = { ...settle("PUSH", { reconnectInterval: 100, linger: LINGER }) };
  readonly pipe = new PeerPipe(new PipeWatcher(), false);
  /** Reasons to keep the process alive. */
  holds = 0;
  finishes = 0;
  attempt!: Attempt;
  dialer!: Dialer;
  readonly connection = {
    handshaken: true,
    remote: "",
    start() {},
    drop() {},
    finish: () => void this.finishes++,
  };
  readonly dialers = new Dialers({
    settings: this.settings,
    clock: this.clock,
    hold: { refed: true },
    linger: this.linger,
    pipes: {
      open: () => this.pipe,
      attach() {},
      detach() {},
      drop: (pipe: PeerPipe) => pipe.drop(),
    },
    connections: {
      leave() {},
      drop: (_connection: Connection, pipe: PeerPipe) => pipe.drop(),
      add: (_connection: Connection, dialer: Dialer) => void (this.dialer = dialer),
    },
    queuesAhead: () => true,
    emit() {},
    gaveUp() {},
    dialerEnded() {},
  } as unknown as DialersHost);

  constructor() {
    const hold = { take: () => void this.holds++, release: () => void this.holds-- };
    const carrier = { hold, dial: () => (attempt: Attempt) => void (this.attempt = attempt) };
    this.dialers.connect(ADDRESS, carrier as unknown as Carrier, { values: {} });
    this.attempt.connected(this.connection as unknown as Connection);
  }

  finish(): void {
    this.dialers.finish(this.linger.deadline(LINGER));
  }

  lost(): void {
    this.dialers.lost(this.dialer, REFUSED, true);
  }

  queue(): void {
    requireCause(this.pipe.trySend(message("waits")));
  }
}

walkStates<SocketRig>("dialers", {
  path: "engine/endpoints/dialers.ts",
  make: () => new SocketRig(),
  reach: {
    USED: () => {},
    RETIRING(rig) {
      rig.queue();
      rig.finish();
    },
    REMOVED(rig) {
      rig.connection.handshaken = false;
      rig.dialers.disconnect(ADDRESS);
    },
  },
  happen: {
    finish(rig) {
      // Only `close` finishes one that is no longer used.
      rig.connection.handshaken = false;
      rig.finish();
    },
    "finish, connected"(rig, from) {
      const { finishes } = rig;
      rig.finish();
      assertEquals(rig.finishes - finishes, from === "USED" ? 1 : 0);
    },
    "finish, queued"(rig, from) {
      if (from !== "REMOVED") rig.queue();
      rig.connection.handshaken = false;
      rig.finish();
    },
    lost(rig) {
      drain(rig.pipe);
      rig.lost();
    },
    "lost, queued"(rig) {
      rig.queue();
      rig.lost();
    },
    stops(rig) {
      rig.settings.reconnectInterval = -1;
      rig.lost();
    },
    async deadline({ clock }) {
      requireCause(clock.next === LINGER);
      await clock.advance(LINGER);
    },
  },
  stateOf({ dialers, clock, pipe, holds }) {
    if (dialers.has(ADDRESS.toString())) return "USED";
    assertEquals(holds, dialers.retiring);
    if (dialers.retiring > 0) return "RETIRING";
    // Neither an attempt nor a deadline follows, and nothing can be queued.
    assertEquals([clock.pending, pipe.trySend(message("late"))], [0, false]);
    return "REMOVED";
  },
});
