/**
 * PUSH, PULL, DEALER and PAIR: messages pass unchanged; only the choice of the peer differs.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { DealerPattern } from "../../src/routing/dealer.ts";
import { PairPattern } from "../../src/routing/pair.ts";
import { PullPattern } from "../../src/routing/pull.ts";
import { PushPattern } from "../../src/routing/push.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import { FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

const NO_PROBE = { probeRouter: false };
const SENDERS = [["PUSH", PushPattern], ["DEALER", DealerPattern]] as const;
const RECEIVERS = [["PULL", PullPattern], ["DEALER", DealerPattern]] as const;

for (const [type, SenderPattern] of SENDERS) {
  test(`${type} sends round-robin and waits when no peer has room`, () => {
    const pattern = new SenderPattern(NO_PROBE);
    assertEquals(pattern.trySend(message("early")), false);
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    a.room = b.room = 1;
    assertEquals([1, 2, 3].map((n) => pattern.trySend(message(`${n}`))), [true, true, false]);
    assertEquals([a.sentTexts, b.sentTexts], [[["1"]], [["2"]]]);
    b.makeRoom(2);
    assertEquals([3, 4, 5].map((n) => pattern.trySend(message(`${n}`))), [true, true, false]);
    assertEquals(b.sentTexts, [["2"], ["3"], ["4"]]);
  });

  test(`${type} sends messages as they are, all frames to one peer`, () => {
    const pattern = new SenderPattern(NO_PROBE);
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    const sent = message("", "two", "");
    pattern.trySend(sent);
    pattern.trySend(message("next"));
    assertStrictEquals(a.sent[0], sent);
    assertEquals(b.sentTexts, [["next"]]);
  });

  test(`${type} sends nothing to a disconnected peer`, () => {
    const pattern = new SenderPattern(NO_PROBE);
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    pattern.detach(a);
    for (let i = 0; i < 3; i++) assertEquals(pattern.trySend(message("m")), true);
    assertEquals([a.sent.length, b.sent.length], [0, 3]);
    pattern.detach(b);
    assertEquals(pattern.trySend(message("m")), false);
  });
}

for (const [type, ReceiverPattern] of RECEIVERS) {
  test(`${type} receives fair-queued, messages as they are`, () => {
    const pattern = new ReceiverPattern(NO_PROBE);
    const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
    assertStrictEquals(pattern.tryReceive(), undefined);
    for (const n of [1, 2, 3]) a.arrive(`a${n}`, "");
    b.arrive("b1");
    const received = Array.from({ length: 5 }, () => texts(pattern.tryReceive()));
    assertEquals(received, [["a1", ""], ["b1"], ["a2", ""], ["a3", ""], undefined]);
  });

  test(`${type} still receives the messages that a peer sent before it disconnected`, () => {
    const pattern = new ReceiverPattern(NO_PROBE);
    const pipe = FakePipe.attached(pattern);
    pipe.arrive("last words");
    (pattern as Pattern).detach?.(pipe);
    assertEquals(texts(pattern.tryReceive()), ["last words"]);
    assertStrictEquals(pattern.tryReceive(), undefined);
  });
}

test("PUSH drops the messages of a peer, so that they cannot fill a queue", () => {
  const pipe = FakePipe.attached(new PushPattern());
  pipe.arrive("noise");
  assertEquals(pipe.readable, false);
});

test("a DEALER that is not read still sends, and the other way round", () => {
  const pattern = new DealerPattern(NO_PROBE);
  const pipe = FakePipe.attached(pattern);
  pipe.room = 0;
  pipe.arrive("in");
  assertEquals(pattern.trySend(message("out")), false);
  assertEquals(texts(pattern.tryReceive()), ["in"]);
});

test("with probeRouter a DEALER sends an empty message first on each connection", () => {
  const choices = { probeRouter: true };
  const pattern = new DealerPattern(choices);
  const pipe = FakePipe.attached(pattern);
  assertEquals(pipe.greetings, []);
  pattern.connected(pipe);
  pattern.connected(pipe);
  assertEquals([pipe.greetingTexts, pipe.sent], [[[""], [""]], []]);
  assert(pipe.greetings[0] !== pipe.greetings[1]);
  choices.probeRouter = false;
  pattern.connected(pipe);
  assertEquals(pipe.greetings.length, 2);
});

test("PAIR talks to one peer, both ways, and refuses a second one", () => {
  const pattern = new PairPattern();
  assertEquals(pattern.trySend(message("early")), false);
  const first = FakePipe.attached(pattern);
  const second = new FakePipe(pattern);
  const refused: unknown = pattern.attach(second);
  assertEquals(refused instanceof ZmqError && refused.code, "EADDRINUSE");
  assertEquals(pattern.trySend(message("a", "b")), true);
  assertEquals([first.sentTexts, second.sentTexts], [[["a", "b"]], []]);
  first.arrive("answer");
  assertEquals(texts(pattern.tryReceive()), ["answer"]);
  assertStrictEquals(pattern.tryReceive(), undefined);
});

test("PAIR waits while its peer is full", () => {
  const pattern = new PairPattern();
  const pipe = FakePipe.attached(pattern);
  pipe.room = 1;
  assertEquals([pattern.trySend(message("1")), pattern.trySend(message("2"))], [true, false]);
  pipe.makeRoom(1);
  assertEquals(pattern.trySend(message("2")), true);
});

test("PAIR accepts a new peer after the first has disconnected; the end of a rejected peer changes nothing", () => {
  const pattern = new PairPattern();
  const first = FakePipe.attached(pattern);
  const refused = new FakePipe(pattern);
  pattern.attach(refused);
  pattern.detach(refused);
  assertEquals(pattern.trySend(message("1")), true);
  first.arrive("last words");
  pattern.detach(first);
  assertEquals(pattern.trySend(message("2")), false);
  const next = FakePipe.attached(pattern);
  assertEquals(pattern.trySend(message("3")), true);
  assertEquals([first.sentTexts, next.sentTexts], [[["1"]], [["3"]]]);
  assertEquals(texts(pattern.tryReceive()), ["last words"]);
});
