/**
 * Intervals between attempts to connect: growth, limits, jitter and reset.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { systemClock } from "../../../src/base/clock.ts";
import { Backoff } from "../../../src/engine/endpoints/backoff.ts";
import { test } from "../../support/harness.ts";

const take = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

/** The largest number that `Math.random` gives. */
const ALMOST_ONE = 1 - 2 ** -53;

test("without a maximum the interval does not grow, and is randomized between once and twice itself", () => {
  assertEquals(take(new Backoff(100, 0, () => 0), 4), [100, 100, 100, 100]);
  assertEquals(take(new Backoff(100, 0, () => 0.5), 3), [150, 150, 150]);
  assert(new Backoff(100, 0, () => ALMOST_ONE).next() <= 200);
});

test("with a maximum the interval doubles up to it, and is randomized between half and all of it", () => {
  assertEquals(take(new Backoff(100, 1000, () => 0), 6), [50, 100, 200, 400, 500, 500]);
  const longest = take(new Backoff(100, 1000, () => ALMOST_ONE), 6).map(Math.round);
  assertEquals(longest, [100, 200, 400, 800, 1000, 1000]);
});

test("a maximum that is not above the interval does not lower it", () => {
  assertEquals(take(new Backoff(100, 100, () => 0), 3), [100, 100, 100]);
  assertEquals(take(new Backoff(100, 30, () => 0), 3), [100, 100, 100]);
});

test("after a reset the back-off starts again", () => {
  const backoff = new Backoff(100, 1000, () => 0);
  take(backoff, 5);
  backoff.reset();
  assertEquals(take(backoff, 2), [50, 100]);
});

test("changed intervals apply to the next attempt, and the back-off starts again", () => {
  const backoff = new Backoff(100, 1000, () => 0);
  take(backoff, 3);
  const other = backoff.with(200, 1000);
  assertEquals(take(other, 4), [100, 200, 400, 500]);
  assertEquals(take(backoff.with(10, 0), 2), [10, 10]);
  assertEquals(take(backoff.with(100, 300), 4), [50, 100, 150, 150]);
});

test("setting the same intervals does not start the back-off again", () => {
  const backoff = new Backoff(100, 1000, () => 0);
  take(backoff, 3);
  assertStrictEquals(backoff.with(100, 1000), backoff);
  assertEquals(backoff.with(100, 1000).next(), 400);
});

test("changed intervals are randomized, too", () => {
  const random = [0, 0.5];
  const backoff = new Backoff(100, 0, () => random.shift()!);
  assertEquals([backoff.next(), backoff.with(10, 0).next()], [100, 15]);
});

test("after a violation of the protocol the interval is the longest one, or ten times the first", () => {
  assertEquals([new Backoff(100, 0, () => 0).slow(), new Backoff(100, 5000, () => 0).slow()], [500, 2500]);
  assertEquals([new Backoff(100, 0, () => 0.5).slow(), new Backoff(100, 5000, () => 0.5).slow()], [750, 3750]);
  assert(new Backoff(100, 0, () => ALMOST_ONE).slow() <= 1000);
  const again = [0, 1, 2, 5, 6, 100].map((times) => new Backoff(100, 0, () => 0).slow(times));
  assertEquals(again, [500, 1000, 2000, 16_000, 30_000, 30_000]);
  assertEquals(new Backoff(100, 200_000, () => 0).slow(9), 100_000);
});

test("two clients do not reconnect at the same moment", () => {
  const [a, b] = [new Backoff(100, 1000, systemClock.random), new Backoff(100, 1000, systemClock.random)];
  assertNotEquals(take(a, 5), take(b, 5));
});

test("property: every interval is a number within its bounds, after any number of attempts", () => {
  const chance = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true });
  fc.assert(fc.property(fc.nat(10_000), fc.nat(100_000), chance, (interval, max, random) => {
    const backoff = new Backoff(interval, max, () => random);
    for (const next of take(backoff, 1100)) {
      assert(Number.isFinite(next) && next >= interval / 2, `${next}`);
      assert(next <= Math.max(max, 2 * interval), `${next}`);
    }
  }));
});

test("no interval is longer than a timer can be", () => {
  for (const backoff of [new Backoff(2 ** 31 - 1, 0, () => 0.9), new Backoff(1, 2 ** 31 - 1, () => 0.9)]) {
    for (const interval of [backoff.next(), backoff.slow()]) assertEquals(interval <= 2 ** 31 - 1, true, `${interval}`);
  }
});
