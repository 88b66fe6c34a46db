/**
 * SUB and XSUB: the subscriptions that publishers get, and the messages that the user receives.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { SubscribePattern, XSubscribePattern } from "../../src/routing/subscribe.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

const PLAIN = { invertMatching: false, verboseUnsubscribe: false };

function received(pattern: SubscribePattern): (string | undefined)[] {
  const list: (string | undefined)[] = [];
  for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) list.push(texts(one)?.join());
  return list;
}

test("SUB sends every subscribe, duplicates included, and an unsubscribe only when its count reaches zero", () => {
  const pattern = new SubscribePattern(PLAIN);
  const pipe = FakePipe.attached(pattern);
  pattern.subscribe(bytes("a"));
  pattern.subscribe(bytes("a"));
  pattern.subscribe(bytes(""));
  pattern.unsubscribe(bytes("a"));
  assertEquals(pipe.told, ["+a", "+a", "+"]);
  pattern.unsubscribe(bytes("a"));
  assertEquals(pipe.told, ["+a", "+a", "+", "-a"]);
  pattern.unsubscribe(bytes("a"));
  pattern.unsubscribe(bytes("never"));
  assertEquals(pipe.told, ["+a", "+a", "+", "-a"]);
});

test("SUB sends every topic once to each new publisher, and later changes to all publishers", () => {
  const pattern = new SubscribePattern(PLAIN);
  for (const topic of ["a", "a", "b", "c"]) pattern.subscribe(bytes(topic));
  pattern.unsubscribe(bytes("b"));
  const first = FakePipe.attached(pattern);
  assertEquals(first.told, ["+a", "+c"]);
  const second = FakePipe.attached(pattern);
  assertEquals(second.told, ["+a", "+c"]);
  pattern.subscribe(bytes("d"));
  assertEquals([first.told.at(-1), second.told.at(-1)], ["+d", "+d"]);
});

test("SUB sends everything again to a publisher that reconnects, and nothing to a disconnected one", () => {
  const pattern = new SubscribePattern(PLAIN);
  pattern.subscribe(bytes("a"));
  const gone = FakePipe.attached(pattern);
  pattern.detach(gone);
  pattern.subscribe(bytes("b"));
  assertEquals(gone.told, ["+a"]);
  const back = FakePipe.attached(pattern);
  assertEquals([...back.told].sort(), ["+a", "+b"]);
});

test("SUB sends all topics in byte order, at first and after a loss, and every later call in order", () => {
  const pattern = new SubscribePattern(PLAIN);
  for (const topic of ["js", "luna", "abc", "\xff", "", "ab", "js", "abd"]) pattern.subscribe(bytes(topic));
  const all = ["+", "+ab", "+abc", "+abd", "+js", "+luna", "+\xff"];
  const pipe = FakePipe.attached(pattern);
  assertEquals(pipe.told.splice(0), all);
  // Before its connection exists.
  pattern.subscribe(bytes("z"));
  pattern.subscribe(bytes("y"));
  pattern.unsubscribe(bytes("z"));
  pattern.connected(pipe);
  pattern.subscribe(bytes("x"));
  assertEquals(pipe.told.splice(0), ["+z", "+y", "-z", "+x"]);
  pattern.waiting(pipe);
  pattern.subscribe(bytes("a"));
  pattern.connected(pipe);
  assertEquals(pipe.told, [...all.slice(0, -1), "+x", "+y", "+\xff", "+a"]);
});

test("SUB sends all topics when a connection is made, if more waited before than is allowed", () => {
  const pattern = new SubscribePattern(PLAIN);
  for (const topic of ["b", "a"]) pattern.subscribe(bytes(topic));
  const pipe = FakePipe.attached(pattern);
  pipe.told.length = 0;
  pipe.waitsForNone = true;
  pattern.subscribe(bytes("d"));
  pipe.waitsForNone = false;
  pattern.subscribe(bytes("c"));
  pattern.unsubscribe(bytes("a"));
  assertEquals(pipe.told, []);
  pattern.connected(pipe);
  pattern.subscribe(bytes("a"));
  assertEquals(pipe.told.splice(0), ["+b", "+c", "+d", "+a"]);
  // After a loss everything is sent again.
  pipe.waitsForNone = true;
  pattern.waiting(pipe);
  pipe.waitsForNone = false;
  pattern.subscribe(bytes("0"));
  pattern.waiting(pipe);
  pattern.connected(pipe);
  assertEquals(pipe.told, ["+0", "+a", "+b", "+c", "+d"]);
});

test("SUB receives the messages it subscribed to, fair-queued", () => {
  const pattern = new SubscribePattern(PLAIN);
  pattern.subscribe(bytes("a"));
  const [busy, quiet] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  for (const n of ["a1", "a2", "a3"]) busy.arrive(n, "body");
  quiet.arrive("a-quiet");
  assertEquals(received(pattern), ["a1,body", "a-quiet", "a2,body", "a3,body"]);
});

test("SUB filters messages that match no topic: a publisher may not have received an unsubscribe yet", () => {
  const pattern = new SubscribePattern(PLAIN);
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("before any subscription");
  assertStrictEquals(pattern.tryReceive(), undefined);
  pattern.subscribe(bytes("a"));
  pattern.subscribe(bytes("b"));
  pipe.arrive("a1");
  pipe.arrive("b1");
  pipe.arrive("c1");
  pipe.arrive("a2");
  pattern.unsubscribe(bytes("a"));
  assertEquals(received(pattern), ["b1"]);
  pipe.arrive("", "an empty first frame");
  assertEquals(received(pattern), []);
  pattern.subscribe(bytes(""));
  pipe.arrive("", "an empty first frame");
  assertEquals(received(pattern), [",an empty first frame"]);
});

test("a topic may be changed by the user once it was handed over", () => {
  const pattern = new SubscribePattern(PLAIN);
  const topic = bytes("a");
  pattern.subscribe(topic);
  topic.fill(0);
  const pipe = FakePipe.attached(pattern);
  assertEquals(pipe.told, ["+a"]);
});

test("XSUB subscribes by messages of 01 or 00 and the topic, with SUB's counting", () => {
  const pattern = new XSubscribePattern(PLAIN);
  const pipe = FakePipe.attached(pattern);
  for (const one of ["\x01a", "\x01a", "\x01", "\x00a"]) assertEquals(pattern.trySend(message(one)), true);
  assertEquals(pipe.told, ["+a", "+a", "+"]);
  pattern.trySend(message("\x00a"));
  pattern.trySend(message("\x00never"));
  assertEquals(pipe.told, ["+a", "+a", "+", "-a"]);
  assertEquals(pipe.sent, []);
  const late = FakePipe.attached(pattern);
  assertEquals(late.told, ["+"]);
});

test("XSUB sends other messages to all publishers, and drops for those that are full", () => {
  const pattern = new XSubscribePattern(PLAIN);
  const [slow, fast] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  slow.room = 0;
  assertEquals(pattern.trySend(message("hello", "there")), true);
  assertEquals(pattern.trySend(message("\x01", "two frames")), true);
  assertEquals(pattern.trySend(message("")), true);
  assertEquals([slow.sent.length, fast.sentTexts], [0, [["hello", "there"], ["\x01", "two frames"], [""]]]);
  assertEquals([slow.dropped, fast.dropped], [3, 0]);
  assertEquals(fast.told, []);
  pattern.detach(fast);
  pattern.detach(slow);
  assertEquals(pattern.drops.total, 0);
  pattern.trySend(message("to nobody"));
  pattern.trySend(message("\x01topic"));
  assertEquals([slow.dropped, fast.sent.length, pattern.drops.total], [3, 3, 1]);
});

test("XSUB passes on everything that publishers send", () => {
  const pattern = new XSubscribePattern(PLAIN);
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("unasked");
  pipe.arrive("\x01looks like a subscription");
  assertEquals(received(pattern), ["unasked", "\x01looks like a subscription"]);
});

test("messages that a publisher sent before it disconnected are still received", () => {
  const pattern = new SubscribePattern(PLAIN);
  pattern.subscribe(bytes(""));
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("last words");
  pattern.detach(pipe);
  assertEquals(received(pattern), ["last words"]);
});

test("SUB with invertMatching receives the messages that match no topic", () => {
  const choices = { invertMatching: true };
  const pattern = new SubscribePattern(choices);
  const pipe = FakePipe.attached(pattern);
  pattern.subscribe(bytes("a"));
  for (const one of ["a1", "b1", "", "ab"]) pipe.arrive(one, "body");
  assertEquals(received(pattern), ["b1,body", ",body"]);
  pattern.subscribe(bytes(""));
  pipe.arrive("b2");
  assertEquals(received(pattern), []);
  choices.invertMatching = false;
  pipe.arrive("b3");
  assertEquals(received(pattern), ["b3"]);
});

test("SUB counts its topics, each once however often it was subscribed to", () => {
  const pattern = new SubscribePattern(PLAIN);
  for (const topic of ["a", "a", "", "b"]) pattern.subscribe(bytes(topic));
  assertEquals(pattern.topicCount, 3);
  for (const topic of ["a", "b", "never"]) pattern.unsubscribe(bytes(topic));
  assertEquals(pattern.topicCount, 2);
  pattern.unsubscribe(bytes("a"));
  assertEquals(pattern.topicCount, 1);
});

test("SUB can receive only matching messages, and checking this loses, duplicates and reorders none", () => {
  const pattern = new SubscribePattern(PLAIN);
  pattern.subscribe(bytes("a"));
  const [one, other] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  one.arrive("x");
  assertEquals(pattern.canReceive(), false);
  for (const text of ["x1", "a1", "x2", "a2"]) one.arrive(text);
  other.arrive("a-other");
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    assertEquals([pattern.canReceive(), pattern.canReceive()], [true, true]);
    order.push(texts(pattern.tryReceive())?.join());
    one.arrive(`a-late ${i}`);
  }
  order.push(...received(pattern));
  assertEquals(order.filter((text) => text !== "a-other"), ["a1", "a2", "a-late 0", "a-late 1", "a-late 2"]);
  assertEquals(order.length, 6);
  assertEquals(pattern.canReceive(), false);
});

test("SUB checks for messages without changing the order in which peers are received from", () => {
  const orders = [false, true].map((asks) => {
    const pattern = new SubscribePattern(PLAIN);
    pattern.subscribe(bytes("a"));
    const [one, other] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    for (const text of ["a1", "x", "a2", "a3"]) one.arrive(text);
    for (const text of ["x", "a4", "a5"]) other.arrive(text);
    return Array.from({ length: 5 }, () => {
      if (asks) pattern.canReceive();
      return texts(pattern.tryReceive())?.join();
    });
  });
  assertEquals(orders[1], orders[0]);
});

test("SUB: a message that was asked about is not received if it is cancelled or its mode is changed meanwhile", () => {
  const choices = { invertMatching: false };
  const pattern = new SubscribePattern(choices);
  const pipe = FakePipe.attached(pattern);
  for (const topic of ["a", "b"]) pattern.subscribe(bytes(topic));
  for (const text of ["a1", "b1", "a2"]) pipe.arrive(text);
  assertEquals(pattern.canReceive(), true);
  pattern.unsubscribe(bytes("a"));
  assertEquals([pattern.canReceive(), received(pattern)], [true, ["b1"]]);
  pipe.arrive("b2");
  assertEquals(pattern.canReceive(), true);
  choices.invertMatching = true;
  assertEquals([pattern.canReceive(), received(pattern)], [false, []]);
});

test("SUB: asking while a message is being taken, which may bring others, loses none", () => {
  const pattern = new SubscribePattern(PLAIN);
  pattern.subscribe(bytes("a"));
  const [one, other] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  one.onTaken = () => {
    one.onTaken = () => {};
    other.arrive("a-other");
    assertEquals(pattern.canReceive(), true);
  };
  one.arrive("a1");
  assertEquals(received(pattern), ["a1", "a-other"]);
});

test("XSUB with verboseUnsubscribe passes on every cancel, not just the last of a topic", () => {
  const choices = { invertMatching: false, verboseUnsubscribe: true };
  const pattern = new XSubscribePattern(choices);
  const pipe = FakePipe.attached(pattern);
  for (const one of ["\x01a", "\x01a", "\x00a", "\x00a", "\x00a", "\x00never"]) pattern.trySend(message(one));
  assertEquals(pipe.told, ["+a", "+a", "-a", "-a", "-a", "-never"]);
  assertEquals(pattern.topicCount, 0);
  choices.verboseUnsubscribe = false;
  for (const one of ["\x01a", "\x01a", "\x00a", "\x00never"]) pattern.trySend(message(one));
  assertEquals([pipe.told.slice(6), pattern.topicCount], [["+a", "+a"], 1]);
  assertEquals(FakePipe.attached(pattern).told, ["+a"]);
});
