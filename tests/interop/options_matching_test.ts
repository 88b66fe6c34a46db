/**
 * Matching of published messages, and the subscriptions that publishers receive: `invertMatching`, `noDrop`,
 * `verboseUnsubscribe`, `topicsCount`, and messages of several frames that look like subscriptions. Sockets of this
 * library and of libzmq as the subjects of the same tests with scripted peers, and the two libraries with each other.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { command, message, RawListener, type RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const SUB = { type: "SUB" };

/** Receives `count` messages, each as text with its frames joined by "|". */
async function take(socket: End, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await socket.receive()).join("|"));
  return taken;
}

// Inverted matching.

for (const type of ["PUB", "XPUB"] as const) {
  testBoth(
    libzmq,
    `invertMatching of a ${type}: who subscribed does not get it, all others do; on and off`,
    async (open) => {
      await using publisher = await open(type, { invertMatching: true });
      const endpoint = await publisher.bind(ANY);
      await using some = await comeIn(publisher, endpoint, SUB);
      await using none = await comeIn(publisher, endpoint, SUB);
      some.write(command("SUBSCRIBE", "a"), command("SUBSCRIBE", "ab"));
      await taken(libzmq, publisher, some);
      for (const topic of ["abc", "b", ""]) await publisher.send([topic, "a"]);
      assertEquals([await some.message(), await some.message()], [["b", "a"], ["", "a"]]);
      for (const topic of ["abc", "b", ""]) assertEquals(await none.message(), [topic, "a"]);
      await publisher.set("invertMatching", false);
      for (const topic of ["b", "abc"]) await publisher.send([topic]);
      assertEquals(await some.message(), ["abc"]);
      await none.sync();
    },
  );
}

testBoth(libzmq, "invertMatching of a SUB: what it did not subscribe to is received; on and off", async (open) => {
  await using listener = await RawListener.bind();
  await using subscriber = await open("SUB", { invertMatching: true });
  await subscriber.subscribe("a");
  await subscriber.connect(listener.endpoint);
  const peer = await comeTo(subscriber, listener, { type: "PUB" });
  assertEquals(await peer.message(), ["SUBSCRIBEa"]);
  for (const invertMatching of [true, false, true]) {
    await subscriber.set("invertMatching", invertMatching);
    peer.write(message("abc", "b"), message("b", "a"), message(invertMatching ? "end" : "a: end"));
    assertEquals(await take(subscriber, 2), invertMatching ? ["b|a", "end"] : ["abc|b", "a: end"]);
  }
});

testBoth(libzmq, "invertMatching of a SUB without subscriptions: everything is received", async (open) => {
  await using subscriber = await open("SUB", { invertMatching: true });
  await using peer = await comeIn(subscriber, await subscriber.bind(ANY), { type: "PUB" });
  peer.write(message("anything"), message(""));
  assertEquals(await take(subscriber, 2), ["anything", ""]);
});

testTalk(libzmq, "invertMatching: a PUB and a SUB that both invert", async (open, openOther) => {
  await using publisher = await open("PUB", { invertMatching: true });
  await using subscriber = await openOther("SUB", { invertMatching: true });
  await subscriber.subscribe("debug");
  await subscriber.connect(await publisher.bind(ANY));
  await publishUntilHeard(publisher, subscriber, "info");
  for (const topic of ["debug.1", "info.1", "debug", "warning"]) await publisher.send([topic]);
  assertEquals(await take(subscriber, 2), ["info.1", "warning"]);
});

// No drop.

/** More than the system and both libraries hold for a peer that does not read: 50 MB. */
const FLOOD = 200;
const BODY = new Uint8Array(1 << 18).fill("a".charCodeAt(0));

/** Sends until it fails with EAGAIN, at most `FLOOD` messages; returns how many went. */
async function flood(publisher: End): Promise<number> {
  for (let sent = 0; sent < FLOOD; sent++) {
    try {
      await publisher.send([BODY]);
    } catch (error) {
      assertEquals((error as { code?: string }).code, "EAGAIN");
      return sent;
    }
  }
  return FLOOD;
}

/** Sends `end` and reads until it arrives; returns how many messages came before. */
async function readOut(publisher: End, peer: RawPeer): Promise<number> {
  for (let count = 0;; count++) {
    // Repeatedly, because it may be rejected or dropped, too.
    await publisher.send(["a: end"]).catch((error) => assertEquals(error.code, "EAGAIN"));
    if ((await peer.message())[0] === "a: end") return count;
  }
}

for (const type of ["PUB", "XPUB"] as const) {
  testBoth(
    libzmq,
    `noDrop of a ${type}: a full subscriber is EAGAIN for what it wants, and loses nothing`,
    async (open) => {
      await using publisher = await open(type, { noDrop: true, sendHighWaterMark: 5, sendTimeout: 0 });
      const endpoint = await publisher.bind(ANY);
      await using slow = await comeIn(publisher, endpoint, SUB);
      slow.write(command("SUBSCRIBE", "a"));
      await taken(libzmq, publisher, slow);
      await using quick = await comeIn(publisher, endpoint, SUB);
      quick.write(command("SUBSCRIBE", "b"));
      await taken(libzmq, publisher, quick);
      slow.pause();
      const sent = await flood(publisher);
      assert(sent < FLOOD, "nothing was dropped, and nothing refused");
      await publisher.send(["b"]);
      assertEquals(await quick.message(), ["b"]);
      slow.resume();
      assertEquals(await readOut(publisher, slow), sent);
    },
  );
}

testBoth(libzmq, "noDrop: a message for a full subscriber and another goes to neither", async (open) => {
  await using publisher = await open("XPUB", { noDrop: true, sendHighWaterMark: 5, sendTimeout: 0 });
  const endpoint = await publisher.bind(ANY);
  await using slow = await comeIn(publisher, endpoint, SUB);
  await using quick = await comeIn(publisher, endpoint, SUB);
  for (const peer of [slow, quick]) {
    peer.write(command("SUBSCRIBE", "a"));
    await taken(libzmq, publisher, peer);
  }
  slow.pause();
  let sent = 0;
  const read = (async () => {
    for (;;) {
      const [first] = await quick.message();
      if (first !== "a: end") sent--;
      else return;
    }
  })();
  const went = await flood(publisher);
  assert(went < FLOOD, "nothing was dropped, and nothing refused");
  sent += went;
  slow.resume();
  assertEquals(await readOut(publisher, slow), went);
  await read;
  assertEquals(sent, 0);
});

testBoth(libzmq, "noDrop can be switched off while a subscriber is full", async (open) => {
  await using publisher = await open("PUB", { noDrop: true, sendHighWaterMark: 5, sendTimeout: 0 });
  await using slow = await comeIn(publisher, await publisher.bind(ANY), SUB);
  slow.write(command("SUBSCRIBE", "a"));
  await taken(libzmq, publisher, slow);
  slow.pause();
  const sent = await flood(publisher);
  assert(sent < FLOOD);
  await publisher.set("noDrop", false);
  assertEquals(await flood(publisher), FLOOD);
  slow.resume();
  assert(await readOut(publisher, slow) < FLOOD);
});

// Subscriptions that publishers receive.

for (const verboseUnsubscribe of [true, false]) {
  testBoth(libzmq, `verboseUnsubscribe ${verboseUnsubscribe}: which cancels an XSUB passes on`, async (open) => {
    await using listener = await RawListener.bind();
    await using subscriber = await open("XSUB", { verboseUnsubscribe });
    await subscriber.connect(listener.endpoint);
    const peer = await comeTo(subscriber, listener, { type: "XPUB", minor: 0 });
    for (const frame of ["\x01t", "\x01t", "\x00t", "\x00t", "\x00t", "\x00never", "\x01end"]) {
      await subscriber.send([frame]);
    }
    const expected = verboseUnsubscribe
      ? ["\x01t", "\x01t", "\x00t", "\x00t", "\x00t", "\x00never", "\x01end"]
      : ["\x01t", "\x01t", "\x00t", "\x01end"];
    for (const frame of expected) assertEquals(await peer.message(), [frame]);
  });
}

testTalk(libzmq, "verboseUnsubscribe: an XPUB that tells all receives all cancels", async (open, openOther) => {
  await using publisher = await openOther("XPUB", { verbosity: "allSubsUnsubs" });
  await using subscriber = await open("XSUB", { verboseUnsubscribe: true });
  await subscriber.connect(await publisher.bind(ANY));
  await subscriber.seen("handshake", 1);
  const sent = ["\x01t", "\x01t", "\x00t", "\x00t", "\x01u"];
  for (const frame of sent) await subscriber.send([frame]);
  assertEquals(await take(publisher, sent.length), sent);
});

for (const type of ["PUB", "XPUB"] as const) {
  testBoth(libzmq, `topicsCount of a ${type}: each topic once, however many want it`, async (open) => {
    await using publisher = await open(type);
    assertEquals(await publisher.get("topicsCount"), 0);
    const endpoint = await publisher.bind(ANY);
    await using one = await comeIn(publisher, endpoint, SUB);
    await using two = await comeIn(publisher, endpoint, SUB);
    one.write(...["a", "a", "b", ""].map((topic) => command("SUBSCRIBE", topic)));
    await taken(libzmq, publisher, one);
    assertEquals(await publisher.get("topicsCount"), 3);
    two.write(...["a", "c", "cd"].map((topic) => command("SUBSCRIBE", topic)));
    await taken(libzmq, publisher, two);
    assertEquals(await publisher.get("topicsCount"), 5);
    one.write(command("CANCEL", "a"), command("CANCEL", "b"));
    await taken(libzmq, publisher, one);
    assertEquals(await publisher.get("topicsCount"), 4);
  });
}

testBoth(libzmq, "topicsCount of an XPUB with manual: what the program subscribed to", async (open) => {
  await using publisher = await open("XPUB", { manual: true });
  await using peer = await comeIn(publisher, await publisher.bind(ANY), SUB);
  peer.write(command("SUBSCRIBE", "asked"));
  assertEquals(await take(publisher, 1), ["\x01asked"]);
  assertEquals(await publisher.get("topicsCount"), 0);
  for (const topic of ["given", "given", "another"]) await publisher.subscribe(topic);
  assertEquals(await publisher.get("topicsCount"), 2);
  await publisher.unsubscribe("given");
  assertEquals(await publisher.get("topicsCount"), 1);
});

for (const type of ["SUB", "XSUB"] as const) {
  testBoth(libzmq, `topicsCount of a ${type}: what it subscribed to`, async (open) => {
    await using subscriber = await open(type);
    const change = async (wanted: boolean, topic: string) => {
      if (type === "XSUB") await subscriber.send([`${wanted ? "\x01" : "\x00"}${topic}`]);
      else if (wanted) await subscriber.subscribe(topic);
      else await subscriber.unsubscribe(topic);
    };
    assertEquals(await subscriber.get("topicsCount"), 0);
    for (const topic of ["a", "ab", ""]) await change(true, topic);
    assertEquals(await subscriber.get("topicsCount"), 3);
    for (const topic of ["a", "", "never"]) await change(false, topic);
    assertEquals(await subscriber.get("topicsCount"), 1);
  });
}
