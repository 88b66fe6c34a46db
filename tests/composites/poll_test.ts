/**
 * Polling several sockets.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Pair, poll, Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";
import { rejectsWith } from "../sockets/support.ts";

async function pullAndPush(endpoint: string) {
  const pull = new Pull({ receiveHighWaterMark: 1 });
  const push = new Push({ sendHighWaterMark: 1, linger: 0 });
  push.connect(await pull.bind(endpoint));
  await push.waitForPeers(1);
  return { pull, push, close: () => Promise.all([pull.close(), push.close()]) };
}

test("poll: returns all ready items, in the order of the arguments", async () => {
  const a = await pullAndPush("inproc://poll-a");
  const b = await pullAndPush("inproc://poll-b");
  assertEquals(await poll([a.pull, b.pull], { timeout: 0 }), []);
  await b.push.send("1");
  assertEquals(await poll([a.pull, b.pull]), [b.pull]);
  await a.push.send("2");
  const items = [b.pull, { socket: a.push, for: "writable" }, { socket: a.pull, for: "readable" }] as const;
  assertEquals(await poll(items), [...items]);
  while (a.push.trySend("more"));
  assertEquals(await poll(items), [items[0], items[2]]);
  await Promise.all([a.close(), b.close()]);
});

test("poll: waits until something is ready, and takes nothing", async () => {
  const a = await pullAndPush("inproc://poll-wait-a");
  const b = await pullAndPush("inproc://poll-wait-b");
  const waiting = poll([a.pull, b.pull]);
  await b.push.send("1");
  assertEquals([await waiting, b.pull.tryReceive()?.length], [[b.pull], 1]);
  while (a.push.trySend("x"));
  const room = poll([{ socket: a.push, for: "writable" as const }]);
  while (a.pull.tryReceive() !== undefined);
  assertEquals((await room).length, 1);
  await Promise.all([a.close(), b.close()]);
});

test("poll: ends after its timeout, by a signal, and when a socket is closed", async () => {
  const a = await pullAndPush("inproc://poll-end");
  assertEquals(await poll([a.pull], { timeout: 5 }), []);
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = poll([a.pull], { signal: controller.signal }).catch((error) => error);
  controller.abort(reason);
  assertStrictEquals(await waiting, reason);
  assertStrictEquals(await poll([a.pull], { signal: controller.signal }).catch((error) => error), reason);
  const closing = poll([a.pull]);
  await Promise.all([rejectsWith("ENOTSOCK", () => closing), a.close()]);
  await rejectsWith("ENOTSOCK", () => poll([a.pull]));
  await assertRejects(() => poll([]), TypeError);
  await assertRejects(() => poll([a.pull], { timout: 1 } as never), TypeError, "timout");
  for (const timeout of [NaN, -2, 1.5, Infinity, 3e9]) {
    await assertRejects(() => poll([a.pull], { timeout }), RangeError, `${timeout}`);
  }
});

test("poll: many waits on the same sockets leave nothing behind", async () => {
  await using left = new Pair();
  await using right = new Pair();
  right.connect(await left.bind("inproc://poll-many"));
  await right.waitForPeers(1);
  const waits = Array.from({ length: 100 }, () => poll([left, right]));
  await right.send("for all");
  for (const ready of await Promise.all(waits)) assertEquals(ready, [left]);
});

test("poll: continues to wait if another reader took the message", async () => {
  const a = await pullAndPush("inproc://poll-taken");
  const faster = a.pull.whenReadable().then(() => a.pull.tryReceive());
  const waiting = poll([a.pull]);
  await a.push.send("1");
  assertEquals((await faster)?.length, 1);
  await a.push.send("2");
  assertEquals([await waiting, a.pull.tryReceive()?.length], [[a.pull], 1]);
  await a.close();
});

test("poll: an unsupported condition is rejected before the wait starts", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const controller = new SpyController();
  for (
    const item of [{ socket: pull, for: "writable" }, { socket: push, for: "readable" }, push, {
      socket: pull,
      for: "x",
    }]
  ) {
    await assertRejects(
      () => poll([pull, item] as never, { signal: controller.signal }),
      TypeError,
      "Cannot poll",
    );
  }
  assertEquals(controller.listeners, 0);
});
