/**
 * The options of XPUB: `verbosity`, `manual`, `manualLastValue` and `welcomeMessage`. Sockets of this library and of
 * libzmq as the subjects of the same tests with scripted peers, and the two libraries with each other.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { bytes, command, message, RawListener, type RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const SUB = { type: "SUB" };

const subscribe = (topic: string) => command("SUBSCRIBE", topic);
const cancel = (topic: string) => command("CANCEL", topic);

/** Receives so many subscriptions: `+topic`, `-topic`. */
async function told(publisher: End, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const frames = texts(await publisher.receive());
    taken.push(frames.join("|").replace("\x01", "+").replace("\x00", "-"));
  }
  return taken;
}

/** Fails unless exactly these subscriptions were reported of those that have arrived. */
async function toldOnly(publisher: End, peer: RawPeer, expected: string[]): Promise<void> {
  peer.write(subscribe("marker"));
  assertEquals(await told(publisher, expected.length + 1), [...expected, "+marker"]);
  peer.write(cancel("marker"));
  assertEquals(await told(publisher, 1), ["-marker"]);
}

// Verbosity.

const VERBOSITIES = [
  [null, ["+t"], [], [], ["-t"]],
  ["allSubs", ["+t", "+t"], ["+t"], [], ["-t"]],
  ["allSubsUnsubs", ["+t", "+t"], ["+t"], ["-t"], ["-t"]],
] as const;

for (const [verbosity, twice, other, cancelled, last] of VERBOSITIES) {
  testBoth(libzmq, `verbosity ${verbosity}: which subscribes and cancels an XPUB receives`, async (open) => {
    await using publisher = await open("XPUB", { verbosity });
    const endpoint = await publisher.bind(ANY);
    await using a = await comeIn(publisher, endpoint, SUB);
    await using b = await comeIn(publisher, endpoint, { type: "XSUB", minor: 0 });
    a.write(subscribe("t"), subscribe("t"));
    await toldOnly(publisher, a, [...twice]);
    b.write(message("\x01t"));
    await toldOnly(publisher, b, [...other]);
    a.write(cancel("t"));
    await toldOnly(publisher, a, [...cancelled]);
    b.write(message("\x00t"));
    await toldOnly(publisher, b, [...last]);
  });

  testBoth(libzmq, `verbosity ${verbosity}: what an XPUB receives when subscribers go`, async (open) => {
    await using publisher = await open("XPUB", { verbosity });
    const endpoint = await publisher.bind(ANY);
    await using stays = await comeIn(publisher, endpoint, SUB);
    stays.write(subscribe("both"));
    assertEquals(await told(publisher, 1), ["+both"]);
    const goes = await comeIn(publisher, endpoint, SUB);
    goes.write(subscribe("both"), subscribe("own"));
    assertEquals(await told(publisher, verbosity === null ? 1 : 2), verbosity === null ? ["+own"] : ["+both", "+own"]);
    await goes[Symbol.asyncDispose]();
    const expected = verbosity === "allSubsUnsubs" ? ["-both", "-own"] : ["-own"];
    assertEquals((await told(publisher, expected.length)).sort(), expected);
    await toldOnly(publisher, stays, []);
  });
}

testBoth(libzmq, "verbosity can be changed while subscribers are there", async (open) => {
  await using publisher = await open("XPUB");
  await using peer = await comeIn(publisher, await publisher.bind(ANY), SUB);
  peer.write(subscribe("t"));
  assertEquals(await told(publisher, 1), ["+t"]);
  for (const verbosity of ["allSubs", null, "allSubsUnsubs", null] as const) {
    await publisher.set("verbosity", verbosity);
    peer.write(subscribe("t"));
    await toldOnly(publisher, peer, verbosity === null ? [] : ["+t"]);
  }
});

testTalk(
  libzmq,
  "verbosity: every subscribe of two SUBs is received, and what they go away with",
  async (open, openOther) => {
    await using publisher = await open("XPUB", { verbosity: "allSubsUnsubs" });
    const endpoint = await publisher.bind(ANY);
    await using first = await openOther("SUB");
    await using second = await openOther("SUB");
    await first.connect(endpoint);
    await first.subscribe("t");
    assertEquals(await told(publisher, 1), ["+t"]);
    await second.connect(endpoint);
    await second.subscribe("t");
    assertEquals(await told(publisher, 1), ["+t"]);
    await first.unsubscribe("t");
    assertEquals(await told(publisher, 1), ["-t"]);
    await second.close();
    assertEquals(await told(publisher, 1), ["-t"]);
  },
);

// Manual.

testBoth(libzmq, "manual: a peer gets what the program subscribes it to, and not what it asked for", async (open) => {
  await using publisher = await open("XPUB", { manual: true });
  const endpoint = await publisher.bind(ANY);
  await using a = await comeIn(publisher, endpoint, SUB);
  await using b = await comeIn(publisher, endpoint, SUB);
  a.write(subscribe("asked a"));
  assertEquals(await told(publisher, 1), ["+asked a"]);
  await publisher.subscribe("given a");
  await publisher.subscribe("given both");
  b.write(subscribe("asked b"));
  assertEquals(await told(publisher, 1), ["+asked b"]);
  await publisher.subscribe("given both");
  for (const topic of ["asked a", "asked b", "given a", "given both"]) await publisher.send([topic]);
  assertEquals([await a.message(), await a.message(), await b.message()], [["given a"], ["given both"], [
    "given both",
  ]]);

  a.write(cancel("asked a"));
  assertEquals(await told(publisher, 1), ["-asked a"]);
  await publisher.unsubscribe("given both");
  for (const topic of ["given both", "given a"]) await publisher.send([topic]);
  assertEquals([await a.message(), await b.message()], [["given a"], ["given both"]]);
});

testBoth(
  libzmq,
  "manual: every subscribe and cancel is received, and of a peer that goes what it asked for",
  async (open) => {
    await using publisher = await open("XPUB", { manual: true });
    const endpoint = await publisher.bind(ANY);
    await using stays = await comeIn(publisher, endpoint, SUB);
    stays.write(subscribe("t"), subscribe("t"), cancel("t"), cancel("t"), subscribe("t"));
    assertEquals(await told(publisher, 5), ["+t", "+t", "-t", "-t", "+t"]);
    const goes = await comeIn(publisher, endpoint, SUB);
    goes.write(subscribe("t"), subscribe("u"), subscribe("v"), cancel("u"));
    assertEquals(await told(publisher, 4), ["+t", "+u", "+v", "-u"]);
    await publisher.subscribe("given");
    await goes[Symbol.asyncDispose]();
    assertEquals((await told(publisher, 2)).sort(), ["-t", "-v"]);
    await toldOnly(publisher, stays, []);
  },
);

testBoth(libzmq, "manual: whoever is gone when its subscription is received is passed over", async (open) => {
  await using publisher = await open("XPUB", { manual: true });
  const endpoint = await publisher.bind(ANY);
  await using stays = await comeIn(publisher, endpoint, SUB);
  stays.write(subscribe("stays"));
  assertEquals(await told(publisher, 1), ["+stays"]);
  const goes = await comeIn(publisher, endpoint, SUB);
  goes.write(subscribe("goes"));
  await taken(libzmq, publisher, goes);
  await goes[Symbol.asyncDispose]();
  await publisher.seen("disconnect", 1);
  await taken(libzmq, publisher, stays);
  assertEquals(await told(publisher, 1), ["+goes"]);
  // It is not the one that was received of before.
  await publisher.subscribe("x");
  assertEquals(await told(publisher, 1), ["-goes"]);
  stays.write(subscribe("y"));
  assertEquals(await told(publisher, 1), ["+y"]);
  await publisher.subscribe("y");
  for (const topic of ["x", "y"]) await publisher.send([topic]);
  assertEquals(await stays.message(), ["y"]);
});

testBoth(libzmq, "manual can be switched on and off: what was subscribed stays", async (open) => {
  await using publisher = await open("XPUB");
  await using peer = await comeIn(publisher, await publisher.bind(ANY), SUB);
  const error = await assertRejects(() => publisher.subscribe("x")) as { code?: string };
  assertEquals(error.code, "EINVAL");
  peer.write(subscribe("before"));
  assertEquals(await told(publisher, 1), ["+before"]);
  await publisher.set("manual", true);
  peer.write(subscribe("asked"));
  assertEquals(await told(publisher, 1), ["+asked"]);
  await publisher.subscribe("given");
  await publisher.set("manual", false);
  peer.write(subscribe("after"));
  assertEquals(await told(publisher, 1), ["+after"]);
  for (const topic of ["asked", "before", "given", "after"]) await publisher.send([topic]);
  assertEquals([await peer.message(), await peer.message(), await peer.message()], [["before"], ["given"], ["after"]]);
});

testTalk(libzmq, "manual: SUBs get what the program subscribes them to", async (open, openOther) => {
  await using publisher = await open("XPUB", { manual: true });
  await using subscriber = await openOther("SUB");
  await subscriber.connect(await publisher.bind(ANY));
  await subscriber.subscribe("news");
  assertEquals(await told(publisher, 1), ["+news"]);
  await publisher.subscribe("news.today");
  for (const topic of ["news", "news.yesterday", "news.today"]) await publisher.send([topic]);
  assertEquals(texts(await subscriber.receive()), ["news.today"]);
});

// The last value.

testBoth(libzmq, "manualLastValue: what is sent after a subscription goes to that peer only, once", async (open) => {
  await using publisher = await open("XPUB", { manualLastValue: true });
  const endpoint = await publisher.bind(ANY);
  await using a = await comeIn(publisher, endpoint, SUB);
  await using b = await comeIn(publisher, endpoint, SUB);
  for (const [name, peer] of Object.entries({ a, b })) {
    peer.write(subscribe("t"));
    assertEquals(await told(publisher, 1), ["+t"]);
    await publisher.subscribe("t");
    await publisher.send(["t", `last value for ${name}`]);
  }
  await publisher.send(["t", "to all"]);
  for (const [name, peer] of Object.entries({ a, b })) {
    assertEquals([await peer.message(), await peer.message()], [["t", `last value for ${name}`], ["t", "to all"]]);
  }
});

testBoth(libzmq, "manualLastValue: a message that the peer does not want goes to nobody", async (open) => {
  await using publisher = await open("XPUB", { manualLastValue: true });
  const endpoint = await publisher.bind(ANY);
  await using a = await comeIn(publisher, endpoint, SUB);
  await using b = await comeIn(publisher, endpoint, SUB);
  for (const [topic, peer] of Object.entries({ a, b })) {
    peer.write(subscribe(topic));
    assertEquals(await told(publisher, 1), [`+${topic}`]);
    await publisher.subscribe(topic);
  }
  await publisher.send(["a: not now"]);
  for (const topic of ["a", "b"]) await publisher.send([topic]);
  assertEquals([await a.message(), await b.message()], [["a"], ["b"]]);
});

// The welcome.

testBoth(
  libzmq,
  "welcomeMessage: every peer gets it first, subscribed or not; it can be changed and taken back",
  async (open) => {
    await using publisher = await open("XPUB", { welcomeMessage: "welcome" });
    const endpoint = await publisher.bind(ANY);
    for (const type of ["SUB", "XSUB"]) {
      await using peer = await comeIn(publisher, endpoint, { type });
      peer.write(subscribe(type));
      assertEquals(await told(publisher, 1), [`+${type}`]);
      await publisher.send([type]);
      assertEquals([await peer.message(), await peer.message()], [["welcome"], [type]]);
      await peer[Symbol.asyncDispose]();
      assertEquals(await told(publisher, 1), [`-${type}`]);
    }
    await publisher.set("welcomeMessage", bytes(0, 255));
    await using later = await comeIn(publisher, endpoint, SUB);
    assertEquals((await later.frame()).body, bytes(0, 255));
    await publisher.set("welcomeMessage", null);
    await using last = await comeIn(publisher, endpoint, SUB);
    await last.sync();
  },
);

testBoth(libzmq, "welcomeMessage: an XPUB that connects sends it, too", async (open) => {
  await using listener = await RawListener.bind();
  await using publisher = await open("XPUB", { welcomeMessage: "welcome" });
  await publisher.connect(listener.endpoint);
  const peer = await comeTo(publisher, listener, SUB);
  assertEquals(await peer.message(), ["welcome"]);
  await peer.sync();
});

testTalk(
  libzmq,
  "welcomeMessage: a SUB receives it if it subscribed to it, an XSUB always",
  async (open, openOther) => {
    await using publisher = await open("XPUB", { welcomeMessage: "welcome" });
    const endpoint = await publisher.bind(ANY);
    await using wants = await openOther("SUB");
    await using doesNot = await openOther("SUB");
    await using takesAll = await openOther("XSUB");
    for (const [socket, topic] of [[wants, "wel"], [doesNot, "news"]] as const) {
      await socket.subscribe(topic);
      await socket.connect(endpoint);
      assertEquals(await told(publisher, 1), [`+${topic}`]);
    }
    await takesAll.connect(endpoint);
    await publisher.seen("handshake", 3);
    await publisher.look();
    await publisher.send(["news"]);
    assertEquals(texts(await wants.receive()), ["welcome"]);
    assertEquals(texts(await doesNot.receive()), ["news"]);
    assertEquals(texts(await takesAll.receive()), ["welcome"]);
  },
);
