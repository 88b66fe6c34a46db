/**
 * The message that peers refuse: which losses in the middle of it count.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { InFlight } from "../../../src/engine/pipe/in_flight.ts";
import { Suspect } from "../../../src/engine/pipe/suspect.ts";
import { test } from "../../support/harness.ts";

const MIB = 1024 * 1024;

/** Returns the count of consecutive losses after each of these losses. */
function cuts(...places: number[]): number[] {
  const suspect = new Suspect();
  const message = [new Uint8Array(1)];
  return places.map((place) => {
    suspect.cut(message, place);
    return suspect.cuts;
  });
}

test("a message is refused if peers disconnect at about the same place in it, wherever that is", () => {
  assertEquals(cuts(9, 9, 9), [1, 2, 3]);
  assertEquals(cuts(70_000, 3 * MIB, 12), [1, 2, 3]);
  assertEquals(cuts(50 * MIB, 53 * MIB, 46 * MIB), [1, 2, 3]);
});

test("a message is not refused if peers disconnect at different places in it: a slow link may need several connections", () => {
  assertEquals(cuts(10 * MIB, 90 * MIB, 40 * MIB, 70 * MIB, 25 * MIB), [1, 1, 1, 1, 1]);
  // Compared to the first of them, so that no row of small steps counts.
  assertEquals(cuts(0, 5 * MIB, 10 * MIB, 15 * MIB), [1, 2, 1, 2]);
});

test("another message, or none in between, starts the count again", () => {
  const suspect = new Suspect();
  const [one, other] = [[new Uint8Array(1)], [new Uint8Array(1)]];
  for (const message of [one, one, other]) suspect.cut(message, 5);
  assertEquals(suspect.cuts, 1);
  suspect.cut(undefined, 5);
  assertEquals(suspect.cuts, 0);
});

test("the part of a message that was sent, behind other messages and other bytes", () => {
  const flight = new InFlight();
  flight.leads(10);
  flight.message(110);
  flight.message(1110);
  assertEquals(flight.lost(610), { entries: 1, cut: 500 });
  for (const [taken, cut] of [[10, 0], [11, 1], [5, 0]] as const) {
    const first = new InFlight();
    first.leads(10);
    first.message(110);
    assertEquals(first.lost(taken), { entries: 1, cut });
  }
  const whole = new InFlight();
  whole.message(10);
  assertEquals(whole.lost(10), { entries: 0, cut: 0 });
});
