/**
 * Callbacks of abort signals.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { Pull } from "../../mod.ts";
import { whenAborted } from "../../src/base/abort.ts";
import { test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";

test("whenAborted: calls pending callbacks, in order, with the reason", () => {
  const controller = new AbortController();
  const calls: string[] = [];
  const reason = new Error("enough");
  const note = (name: string) => (why: unknown) => {
    assertStrictEquals(why, reason);
    calls.push(name);
  };
  whenAborted(controller.signal, note("a"));
  const never = whenAborted(controller.signal, note("b"));
  let later = () => {};
  whenAborted(controller.signal, (why) => {
    note("c")(why);
    later();
  });
  later = whenAborted(controller.signal, note("taken back by the one before"));
  never();
  never();
  controller.abort(reason);
  assertEquals(calls, ["a", "c"]);
});

test("whenAborted: one listener per signal, none when nothing waits, one again when something does", () => {
  const controller = new SpyController();
  const undo = [1, 2, 3].map(() => whenAborted(controller.signal, () => {}));
  assertEquals(controller.listeners, 1);
  undo[0]!();
  undo[1]!();
  assertEquals(controller.listeners, 1);
  undo[2]!();
  assertEquals(controller.listeners, 0);
  const again = whenAborted(controller.signal, () => {});
  undo[2]!();
  assertEquals(controller.listeners, 1);
  again();
  assertEquals(controller.listeners, 0);
});

test("whenAborted: any number of sockets may wait with the same signal", async () => {
  const controller = new SpyController();
  const pulls = Array.from({ length: 20 }, () => new Pull());
  const waits = pulls.map((pull) => pull.receive({ signal: controller.signal }).catch((error) => error));
  assertEquals(controller.listeners, 1);
  const reason = new Error("all of you");
  controller.abort(reason);
  for (const error of await Promise.all(waits)) assertStrictEquals(error, reason);
  assertEquals(controller.listeners, 0);
  await Promise.all(pulls.map((pull) => pull.close()));
});

test("whenAborted: works with a signal behind a Proxy, whose events have the original signal as their target", () => {
  const controller = new AbortController();
  const proxied = new Proxy(controller.signal, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const calls: string[] = [];
  whenAborted(proxied, () => calls.push("one"));
  whenAborted(proxied, () => calls.push("two"));
  whenAborted(proxied, () => calls.push("gone"))();
  controller.abort();
  assertEquals(calls, ["one", "two"]);
});
