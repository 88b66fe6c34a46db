/**
 * The states of a connection's reading: every cell of the table in the header of `reading.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Protocol } from "../../../src/engine/connection/protocol.ts";
import type { Reader, ReadTurns } from "../../../src/engine/connection/read_turns.ts";
import { Reading } from "../../../src/engine/connection/reading.ts";
import { FakeLink } from "../../support/fake_link.ts";
import { test } from "../../support/harness.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

/** A reading whose protocol takes every byte for a message, and whose turns and inbox the test plays. */
class Rig {
  readonly link = new FakeLink();
  readonly credit = { left: Infinity };
  /** `true` if other connections are to read first. */
  over = false;
  readonly line = new Set<Reader>();
  /** The number of messages that the inbox accepts. */
  room = 2;
  received = 0;
  #waiting = 0;
  readonly reading = new Reading(
    this.link,
    {
      feed: (chunk: Uint8Array) => this.#decode(chunk.length),
      resume: () => this.#decode(0),
    } as unknown as Protocol,
    {
      credit: this.credit,
      mayRead: (reader: Reader) => {
        if (!this.over) this.credit.left = Infinity;
        else this.line.add(reader);
        return !this.over;
      },
      join: () => {},
      leave: (reader: Reader) => this.line.delete(reader),
    } as unknown as ReadTurns,
    { hasRoom: () => this.received < this.room, resumeReading: () => this.reading.resume() },
  );

  /** It is the turn of those in line. */
  turn(): void {
    this.over = false;
    for (const reader of [...this.line]) {
      this.line.delete(reader);
      reader.readOn();
    }
  }

  #decode(more: number): boolean {
    this.#waiting += more;
    while (this.#waiting > 0) {
      if (this.credit.left <= 0 && !this.reading.mayRead()) return false;
      this.#waiting--;
      this.credit.left--;
      if (++this.received >= this.room) return false;
    }
    return true;
  }
}

function waits(rig: Rig): void {
  rig.over = true;
  rig.credit.left = 0;
  rig.reading.take(new Uint8Array(1));
}

function full(rig: Rig): void {
  rig.reading.take(new Uint8Array(4));
}

walkStates<Rig>("reading", {
  path: "engine/connection/reading.ts",
  make: () => new Rig(),
  reach: {
    FLOWING: () => {},
    FULL: full,
    WAITING: waits,
    DRAINING(rig) {
      waits(rig);
      rig.reading.drain();
    },
  },
  happen: {
    // A paused link delivers nothing.
    "inbox is full"(rig) {
      requireCause(!rig.link.paused);
      full(rig);
    },
    "turn is over"(rig) {
      requireCause(!rig.link.paused);
      waits(rig);
    },
    resume(rig) {
      rig.room = 10;
      rig.reading.resume();
    },
    "turn, room"(rig) {
      requireCause(rig.line.size > 0);
      rig.turn();
    },
    "turn, no room"(rig) {
      requireCause(rig.line.size > 0);
      rig.room = 0;
      rig.turn();
    },
    drain: (rig) => rig.reading.drain(),
  },
  stateOf({ link, line, reading }) {
    if (!link.paused) {
      assertEquals([line.size, reading.draining], [0, false]);
      return "FLOWING";
    }
    if (line.size === 0) return "FULL";
    return reading.draining ? "DRAINING" : "WAITING";
  },
});

test("reading states: drained data needs no room, and takes as many turns as it costs", () => {
  const rig = new Rig();
  full(rig);
  rig.room = 0;
  rig.credit.left = 1;
  rig.over = true;
  rig.reading.drain();
  assertEquals([rig.received, rig.link.paused, rig.reading.draining], [3, true, true]);
  rig.turn();
  assertEquals([rig.received, rig.link.paused, rig.reading.draining], [4, false, false]);
});

test("reading states: a reader that has ended is not called", () => {
  const rig = new Rig();
  waits(rig);
  rig.reading.end();
  rig.turn();
  assertEquals([rig.received, rig.line.size], [0, 0]);
});
