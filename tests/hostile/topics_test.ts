/**
 * Subscribers of too many topics: they get the reason of the disconnect, and reconnect with back-off; very many topics
 * within the limits work.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Publisher, Subscriber, toText, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, until } from "../sockets/support.ts";

/** The machine may be busy. */
const PATIENT = { timeout: 60_000 };

for (const make of [Publisher, XPublisher]) {
  for (const form of ["command", "message"] as const) {
    test(`${make.name}: a subscriber of too many topics (by ${form}) gets an ERROR, and its later bytes are ignored`, async () => {
      await using publisher = new make({ maxTopics: 100 });
      const endpoint = await publisher.bind(ANY);
      const lost = nextEvent(publisher, "disconnect");
      await using peer = await RawPeer.join(endpoint, { type: "SUB" });
      const subscribe = (topic: string) => form === "command" ? command("SUBSCRIBE", topic) : message(bytes(1, topic));
      const topics = Array.from({ length: 100 }, (_, i) => subscribe(`topic ${i}`));
      await peer.write(bytes(...topics), subscribe("topic 0"));
      await publisher.waitForSubscribers(1, { topic: "topic 99" });
      // More than the operating system holds: unread bytes would cut off the answer with a reset.
      peer.write(bytes(...Array.from({ length: 10_000 }, (_, i) => subscribe(`more ${i} ${"x".repeat(500)}`))));
      const { flags, body } = await peer.frame();
      assertEquals([flags & 4, toText(body.subarray(0, 6))], [4, "\x05ERROR"]);
      assertMatch(
        toText(body.subarray(7)),
        /^Cannot subscribe to more than 100 topics \(maxTopics of the publisher\)$/,
      );
      const { error } = await lost as { error?: { code?: string } };
      assertEquals(error?.code, "EMSGSIZE");
      await peer.gone;
      assertEquals([publisher.subscriberCount, publisher.peerCount], [0, 0]);
    });
  }
}

for (
  const [options, words] of [
    [{ maxTopics: 10 }, /more than 10 topics \(maxTopics/],
    [{ maxTopicBytes: 4000 }, /topics use all 4000 bytes \(maxTopicBytes/],
    // The largest topic is 64 KiB.
    [{}, /announced a frame of 70010 bytes; the limit is/],
  ] as const
) {
  const extra = Object.keys(options).length === 0 ? ["a".repeat(70_000)] : [];
  test(`${Object.keys(options)[0] ?? "a long topic"}: a Subscriber reports the reason in its events, and retries with back-off`, async () => {
    await using publisher = new Publisher(options);
    await using subscriber = new Subscriber({ reconnectInterval: 1 });
    for (let i = 0; i < 20; i++) subscriber.subscribe(`topic ${i}`);
    subscriber.subscribe(...extra, "one");
    const intervals: number[] = [];
    const errors: string[] = [];
    subscriber.events.listen((event) => {
      if (event.type === "connect:retry") intervals.push(event.interval);
      if (event.type === "disconnect") errors.push(String(event.error?.message));
    });
    subscriber.connect(await publisher.bind(ANY));
    await until(() => intervals.length === 5);
    for (const error of errors) assertMatch(error, words);
    // Ten times the interval, and twice as long each time, with jitter.
    for (const [i, interval] of intervals.entries()) {
      assert(interval >= 5 * 2 ** i - 1 && interval <= 10 * 2 ** i + 1, `${intervals}`);
    }
    // With fewer topics it is accepted, and reconnects as quickly as before.
    for (let i = 5; i < 20; i++) subscriber.unsubscribe(`topic ${i}`);
    subscriber.unsubscribe(...extra, "one");
    await publisher.waitForSubscribers(1, { topic: "topic 4" });
    await publisher.send("topic 4 at last");
    assertEquals(toText((await subscriber.receive())[0]), "topic 4 at last");
  });
}

test("a limit that is raised while the socket lives lets a subscriber have more topics", async () => {
  await using publisher = new Publisher({ maxTopics: 1 });
  const endpoint = await publisher.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "SUB" });
  await peer.write(command("SUBSCRIBE", "a"));
  await publisher.waitForSubscribers(1, { topic: "a" });
  publisher.maxTopics = 2;
  await peer.write(command("SUBSCRIBE", "b"));
  await publisher.waitForSubscribers(1, { topic: "b" });
  await peer.write(command("SUBSCRIBE", "c"));
  await peer.gone;
});

test("half a million topics work with the defaults, and are removed with their subscriber", async () => {
  const COUNT = 500_000;
  await using publisher = new Publisher();
  const endpoint = await publisher.bind(ANY);
  await using subscriber = new Subscriber();
  for (let i = 0; i < COUNT; i++) subscriber.subscribe(`topic/${i}/of/many`);
  subscriber.connect(endpoint);
  let [before, most] = [0, 0];
  await until(() => {
    most = Math.max(most, publisher.topicsCount - before);
    before = publisher.topicsCount;
    return before === COUNT;
  });
  // Neither peer blocks its event loop: one sends a few thousand topics per turn, the other reads for 8 ms.
  assert(most < COUNT / 10, `${most} topics came in one turn`);
  for (const i of [0, 123_456, COUNT - 1]) {
    await publisher.send(`topic/${i}/of/many.`);
    assertEquals(toText((await subscriber.receive())[0]), `topic/${i}/of/many.`);
  }
  await subscriber.close();
  await until(() => publisher.subscriberCount === 0);
  await publisher.send("topic/7/of/many");
  await until(() => publisher.topicsCount === 0);
  assertEquals(publisher.statistics().dropped, 0);
}, PATIENT);

test("XPublisher: after a subscriber of 20,000 topics disconnects, every unsubscribe is received", async () => {
  const COUNT = 20_000;
  await using publisher = new XPublisher();
  const endpoint = await publisher.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "SUB" });
  await using other = await RawPeer.join(endpoint, { type: "SUB" });
  await other.write(command("SUBSCRIBE", "7"));
  assertEquals(await publisher.receive(), [bytes(1, "7")]);
  peer.write(bytes(...Array.from({ length: COUNT }, (_, i) => command("SUBSCRIBE", `${i}`))));
  for (let i = 0; i < COUNT - 1; i++) await publisher.receive();
  await peer.end();
  const cancelled = new Set<string>();
  while (cancelled.size < COUNT - 1) {
    const [frame] = await publisher.receive();
    assertEquals(frame[0], 0);
    cancelled.add(toText(frame.subarray(1)));
  }
  assertEquals([cancelled.has("7"), publisher.tryReceive(), publisher.topicsCount], [false, undefined, 1]);
  assertEquals(publisher.statistics().held, 0);
});
