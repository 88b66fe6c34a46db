/**
 * Publishers and subscribers over every transport: topics, received subscriptions, and subscriptions that the program
 * makes.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher, XSubscriber, ZmqError } from "../../../mod.ts";
import { test } from "../../support/harness.ts";
import { bytes } from "../../support/raw_peer.ts";
import { nextEvent, numbers, take, texts } from "../support.ts";
import { link, type Suite } from "./transport.ts";

export const topics: Suite = (transport) => {
  const { name } = transport;

  for (const binds of [true, false]) {
    test(`${name}: a topic is a prefix of the first frame, whichever side binds`, async () => {
      for (const make of [Publisher, XPublisher]) {
        await using pub = new make();
        await using sub = new Subscriber();
        await (binds ? link(transport, pub, sub) : link(transport, sub, pub));
        sub.subscribe("ab", bytes(0xff, 0));
        await pub.waitForSubscribers(1, { topic: bytes(0xff, 0) });
        for (const message of ["a", "b", "ab", "abc", ["x", "ab"], ["ab", "", "x"], "", "AB"]) await pub.send(message);
        await pub.send(bytes(0xff, 0, 1));
        assertEquals(await take(sub, 3), ["ab", "abc", "ab||x"]);
        assertEquals(await sub.receive(), [bytes(0xff, 0, 1)]);
      }
    });
  }

  test(`${name}: nothing comes without a subscription, everything for an empty topic, once for several that match`, async () => {
    await using pub = new Publisher();
    await using none = new Subscriber();
    await using all = new Subscriber();
    await using several = new Subscriber();
    all.subscribe();
    several.subscribe("", "a", "ab");
    await link(transport, pub, none, all, several);
    await pub.waitForSubscribers(2, { topic: "" });
    await pub.waitForSubscribers(1, { topic: "ab" });
    for (const topic of ["", "ab", "x"]) await pub.send(topic);
    assertEquals([await take(all, 3), await take(several, 3)], [["", "ab", "x"], ["", "ab", "x"]]);
    none.subscribe("late");
    await pub.waitForSubscribers(1, { topic: "late" });
    await pub.send("late");
    assertEquals(await take(none, 1), ["late"]);
    assertEquals(none.statistics().messagesReceived, 1);
  });

  test(`${name}: only the last unsubscribe of a topic counts`, async () => {
    await using pub = new XPublisher();
    await using sub = new Subscriber();
    await link(transport, pub, sub);
    sub.subscribe("a", "a", "end");
    await pub.waitForSubscribers(1, { topic: "end" });
    sub.unsubscribe("a");
    sub.unsubscribe("never");
    await pub.send("a1");
    assertEquals(await take(sub, 1), ["a1"]);
    sub.unsubscribe("a");
    assertEquals(await take(pub, 3), ["\x01a", "\x01end", "\x00a"]);
    await pub.send("a2");
    await pub.send("end");
    assertEquals(await take(sub, 1), ["end"]);
  });

  test(`${name}: with invertMatching a message goes to peers that did not subscribe to it`, async () => {
    await using pub = new Publisher({ invertMatching: true });
    await using sub = new Subscriber({ invertMatching: true });
    sub.subscribe("a");
    await link(transport, pub, sub);
    await pub.waitForSubscribers(1);
    for (const topic of ["a1", "b1", "a2", "b2"]) await pub.send(topic);
    assertEquals(await take(sub, 2), ["b1", "b2"]);
    assertEquals(pub.statistics().messagesSent, 2);
  });

  test(`${name}: an XPublisher sees the first subscribe and the last cancel, or all of them`, async () => {
    const seen = {
      default: ["\x01t", "\x01end", "\x00t"],
      allSubs: ["\x01t", "\x01t", "\x01end", "\x00t"],
      allSubsUnsubs: ["\x01t", "\x01t", "\x01end", "\x00t", "\x00t"],
    };
    for (const verbosity of ["default", "allSubs", "allSubsUnsubs"] as const) {
      await using xpub = new XPublisher({ verbosity: verbosity === "default" ? null : verbosity });
      await using a = new Subscriber();
      await using b = new Subscriber();
      await link(transport, xpub, a, b);
      a.subscribe("t");
      await xpub.waitForSubscribers(1, { topic: "t" });
      b.subscribe("t", "end");
      await xpub.waitForSubscribers(1, { topic: "end" });
      a.unsubscribe("t");
      b.unsubscribe("t");
      // The two subscribers alternate.
      const told = await take(xpub, seen[verbosity].length);
      assertEquals([verbosity, told.sort()], [verbosity, seen[verbosity].sort()]);
      assertEquals([xpub.tryReceive(), xpub.topicsCount], [undefined, 1]);
    }
  });

  test(`${name}: with manual the program subscribes its peers, to any topic`, async () => {
    await using xpub = new XPublisher({ manual: true });
    await using a = new Subscriber();
    await using b = new Subscriber();
    await link(transport, xpub, a, b);
    a.subscribe("mine");
    assertEquals(await take(xpub, 1), ["\x01mine"]);
    xpub.subscribe("a/mine");
    b.subscribe("mine");
    assertEquals(await take(xpub, 1), ["\x01mine"]);
    xpub.subscribe("b/mine");
    // A Subscriber takes only what it asked for itself.
    a.subscribe("a/");
    b.subscribe("b/");
    assertEquals((await take(xpub, 2)).sort(), ["\x01a/", "\x01b/"]);
    for (const topic of ["mine", "a/mine", "b/mine"]) await xpub.send(topic);
    assertEquals([await take(a, 1), await take(b, 1)], [["a/mine"], ["b/mine"]]);
    assertEquals(xpub.statistics().messagesSent, 2);
  });

  test(`${name}: with manualLastValue the message after a subscription goes to that peer only, once`, async () => {
    await using xpub = new XPublisher({ manualLastValue: true });
    await using early = new Subscriber();
    await using late = new Subscriber();
    await link(transport, xpub, early, late);
    for (const [sub, value] of [[early, "t1"], [late, "t2"]] as const) {
      sub.subscribe("t");
      assertEquals(await take(xpub, 1), ["\x01t"]);
      xpub.subscribe("t");
      await xpub.send(value);
      assertEquals(await take(sub, 1), [value]);
    }
    await xpub.send("t3");
    assertEquals([await take(early, 1), await take(late, 1)], [["t3"], ["t3"]]);
  });

  test(`${name}: a welcome message is the first that a subscriber gets`, async () => {
    await using xpub = new XPublisher({ welcomeMessage: "welcome" });
    await using sub = new Subscriber();
    await using xsub = new XSubscriber();
    sub.subscribe("");
    await link(transport, xpub, sub, xsub);
    await xpub.waitForSubscribers(1);
    await xpub.send("news");
    assertEquals([await take(sub, 2), await take(xsub, 1)], [["welcome", "news"], ["welcome"]]);
  });

  test(`${name}: messages of an XSubscriber go to all publishers, in order with its subscriptions`, async () => {
    await using xsub = new XSubscriber();
    const xpubs = [new XPublisher(), new XPublisher()];
    for (const xpub of xpubs) await link(transport, xpub, xsub);
    const sent = [
      ["up", "1"],
      "\x01a",
      ["up", "2"],
      "\x01a",
      "\x01b",
      "\x02no subscription",
      "\x00a",
      "",
      "\x00a",
      "up 3",
    ];
    for (const message of sent) await xsub.send(message);
    // Sent once, no matter how many subscriptions there are, and cancelled with the last.
    const told = ["up|1", "\x01a", "up|2", "\x01b", "\x02no subscription", "", "\x00a", "up 3"];
    for (const xpub of xpubs) assertEquals(await take(xpub, told.length), told);
    await xpubs[0]!.send("b1");
    await xpubs[0]!.send("a1");
    await xpubs[1]!.send("b2");
    assertEquals((await take(xsub, 2)).sort(), ["b1", "b2"]);
    for (const xpub of xpubs) await xpub.close();
  });

  test(`${name}: with verboseUnsubscribe every cancel is passed on`, async () => {
    await using xsub = new XSubscriber({ verboseUnsubscribe: true });
    await using xpub = new XPublisher({ verbosity: "allSubsUnsubs" });
    await link(transport, xpub, xsub);
    for (const message of ["\x01a", "\x01a", "\x00a", "\x00a", "\x00never"]) await xsub.send(message);
    assertEquals(await take(xpub, 3 + 2), ["\x01a", "\x01a", "\x00a", "\x00a", "\x00never"]);
  });

  test(`${name}: subscriptions go out while their publisher floods the subscriber`, async () => {
    await using xpub = new XPublisher({ sendHighWaterMark: 10 });
    await using sub = new Subscriber({ receiveHighWaterMark: 10 });
    sub.subscribe("flood");
    await link(transport, xpub, sub);
    await xpub.waitForSubscribers(1);
    for (const number of numbers(2000)) await xpub.send(["flood", number]);
    sub.subscribe("more");
    await xpub.waitForSubscribers(1, { topic: "more" });
    sub.unsubscribe("flood");
    assertEquals(await take(xpub, 3), ["\x01flood", "\x01more", "\x00flood"]);
    while (sub.tryReceive() !== undefined);
    const next = sub.receive();
    await xpub.send("flood again");
    await xpub.send("more");
    assertEquals(texts(await next), ["more"]);
  });

  test(`${name}: a topic of 64 KiB is accepted, a longer one ends the connection`, async () => {
    await using pub = new Publisher();
    await using sub = new Subscriber();
    await link(transport, pub, sub);
    const longest = "x".repeat(64 * 1024);
    sub.subscribe(longest);
    await pub.waitForSubscribers(1, { topic: longest });
    const lost = nextEvent(pub, "disconnect");
    sub.subscribe(`${longest}${longest}`);
    const { error } = await lost;
    assertEquals(error instanceof ZmqError && error.code, "EMSGSIZE");
    assertEquals([pub.peerCount, pub.topicsCount], [0, 0]);
  });

  test(`${name}: thousands of topics of many subscribers, each gets its own`, async () => {
    await using pub = new Publisher();
    const subs = [new Subscriber(), new Subscriber(), new Subscriber()];
    await link(transport, pub, ...subs);
    for (const [i, sub] of subs.entries()) {
      for (const number of numbers(1000)) sub.subscribe(`${i}/${number}.`);
      await pub.waitForSubscribers(1, { topic: `${i}/999.` });
    }
    assertEquals([pub.topicsCount, pub.subscriberCount], [3000, 3]);
    const wanted = [0, 10, 100, 999];
    for (const i of subs.keys()) for (const number of wanted) await pub.send(`${i}/${number}.`);
    for (const [i, sub] of subs.entries()) {
      assertEquals(await take(sub, wanted.length), wanted.map((number) => `${i}/${number}.`));
      for (const number of numbers(1000)) sub.unsubscribe(`${i}/${number}.`);
      await sub.close();
    }
  });
};
