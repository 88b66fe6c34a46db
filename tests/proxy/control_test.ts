/**
 * The life cycle of a proxy: run, pause, resume, terminate, signals, and sockets that are closed during a run.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Context, Dealer, Pair, Proxy, Publisher, Pull, Push, Router, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";
import {
  held,
  numbers,
  rejectsWith,
  rejectsWithReason,
  RunningProxy,
  sendNumbers,
  take,
  takeNumbers,
  turn,
  until,
} from "./support.ts";

/** A source, a sink, and the two sockets of a proxy between them; all in this process, with room for many messages. */
class Bench implements AsyncDisposable {
  readonly source = new Push({ sendHighWaterMark: 0 });
  readonly pull = new Pull({ receiveHighWaterMark: 0 });
  readonly push = new Push({ sendHighWaterMark: 0 });
  readonly sink = new Pull({ receiveHighWaterMark: 0 });

  static #made = 0;

  /** All connected. */
  static async make(): Promise<Bench> {
    const bench = new Bench();
    const name = `inproc://control-${Bench.#made++}`;
    bench.source.connect(await bench.pull.bind(`${name}-front`));
    bench.sink.connect(await bench.push.bind(`${name}-back`));
    await Promise.all([bench.pull.waitForPeers(1), bench.push.waitForPeers(1)]);
    return bench;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.source, this.pull, this.push, this.sink]) await socket.close({ linger: 0 });
  }
}

test("pause: messages wait in the sockets; resume: they are forwarded, in order", async () => {
  await using bench = await Bench.make();
  await using proxy = new RunningProxy(bench.pull, bench.push);
  for (let round = 0; round < 3; round++) {
    await sendNumbers(bench.source, 100);
    await takeNumbers(bench.sink, 100);
    proxy.pause();
    proxy.pause();
    await sendNumbers(bench.source, 100);
    await turn(20);
    assertEquals([held(bench.pull), held(bench.sink)], [100, 0]);
    assertEquals(proxy.statistics().front.messagesReceived, 100 + round * 200);
    proxy.resume();
    proxy.resume();
    await takeNumbers(bench.sink, 100);
  }
});

test("pause before run, and a run that is paused waits for resume only", async () => {
  await using bench = await Bench.make();
  const proxy = new Proxy(bench.pull, bench.push);
  proxy.pause();
  const running = proxy.run();
  await bench.source.send("0");
  await turn(20);
  assertEquals(held(bench.pull), 1);
  proxy.resume();
  await takeNumbers(bench.sink, 1);
  proxy.terminate();
  await running;
});

test("pause during a flood: received messages are forwarded, the others wait", async () => {
  await using bench = await Bench.make();
  await using proxy = new RunningProxy(bench.pull, bench.push);
  const count = 20_000;
  await sendNumbers(bench.source, count);
  for (let taken = 0; taken < count;) {
    await until(() => held(bench.sink) > 0);
    proxy.pause();
    await turn(5);
    const { front, back } = proxy.statistics();
    assertEquals(front.messagesReceived, back.messagesSent);
    assertEquals(held(bench.pull), count - front.messagesReceived);
    await takeNumbers(bench.sink, back.messagesSent - taken, taken);
    taken = back.messagesSent;
    proxy.resume();
  }
});

test("terminate: run resolves, received messages are forwarded, and the sockets stay open", async () => {
  await using bench = await Bench.make();
  const proxy = new Proxy(bench.pull, bench.push);
  const running = proxy.run();
  const count = 20_000;
  await sendNumbers(bench.source, count);
  await until(() => held(bench.sink) > 0);
  proxy.terminate();
  proxy.terminate();
  await running;
  const { front, back, dropped } = proxy.statistics();
  const given = back.messagesSent;
  assert(given > 0 && given < count, `${given} messages were forwarded`);
  assertEquals([front.messagesReceived, dropped], [given, 0]);
  await takeNumbers(bench.sink, given);
  await takeNumbers(bench.pull, count - given, given);
  await bench.push.send("by hand");
  assertEquals(await take(bench.sink, 1), ["by hand"]);
});

test("terminate: before run, while waiting for messages, for room, and while paused", async () => {
  {
    await using bench = await Bench.make();
    const proxy = new Proxy(bench.pull, bench.push);
    proxy.terminate();
    await bench.source.send("0");
    await proxy.run();
    assertEquals(proxy.statistics().front.messagesReceived, 0);
    await takeNumbers(bench.pull, 1);
  }
  {
    await using bench = await Bench.make();
    const proxy = new Proxy(bench.pull, bench.push);
    const running = proxy.run();
    await turn(3);
    proxy.terminate();
    await running;
  }
  {
    await using pull = new Pull();
    await using nobody = new Push();
    await using source = new Push();
    source.connect(await pull.bind("inproc://terminate"));
    const proxy = new Proxy(pull, nobody);
    const running = proxy.run();
    await source.send("0");
    await turn(3);
    proxy.terminate();
    await running;
    await takeNumbers(pull, 1);
  }
  {
    await using bench = await Bench.make();
    const proxy = new Proxy(bench.pull, bench.push);
    const running = proxy.run();
    proxy.pause();
    await bench.source.send("0");
    await turn(3);
    proxy.terminate();
    proxy.resume();
    await running;
    await takeNumbers(bench.pull, 1);
  }
});

test("a signal that was aborted before: run rejects with its reason, and may be called again without", async () => {
  await using bench = await Bench.make();
  const proxy = new Proxy(bench.pull, bench.push);
  for (const reason of [new Error("no"), "a text", 0, null]) {
    await rejectsWithReason(reason, proxy.run({ signal: AbortSignal.abort(reason) }));
  }
  const running = proxy.run();
  await sendNumbers(bench.source, 10);
  await takeNumbers(bench.sink, 10);
  proxy.terminate();
  await running;
});

test("a signal that is aborted while it runs: run rejects with its reason, and nothing is lost", async () => {
  for (const state of ["idle", "busy", "paused", "full"]) {
    await using bench = await Bench.make();
    const proxy = new Proxy(bench.pull, bench.push);
    const controller = new SpyController();
    const reason = new Error(state);
    const outcome = rejectsWithReason(reason, proxy.run({ signal: controller.signal }));
    const count = state === "idle" ? 0 : 20_000;
    if (state === "paused") proxy.pause();
    if (state === "full") bench.push.sendHighWaterMark = bench.sink.receiveHighWaterMark = 5;
    await sendNumbers(bench.source, count);
    if (state === "busy" || state === "full") await until(() => held(bench.sink) > 0);
    else await turn(5);
    controller.abort(reason);
    await outcome;
    assertEquals(controller.listeners, 0, state);
    const given = proxy.statistics().back.messagesSent;
    assertEquals(proxy.statistics().front.messagesReceived, given);
    await takeNumbers(bench.sink, given);
    await takeNumbers(bench.pull, count - given, given);
    assertEquals(bench.pull.tryReceive(), undefined);
  }
});

test("a signal that is not aborted is left alone, and aborted later it does nothing", async () => {
  await using bench = await Bench.make();
  const proxy = new Proxy(bench.pull, bench.push);
  const controller = new SpyController();
  const running = proxy.run({ signal: controller.signal });
  await turn(2);
  assertEquals(controller.listeners, 1);
  proxy.terminate();
  await running;
  assertEquals(controller.listeners, 0);
  controller.abort();
});

test("run: a second time is EFSM, while it runs and afterwards", async () => {
  await using bench = await Bench.make();
  const proxy = new Proxy(bench.pull, bench.push);
  const running = proxy.run();
  const error = await rejectsWith("EFSM", () => proxy.run());
  assertEquals(error.message, "Cannot run the proxy again: create a new one");
  await sendNumbers(bench.source, 10);
  await takeNumbers(bench.sink, 10);
  proxy.terminate();
  await running;
  await rejectsWith("EFSM", () => proxy.run());
  // The sockets can have another.
  await using _proxy = new RunningProxy(bench.pull, bench.push);
  await sendNumbers(bench.source, 10);
  await takeNumbers(bench.sink, 10);
});

for (const which of ["front", "back", "capture"] as const) {
  for (const oneWay of [false, true]) {
    const shape = oneWay ? "of a streamer" : "of two dealers";
    test(`the ${which} ${shape} is closed while it runs: run resolves, idle, full or paused`, async () => {
      for (const state of ["idle", "full", "paused"]) {
        const context = new Context();
        const own = { context, linger: 0 };
        await using front = oneWay ? new Pull(own) : new Dealer(own);
        const mark = { ...own, sendHighWaterMark: 3, receiveHighWaterMark: 3 };
        await using back = oneWay ? new Push({ ...own, sendHighWaterMark: 3 }) : new Dealer(mark);
        await using capture = new Publisher(own);
        await using left = oneWay ? new Push(own) : new Dealer(own);
        await using right = oneWay ? new Pull({ context, receiveHighWaterMark: 3 }) : new Dealer({ ...mark });
        left.connect(await front.bind("inproc://left"));
        right.connect(await back.bind("inproc://right"));
        await Promise.all([left.waitForPeers(1), right.waitForPeers(1)]);
        const proxy = new Proxy(front, back, { capture });
        const running = proxy.run();
        if (state !== "idle") { for (const text of numbers(50)) await left.send(text); }
        if (state !== "idle") await until(() => !back.writable);
        if (state === "paused") proxy.pause();
        await turn(5);
        const closed = { front, back, capture }[which];
        await Promise.all([closed.close(), running]);
        const { front: { messagesReceived }, back: { messagesSent }, dropped } = proxy.statistics();
        assertEquals(messagesReceived, messagesSent + dropped);
        for (const socket of [front, back, capture]) assertEquals(socket.closed, socket === closed);
      }
    }, { timeout: 3000 });
  }
}

test("a socket is closed while messages pass: run resolves", async () => {
  for (const which of ["pull", "push"] as const) {
    await using bench = await Bench.make();
    const running = new Proxy(bench.pull, bench.push).run();
    await sendNumbers(bench.source, 20_000);
    await until(() => held(bench.sink) > 0);
    await bench[which].close({ linger: 0 });
    await running;
  }
});

test("a socket that was closed before: run resolves immediately", async () => {
  const [pull, push] = [new Pull(), new Push()];
  await pull.close();
  await new Proxy(pull, push).run();
  const other = new Pull();
  await push.close();
  await using source = new Push();
  source.connect(await other.bind("inproc://closed-before"));
  await source.send("0");
  const running = new Proxy(other, push).run();
  await running;
  await other.close();
});

test("a message for which a full peer has no room counts as dropped when the proxy is ended, and only that one", async () => {
  await using front = new Pull();
  await using back = new Router({ mandatory: true, sendHighWaterMark: 1 });
  await using source = new Push();
  await using sink = new Dealer({ routingId: "sink", receiveHighWaterMark: 1 });
  source.connect(await front.bind("inproc://source"));
  sink.connect(await back.bind("inproc://sink"));
  await back.waitForPeers(1);
  const proxy = new Proxy(front, back);
  const running = proxy.run();
  const count = 20;
  for (const text of numbers(count)) await source.send(["sink", text]);
  await until(() => proxy.statistics().front.messagesReceived > proxy.statistics().back.messagesSent);
  await turn(5);
  proxy.terminate();
  await running;
  const { front: { messagesReceived: taken }, back: { messagesSent: given }, dropped } = proxy.statistics();
  assertEquals([taken, dropped], [given + 1, 1]);
  assertEquals(await take(sink, given), numbers(given));
  for (let next = taken; next < count; next++) assertEquals(toText((await front.receive())[1]!), `${next}`);
});

test("pause while it waits for a full peer: that message is sent when there is room, and no other is received", async () => {
  await using front = new Pull();
  await using back = new Router({ mandatory: true, sendHighWaterMark: 1 });
  await using source = new Push();
  await using sink = new Dealer({ routingId: "sink", receiveHighWaterMark: 1 });
  source.connect(await front.bind("inproc://source"));
  sink.connect(await back.bind("inproc://sink"));
  await back.waitForPeers(1);
  await using proxy = new RunningProxy(front, back);
  for (const text of numbers(20)) await source.send(["sink", text]);
  await until(() => proxy.statistics().front.messagesReceived === 3);
  proxy.pause();
  assertEquals(await take(sink, 3), numbers(3));
  await turn(20);
  assertEquals([held(front), held(sink)], [17, 0]);
  proxy.resume();
  assertEquals(await take(sink, 17), numbers(20).slice(3));
});

test("statistics can be read before, during and after a run; a returned value does not change", async () => {
  const [a, b] = [new Pair(), new Pair()];
  const proxy = new Proxy(a, b);
  const none = { messagesReceived: 0, bytesReceived: 0, messagesSent: 0, bytesSent: 0 };
  const before = proxy.statistics();
  assertEquals(before, { front: none, back: none, dropped: 0 });
  await using left = new Pair();
  await using right = new Pair();
  left.connect(await a.bind("inproc://a"));
  right.connect(await b.bind("inproc://b"));
  const running = proxy.run();
  await left.send(["12", "345"]);
  await right.receive();
  await right.send("1234567");
  await left.receive();
  proxy.terminate();
  await running;
  assertEquals(before, { front: none, back: none, dropped: 0 });
  const front = { messagesReceived: 1, bytesReceived: 5, messagesSent: 1, bytesSent: 7 };
  const back = { messagesReceived: 1, bytesReceived: 7, messagesSent: 1, bytesSent: 5 };
  assertEquals(proxy.statistics(), { front, back, dropped: 0 });
  await Promise.all([a.close(), b.close()]);
});
