/**
 * The ring buffer against an array.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Ring } from "../../src/routing/ring.ts";
import { test } from "../support/harness.ts";

test("values leave in the order in which they came, however many there are", () => {
  const ring = new Ring<number>();
  for (let i = 0; i < 1000; i++) ring.push(i);
  assertEquals(ring.length, 1000);
  for (let i = 0; i < 1000; i++) assertEquals(ring.shift(), i);
  assertEquals([ring.length, ring.shift()], [0, undefined]);
});

test("a ring that is wrapped around keeps its order when it grows", () => {
  for (let offset = 0; offset < 8; offset++) {
    const ring = new Ring<number>();
    for (let i = 0; i < offset; i++) ring.push(-1);
    for (let i = 0; i < offset; i++) ring.shift();
    for (let i = 0; i < 20; i++) ring.push(i);
    assertEquals(Array.from({ length: 20 }, () => ring.shift()), Array.from({ length: 20 }, (_, i) => i));
  }
});

test("clear drops all values, and the ring can be used again", () => {
  const ring = new Ring<string>();
  ring.push("a");
  ring.push("b");
  ring.clear();
  assertEquals([ring.length, ring.shift()], [0, undefined]);
  ring.push("c");
  assertStrictEquals(ring.shift(), "c");
});

/** Has `body` ask how many slots a ring has: each allocation fills them all. */
function watchingSlots(body: (slots: () => number) => void): void {
  const { fill } = Array.prototype;
  let last = 0;
  Array.prototype.fill = function (this: unknown[], ...given: Parameters<typeof fill>) {
    last = this.length;
    return Reflect.apply(fill, this, given) as never;
  };
  try {
    body(() => last);
  } finally {
    Array.prototype.fill = fill;
  }
}

test("a burst does not keep memory: neither shifted nor lent", () =>
  watchingSlots((slots) => {
    const ring = new Ring<number>();
    for (const empty of [() => ring.shift(), () => ring.lend()]) {
      for (let i = 0; i < 100_000; i++) ring.push(i);
      assertEquals(slots() >= 100_000, true);
      for (let i = 0; i < 100_000; i++) assertEquals(empty(), i);
      ring.endLoan();
      assertEquals([slots(), ring.length], [8, 0]);
    }
    for (let i = 0; i < 100_000; i++) ring.push(i);
    while (ring.lend() !== undefined);
    assertEquals([ring.endLoan(1), ring.shift(), ring.length], [1, 99_999, 0]);
  }));

test("property: a ring behaves like an array", () => {
  const step = fc.oneof(
    { weight: 10, arbitrary: fc.record({ push: fc.nat() }) },
    { weight: 8, arbitrary: fc.constant("lend" as const) },
    { weight: 2, arbitrary: fc.record({ settle: fc.nat(10) }) },
    { weight: 8, arbitrary: fc.constant("shift" as const) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const ring = new Ring<number>();
    const model: number[] = [];
    let lent: number[] = [];
    const settle = (back: number) => {
      const returned = lent.slice(Math.max(0, lent.length - back));
      assertEquals(ring.endLoan(back), returned.length);
      model.unshift(...returned);
      lent = [];
    };
    for (const one of steps) {
      if (one === "lend") {
        const value = ring.lend();
        assertStrictEquals(value, model.shift());
        if (value !== undefined) lent.push(value);
      } else if (one === "shift") {
        settle(0);
        assertStrictEquals(ring.shift(), model.shift());
      } else if (one === "clear") {
        ring.clear();
        model.length = lent.length = 0;
      } else if ("settle" in one) {
        settle(one.settle);
      } else {
        ring.push(one.push);
        model.push(one.push);
      }
      assertEquals(ring.length, model.length);
      assertEquals([...ring], model);
    }
    settle(lent.length);
    assertEquals(Array.from({ length: model.length }, () => ring.shift()), model);
  }));
});
