/**
 * XPUB: received subscriptions, subscriptions that the user makes, and the welcome message.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { XPublishPattern, type XPublishSettings } from "../../src/routing/xpublish.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

type Options = { -readonly [Name in keyof XPublishSettings]: XPublishSettings[Name] };

/** An XPUB with its options, which may change, and a number of peers. */
function publisher(chosen: Partial<XPublishSettings>, peers = 2) {
  const options: Options = {
    noDrop: false,
    invertMatching: false,
    verbosity: null,
    manual: false,
    manualLastValue: false,
    welcomeMessage: null,
    ...chosen,
  };
  const pattern = new XPublishPattern(options);
  const pipes = Array.from({ length: peers }, (_, i) => FakePipe.attached(pattern, `${i}`));
  const publish = (text: string) => pattern.trySend(message(text));
  return { options, pattern, publish, a: pipes[0]!, b: pipes[1]! };
}

/** The messages that the user receives: `+topic`, `-topic`, and other messages unchanged. */
function seen(pattern: XPublishPattern): string[] {
  const list: string[] = [];
  for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) {
    const text = texts(one)!.join("|");
    list.push(text.replace("\x01", "+").replace("\x00", "-"));
  }
  return list;
}

/** Everything that two peers can do with one topic. */
const STORY: [who: "a" | "b", cancel: boolean][] = [
  ["a", false],
  ["a", false],
  ["b", false],
  ["a", true],
  ["b", true],
  ["b", true],
];

for (
  const [verbosity, expected] of [
    [null, ["+t", "", "", "", "-t", ""]],
    ["allSubs", ["+t", "+t", "+t", "", "-t", ""]],
    ["allSubsUnsubs", ["+t", "+t", "+t", "-t", "-t", "-t"]],
  ] as const
) {
  test(`verbosity ${verbosity}: the subscribes and unsubscribes that are received, as commands and as messages`, () => {
    for (const asMessages of [false, true]) {
      const { pattern, a, b } = publisher({ verbosity });
      const reports = STORY.map(([who, cancel]) => {
        const pipe = who === "a" ? a : b;
        if (asMessages) pipe.arrive(`${cancel ? "\x00" : "\x01"}t`);
        else pipe.subscribed(cancel, "t");
        return seen(pattern).join();
      });
      assertEquals<unknown>(reports, expected);
    }
  });
}

test("verbosity counts from the next subscription on", () => {
  const { options, pattern, a, b } = publisher({});
  a.subscribed(false, "t");
  options.verbosity = "allSubs";
  b.subscribed(false, "t");
  options.verbosity = null;
  b.subscribed(false, "t");
  assertEquals(seen(pattern), ["+t", "+t"]);
});

test("subscriptions are received in the order in which they arrived, across peers", () => {
  const { pattern, a, b } = publisher({});
  for (const topic of ["x", "y", "t"]) b.subscribed(false, topic);
  a.subscribed(false, "t");
  b.subscribed(true, "t");
  a.subscribed(true, "t");
  assertEquals(seen(pattern), ["+x", "+y", "+t", "-t"]);
});

test("other messages and the notices of a disconnected peer keep their place among the subscriptions", () => {
  const { pattern, a, b } = publisher({});
  b.subscribed(false, "t");
  b.arrive("b1");
  a.arrive("a1");
  b.arrive("b2");
  pattern.detach(b);
  a.arrive("a2");
  const list: string[] = [];
  for (let i = 0; i < 6; i++) {
    assertEquals(pattern.canReceive(), true);
    list.push(texts(pattern.tryReceive())!.join());
  }
  assertEquals(list, ["\x01t", "b1", "a1", "b2", "\x00t", "a2"]);
  assertEquals([pattern.canReceive(), pattern.tryReceive()], [false, undefined]);
});

for (
  const [chosen, expected] of [
    [{ verbosity: null }, [["-own"], ["-shared"]]],
    [{ verbosity: "allSubs" }, [["-own"], ["-shared"]]],
    [{ verbosity: "allSubsUnsubs" }, [["-own", "-shared"], ["-shared"]]],
  ] as const
) {
  test(`verbosity ${chosen.verbosity}: the unsubscribes that are received after a peer has disconnected`, () => {
    const { pattern, a, b } = publisher(chosen);
    a.subscribed(false, "shared");
    a.subscribed(false, "shared");
    a.subscribed(false, "own");
    b.subscribed(false, "shared");
    seen(pattern);
    const reports = [a, b].map((pipe) => {
      pattern.detach(pipe);
      return seen(pattern).sort();
    });
    assertEquals<unknown>(reports, expected);
    assertEquals([pattern.subscribers.count(), pattern.subscribers.topicCount], [0, 0]);
  });
}

test("manual: every subscribe and unsubscribe is received, and none of them has an effect", () => {
  const { pattern, publish, a, b } = publisher({ manual: true });
  let told = 0;
  pattern.onSubscribers = () => told++;
  const reports = STORY.map(([who, cancel]) => {
    (who === "a" ? a : b).subscribed(cancel, "t");
    return seen(pattern).join();
  });
  assertEquals(reports, ["+t", "+t", "+t", "-t", "-t", "-t"]);
  publish("t");
  assertEquals([a.sent.length, b.sent.length, pattern.subscribers.count(), told], [0, 0, 0, 0]);
});

test("manual: the user subscribes the peer whose message was received last, to any topic", () => {
  const { pattern, publish, a, b } = publisher({ manual: true });
  let told = 0;
  pattern.onSubscribers = () => told++;
  assertEquals([pattern.subscribeLast(bytes("x")), pattern.unsubscribeLast(bytes("x")), told], [false, false, 0]);
  a.subscribed(false, "t");
  assertEquals([pattern.subscribeLast(bytes("x")), pattern.hasReceived], [false, false]);
  pattern.tryReceive();
  b.subscribed(false, "t");
  assertEquals([pattern.subscribeLast(bytes("x")), pattern.subscribeLast(bytes("y")), told], [true, true, 2]);
  for (const text of ["t", "x1", "y1"]) publish(text);
  assertEquals([a.sentTexts, b.sentTexts], [[["x1"], ["y1"]], []]);
  pattern.tryReceive();
  pattern.subscribeLast(bytes("y"));
  publish("y2");
  assertEquals([a.sentTexts.at(-1), b.sentTexts], [["y2"], [["y2"]]]);
  assertEquals([pattern.unsubscribeLast(bytes("y")), pattern.unsubscribeLast(bytes("never")), told], [true, true, 5]);
  publish("y3");
  assertEquals([a.sentTexts.at(-1), b.sent.length], [["y3"], 1]);
});

test("manual: a message that is not a subscription makes its peer the last one, too", () => {
  const { pattern, publish, a, b } = publisher({ manual: true });
  a.subscribed(false, "t");
  b.arrive("hello", "there");
  assertEquals(seen(pattern), ["+t", "hello|there"]);
  pattern.subscribeLast(bytes("t"));
  publish("t");
  assertEquals([a.sent.length, b.sent.length], [0, 1]);
});

test("manual: a cancel of the peer changes nothing by itself", () => {
  const { pattern, publish, a } = publisher({ manual: true });
  a.subscribed(false, "t");
  pattern.tryReceive();
  pattern.subscribeLast(bytes("t"));
  a.subscribed(true, "t");
  publish("t");
  assertEquals([a.sent.length, seen(pattern)], [1, ["-t"]]);
  pattern.unsubscribeLast(bytes("t"));
  publish("t");
  assertEquals(a.sent.length, 1);
});

test("manual: after a disconnect an unsubscribe is received for each topic the peer asked for, even if others asked, too", () => {
  const { pattern, a, b } = publisher({ manual: true });
  for (const topic of ["shared", "own", "taken back"]) a.subscribed(false, topic);
  a.subscribed(true, "taken back");
  b.subscribed(false, "shared");
  seen(pattern);
  pattern.detach(a);
  assertEquals(seen(pattern).sort(), ["-own", "-shared"]);
  pattern.detach(b);
  assertEquals(seen(pattern), ["-shared"]);
  // Nothing of it is left.
  pattern.attach(b);
  pattern.detach(b);
  assertEquals(seen(pattern), []);
});

test("manual: a disconnected peer has no subscriptions, and subscribing it does nothing", () => {
  const { pattern, publish, a, b } = publisher({ manual: true });
  a.subscribed(false, "t");
  pattern.tryReceive();
  pattern.subscribeLast(bytes("t"));
  pattern.detach(a);
  assertEquals([pattern.subscribeLast(bytes("t")), pattern.subscribers.count()], [false, 0]);
  publish("t");
  assertEquals([a.sent.length, b.sent.length], [0, 0]);
});

test("manual: messages received after a peer has disconnected do not subscribe it", () => {
  const { pattern, publish, a } = publisher({ manual: true });
  a.subscribed(false, "t");
  a.arrive("last words");
  pattern.detach(a);
  while (pattern.tryReceive() !== undefined) {
    assertEquals([pattern.subscribeLast(bytes("t")), pattern.subscribers.count()], [false, 0]);
    assertEquals(pattern.unsubscribeLast(bytes("t")), false);
  }
  publish("t");
  assertEquals([a.sent.length, a.dropped], [0, 0]);
});

test("manual may be switched off: peers subscribe themselves again", () => {
  const { options, pattern, publish, a } = publisher({ manual: true });
  a.subscribed(false, "t");
  options.manual = false;
  a.subscribed(false, "u");
  for (const text of ["t", "u"]) publish(text);
  assertEquals([a.sentTexts, seen(pattern)], [[["u"]], ["+t", "+u"]]);
});

/** An XPUB whose peer `b` is subscribed to "t", and `a` has just asked for it and is subscribed. */
function lastValue(chosen: Partial<XPublishSettings> = {}) {
  const all = publisher({ manualLastValue: true, ...chosen });
  for (const pipe of [all.b, all.a]) {
    pipe.subscribed(false, "t");
    all.pattern.tryReceive();
    all.pattern.subscribeLast(bytes("t"));
  }
  return all;
}

test("manualLastValue: the message after a subscription goes to that peer only, once", () => {
  const { publish, a, b } = lastValue();
  for (const text of ["t1", "t2"]) assertEquals(publish(text), true);
  assertEquals([a.sentTexts, b.sentTexts], [[["t1"], ["t2"]], [["t2"]]]);
});

test("manualLastValue: a message that the peer did not subscribe to goes to no peer, and is the one message", () => {
  const { pattern, publish, a, b } = lastValue();
  b.subscribed(false, "u");
  assertEquals(publish("u"), true);
  publish("t");
  assertEquals([a.sentTexts, b.sentTexts], [[["t"]], [["t"]]]);
  pattern.tryReceive();
  pattern.subscribeLast(bytes("u"));
  for (const text of ["u1", "u2"]) publish(text);
  assertEquals([a.sentTexts, b.sentTexts], [[["t"]], [["t"], ["u1"], ["u2"]]]);
});

test("manualLastValue: without a subscription messages go to all peers, also after one was received", () => {
  const { pattern, publish, a, b } = lastValue();
  publish("t1");
  a.subscribed(false, "ignored");
  assertEquals(seen(pattern), ["+ignored"]);
  publish("t2");
  assertEquals([a.sent.length, b.sentTexts], [2, [["t2"]]]);
});

test("manualLastValue: a full peer misses its message, or with noDrop the send waits for it", () => {
  const dropping = lastValue();
  dropping.a.room = 0;
  assertEquals([dropping.publish("t1"), dropping.a.dropped], [true, 1]);
  const waiting = lastValue({ noDrop: true });
  waiting.a.room = 0;
  assertEquals([waiting.publish("t1"), waiting.publish("t1"), waiting.a.dropped], [false, false, 0]);
  waiting.a.makeRoom(2);
  for (const text of ["t1", "t2"]) assertEquals(waiting.publish(text), true);
  assertEquals([waiting.a.sentTexts, waiting.b.sentTexts], [[["t1"], ["t2"]], [["t2"]]]);
});

test("manualLastValue: if the peer has disconnected before, messages go to all other peers", () => {
  const { pattern, publish, a, b } = lastValue();
  pattern.detach(a);
  publish("t");
  assertEquals([a.sent.length, b.sent.length], [0, 1]);
});

test("manual alone sends to all after a subscription", () => {
  const { publish, a, b } = lastValue({ manual: true, manualLastValue: false });
  publish("t");
  assertEquals([a.sent.length, b.sent.length], [1, 1]);
});

test("welcomeMessage: each subscriber gets it first, and once", () => {
  const { options, pattern, a, b } = publisher({ welcomeMessage: bytes("hello") });
  assertEquals([a.greetingTexts, b.greetingTexts, a.sent], [[["hello"]], [["hello"]], []]);
  a.subscribed(false, "t");
  assertEquals(a.greetings.length, 1);
  options.welcomeMessage = null;
  assertEquals(FakePipe.attached(pattern).greetings, []);
  options.welcomeMessage = bytes("");
  assertEquals(FakePipe.attached(pattern).greetingTexts, [[""]]);
});

test("welcomeMessage: each gets bytes of its own", () => {
  const welcomeMessage = bytes("hello");
  const { a, b } = publisher({ welcomeMessage });
  a.greetings[0]![0]!.fill(0);
  assertEquals([texts(b.greetings[0]), texts([welcomeMessage])], [["hello"], ["hello"]]);
  assert(a.greetings[0] !== b.greetings[0]);
});

test("by default neither PUB nor XPUB sends a welcome message", () => {
  const { pattern, a } = publisher({});
  assertEquals([a.greetings, seen(pattern)], [[], []]);
  assertStrictEquals(pattern.canReceive(), false);
});
