/**
 * `noDrop` and `invertMatching` of publishers, `verboseUnsubscribe` of XSubscriber, and `topicsCount`: waits, changes,
 * inproc. tests/interop/options_matching_test.ts compares them with libzmq.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, rejectsWith, take } from "../sockets/support.ts";

const SUB = { type: "SUB" };
const BODY = new Uint8Array(1 << 18).fill("a".charCodeAt(0));
let names = 0;
const inproc = () => `inproc://options-publish-${++names}`;

/** A subscriber to "a" that does not read, and a publisher whose queue for it is full. */
async function full(publisher: Publisher | XPublisher): Promise<RawPeer> {
  const peer = await RawPeer.join(await publisher.bind(ANY), SUB);
  peer.write(command("SUBSCRIBE", "a"));
  await peer.sync();
  peer.pause();
  await fill(publisher);
  return peer;
}

/** More than the system holds for a peer that does not read: 100 MB. */
const FLOOD = 400;

/** Sends until a send fails, because none was taken for so long. */
async function fill(publisher: Publisher | XPublisher): Promise<void> {
  let refused: { code?: string } | undefined;
  for (let sent = 0; sent < FLOOD && refused === undefined; sent++) {
    await publisher.send(BODY).catch((error) => refused = error);
  }
  assertEquals(refused?.code, "EAGAIN");
  assertEquals(publisher.trySend(BODY), false);
}

/** The timeout of a send, in ms. If it were too short, a test would begin before the system is full, and prove less. */
const TIMEOUT = 200;
const OPTIONS = { noDrop: true, sendHighWaterMark: 5, sendTimeout: TIMEOUT, linger: 0 };

for (const make of [Publisher, XPublisher]) {
  const { name } = make;

  test(`noDrop of a ${name}: a send waits for room, later sends behind it, and all arrive in order`, async () => {
    await using publisher = new make(OPTIONS);
    await using slow = await full(publisher);
    publisher.sendTimeout = -1;
    const sends = ["a1", "a2", "b3"].map((text) => publisher.send(text));
    let done = 0;
    for (const send of sends) void send.then(() => done++);
    slow.resume();
    for (;;) if ((await slow.message())[0] === "a1") break;
    assertEquals(await slow.message(), ["a2"]);
    await Promise.all(sends);
    assertEquals(done, 3);
    assertEquals(publisher.statistics().dropped, 0);
  });

  test(`noDrop of a ${name}: a send that waits continues when the full subscriber disconnects`, async () => {
    await using publisher = new make(OPTIONS);
    const slow = await full(publisher);
    publisher.sendTimeout = -1;
    const send = publisher.send(["a", "for nobody"]);
    await slow[Symbol.asyncDispose]();
    await send;
    assertEquals(publisher.subscriberCount, 0);
  });

  test(`noDrop of a ${name}: a pending send continues when its message has no subscriber left`, async () => {
    await using publisher = new make(OPTIONS);
    await using slow = await full(publisher);
    publisher.sendTimeout = -1;
    const send = publisher.send(["a", "for nobody"]);
    slow.write(command("CANCEL", "a"));
    await send;
    assertEquals(publisher.subscriberCount, 0);
  });

  test(`noDrop of a ${name}: a send that waits continues when noDrop is switched off`, async () => {
    await using publisher = new make(OPTIONS);
    await using _slow = await full(publisher);
    publisher.sendTimeout = -1;
    const send = publisher.send(["a", "dropped"]);
    publisher.noDrop = false;
    await send;
    assertEquals(publisher.statistics().dropped, 1);
  });

  test(`noDrop of a ${name}: switched off it drops, switched on it refuses again`, async () => {
    await using publisher = new make(OPTIONS);
    await using _slow = await full(publisher);
    publisher.noDrop = false;
    assertEquals(publisher.trySend("a, dropped"), true);
    await publisher.send("a, dropped, too");
    assertEquals(publisher.statistics().dropped, 2);
    publisher.noDrop = true;
    assertEquals(publisher.trySend("a"), false);
    await rejectsWith("EAGAIN", () => publisher.send("a"));
    assertEquals(publisher.trySend("b, which nobody wants"), true);
  });

  test(`noDrop of a ${name} over inproc: the sum of both high-water marks is queued, and no more`, async () => {
    await using publisher = new make({ noDrop: true, sendHighWaterMark: 2 });
    await using subscriber = new Subscriber({ receiveHighWaterMark: 3 });
    subscriber.subscribe("a");
    subscriber.connect(await publisher.bind(inproc()));
    await publisher.waitForSubscribers(1);
    let sent = 0;
    while (sent < FLOOD && publisher.trySend(`a${sent}`)) sent++;
    assertEquals(sent, 5);
    const waiting = publisher.send(`a${sent}`);
    assertEquals(await take(subscriber, 6), ["a0", "a1", "a2", "a3", "a4", "a5"]);
    await waiting;
  });

  test(`invertMatching of a ${name} with noDrop: a send waits for the peers that did not subscribe`, async () => {
    await using publisher = new make({ ...OPTIONS, invertMatching: true });
    await using slow = await RawPeer.join(await publisher.bind(ANY), SUB);
    slow.write(command("SUBSCRIBE", "b"));
    await slow.sync();
    slow.pause();
    await fill(publisher);
    assertEquals(publisher.trySend("b is not for it"), true);
  });

  test(`topicsCount of a ${name} follows subscribes, unsubscribes and disconnects; it is read-only`, async () => {
    await using publisher = new make();
    const endpoint = await publisher.bind(ANY);
    await using stays = await RawPeer.join(endpoint, SUB);
    stays.write(command("SUBSCRIBE", "a"), command("SUBSCRIBE", "a"), command("SUBSCRIBE", ""));
    await stays.sync();
    assertEquals(publisher.topicsCount, 2);
    const goes = await RawPeer.join(endpoint, { type: "XSUB", minor: 0 });
    goes.write(message("\x01a"), message("\x01b"), message("\x00never"));
    await goes.sync();
    assertEquals(publisher.topicsCount, 3);
    const lost = nextEvent(publisher, "disconnect");
    await goes.end();
    await lost;
    assertEquals(publisher.topicsCount, 2);
    stays.write(command("CANCEL", "a"));
    await stays.sync();
    assertEquals(publisher.topicsCount, 1);
    assertThrows(() => (publisher as { topicsCount: number }).topicsCount = 5, TypeError);
  });
}

test("noDrop: a pending send continues when the program unsubscribes the full subscriber", async () => {
  await using publisher = new XPublisher({ ...OPTIONS, manual: true });
  const endpoint = await publisher.bind(ANY);
  await using slow = await RawPeer.join(endpoint, SUB);
  slow.write(command("SUBSCRIBE", "a"));
  assertEquals(await take(publisher, 1), ["\x01a"]);
  publisher.subscribe("a");
  slow.pause();
  await fill(publisher);
  publisher.sendTimeout = -1;
  const send = publisher.send(["a", "for nobody"]);
  publisher.unsubscribe("a");
  await send;
});

test("invertMatching of a Subscriber set live: queued messages are matched again", async () => {
  await using subscriber = new Subscriber();
  subscriber.subscribe("a");
  await using peer = await RawPeer.join(await subscriber.bind(ANY), { type: "PUB" });
  assertEquals(await peer.message(), ["SUBSCRIBEa"]);
  peer.write(message("a1"), message("b1"), message("a2"), message("b2"));
  await peer.sync();
  assertEquals(await take(subscriber, 1), ["a1"]);
  subscriber.invertMatching = true;
  assertEquals(await take(subscriber, 2), ["b1", "b2"]);
});

test("invertMatching over inproc: PUB and SUB that both invert", async () => {
  await using publisher = new Publisher({ invertMatching: true });
  await using subscriber = new Subscriber({ invertMatching: true });
  subscriber.connect(await publisher.bind(inproc()));
  await publisher.waitForPeers(1);
  await publisher.send("before any subscription");
  subscriber.subscribe("debug");
  await publisher.waitForSubscribers(1);
  for (const topic of ["debug.1", "info", "debug"]) await publisher.send(topic);
  await publisher.send(["warning", "debug"]);
  assertEquals(await take(subscriber, 3), ["before any subscription", "info", "warning|debug"]);
});

test("topicsCount of a Subscriber: counts each topic once until its last unsubscribe (libzmq counts each subscribe)", async () => {
  await using subscriber = new Subscriber();
  assertEquals(subscriber.topicsCount, 0);
  subscriber.subscribe("a", "a", "ab", "");
  assertEquals(subscriber.topicsCount, 3);
  subscriber.unsubscribe("a");
  assertEquals(subscriber.topicsCount, 3);
  subscriber.unsubscribe("a", "", "never");
  assertEquals(subscriber.topicsCount, 1);
});

test("verboseUnsubscribe set live applies to the next cancel; to a 3.1 peer cancels are commands", async () => {
  await using listener = await RawListener.bind();
  await using subscriber = new XSubscriber();
  subscriber.connect(listener.endpoint);
  const peer = await listener.join({ type: "XPUB" });
  await subscriber.waitForPeers(1);
  for (const verboseUnsubscribe of [false, true, false]) {
    subscriber.verboseUnsubscribe = verboseUnsubscribe;
    for (const frame of ["\x01t", "\x01t", "\x00t", "\x00t", "\x00never"]) await subscriber.send(frame);
    const expected = verboseUnsubscribe
      ? ["SUBSCRIBEt", "SUBSCRIBEt", "CANCELt", "CANCELt", "CANCELnever"]
      : ["SUBSCRIBEt", "SUBSCRIBEt", "CANCELt"];
    for (const told of expected) assertEquals(await peer.message(), [told]);
  }
});

test("a message of several frames is never a subscription, sent or received (libzmq takes each frame for itself)", async () => {
  await using listener = await RawListener.bind();
  await using subscriber = new XSubscriber();
  await using publisher = new XPublisher();
  subscriber.connect(listener.endpoint);
  const peer = await listener.join({ type: "XPUB" });
  await subscriber.waitForPeers(1);
  for (const frames of [["\x01a", "\x01b"], ["plain", "\x01c", "\x00d"]]) {
    await subscriber.send(frames);
    assertEquals(await peer.message(), frames);
  }
  await using later = await RawPeer.join(await publisher.bind(ANY), { type: "XSUB" });
  later.write(message("\x01a", "\x01b"), message("plain", "\x01c", "\x00d"), message("\x01e"));
  assertEquals(await take(publisher, 3), ["\x01a|\x01b", "plain|\x01c|\x00d", "\x01e"]);
  assertEquals(publisher.topicsCount, 1);
});
