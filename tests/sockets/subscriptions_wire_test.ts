/**
 * Subscriptions as peers of ZMTP 3.1 and 3.0 see them on the wire: commands or messages, and how often.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "./support.ts";

const COMMAND = 4;

test("a 3.1 publisher receives each subscribe, and one cancel after the last unsubscribe, as commands", async () => {
  await using listener = await RawListener.bind();
  await using sub = new Subscriber();
  sub.connect(listener.endpoint);
  const peer = await listener.join({ type: "PUB" });
  await sub.waitForPeers(1);
  sub.subscribe("t");
  sub.subscribe("t");
  sub.unsubscribe("t");
  sub.unsubscribe("never");
  sub.unsubscribe("t");
  sub.unsubscribe("t");
  sub.subscribe("");
  assertEquals(await peer.frame(), { flags: COMMAND, body: bytes(9, "SUBSCRIBEt") });
  assertEquals(await peer.frame(), { flags: COMMAND, body: bytes(9, "SUBSCRIBEt") });
  assertEquals(await peer.frame(), { flags: COMMAND, body: bytes(6, "CANCELt") });
  assertEquals(await peer.frame(), { flags: COMMAND, body: bytes(9, "SUBSCRIBE") });
});

test("a 3.0 publisher receives them as messages, and its messages arrive", async () => {
  for (const [sub, subscribe] of [subscriber(), xsubscriber()]) {
    await using listener = await RawListener.bind();
    sub.connect(listener.endpoint);
    const peer = await listener.join({ type: "PUB", minor: 0 });
    await sub.waitForPeers(1);
    subscribe(true, "news");
    subscribe(false, "news");
    subscribe(true, "");
    assertEquals(await peer.frame(), { flags: 0, body: bytes(1, "news") });
    assertEquals(await peer.frame(), { flags: 0, body: bytes(0, "news") });
    assertEquals(await peer.frame(), { flags: 0, body: bytes(1) });
    peer.write(message("hello", "3.0"));
    assertEquals(await take(sub, 1), ["hello|3.0"]);
    await sub.close();
  }
});

test("to a 3.0 publisher a topic of 255 bytes takes a long frame", async () => {
  await using listener = await RawListener.bind();
  await using sub = new Subscriber();
  const topic = "t".repeat(255);
  sub.subscribe(topic);
  sub.connect(listener.endpoint);
  const peer = await listener.join({ type: "PUB", minor: 0 });
  assertEquals(await peer.frame(), { flags: 2, body: bytes(1, topic) });
});

test("a 3.0 subscriber, which subscribes by messages, gets its messages", async () => {
  await using pub = new Publisher();
  await using peer = await RawPeer.join(await pub.bind(ANY), { type: "SUB", minor: 0 });
  peer.write(message("\x01news"), message("\x01gone"), message("\x00gone"));
  await peer.sync();
  await pub.send("gone");
  await pub.send(["other", "news"]);
  await pub.send(["news.today", "it works"]);
  assertEquals(await peer.message(), ["news.today", "it works"]);
});

test("a 3.1 subscriber, which subscribes by commands, gets its messages", async () => {
  await using pub = new Publisher();
  await using peer = await RawPeer.join(await pub.bind(ANY), { type: "SUB" });
  peer.write(command("SUBSCRIBE", "a"), command("SUBSCRIBE", "b"), command("CANCEL", "a"));
  await peer.sync();
  await pub.send("a");
  await pub.send("b");
  assertEquals(await peer.message(), ["b"]);
});

test("a publisher ignores other messages of a subscriber", async () => {
  await using pub = new Publisher();
  await using peer = await RawPeer.join(await pub.bind(ANY), { type: "XSUB" });
  peer.write(message(""), message("\x02a"), message("\x01a", "more"), message("plain"), message("\x01b"));
  await peer.sync();
  assertEquals(pub.subscriberCount, 1);
  for (const text of ["a", "plain", "b"]) await pub.send(text);
  assertEquals(await peer.message(), ["b"]);
});

test("subscriptions made before the handshake is complete are sent once, after it", async () => {
  await using listener = await RawListener.bind();
  await using sub = new Subscriber();
  const connected = nextEvent(sub, "connect");
  sub.connect(listener.endpoint);
  await connected;
  sub.subscribe("early");
  const peer = await listener.join({ type: "PUB" });
  assertEquals(await peer.message(), ["SUBSCRIBEearly"]);
  await sub.waitForPeers(1);
  sub.subscribe("late");
  assertEquals(await peer.message(), ["SUBSCRIBElate"]);
});

type Subscribe = (wanted: boolean, topic: string) => void;

function subscriber(): [Subscriber, Subscribe] {
  const sub = new Subscriber();
  return [sub, (wanted, topic) => wanted ? sub.subscribe(topic) : sub.unsubscribe(topic)];
}

function xsubscriber(): [XSubscriber, Subscribe] {
  const xsub = new XSubscriber();
  return [xsub, (wanted, topic) => void xsub.trySend(bytes(wanted ? 1 : 0, topic))];
}
