/**
 * Waiting in line: order, timeouts, signals, and that nothing is left behind when a wait is over.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { WaitList } from "../../../src/engine/waits/wait_list.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { test } from "../../support/harness.ts";
import { SpyController } from "../../support/spy_signal.ts";

const newList = (onGaveUp?: () => void) =>
  new WaitList<string, number>(
    systemClock,
    (limit) => new ZmqError("EAGAIN", `Cannot wait: nothing came ${limit}`),
    onGaveUp,
  );

test("waits are listed first come first served, and removed when they are served", async () => {
  const list = newList();
  const results = ["a", "b", "c"].map((payload) => list.add(payload, -1, undefined).promise);
  assertEquals([...list].map(({ payload }) => payload), ["a", "b", "c"]);
  let next = 1;
  for (const wait of list) wait.resolve(next++);
  assertEquals([await Promise.all(results), list.size], [[1, 2, 3], 0]);
});

test("a wait that is served while the list is walked does not hide the next one", async () => {
  const list = newList();
  const results = [1, 2, 3, 4].map((n) => list.add(`${n}`, -1, undefined));
  const seen: string[] = [];
  for (const wait of list) {
    seen.push(wait.payload);
    if (seen.length % 2 === 0) wait.resolve(0);
  }
  assertEquals([seen, list.size], [["1", "2", "3", "4"], 2]);
  for (const wait of list) wait.resolve(0);
  await Promise.all(results);
});

test("a timeout of 0 does not wait at all", async () => {
  const list = newList();
  const error = await assertRejects(
    () => list.add("a", 0, undefined).promise,
    ZmqError,
    "Cannot wait: nothing came now",
  );
  assertEquals([error.code, list.size], ["EAGAIN", 0]);
});

test("a wait that takes too long fails with EAGAIN, and those behind it stay", async () => {
  let gaveUp = 0;
  const list = newList(() => gaveUp++);
  const slow = list.add("patient", -1, undefined).promise;
  const error = await assertRejects(() => list.add("b", 5, undefined).promise, ZmqError, "nothing came within 5 ms");
  assertEquals([error.code, gaveUp, [...list].map(({ payload }) => payload)], ["EAGAIN", 1, ["patient"]]);
  for (const wait of list) wait.resolve(7);
  assertEquals(await slow, 7);
});

test("an abort rejects with the signal's reason, removes the wait and reports that its place is free", async () => {
  const reason = new Error("changed my mind");
  const places: number[] = [];
  const list = newList(() => places.push(list.size));
  const controller = new AbortController();
  const aborted = list.add("a", -1, controller.signal).promise;
  const other = list.add("b", -1, undefined).promise;
  controller.abort(reason);
  assertEquals([...list].map(({ payload }) => payload), ["b"]);
  assertStrictEquals(await assertRejects(() => aborted), reason);
  assertEquals(places, [1]);
  for (const wait of list) wait.resolve(1);
  await other;
});

test("a signal that was aborted before is not waited for, and its reason comes unchanged", async () => {
  const list = newList();
  for (const reason of [new Error("no"), "just text", 0]) {
    assertStrictEquals(await assertRejects(() => list.add("a", -1, AbortSignal.abort(reason)).promise), reason);
    assertStrictEquals(await assertRejects(() => list.add("a", 0, AbortSignal.abort(reason)).promise), reason);
  }
  assertEquals(list.size, 0);
});

test("the signal has no listener after its wait, for any end", async () => {
  const ends: ((list: WaitList<string, number>) => void)[] = [
    (list) => [...list].forEach((wait) => wait.resolve(1)),
    (list) => [...list].forEach((wait) => wait.reject(new Error("no"))),
    (list) => list.rejectAll(() => new Error("closed")),
  ];
  for (const end of ends) {
    const list = newList();
    const controller = new SpyController();
    const outcome = Promise.allSettled([1, 2, 3].map(() => list.add("a", -1, controller.signal).promise));
    assertEquals(controller.listeners, 1, "one listener, however many wait");
    end(list);
    assertEquals([controller.listeners, list.size], [0, 0]);
    await outcome;
  }
  const controller = new SpyController();
  const list = newList();
  const timedOut = assertRejects(() => list.add("a", 5, controller.signal).promise, ZmqError);
  assertEquals(controller.listeners, 1);
  await timedOut;
  const aborted = assertRejects(() => list.add("a", 60_000, controller.signal).promise);
  controller.abort();
  await aborted;
  assertEquals(controller.listeners, 0);
});

test("to end a wait twice does nothing", async () => {
  const list = newList();
  const controller = new AbortController();
  const result = list.add("a", 60_000, controller.signal).promise;
  const [wait] = list;
  wait!.resolve(1);
  wait!.resolve(2);
  wait!.reject(new Error("late"));
  controller.abort();
  assertEquals(await result, 1);
});

test("rejectAll ends every wait with the error made for it, also those with a timeout", async () => {
  const list = newList();
  const closed = new Error("closed");
  const outcomes = [-1, 60_000, -1].map((timeout) => assertRejects(() => list.add("a", timeout, undefined).promise));
  list.rejectAll(() => closed);
  assert((await Promise.all(outcomes)).every((error) => error === closed));
  assertEquals(list.size, 0);
});
