/**
 * The states of an incoming link: every cell of the table in the header of `entrance.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/base/clock.ts";
import { Arrivals } from "../../src/engine/arrivals.ts";
import { Entrance, type EntranceHost } from "../../src/engine/entrance.ts";
import { EntranceTurns, type TurnTaker } from "../../src/engine/entrance_turns.ts";
import type { Link } from "../../src/transport/transport.ts";
import { FakeLink } from "../support/fake_link.ts";
import { PlayedTurns } from "../support/played_turns.ts";
import { settle } from "../support/socket_types.ts";
import { requireCause, walkStates } from "../support/state_table.ts";

const HERE = "tcp://0.0.0.0:5555";
/** Most links that are taken in a turn. */
const PER_TURN = 16;

/** The entrance of a socket, and the link that the test is about. */
class Rig implements EntranceHost {
  readonly turns = new PlayedTurns();
  readonly clock = {
    now: () => 0,
    turn: (callback: () => void) => this.turns.later(callback),
    timer: () => ({ cancel() {}, ref() {}, unref() {} }),
    random: () => 0,
  } satisfies Clock;
  readonly settings = { ...settle("PULL", {}) };
  readonly connections = { arrivals: new Arrivals({ ...this, emit() {} }, { bytes: 0 }) };
  readonly entrance = new Entrance(this);
  readonly link = new FakeLink();
  readonly entered: Link[] = [];

  enters(link: Link): void {
    this.entered.push(link);
  }

  /** Others use up this turn. */
  busy(): void {
    for (let i = 0; i < PER_TURN; i++) this.entrance.comesIn(new FakeLink(), HERE);
  }

  comesIn(): void {
    this.entrance.comesIn(this.link, HERE);
  }
}

/** An event for all links that the entrance knows: a link that it does not know stays as it is. */
function known({ link, entered }: Rig, from: string, happens: () => void): void {
  happens();
  if (from !== "NEW") return;
  assertEquals([link.aborts.length, link.paused, entered.includes(link)], [0, false, false]);
  requireCause(false);
}

walkStates<Rig>("entrance", {
  path: "engine/entrance.ts",
  make: () => new Rig(),
  reach: {
    NEW: () => {},
    WAITING(rig) {
      rig.busy();
      rig.comesIn();
    },
    TAKEN: (rig) => rig.comesIn(),
    ENDED(rig) {
      rig.busy();
      rig.comesIn();
      rig.entrance.drop();
    },
  },
  happen: {
    "comes in": (rig) => rig.comesIn(),
    "comes in, no turn"(rig) {
      rig.busy();
      rig.comesIn();
    },
    "comes in, refused"(rig) {
      rig.settings.maxConnections = 1;
      rig.connections.arrivals.entered(rig.link.remote);
      rig.comesIn();
    },
    "comes in, crowded"(rig) {
      rig.settings.maxHandshakes = 1;
      rig.busy();
      rig.entrance.comesIn(new FakeLink(), HERE);
      rig.comesIn();
    },
    turn: (rig, from) => known(rig, from, () => rig.turns.next()),
    drop: (rig, from) => known(rig, from, () => rig.entrance.drop(HERE)),
    "drop elsewhere": (rig, from) => known(rig, from, () => rig.entrance.drop("tcp://0.0.0.0:6666")),
  },
  stateOf({ entrance, entered, link }) {
    if (link.aborts.length > 0) return "ENDED";
    if (entered.includes(link)) return "TAKEN";
    return entrance.waiting > 0 ? "WAITING" : "NEW";
  },
});

/** The turns of all sockets, each of which has one link. */
class TurnsRig {
  readonly loop = new PlayedTurns();
  readonly turns = new EntranceTurns({ turn: (callback) => this.loop.later(callback) });
  readonly line = new Set<TurnTaker>();
  taken = 0;

  ask(times: number): void {
    for (let i = 0; i < times; i++) {
      const taker = { waiting: 1, takeOne: () => void (this.taken++, this.line.delete(taker)) };
      if (!this.turns.may(taker)) this.line.add(taker);
    }
  }

  turn(): void {
    requireCause(this.loop.awaited);
    this.loop.next();
  }
}

walkStates<TurnsRig>("entrance turns", {
  path: "engine/entrance_turns.ts",
  make: () => new TurnsRig(),
  reach: {
    IDLE: () => {},
    OPEN: (rig) => rig.ask(1),
    FULL: (rig) => rig.ask(PER_TURN),
    LINE: (rig) => rig.ask(PER_TURN + 1),
  },
  happen: {
    asks: (rig) => rig.ask(1),
    "all ask": (rig) => rig.ask(PER_TURN),
    turn: (rig) => rig.turn(),
    "turn, many wait"(rig) {
      requireCause(rig.line.size > 0);
      rig.ask(PER_TURN);
      rig.turn();
      assertEquals([rig.taken, rig.line.size], [PER_TURN, 1]);
    },
  },
  stateOf(rig) {
    if (!rig.loop.awaited) return "IDLE";
    const { line, taken } = rig;
    const waited = line.size;
    rig.ask(1);
    if (line.size === waited) return "OPEN";
    rig.turn();
    return rig.taken - taken > 1 ? "LINE" : "FULL";
  },
});
