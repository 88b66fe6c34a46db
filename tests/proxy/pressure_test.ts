/**
 * Back-pressure through a proxy: it receives only messages that it can send, does not poll, and keeps no message
 * itself.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Context, Dealer, Proxy, Publisher, Pull, Push, Router, Subscriber, toText, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, held, numbers, RunningProxy, take, takeNumbers, turn, until } from "./support.ts";

/** Counts the calls of these methods of a socket. */
function countCalls<Name extends string>(
  socket: Partial<Record<Name, unknown>>,
  ...names: Name[]
): { readonly calls: number } {
  const count = { calls: 0 };
  for (const name of names) {
    const method = socket[name] as (...args: unknown[]) => unknown;
    (socket as Record<string, unknown>)[name] = function (this: unknown, ...args: unknown[]): unknown {
      count.calls++;
      return method.apply(socket, args);
    };
  }
  return count;
}

/** Sends numbers while the socket takes them at once and for some turns after; returns how many it took. */
async function fill(socket: { trySend(message: string): boolean }, limit: number): Promise<number> {
  let sent = 0;
  for (let idle = 0; idle < 10;) {
    if (sent >= limit) throw new Error(`${limit} messages were sent, and none was received`);
    if (socket.trySend(`${sent}`)) {
      sent++;
      idle = 0;
    } else {
      idle++;
      await turn(1);
    }
  }
  return sent;
}

test("without a receiving peer nothing is received, and all is forwarded when one connects", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using source = new Push();
  source.connect(await pull.bind("inproc://early"));
  await using proxy = new RunningProxy(pull, push);
  for (const text of numbers(50)) await source.send(text);
  await turn(20);
  assertEquals(held(pull), 50);
  assertEquals(proxy.statistics().front.messagesReceived, 0);
  await using sink = new Pull();
  sink.connect(await push.bind(ANY));
  await takeNumbers(sink, 50);
});

test("the high-water marks of all four sockets add up, and the proxy adds none", async () => {
  for (const [a, b, c, d] of [[4, 4, 4, 4], [1, 1, 1, 1], [10, 2, 30, 6], [1, 7, 1, 7]] as const) {
    const context = new Context();
    await using source = new Push({ context, sendHighWaterMark: a });
    await using pull = new Pull({ context, receiveHighWaterMark: b });
    await using push = new Push({ context, sendHighWaterMark: c });
    await using sink = new Pull({ context, receiveHighWaterMark: d });
    source.connect(await pull.bind("inproc://front"));
    sink.connect(await push.bind("inproc://back"));
    await Promise.all([source.waitForPeers(1), push.waitForPeers(1)]);
    await using proxy = new RunningProxy(pull, push);
    const sent = await fill(source, 1000);
    assertEquals([held(sink), push.statistics().queued], [d, c]);
    assertEquals(proxy.statistics().back.messagesSent, c + d);
    // A full queue accepts messages again only when it is half empty, so the first two may hold less than their
    // high-water marks.
    assert(held(pull) <= b && source.statistics().queued <= a, `${held(pull)} and ${source.statistics().queued}`);
    assertEquals(sent, a + b + c + d - (a - source.statistics().queued) - (b - held(pull)));
    assert(sent > c + d);
    await takeNumbers(sink, sent);
    assertEquals([held(pull), held(sink)], [0, 0]);
  }
});

test("both sides full, both ways: the proxy does nothing at all until one of them has room", async () => {
  const context = new Context();
  const marks = { context, sendHighWaterMark: 5, receiveHighWaterMark: 5 };
  await using left = new Dealer(marks);
  await using front = new Dealer(marks);
  await using back = new Dealer(marks);
  await using right = new Dealer(marks);
  left.connect(await front.bind("inproc://left"));
  right.connect(await back.bind("inproc://right"));
  await Promise.all([left.waitForPeers(1), right.waitForPeers(1)]);
  await using proxy = new RunningProxy(front, back);
  const [up, down] = await Promise.all([fill(left, 1000), fill(right, 1000)]);
  const names = ["tryReceive", "trySend", "send", "whenReadable", "whenWritable"] as const;
  const counts = [countCalls(front, ...names), countCalls(back, ...names)];
  const before = proxy.statistics();
  await turn(300);
  assertEquals(counts.map(({ calls }) => calls), [0, 0]);
  assertEquals(proxy.statistics(), before);
  // One way is freed: that way only goes on.
  await takeNumbers(right, up);
  const after = proxy.statistics();
  assertEquals([after.front.messagesReceived, after.back.messagesReceived], [up, before.back.messagesReceived]);
  assert(counts[0]!.calls > 0);
  await takeNumbers(left, down);
});

test("idle: the proxy does nothing at all until a message comes", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using source = new Push();
  await using sink = new Pull();
  source.connect(await pull.bind("inproc://idle-front"));
  sink.connect(await push.bind("inproc://idle-back"));
  const counts = [countCalls(pull, "tryReceive", "whenReadable"), countCalls(push, "trySend", "send", "whenWritable")];
  await using _proxy = new RunningProxy(pull, push);
  await turn(5);
  const before = counts.map(({ calls }) => calls);
  await turn(300);
  assertEquals(counts.map(({ calls }) => calls), before);
  await source.send("0");
  await takeNumbers(sink, 1);
});

test("over tcp: a sink that does not receive blocks the source, in bounded memory; nothing is lost", async () => {
  const body = new Uint8Array(100_000);
  await using source = new Push({ sendHighWaterMark: 3 });
  await using pull = new Pull({ receiveHighWaterMark: 3 });
  await using push = new Push({ sendHighWaterMark: 3 });
  await using sink = new Pull({ receiveHighWaterMark: 3 });
  source.connect(await pull.bind(ANY));
  sink.connect(await push.bind(ANY));
  await using _proxy = new RunningProxy(pull, push);
  let sent = 0;
  for (let idle = 0; idle < 50;) {
    // More than two connections of the kernel hold.
    assert(sent < 1000, "nothing was held up");
    if (source.trySend([`${sent}`, body])) sent++, idle = 0;
    else idle++, await turn(1);
    assert(held(pull) <= 3 && push.statistics().queued <= 3, "the proxy goes over the marks");
  }
  for (let i = 0; i < sent; i++) {
    const [number, received] = await sink.receive();
    assertEquals([toText(number), received!.length], [`${i}`, body.length]);
  }
  await source.send("on");
  assertEquals(await take(sink, 1), ["on"]);
}, { timeout: 30_000 });

test("the proxy waits for a slow peer of a mandatory Router; its messages arrive in order", async () => {
  await using pull = new Pull();
  await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
  await using source = new Push();
  await using slow = new Dealer({ routingId: "slow", receiveHighWaterMark: 2 });
  source.connect(await pull.bind("inproc://mandatory"));
  slow.connect(await router.bind("inproc://slow"));
  await router.waitForPeers(1);
  await using proxy = new RunningProxy(pull, router);
  for (const text of numbers(300)) await source.send(["slow", text]);
  await turn(20);
  // Two high-water marks, and the one that waits.
  assertEquals(proxy.statistics().front.messagesReceived, 5);
  await takeNumbers(slow, 300);
  assertEquals(proxy.statistics().dropped, 0);
});

test("an XPublisher with noDrop makes the proxy wait for its slowest subscriber; without noDrop it drops for that one", async () => {
  for (const noDrop of [true, false]) {
    const context = new Context();
    await using sub = new Subscriber({ context });
    await using xpub = new XPublisher({ context, noDrop, sendHighWaterMark: 2 });
    await using source = new Publisher({ context, noDrop: true });
    await using slow = new Subscriber({ context, receiveHighWaterMark: 2 });
    sub.connect(await source.bind("inproc://source"));
    slow.connect(await xpub.bind("inproc://slow"));
    sub.subscribe("");
    slow.subscribe("");
    await Promise.all([source.waitForSubscribers(1), xpub.waitForSubscribers(1)]);
    await using proxy = new RunningProxy(sub, xpub);
    for (const text of numbers(100)) await source.send(text);
    if (noDrop) {
      await turn(20);
      assertEquals(proxy.statistics().front.messagesReceived, 5);
      await takeNumbers(slow, 100);
      assertEquals(xpub.statistics().dropped, 0);
    } else {
      await until(() => proxy.statistics().back.messagesSent === 100);
      assertEquals(xpub.statistics().dropped, 96);
      await takeNumbers(slow, 4);
      assertEquals(slow.tryReceive(), undefined);
    }
  }
});

test("a full queue in one direction does not block the other direction", async () => {
  const context = new Context();
  const marks = { context, sendHighWaterMark: 2, receiveHighWaterMark: 2 };
  await using left = new Dealer(marks);
  await using front = new Dealer(marks);
  await using back = new Dealer(marks);
  await using right = new Dealer(marks);
  left.connect(await front.bind("inproc://left"));
  right.connect(await back.bind("inproc://right"));
  await Promise.all([left.waitForPeers(1), right.waitForPeers(1)]);
  await using _proxy = new RunningProxy(front, back);
  const stuck = await fill(left, 1000);
  for (const text of numbers(500)) {
    await right.send(text);
    assertEquals(await take(left, 1), [text]);
  }
  await takeNumbers(right, stuck);
});

test("a full capture socket blocks both directions, which continue as it is read", async () => {
  const context = new Context();
  await using left = new Dealer({ context });
  await using front = new Dealer({ context });
  await using back = new Dealer({ context });
  await using right = new Dealer({ context });
  await using capture = new Push({ context, sendHighWaterMark: 2 });
  await using monitor = new Pull({ context, receiveHighWaterMark: 2 });
  left.connect(await front.bind("inproc://left"));
  right.connect(await back.bind("inproc://right"));
  monitor.connect(await capture.bind("inproc://capture"));
  await Promise.all([left.waitForPeers(1), right.waitForPeers(1), monitor.waitForPeers(1)]);
  await using proxy = new RunningProxy(front, back, { capture });
  for (const text of numbers(50)) {
    await left.send(`left ${text}`);
    await right.send(`right ${text}`);
  }
  await turn(20);
  const { front: there, back: here } = proxy.statistics();
  assertEquals(there.messagesReceived + here.messagesReceived, 4);
  const captured = await take(monitor, 100);
  for (const [socket, other] of [[left, "right"], [right, "left"]] as const) {
    const expected = numbers(50).map((text) => `${other} ${text}`);
    assertEquals(await take(socket, 50), expected);
    assertEquals(captured.filter((text) => text.startsWith(other)), expected);
  }
});

test("a capture socket without a peer: a Push blocks the proxy, a Publisher does not", async () => {
  for (const capture of [new Push(), new Publisher()]) {
    await using pull = new Pull();
    await using push = new Push();
    await using source = new Push();
    await using sink = new Pull();
    source.connect(await pull.bind("inproc://unwatched-front"));
    sink.connect(await push.bind("inproc://unwatched-back"));
    const proxy = new Proxy(pull, push, { capture });
    const running = proxy.run();
    await source.send("0");
    if (capture instanceof Publisher) await takeNumbers(sink, 1);
    else {
      await turn(20);
      assertEquals([held(pull), held(sink)], [1, 0]);
    }
    proxy.terminate();
    await running;
    await capture.close();
  }
});
