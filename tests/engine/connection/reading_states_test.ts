/**
 * The states of reading: every cell of the tables in the headers of `reading.ts`, for a connection, and of `read_turns.ts`, for a
 * turn of the event loop.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Protocol } from "../../../src/engine/connection/protocol.ts";
import type { Reader, ReadTurns } from "../../../src/engine/connection/read_turns.ts";
import { Reading } from "../../../src/engine/connection/reading.ts";
import { FakeLink } from "../../support/fake_link.ts";
import { test } from "../../support/harness.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
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

/** More than half of a slice at most, and more than one at least. */
const LITTLE = 9000;
/** More than a slice, and than a turn at least. */
const MUCH = 40_000;
/** Longer than the share of reading in a turn, in ms. */
const LONG = 10;

/** A reader that reads only as the test says. */
class TurnsRig implements Reader {
  readonly played = new PlayedTurns();
  readonly other: Reader = { readOn: () => void this.reads++, poll: () => false };
  /** Calls of readers in line. */
  reads = 0;

  /** Reads this much, and asks for more. */
  read(credit: number, reader: Reader = this): boolean {
    const { turns } = this.played;
    // It was given credit, of which it has used more than all.
    turns.credit.left = 256 - credit;
    return turns.mayRead(reader);
  }

  readOn(): void {
    this.reads++;
  }

  poll(): boolean {
    return false;
  }

  /** The turn that is awaited ends. */
  turn(): void {
    requireCause(this.played.awaited);
    this.played.next();
  }
}

walkStates<TurnsRig>("read turns", {
  path: "engine/connection/read_turns.ts",
  make: () => new TurnsRig(),
  reach: {
    IDLE: () => {},
    READING: (rig) => void rig.read(LITTLE),
    AWAITED: (rig) => void rig.read(MUCH),
    OVER(rig) {
      rig.read(MUCH);
      rig.played.time += LONG;
      rig.read(MUCH);
      rig.played.turns.leave(rig);
    },
  },
  happen: {
    // From OVER on, reading waits for the next turn.
    little: (rig, from) => assertEquals(rig.read(from === "IDLE" ? LITTLE : 1), from !== "OVER"),
    "slice used up": (rig, from) => assertEquals(rig.read(20_000), from === "IDLE" || from === "READING"),
    "turn used up"(rig, from) {
      rig.played.time += LONG;
      assertEquals(rig.read(MUCH), from === "IDLE" || from === "READING");
    },
    turn(rig) {
      rig.turn();
      assertEquals(rig.reads, 0);
    },
    "turn, with line"(rig) {
      requireCause(rig.played.awaited);
      assertEquals(rig.read(MUCH, rig.other), false);
      rig.turn();
      assertEquals(rig.reads, 1);
    },
    leave: (rig) => rig.played.turns.leave(rig),
  },
  stateOf(rig) {
    if (rig.played.awaited) {
      // Another reader, with a slice of its own.
      return rig.read(1, { readOn() {}, poll: () => false }) ? "AWAITED" : "OVER";
    }
    // The second half of a slice, or the first.
    rig.read(LITTLE);
    return rig.played.awaited ? "READING" : "IDLE";
  },
});
