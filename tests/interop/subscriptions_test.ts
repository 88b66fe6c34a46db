/**
 * Subscriptions between our sockets and libzmq's: matching, counting, and the messages of an XPUB.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { text, texts } from "./frames.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";
import { OurEnd } from "../support/peers/our_end.ts";

const libzmq = new Peer("libzmq");

/** The message that an XPUB's user receives. */
function subscribed(topic: string): Uint8Array[] {
  return [new Uint8Array([1, ...text(topic)])];
}

function cancelled(topic: string): Uint8Array[] {
  return [new Uint8Array([0, ...text(topic)])];
}

test("a SUB of libzmq gets each message that begins with one of its topics from our PUB, once", async () => {
  await using publisher = new Publisher();
  await using subscriber = await libzmq.open("SUB");
  for (const topic of ["ab", "abc", "x"]) await subscriber.subscribe(topic);
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await publisher.waitForSubscribers(1, { topic: "x" });
  for (const topic of ["a", "ab", "b", "abcd", "", "zab", "x"]) await publisher.send([topic, "abc"]);
  assertEquals((await subscriber.receiveAll(3)).map((message) => texts(message)[0]), ["ab", "abcd", "x"]);
});

test("our SUB gets each message that begins with one of its topics from a PUB of libzmq, once", async () => {
  await using publisher = await libzmq.open("PUB");
  await using subscriber = new OurEnd("SUB");
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  for (const topic of ["ab", "abc", "x"]) await subscriber.subscribe(topic);
  await publishUntilHeard(publisher, subscriber, "x");
  for (const topic of ["a", "ab", "b", "abcd", "", "zab", "x"]) await publisher.send([topic, "abc"]);
  for (const topic of ["ab", "abcd", "x"]) assertEquals(texts(await subscriber.receive()), [topic, "abc"]);
});

test("the empty topic of a SUB of libzmq means everything our PUB sends, empty frames too", async () => {
  await using publisher = new Publisher();
  await using subscriber = await libzmq.open("SUB");
  await subscriber.subscribe("");
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await publisher.waitForSubscribers(1, { topic: "" });
  for (const message of [["a"], [""], ["\x00"], ["\x01", "b"]]) await publisher.send(message);
  assertEquals((await subscriber.receiveAll(4)).map(texts), [["a"], [""], ["\x00"], ["\x01", "b"]]);
});

test("a verbose XPUB of libzmq sees every subscribe of our SUB, and a cancel only when its own count is used up", async () => {
  await using publisher = await libzmq.open("XPUB", { verbosity: "allSubsUnsubs" });
  await using subscriber = new Subscriber();
  subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await subscriber.waitForPeers(1);
  subscriber.subscribe("a", "a");
  subscriber.unsubscribe("a");
  subscriber.subscribe("b");
  subscriber.unsubscribe("a", "a", "b");
  subscriber.subscribe("c");
  assertEquals(await publisher.receiveAll(6), [
    subscribed("a"),
    subscribed("a"),
    subscribed("b"),
    cancelled("a"),
    cancelled("b"),
    subscribed("c"),
  ]);
});

test("our XPUB reports the first subscribe and the last cancel of SUBs of libzmq", async () => {
  await using publisher = new XPublisher();
  await using first = await libzmq.open("SUB");
  await using second = await libzmq.open("SUB");
  const endpoint = await publisher.bind("tcp://127.0.0.1:0");
  await first.connect(endpoint);
  for (const topic of ["a", "a", "first"]) await first.subscribe(topic);
  assertEquals([await publisher.receive(), await publisher.receive()], [subscribed("a"), subscribed("first")]);
  await second.connect(endpoint);
  for (const topic of ["a", "second"]) await second.subscribe(topic);
  assertEquals(await publisher.receive(), subscribed("second"));
  // The first of two subscriptions is removed: nothing is sent.
  await first.unsubscribe("a");
  await first.subscribe("more");
  assertEquals(await publisher.receive(), subscribed("more"));
  await first.unsubscribe("a");
  await first.unsubscribe("more");
  assertEquals(await publisher.receive(), cancelled("more"));
  await second.unsubscribe("a");
  assertEquals(await publisher.receive(), cancelled("a"));
});

test("our XPUB reports the topics of a SUB of libzmq that disconnects", async () => {
  await using publisher = new XPublisher();
  await using subscriber = await libzmq.open("SUB");
  await subscriber.subscribe("a");
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  assertEquals(await publisher.receive(), subscribed("a"));
  await subscriber.close();
  assertEquals(await publisher.receive(), cancelled("a"));
});

test("an XPUB of libzmq reports the topics of our SUB that disconnects", async () => {
  await using publisher = await libzmq.open("XPUB");
  const subscriber = new Subscriber();
  subscriber.subscribe("a");
  subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  assertEquals(await publisher.receive(), subscribed("a"));
  await subscriber.close();
  assertEquals(await publisher.receive(), cancelled("a"));
});

test("an XSUB of libzmq subscribes at our XPUB by sending", async () => {
  await using publisher = new XPublisher();
  await using subscriber = await libzmq.open("XSUB");
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await publisher.waitForPeers(1);
  await subscriber.sendAll([subscribed("a"), subscribed("b"), cancelled("a")]);
  assertEquals(await publisher.receive(), subscribed("a"));
  assertEquals(await publisher.receive(), subscribed("b"));
  assertEquals(await publisher.receive(), cancelled("a"));
  for (const topic of ["a", "b"]) await publisher.send([topic]);
  assertEquals(texts(await subscriber.receive()), ["b"]);
});

test("our XSUB subscribes at an XPUB of libzmq by sending", async () => {
  await using publisher = await libzmq.open("XPUB");
  await using subscriber = new XSubscriber();
  subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await subscriber.waitForPeers(1);
  for (const message of [subscribed("a"), subscribed("b"), cancelled("a")]) await subscriber.send(message);
  assertEquals(await publisher.receiveAll(3), [subscribed("a"), subscribed("b"), cancelled("a")]);
  for (const topic of ["a", "b"]) await publisher.send([topic]);
  assertEquals(texts(await subscriber.receive()), ["b"]);
});
