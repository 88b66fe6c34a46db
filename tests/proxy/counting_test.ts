/**
 * The statistics of a proxy, the messages of its capture socket, and its drops.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Context,
  Dealer,
  Pair,
  type Proxy,
  type ProxyOptions,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, numbers, RunningProxy, take, turn, until } from "./support.ts";

/** The counts of a proxy as eight numbers in libzmq's order: of each side received, bytes, sent, bytes. */
function eight(proxy: Proxy): number[] {
  const { front, back } = proxy.statistics();
  return [front, back].flatMap((side) => [
    side.messagesReceived,
    side.bytesReceived,
    side.messagesSent,
    side.bytesSent,
  ]);
}

test("statistics: a queue counts messages and bytes of both sides, envelopes included", async () => {
  await using router = new Router();
  await using dealer = new Dealer();
  await using reply = new Reply();
  await using request = new Request();
  request.connect(await router.bind(ANY));
  reply.connect(await dealer.bind(ANY));
  await using proxy = new RunningProxy(router, dealer);
  // Routing id of 5 bytes, delimiter of none.
  let [up, down] = [0, 0];
  for (const [asked, answered] of [[["1234567"], [""]], [["a", "bc", ""], ["x".repeat(70_000), "y"]], [[""], ["z"]]]) {
    await request.send(asked!);
    await reply.receive();
    await reply.send(answered!);
    await request.receive();
    up += 5 + asked!.join("").length;
    down += 5 + answered!.join("").length;
  }
  assertEquals(eight(proxy), [3, up, 3, down, 3, down, 3, up]);
  assertEquals(proxy.statistics().dropped, 0);
});

test("statistics: subscriptions are counted as messages of a forwarder", async () => {
  await using xsub = new XSubscriber();
  await using xpub = new XPublisher();
  await using pub = new Publisher();
  await using sub = new Subscriber();
  pub.connect(await xsub.bind(ANY));
  sub.connect(await xpub.bind(ANY));
  await using proxy = new RunningProxy(xsub, xpub);
  sub.subscribe("news");
  await pub.waitForSubscribers(1);
  await pub.send(["news", "12345"]);
  await sub.receive();
  sub.unsubscribe("news");
  await until(() => pub.statistics().peers.length === 1 && proxy.statistics().front.messagesSent === 2);
  assertEquals(eight(proxy), [1, 9, 2, 10, 2, 10, 1, 9]);
});

test("statistics: equal to the counts of the four sockets around the proxy, for thousands of messages", async () => {
  const context = new Context();
  await using left = new Pair({ context });
  await using front = new Pair({ context });
  await using back = new Pair({ context });
  await using right = new Pair({ context });
  left.connect(await front.bind(ANY));
  right.connect(await back.bind("inproc://right"));
  await using proxy = new RunningProxy(front, back);
  const send = async (from: Pair, to: Pair, count: number) => {
    const sent = (async () => {
      for (let i = 0; i < count; i++) await from.send(Array.from({ length: 1 + i % 4 }, () => "x".repeat(i % 1000)));
    })();
    for (let i = 0; i < count; i++) await to.receive();
    await sent;
  };
  await Promise.all([send(left, right, 3000), send(right, left, 2000)]);
  const [there, here] = [left.statistics(), right.statistics()];
  assertEquals([there.messagesSent, here.messagesSent], [3000, 2000]);
  const expected = [3000, there.bytesSent, 2000, here.bytesSent, 2000, here.bytesSent, 3000, there.bytesSent];
  assertEquals(eight(proxy), expected);
  assertEquals([here.bytesReceived, there.bytesReceived], [there.bytesSent, here.bytesSent]);
});

test("dropped: a message for an unknown peer of a mandatory Router, among messages for others", async () => {
  await using pull = new Pull();
  await using router = new Router({ mandatory: true });
  await using source = new Push();
  await using here = new Dealer({ routingId: "here" });
  source.connect(await pull.bind(ANY));
  here.connect(await router.bind(ANY));
  await router.waitForPeers(1);
  await using proxy = new RunningProxy(pull, router);
  for (const id of ["here", "nobody", "here", "gone", "", "here"]) await source.send([id, id]);
  assertEquals(await take(here, 3), ["here", "here", "here"]);
  const { front, back, dropped } = proxy.statistics();
  assertEquals([front.messagesReceived, back.messagesSent, dropped], [6, 3, 3]);
  assertEquals(back.bytesSent, 3 * 8);
});

test("dropped: a Router that is not mandatory drops by itself, which is its own count", async () => {
  await using pull = new Pull();
  await using router = new Router();
  await using source = new Push();
  await using here = new Dealer({ routingId: "here" });
  source.connect(await pull.bind(ANY));
  here.connect(await router.bind(ANY));
  await router.waitForPeers(1);
  await using proxy = new RunningProxy(pull, router);
  for (const id of ["nobody", "here", "nobody"]) await source.send([id, id]);
  assertEquals(await take(here, 1), ["here"]);
  await until(() => proxy.statistics().back.messagesSent === 3);
  assertEquals([proxy.statistics().dropped, router.statistics().dropped], [0, 2]);
});

test("dropped: after the sendTimeout of a full peer, and the next message is sent", async () => {
  await using pull = new Pull();
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1, sendTimeout: 20 });
  await using source = new Push();
  await using slow = new Dealer({ routingId: "slow", receiveHighWaterMark: 1 });
  await using quick = new Dealer({ routingId: "quick" });
  source.connect(await pull.bind("inproc://timeout-front"));
  slow.connect(await router.bind("inproc://timeout-back"));
  quick.connect("inproc://timeout-back");
  await router.waitForPeers(2);
  await using proxy = new RunningProxy(pull, router);
  for (const text of numbers(4)) await source.send(["slow", text]);
  await source.send(["quick", "last"]);
  assertEquals(await take(quick, 1), ["last"]);
  assertEquals(proxy.statistics().dropped, 2);
  assertEquals(await take(slow, 2), ["0", "1"]);
});

test("dropped: a peer that a mandatory Router waits for is lost", async () => {
  await using pull = new Pull();
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1 });
  await using source = new Push();
  const slow = new Dealer({ routingId: "slow", receiveHighWaterMark: 1 });
  await using quick = new Dealer({ routingId: "quick" });
  source.connect(await pull.bind("inproc://lost-front"));
  slow.connect(await router.bind("inproc://lost-back"));
  quick.connect("inproc://lost-back");
  await router.waitForPeers(2);
  await using proxy = new RunningProxy(pull, router);
  for (const text of numbers(5)) await source.send(["slow", text]);
  await source.send(["quick", "last"]);
  await until(() => proxy.statistics().front.messagesReceived === 3);
  await turn(5);
  assertEquals(proxy.statistics().dropped, 0);
  await slow.close({ linger: 0 });
  assertEquals(await take(quick, 1), ["last"]);
  assertEquals(proxy.statistics().dropped, 3);
});

/** A capture socket with a receiver. */
interface Captured {
  readonly capture: NonNullable<ProxyOptions["capture"]>;
  readonly monitor: Pull | Pair | Subscriber | Dealer;
}

const CAPTURES: Readonly<Record<string, () => Captured>> = {
  Push: () => ({ capture: new Push(), monitor: new Pull() }),
  Pair: () => ({ capture: new Pair(), monitor: new Pair() }),
  Dealer: () => ({ capture: new Dealer(), monitor: new Dealer() }),
  Publisher: () => ({ capture: new Publisher(), monitor: new Subscriber() }),
};

for (const [name, make] of Object.entries(CAPTURES)) {
  test(`capture: a ${name} gets every message of both ways, whole, in the order in which they passed`, async () => {
    const { capture, monitor } = make();
    await using router = new Router();
    await using dealer = new Dealer();
    await using request = new Request({ routingId: "client" });
    await using reply = new Reply();
    request.connect(await router.bind(ANY));
    reply.connect(await dealer.bind("inproc://workers"));
    monitor.connect(await capture.bind("ipc://*"));
    if (monitor instanceof Subscriber) {
      monitor.subscribe("");
      await (capture as Publisher).waitForSubscribers(1);
    }
    {
      await using proxy = new RunningProxy(router, dealer, { capture });
      for (const text of numbers(20)) {
        await request.send(["do", text]);
        await reply.receive();
        await reply.send(["done", "", text]);
        await request.receive();
      }
      const expected = numbers(20).flatMap((text) => [`client||do|${text}`, `client||done||${text}`]);
      assertEquals(await take(monitor, 40), expected);
      // Captured messages are not counted.
      assertEquals(proxy.statistics().front.messagesReceived, 20);
      assertEquals(proxy.statistics().back.messagesSent, 20);
    }
    await Promise.all([capture.close(), monitor.close()]);
  });
}

test("capture: gets the messages that the receiving socket then drops", async () => {
  await using pull = new Pull();
  await using router = new Router({ mandatory: true });
  await using source = new Push();
  await using capture = new Push();
  await using monitor = new Pull();
  source.connect(await pull.bind(ANY));
  monitor.connect(await capture.bind(ANY));
  await using proxy = new RunningProxy(pull, router, { capture });
  await source.send(["nobody", "hears this"]);
  assertEquals(await take(monitor, 1), ["nobody|hears this"]);
  await until(() => proxy.statistics().dropped === 1);
});

test("capture: messages from the capture socket are not forwarded", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using source = new Push();
  await using sink = new Pull();
  await using capture = new Pair();
  await using monitor = new Pair();
  source.connect(await pull.bind(ANY));
  sink.connect(await push.bind(ANY));
  monitor.connect(await capture.bind(ANY));
  await using _proxy = new RunningProxy(pull, push, { capture });
  await monitor.send("from the monitor");
  await source.send("from the source");
  assertEquals(await take(sink, 1), ["from the source"]);
  assertEquals(await take(capture, 1), ["from the monitor"]);
});
