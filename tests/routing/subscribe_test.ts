/**
 * SUB and XSUB: what publishers are told and when, and what reaches the user.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { SubscribePattern, XSubscribePattern } from "../../src/routing/subscribe.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

function received(pattern: SubscribePattern): (string | undefined)[] {
  const list: (string | undefined)[] = [];
  for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) list.push(texts(one)?.join());
  return list;
}

test("SUB tells every subscribe, duplicates included, and an unsubscribe only when its count reaches zero", () => {
  const pattern = new SubscribePattern();
  const pipe = FakePipe.attached(pattern);
  pattern.subscribe(bytes("a"));
  pattern.subscribe(bytes("a"));
  pattern.subscribe(bytes(""));
  assertEquals(pattern.unsubscribe(bytes("a")), false);
  assertEquals(pipe.told, ["+a", "+a", "+"]);
  assertEquals(pattern.unsubscribe(bytes("a")), true);
  assertEquals(pattern.unsubscribe(bytes("a")), false);
  assertEquals(pattern.unsubscribe(bytes("never")), false);
  assertEquals(pipe.told, ["+a", "+a", "+", "-a"]);
});

test("SUB tells each new publisher every topic once, and all of them of later changes", () => {
  const pattern = new SubscribePattern();
  for (const topic of ["a", "a", "b", "c"]) pattern.subscribe(bytes(topic));
  pattern.unsubscribe(bytes("b"));
  const first = FakePipe.attached(pattern);
  assertEquals([...first.told].sort(), ["+a", "+c"]);
  const second = FakePipe.attached(pattern);
  assertEquals([...second.told].sort(), ["+a", "+c"]);
  pattern.subscribe(bytes("d"));
  assertEquals([first.told.at(-1), second.told.at(-1)], ["+d", "+d"]);
});

test("SUB tells a publisher that comes back everything again, and one that is gone nothing", () => {
  const pattern = new SubscribePattern();
  pattern.subscribe(bytes("a"));
  const gone = FakePipe.attached(pattern);
  pattern.detach(gone);
  pattern.subscribe(bytes("b"));
  assertEquals(gone.told, ["+a"]);
  const back = FakePipe.attached(pattern);
  assertEquals([...back.told].sort(), ["+a", "+b"]);
});

test("SUB passes on what it subscribed to, fair-queued", () => {
  const pattern = new SubscribePattern();
  pattern.subscribe(bytes("a"));
  const [busy, quiet] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  for (const n of ["a1", "a2", "a3"]) busy.arrive(n, "body");
  quiet.arrive("a-quiet");
  assertEquals(received(pattern), ["a1,body", "a-quiet", "a2,body", "a3,body"]);
});

test("SUB filters what no topic matches: a publisher may not have heard of a cancel yet", () => {
  const pattern = new SubscribePattern();
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
  const pattern = new SubscribePattern();
  const topic = bytes("a");
  pattern.subscribe(topic);
  topic.fill(0);
  const pipe = FakePipe.attached(pattern);
  assertEquals(pipe.told, ["+a"]);
});

test("XSUB subscribes by messages of 01 or 00 and the topic, with SUB's counting", () => {
  const pattern = new XSubscribePattern();
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
  const pattern = new XSubscribePattern();
  const [slow, fast] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  slow.room = 0;
  assertEquals(pattern.trySend(message("hello", "there")), true);
  assertEquals(pattern.trySend(message("\x01", "two frames")), true);
  assertEquals(pattern.trySend(message("")), true);
  assertEquals([slow.sent.length, fast.sentTexts], [0, [["hello", "there"], ["\x01", "two frames"], [""]]]);
  assertEquals(fast.told, []);
  pattern.detach(fast);
  pattern.trySend(message("to nobody"));
  assertEquals(fast.sent.length, 3);
});

test("XSUB passes on everything that publishers send", () => {
  const pattern = new XSubscribePattern();
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("unasked");
  pipe.arrive("\x01looks like a subscription");
  assertEquals(received(pattern), ["unasked", "\x01looks like a subscription"]);
});

test("what a publisher sent before it was gone is still received", () => {
  const pattern = new SubscribePattern();
  pattern.subscribe(bytes(""));
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("last words");
  pattern.detach(pipe);
  assertEquals(received(pattern), ["last words"]);
});
