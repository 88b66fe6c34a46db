/**
 * XPublisher and XSubscriber: subscriptions as messages, and a broker made of both.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, take } from "./support.ts";

const SUB = { type: "SUB" };

test("xpub: the first subscribe and the last unsubscribe of a topic are received, and no others", async () => {
  await using xpub = new XPublisher();
  const endpoint = await xpub.bind(ANY);
  await using a = await RawPeer.join(endpoint, SUB);
  await using b = await RawPeer.join(endpoint, SUB);
  a.write(command("SUBSCRIBE", "t"));
  assertEquals(await take(xpub, 1), ["\x01t"]);
  a.write(command("SUBSCRIBE", "t"));
  await a.sync();
  b.write(command("SUBSCRIBE", "t"), command("SUBSCRIBE", "u"));
  assertEquals(await take(xpub, 1), ["\x01u"]);
  a.write(command("CANCEL", "t"), command("CANCEL", "never"));
  await a.sync();
  b.write(command("CANCEL", "u"), command("CANCEL", "t"));
  assertEquals(await take(xpub, 2), ["\x00u", "\x00t"]);
});

test("xpub: one unsubscribe ends any number of subscribes of the same peer", async () => {
  await using xpub = new XPublisher();
  await using peer = await RawPeer.join(await xpub.bind(ANY), SUB);
  for (let i = 0; i < 3; i++) peer.write(command("SUBSCRIBE", "t"));
  peer.write(command("CANCEL", "t"));
  assertEquals(await take(xpub, 2), ["\x01t", "\x00t"]);
  assertEquals(xpub.subscriberCount, 0);
});

test("xpub: a disconnect removes the topics of the peer; those of other subscribers are not reported", async () => {
  await using xpub = new XPublisher();
  const endpoint = await xpub.bind(ANY);
  await using stays = await RawPeer.join(endpoint, SUB);
  stays.write(command("SUBSCRIBE", "both"));
  assertEquals(await take(xpub, 1), ["\x01both"]);
  {
    await using goes = await RawPeer.join(endpoint, SUB);
    goes.write(command("SUBSCRIBE", "both"), command("SUBSCRIBE", "own 1"), command("SUBSCRIBE", "own 2"));
    assertEquals(await take(xpub, 2), ["\x01own 1", "\x01own 2"]);
  }
  assertEquals((await take(xpub, 2)).sort(), ["\x00own 1", "\x00own 2"]);
  assertEquals(xpub.tryReceive(), undefined);
});

test("xpub: subscriptions by command and by message are the same, also in one peer", async () => {
  await using xpub = new XPublisher();
  await using peer = await RawPeer.join(await xpub.bind(ANY), { type: "SUB", minor: 0 });
  peer.write(message("\x01a"), command("SUBSCRIBE", "b"), message(bytes(1)));
  assertEquals(await take(xpub, 3), ["\x01a", "\x01b", "\x01"]);
  peer.write(command("CANCEL", "a"), message("\x00b"), message(bytes(0)));
  assertEquals(await take(xpub, 3), ["\x00a", "\x00b", "\x00"]);
});

test("xpub: other messages of subscribers are received unchanged", async () => {
  await using xpub = new XPublisher();
  await using xsub = new XSubscriber();
  xsub.connect(await xpub.bind(ANY));
  await xsub.waitForPeers(1);
  for (const other of ["\x02t", ["\x01t", "more"], "", "plain"]) await xsub.send(other);
  assertEquals(await take(xpub, 4), ["\x02t", "\x01t|more", "", "plain"]);
  assertEquals(xpub.subscriberCount, 0);
});

test("xsub: subscribes and unsubscribes by messages, which every publisher gets, and late ones too", async () => {
  await using early = await RawListener.bind();
  await using late = await RawListener.bind();
  await using xsub = new XSubscriber();
  xsub.connect(early.endpoint);
  const first = await early.join({ type: "XPUB" });
  await xsub.waitForPeers(1);
  await xsub.send("\x01a");
  await xsub.send(bytes(1, "b"));
  assertEquals([await first.message(), await first.message()], [["SUBSCRIBEa"], ["SUBSCRIBEb"]]);
  await xsub.send("\x00a");
  assertEquals(await first.message(), ["CANCELa"]);
  xsub.connect(late.endpoint);
  const second = await late.join({ type: "PUB" });
  assertEquals(await second.message(), ["SUBSCRIBEb"]);
});

test("xsub: receives every message of the publishers, without filtering it again", async () => {
  await using listener = await RawListener.bind();
  await using xsub = new XSubscriber();
  xsub.connect(listener.endpoint);
  const peer = await listener.join({ type: "PUB" });
  peer.write(message("anything"), message("a", "b"));
  assertEquals(await take(xsub, 2), ["anything", "a|b"]);
});

test("xpub and xsub: a broker between publishers and subscribers passes on both ways", async () => {
  await using xsub = new XSubscriber();
  await using xpub = new XPublisher();
  const front = await xsub.bind(ANY);
  const back = await xpub.bind(ANY);
  const down = (async () => {
    for await (const message of xsub) await xpub.send(message);
  })();
  const up = (async () => {
    for await (const message of xpub) await xsub.send(message);
  })();
  const pubs = [new Publisher(), new Publisher()];
  const subs = [new Subscriber(), new Subscriber()];
  for (const pub of pubs) pub.connect(front);
  for (const [i, sub] of subs.entries()) {
    sub.connect(back);
    sub.subscribe(`${i}`, "both");
  }
  for (const pub of pubs) {
    for (const topic of ["0", "1", "both"]) await pub.waitForSubscribers(1, { topic });
  }
  await xpub.waitForSubscribers(2, { topic: "both" });
  for (const pub of pubs) for (const topic of ["0", "1", "both", "none"]) await pub.send(topic);
  assertEquals((await take(subs[0]!, 4)).sort(), ["0", "0", "both", "both"]);
  assertEquals((await take(subs[1]!, 4)).sort(), ["1", "1", "both", "both"]);
  for (const socket of [...pubs, ...subs, xsub, xpub]) await socket.close();
  await Promise.all([down, up]);
});
