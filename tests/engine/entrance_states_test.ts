/**
 * The states of an incoming link: every cell of the table in the header of `entrance.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/base/clock.ts";
import { Arrivals } from "../../src/engine/arrivals.ts";
import { Entrance, type EntranceHost } from "../../src/engine/entrance.ts";
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
