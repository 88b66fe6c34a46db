/**
 * PUB and XPUB: delivery to subscribers, drops for slow ones, and the subscriptions that an XPUB receives.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { PublishPattern } from "../../src/routing/publish.ts";
import { XPublishPattern, type XPublishSettings } from "../../src/routing/xpublish.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

const CHOICES: XPublishSettings = {
  noDrop: false,
  invertMatching: false,
  verbosity: null,
  manual: false,
  manualLastValue: false,
  welcomeMessage: null,
};
const BOTH = [["PUB", PublishPattern], ["XPUB", XPublishPattern]] as const;

for (const [type, Publisher] of BOTH) {
  test(`${type} sends to all whose topic is a prefix of the first frame, once each`, () => {
    const pattern = new Publisher(CHOICES);
    const [all, weather, both, news, none] = [1, 2, 3, 4, 5].map(() => FakePipe.attached(pattern));
    all!.subscribed(false, "");
    weather!.subscribed(false, "weather");
    both!.subscribed(false, "wea");
    both!.subscribed(false, "weather.");
    news!.subscribed(false, "news");
    assertEquals(pattern.trySend(message("weather.berlin", "news")), true);
    assertEquals([all, weather, both, news, none].map((pipe) => pipe!.sent.length), [1, 1, 1, 0, 0]);
    assertEquals(both!.sentTexts, [["weather.berlin", "news"]]);
    pattern.trySend(message("weather"));
    assertEquals([all, weather, both, news, none].map((pipe) => pipe!.sent.length), [2, 2, 2, 0, 0]);
    pattern.trySend(message(""));
    assertEquals([all, weather, both, news, none].map((pipe) => pipe!.sent.length), [3, 2, 2, 0, 0]);
  });

  test(`${type} takes subscriptions as messages and as commands alike`, () => {
    const pattern = new Publisher(CHOICES);
    const pipe = FakePipe.attached(pattern);
    pipe.arrive("\x01a");
    pattern.trySend(message("a1"));
    pipe.subscribed(true, "a");
    pattern.trySend(message("a2"));
    pipe.subscribed(false, "a");
    pattern.trySend(message("a3"));
    pipe.arrive("\x00a");
    pattern.trySend(message("a4"));
    assertEquals(pipe.sentTexts, [["a1"], ["a3"]]);
  });

  test(`${type} keeps one set of peers per topic: one cancel ends any number of subscribes of the same peer`, () => {
    const pattern = new Publisher(CHOICES);
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    a.subscribed(false, "t");
    a.subscribed(false, "t");
    b.subscribed(false, "t");
    a.subscribed(true, "t");
    a.subscribed(true, "t");
    pattern.trySend(message("t"));
    assertEquals([a.sent.length, b.sent.length], [0, 1]);
  });

  test(`${type} drops for the full peer, and for no other`, () => {
    const pattern = new Publisher(CHOICES);
    const [slow, fast] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    slow.subscribed(false, "");
    fast.subscribed(false, "");
    slow.room = 1;
    for (const n of ["1", "2", "3"]) assertEquals(pattern.trySend(message(n)), true);
    assertEquals([slow.sentTexts, fast.sent.length], [[["1"]], 3]);
    assertEquals([slow.dropped, fast.dropped], [2, 0]);
    slow.makeRoom(1);
    pattern.trySend(message("4"));
    assertEquals(slow.sentTexts, [["1"], ["4"]]);
  });

  test(`${type} sends nothing to disconnected peers, and does not count them as subscribers`, () => {
    const pattern = new Publisher(CHOICES);
    const counts: number[] = [];
    pattern.onSubscribers = () => counts.push(pattern.subscribers.count());
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    a.subscribed(false, "x");
    a.subscribed(false, "y");
    b.arrive("\x01x");
    assertEquals([pattern.subscribers.count(bytes("x")), pattern.subscribers.count(bytes("xx"))], [2, 0]);
    pattern.detach(a);
    pattern.trySend(message("x"));
    assertEquals([a.sent.length, b.sent.length], [0, 1]);
    b.subscribed(true, "x");
    assertEquals(counts, [1, 1, 2, 1, 0]);
  });
}

test("PUB receives nothing, for any message of a peer", () => {
  const pipe = FakePipe.attached(new PublishPattern(CHOICES));
  pipe.arrive("noise");
  pipe.arrive("\x01topic");
  pipe.subscribed(false, "other");
  assertEquals(pipe.readable, false);
});

test("XPUB reports the first subscribe and the last unsubscribe of a topic", () => {
  const pattern = new XPublishPattern(CHOICES);
  const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  const seen = () => {
    const list: string[] = [];
    for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) list.push(texts(one)!.join());
    return list;
  };
  a.subscribed(false, "t");
  assertEquals(seen(), ["\x01t"]);
  a.subscribed(false, "t");
  b.arrive("\x01t");
  assertEquals(seen(), []);
  b.subscribed(false, "");
  assertEquals(seen(), ["\x01"]);
  a.arrive("\x00t");
  assertEquals(seen(), []);
  b.subscribed(true, "t");
  assertEquals(seen(), ["\x00t"]);
  b.subscribed(true, "t");
  a.subscribed(true, "never asked for");
  assertEquals(seen(), []);
});

test("XPUB reports the topics without subscribers after a peer has disconnected", () => {
  const pattern = new XPublishPattern(CHOICES);
  const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  a.subscribed(false, "shared");
  a.subscribed(false, "own");
  b.subscribed(false, "shared");
  while (pattern.tryReceive() !== undefined);
  pattern.detach(a);
  assertEquals(texts(pattern.tryReceive()), ["\x00own"]);
  assertStrictEquals(pattern.tryReceive(), undefined);
  pattern.detach(b);
  assertEquals(texts(pattern.tryReceive()), ["\x00shared"]);
});

test("XPUB receives other messages of subscribers", () => {
  const pattern = new XPublishPattern(CHOICES);
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("hello", "publisher");
  pipe.arrive("\x01", "two frames are not a subscription");
  pipe.arrive("");
  assertEquals(texts(pattern.tryReceive()), ["hello", "publisher"]);
  assertEquals(texts(pattern.tryReceive()), ["\x01", "two frames are not a subscription"]);
  assertEquals(texts(pattern.tryReceive()), [""]);
  pattern.trySend(message("\x01"));
  assertEquals(pipe.sent, []);
});

test("XPUB reports a copy of the topic, which is a view of a chunk", () => {
  const pattern = new XPublishPattern(CHOICES);
  const pipe = FakePipe.attached(pattern);
  const chunk = bytes("topic");
  const report = pattern.subscription(pipe, false, chunk);
  chunk.fill(0);
  assertEquals(texts(report), ["\x01topic"]);
  pattern.trySend(message("topic"));
  assertEquals(pipe.sent.length, 1);
});

test("property: PUB sends to exactly those that a search through all subscriptions finds, in order", () => {
  const topic = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 });
  const step = fc.oneof(
    fc.record({ peer: fc.nat(3), topic, cancel: fc.boolean() }),
    fc.record({ publish: fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 5 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const pattern = new PublishPattern(CHOICES);
    const peers = [0, 1, 2, 3].map(() => ({ pipe: FakePipe.attached(pattern), topics: new Set<string>() }));
    const expected = peers.map(() => [] as string[][]);
    for (const one of steps) {
      if ("publish" in one) {
        pattern.trySend(message(one.publish));
        for (const [i, { topics }] of peers.entries()) {
          if ([...topics].some((topic) => one.publish.startsWith(topic))) expected[i]!.push([one.publish]);
        }
      } else {
        const { pipe, topics } = peers[one.peer]!;
        pipe.subscribed(one.cancel, one.topic);
        if (one.cancel) topics.delete(one.topic);
        else topics.add(one.topic);
      }
    }
    assertEquals(peers.map(({ pipe }) => pipe.sentTexts), expected);
  }));
});
