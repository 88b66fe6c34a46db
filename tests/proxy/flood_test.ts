/**
 * Many messages through a proxy, in both directions simultaneously, while the rest of the program continues.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Context, Dealer, Pair, type ProxyStatistics, Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, numbers, RunningProxy, sendNumbers, take, takeNumbers } from "./support.ts";

const COUNT = 100_000;

/** The counts of a proxy that got and gave as many both ways. */
function assertCounts({ front, back, dropped }: ProxyStatistics, count: number): void {
  const bytes = numbers(count).reduce((sum, text) => sum + text.length, 0);
  const side = { messagesReceived: count, bytesReceived: bytes, messagesSent: count, bytesSent: bytes };
  assertEquals([front, back, dropped], [side, side, 0]);
}

for (const [left, right] of [["inproc://front", "inproc://back"], [ANY, "inproc://back"], [ANY, "ipc://*"]] as const) {
  const between = [left, right].map((endpoint) => endpoint.split(":")[0]).join(" and ");
  test(
    `100,000 messages in both directions simultaneously, between ${between}: in order, none lost, and timers run`,
    async () => {
      const context = new Context();
      await using front = new Pair({ context });
      await using back = new Pair({ context });
      await using one = new Pair({ context });
      await using other = new Pair({ context });
      one.connect(await front.bind(left));
      other.connect(await back.bind(right));
      await using proxy = new RunningProxy(front, back);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 0);
      try {
        await Promise.all([one, other].flatMap((end) => [sendNumbers(end, COUNT), takeNumbers(end, COUNT)]));
      } finally {
        clearInterval(timer);
      }
      assert(ticks > 10, `a timer ran ${ticks} times`);
      assertCounts(proxy.statistics(), COUNT);
    },
    { timeout: 60_000 },
  );
}

test("a proxy under a flood does not starve another one, which continues meanwhile", async () => {
  const context = new Context();
  const ends = Array.from({ length: 4 }, () => new Dealer({ context }));
  const sides = Array.from({ length: 4 }, () => new Dealer({ context }));
  for (const [i, side] of sides.entries()) ends[i]!.connect(await side.bind(`inproc://side-${i}`));
  {
    await using _flood = new RunningProxy(sides[0]!, sides[1]!);
    await using _quiet = new RunningProxy(sides[2]!, sides[3]!);
    let over = false;
    const flood = Promise.all([sendNumbers(ends[0]!, COUNT), takeNumbers(ends[1]!, COUNT)]).then(() => over = true);
    let rounds = 0;
    for (; !over; rounds++) {
      await ends[2]!.send("there");
      assertEquals(await take(ends[3]!, 1), ["there"]);
      await ends[3]!.send("and back");
      assertEquals(await take(ends[2]!, 1), ["and back"]);
    }
    await flood;
    assert(rounds > 10, `${rounds} rounds`);
  }
  for (const socket of [...ends, ...sides]) await socket.close();
}, { timeout: 60_000 });

test("timers run with any high-water mark", async () => {
  for (const mark of [1, 2, 100, 1000]) {
    const context = new Context();
    await using source = new Push({ context, sendHighWaterMark: mark, linger: 0 });
    await using pull = new Pull({ context, receiveHighWaterMark: mark });
    await using push = new Push({ context, sendHighWaterMark: mark, linger: 0 });
    await using sink = new Pull({ context, receiveHighWaterMark: mark });
    source.connect(await pull.bind("inproc://front"));
    sink.connect(await push.bind("inproc://back"));
    await using _proxy = new RunningProxy(pull, push);
    let over = false;
    const timer = setTimeout(() => over = true, 0);
    const received = (async () => {
      let taken = 0;
      while (!over && taken < COUNT) taken += (await sink.receive()).length;
      return taken;
    })();
    let sent = 0;
    while (!over && sent < COUNT) {
      await source.send("x");
      sent++;
    }
    // For a consumer that waits; if there is no room, there is something for it already.
    source.trySend("last");
    clearTimeout(timer);
    assert(await received < COUNT, `with marks of ${mark}, no timer ran before ${COUNT} messages were through`);
  }
});
