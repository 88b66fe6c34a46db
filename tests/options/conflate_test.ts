/**
 * `conflate` in this library: messages of several frames, several subscriptions, inproc, lost connections, changes.
 * tests/interop/options_conflate_test.ts compares it with libzmq.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Subscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";

let names = 0;
const inproc = () => `inproc://options-conflate-${++names}`;

test("conflate: a message of several frames is kept whole (libzmq keeps its last frame)", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ conflate: true });
  push.connect(listener.endpoint);
  await push.send("one");
  await push.send(["two", "", "frames"]);
  const peer = await listener.join({ type: "PULL" });
  assertEquals(await peer.message(), ["two", "", "frames"]);

  await using pull = new Pull({ conflate: true });
  await using sender = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  sender.write(message("one"), message("a", "", "b"));
  await sender.sync();
  assertEquals(await take(pull, 1), ["a||b"]);
});

test("conflate: a message is not replaced before it is whole", async () => {
  await using pull = new Pull({ conflate: true });
  await using sender = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  const second = message("second", "half");
  sender.write(message("first"), second.subarray(0, -2));
  assertEquals(await take(pull, 1), ["first"]);
  sender.write(second.subarray(-2));
  assertEquals(await take(pull, 1), ["second|half"]);
});

test("conflate: high-water marks are ignored, and a send never waits", async () => {
  await using dealer = new Dealer({ conflate: true, sendHighWaterMark: 1, sendHighWaterMarkBytes: 1 });
  dealer.connect("tcp://127.0.0.1:9");
  for (let i = 0; i < 100; i++) assert(dealer.trySend(`${i}`));
  assertEquals(dealer.writable, true);
  const { queued, dropped } = dealer.statistics();
  assertEquals([queued, dropped], [1, 99]);
  assertEquals(await dealer.close({ linger: 0 }), 1);
});

test("conflate: a lost connection leaves the last message for the next one", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ conflate: true, reconnectInterval: 10 });
  push.connect(listener.endpoint);
  for (const round of ["a", "b"]) {
    const peer = await listener.join({ type: "PULL" });
    await push.waitForPeers(1);
    const lost = nextEvent(push, "disconnect");
    await peer.end();
    await lost;
    for (const number of [1, 2, 3]) await push.send(`${round}${number}`);
    const next = await listener.join({ type: "PULL" });
    assertEquals(await next.message(), [`${round}3`]);
    const again = nextEvent(push, "disconnect");
    await next.end();
    await again;
  }
});

test("conflate of a Subscriber: all of its subscriptions are sent (libzmq sends the last)", async () => {
  await using listener = await RawListener.bind();
  await using subscriber = new Subscriber({ conflate: true });
  const topics = ["a", "b", "c"];
  subscriber.subscribe(...topics);
  subscriber.connect(listener.endpoint);
  const peer = await listener.join({ type: "PUB" });
  const told = [await peer.message(), await peer.message(), await peer.message()];
  assertEquals(told.flat().sort(), topics.map((topic) => `SUBSCRIBE${topic}`));
  subscriber.unsubscribe("a", "b");
  assertEquals([await peer.message(), await peer.message()], [["CANCELa"], ["CANCELb"]]);
  peer.write(message("c1"), message("c2"));
  await peer.sync();
  assertEquals(await take(subscriber, 1), ["c2"]);
});

test("conflate of a Publisher: all subscriptions are received (libzmq keeps the last)", async () => {
  await using publisher = new Publisher({ conflate: true });
  await using peer = await RawPeer.join(await publisher.bind(ANY), { type: "SUB" });
  peer.write(command("SUBSCRIBE", "a"), command("SUBSCRIBE", "b"), command("SUBSCRIBE", "c"), command("CANCEL", "b"));
  await peer.sync();
  assertEquals(publisher.topicsCount, 2);
  for (const topic of ["a", "b", "c"]) {
    await publisher.send(topic);
    if (topic !== "b") assertEquals(await peer.message(), [topic]);
  }
});

test("conflate of a Publisher: each subscriber has its own last message", async () => {
  await using publisher = new Publisher({ conflate: true });
  const endpoint = await publisher.bind(inproc());
  const subscribers = ["a", "b"].map((topic) => {
    const subscriber = new Subscriber({ conflate: true });
    subscriber.subscribe(topic);
    subscriber.connect(endpoint);
    return subscriber;
  });
  await publisher.waitForSubscribers(2);
  for (const text of ["a1", "b1", "a2", "b2", "a3"]) await publisher.send(text);
  assertEquals([await take(subscribers[0]!, 1), await take(subscribers[1]!, 1)], [["a3"], ["b2"]]);
  for (const subscriber of subscribers) await subscriber.close();
});

test("conflate over inproc: the receiver keeps the last, whether or not the sender conflates", async () => {
  for (const conflate of [true, false]) {
    await using pull = new Pull({ conflate: true });
    await using push = new Push({ conflate, sendHighWaterMark: 1 });
    push.connect(await pull.bind(inproc()));
    for (let i = 1; i <= 100; i++) await push.send(`${i}`);
    assertEquals(await take(pull, 1), ["100"]);
    assertEquals(pull.readable, false);
  }
});

test("conflate set live: applies to later connections only", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using before = await RawPeer.join(endpoint, { type: "PUSH" });
  await pull.waitForPeers(1);
  pull.conflate = true;
  await using after = await RawPeer.join(endpoint, { type: "PUSH" });
  for (const [name, peer] of Object.entries({ before, after })) {
    peer.write(message(`${name} 1`), message(`${name} 2`));
    await peer.sync();
  }
  assertEquals((await take(pull, 3)).sort(), ["after 2", "before 1", "before 2"]);
  assertEquals(pull.readable, false);
});

test("conflate set live does not change a queue that connect has made", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push();
  push.connect(listener.endpoint);
  push.conflate = true;
  for (const text of ["1", "2"]) await push.send(text);
  const peer = await listener.join({ type: "PULL" });
  assertEquals([await peer.message(), await peer.message()], [["1"], ["2"]]);
});
