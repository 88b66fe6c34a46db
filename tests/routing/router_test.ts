/**
 * ROUTER: chosen and generated ids, duplicates, and messages to unknown ids.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { RouterPattern, type RouterSettings } from "../../src/routing/router.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

const CHOICES: RouterSettings = { mandatory: false, handover: false, notify: null, probeRouter: false };
const polite = () => new RouterPattern(CHOICES);
const strict = () => new RouterPattern({ ...CHOICES, mandatory: true });

test("a message comes with its peer's id in front, and the id in front says where one goes", () => {
  const pattern = polite();
  const [a, b] = [FakePipe.attached(pattern, "a", "alice"), FakePipe.attached(pattern, "b", "bob")];
  a.arrive("", "hello");
  b.arrive("hi");
  assertEquals(texts(pattern.tryReceive()), ["alice", "", "hello"]);
  assertEquals(texts(pattern.tryReceive()), ["bob", "hi"]);
  assertStrictEquals(pattern.tryReceive(), undefined);
  const sent = message("bob", "", "answer");
  assertEquals(pattern.trySend(sent), true);
  assertEquals([a.sentTexts, b.sentTexts], [[], [["", "answer"]]]);
  assertEquals(texts(sent), ["bob", "", "answer"]);
});

test("peers that chose no id get one each: a zero byte and four more", () => {
  const pattern = polite();
  const pipes = Array.from({ length: 100 }, () => FakePipe.attached(pattern));
  const ids = new Set<string>();
  for (const pipe of pipes) {
    pipe.arrive("m");
    const [id] = pattern.tryReceive()!;
    assertEquals([id!.length, id![0]], [5, 0]);
    ids.add(toHex(id!));
    assertEquals(pattern.trySend([id!, bytes("answer")]), true);
    assertEquals(pipe.sentTexts, [["answer"]]);
  }
  assertEquals(ids.size, 100);
});

test("two routers do not start with the same ids", () => {
  const firstId = () => {
    const pattern = polite();
    pattern.begin({ clock: systemClock, subscribersChanged() {} });
    FakePipe.attached(pattern).arrive("m");
    return toHex(pattern.tryReceive()![0]!);
  };
  // By chance all of them are the same once in 2^96 runs.
  assert(new Set([firstId(), firstId(), firstId(), firstId()]).size > 1);
});

test("ids are bytes: any of them, of any length", () => {
  const pattern = strict();
  const pipe = new FakePipe(pattern);
  pipe.identity = new Uint8Array(255).fill(0xff);
  pattern.attach(pipe);
  pattern.connected?.(pipe);
  pipe.arrive("m");
  assertEquals(pattern.tryReceive()![0], pipe.identity);
  assertEquals(pattern.trySend([pipe.identity.slice(), bytes("answer")]), true);
  assertEquals(pipe.sent.length, 1);
});

test("a second peer with the same id is neither read nor written to, and the first is not disturbed", () => {
  const pattern = polite();
  const [first, second] = [FakePipe.attached(pattern, "1", "same"), FakePipe.attached(pattern, "2", "same")];
  second.arrive("from the second");
  assertStrictEquals(pattern.tryReceive(), undefined);
  first.arrive("from the first");
  assertEquals(texts(pattern.tryReceive()), ["same", "from the first"]);
  pattern.trySend(message("same", "answer"));
  assertEquals([first.sent.length, second.sent.length], [1, 0]);
  second.leave();
  pattern.trySend(message("same", "answer"));
  assertEquals(first.sent.length, 2);
  assertEquals(second.rejections, []);
});

test("an id is free again when its peer has disconnected", () => {
  const pattern = strict();
  FakePipe.attached(pattern, "1", "same").leave();
  assertEquals(assertThrows(() => pattern.trySend(message("same", "m")), ZmqError).code, "EHOSTUNREACH");
  const next = FakePipe.attached(pattern, "2", "same");
  next.arrive("hello");
  assertEquals(texts(pattern.tryReceive()), ["same", "hello"]);
  assertEquals(pattern.trySend(message("same", "m")), true);
  assertEquals(next.sent.length, 1);
});

test("a received id is the user's: changing it changes nothing for the router", () => {
  const pattern = strict();
  const pipe = FakePipe.attached(pattern, "1", "alice");
  pipe.arrive("one");
  pattern.tryReceive()![0]!.fill(0x78);
  pipe.arrive("two");
  assertEquals(texts(pattern.tryReceive()), ["alice", "two"]);
  pipe.leave();
  assertEquals(assertThrows(() => pattern.trySend(message("alice", "m")), ZmqError).code, "EHOSTUNREACH");
  FakePipe.attached(pattern, "2", "alice");
  assertEquals(pattern.trySend(message("alice", "m")), true);
});

test("messages that a peer sent before it disconnected are still received, with its id", () => {
  const pattern = polite();
  const pipe = FakePipe.attached(pattern, "1", "alice");
  pipe.arrive("last words");
  pipe.leave();
  assertEquals(texts(pattern.tryReceive()), ["alice", "last words"]);
});

test("a message to an unknown id, or to a full peer, is dropped", () => {
  const pattern = polite();
  const pipe = FakePipe.attached(pattern, "1", "alice");
  assertEquals(pattern.trySend(message("nobody", "m")), true);
  assertEquals(pattern.trySend(message("", "m")), true);
  assertEquals([pattern.drops.total, pipe.dropped], [2, 0]);
  pipe.room = 0;
  assertEquals(pattern.trySend(message("alice", "m")), true);
  assertEquals([pipe.sent, pattern.drops.total, pipe.dropped], [[], 2, 1]);
});

test("mandatory: a message to an unknown id is an error, one to a full peer waits", () => {
  const pattern = strict();
  const pipe = FakePipe.attached(pattern, "1", "alice");
  assertEquals(assertThrows(() => pattern.trySend(message("nobody", "m")), ZmqError).code, "EHOSTUNREACH");
  assertEquals(assertThrows(() => pattern.trySend(message("")), ZmqError).code, "EHOSTUNREACH");
  pipe.room = 0;
  assertEquals(pattern.trySend(message("alice", "m")), false);
  pipe.makeRoom(1);
  assertEquals(pattern.trySend(message("alice", "m")), true);
  assertEquals([pattern.drops.total, pipe.dropped], [0, 0]);
});

test("a message of the id alone is dropped", () => {
  for (const pattern of [polite(), strict()]) {
    const pipe = FakePipe.attached(pattern, "1", "alice");
    assertEquals(pattern.trySend(message("alice")), true);
    assertEquals(pipe.sent, []);
  }
});

test("peers are received from fair-queued", () => {
  const pattern = polite();
  const [busy, quiet] = [FakePipe.attached(pattern, "1", "busy"), FakePipe.attached(pattern, "2", "quiet")];
  for (const n of ["1", "2", "3"]) busy.arrive(n);
  quiet.arrive("1");
  const received = Array.from({ length: 4 }, () => texts(pattern.tryReceive())?.join(" "));
  assertEquals(received, ["busy 1", "quiet 1", "busy 2", "busy 3"]);
});
