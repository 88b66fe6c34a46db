/**
 * `canSend` and `canReceive` of every pattern: their answer is right, and asking has no effect.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { DealerPattern } from "../../src/routing/dealer.ts";
import { PairPattern } from "../../src/routing/pair.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import { PublishPattern } from "../../src/routing/publish.ts";
import { PullPattern } from "../../src/routing/pull.ts";
import { PushPattern } from "../../src/routing/push.ts";
import { ReplyPattern } from "../../src/routing/reply.ts";
import { RequestPattern } from "../../src/routing/request.ts";
import { RouterPattern, type RouterSettings } from "../../src/routing/router.ts";
import { StreamPattern, type StreamSettings } from "../../src/routing/stream.ts";
import { SubscribePattern, XSubscribePattern } from "../../src/routing/subscribe.ts";
import { XPublishPattern } from "../../src/routing/xpublish.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { settle } from "../support/socket_types.ts";

const SUBSCRIBED = () => {
  const pattern = new SubscribePattern(settle("SUB", {}));
  pattern.subscribe(bytes(""));
  return pattern;
};

/** Those whose sending waits for a peer with room. */
const WAITING: [string, () => Pattern][] = [
  ["PUSH", () => new PushPattern()],
  ["DEALER", () => new DealerPattern(settle("DEALER", {}))],
  ["PAIR", () => new PairPattern()],
  ["REQ", () => new RequestPattern(settle("REQ", {}))],
];

/** Those whose sending never waits, or waits for one peer and not for others. */
const DROPPING: [string, () => Pattern][] = [
  ["PUB", () => new PublishPattern(settle("PUB", {}))],
  ["XPUB", () => new XPublishPattern(settle("XPUB", {}))],
  ["XSUB", () => new XSubscribePattern(settle("XSUB", {}))],
  ["ROUTER", () => new RouterPattern(settle("ROUTER", {}) as RouterSettings)],
  ["STREAM", () => new StreamPattern(settle("STREAM", {}) as StreamSettings)],
];

/** Those that receive whatever state they are in. */
const RECEIVING: [string, () => Pattern][] = [
  ["PULL", () => new PullPattern()],
  ["DEALER", () => new DealerPattern(settle("DEALER", {}))],
  ["PAIR", () => new PairPattern()],
  ["SUB", SUBSCRIBED],
  ["XSUB", () => new XSubscribePattern(settle("XSUB", {}))],
  ["XPUB", () => new XPublishPattern(settle("XPUB", {}))],
  ["ROUTER", () => new RouterPattern(settle("ROUTER", {}) as RouterSettings)],
  ["STREAM", () => new StreamPattern(settle("STREAM", { notify: false }) as StreamSettings)],
];

for (const [type, make] of WAITING) {
  test(`${type} can send when a peer has room, and says so without sending`, () => {
    const pattern = make();
    assertEquals(pattern.canSend!(), false);
    const pipe = FakePipe.attached(pattern);
    assertEquals([pattern.canSend!(), pattern.canSend!(), pipe.sent.length], [true, true, 0]);
    pipe.room = 0;
    assertEquals(pattern.canSend!(), false);
    assertEquals([pattern.trySend!(message("m")), pipe.sent.length], [false, 0]);
    pipe.makeRoom(1);
    assertEquals([pattern.canSend!(), pattern.trySend!(message("m"))], [true, true]);
    pattern.detach?.(pipe);
    assertEquals(pattern.canSend!(), false);
  });
}

for (const [type, make] of DROPPING) {
  test(`${type} can always send`, () => {
    const pattern = make();
    assertEquals(pattern.canSend!(), true);
    const pipe = FakePipe.attached(pattern, "", "id");
    pipe.room = 0;
    assertEquals(pattern.canSend!(), true);
  });
}

for (const [type, make] of RECEIVING) {
  test(`${type} can receive when a message is available, and reports it without receiving it`, () => {
    const pattern = make();
    assertEquals(pattern.canReceive!(), false);
    const pipe = FakePipe.attached(pattern, "", "id");
    assertEquals(pattern.canReceive!(), false);
    pipe.arrive("1");
    pipe.arrive("2");
    const received: (string | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      assertEquals([pattern.canReceive!(), pattern.canReceive!()], [true, true]);
      received.push(texts(pattern.tryReceive!())?.at(-1));
    }
    assertEquals([received, pattern.canReceive!()], [["1", "2"], false]);
    assertStrictEquals(pattern.tryReceive!(), undefined);
    pipe.arrive("last words");
    pattern.detach?.(pipe);
    assertEquals(pattern.canReceive!(), true);
    pattern.tryReceive!();
    assertEquals(pattern.canReceive!(), false);
  });
}

test("REQ can send only before the request, and receive only after it", () => {
  const pattern = new RequestPattern(settle("REQ", {}));
  const pipe = FakePipe.attached(pattern);
  assertEquals([pattern.canSend(), pattern.canReceive()], [true, false]);
  pattern.trySend(message("question"));
  assertEquals([pattern.canSend(), pattern.canReceive()], [false, false]);
  pipe.arrive("", "answer");
  assertEquals([pattern.canSend(), pattern.canReceive()], [false, true]);
  assertEquals(texts(pattern.tryReceive()), ["answer"]);
  assertEquals([pattern.canSend(), pattern.canReceive()], [true, false]);
});

test("REP can receive only before the reply, and send only until it", () => {
  const pattern = new ReplyPattern();
  const pipe = FakePipe.attached(pattern);
  assertEquals([pattern.canSend(), pattern.canReceive()], [false, false]);
  pipe.arrive("", "1");
  pipe.arrive("", "2");
  assertEquals([pattern.canSend(), pattern.canReceive()], [false, true]);
  pattern.tryReceive();
  assertEquals([pattern.canSend(), pattern.canReceive()], [true, false]);
  pattern.trySend(message("one"));
  assertEquals([pattern.canSend(), pattern.canReceive()], [false, true]);
});

test("REP can send to a client that is full or disconnected: that reply is dropped", () => {
  const pattern = new ReplyPattern();
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("", "question");
  pattern.tryReceive();
  pipe.room = 0;
  (pattern as Pattern).detach?.(pipe);
  assertEquals([pattern.canSend(), pattern.trySend(message("answer")), pipe.dropped], [true, true, 1]);
});

test("a PAIR that refused a second peer still sends to the first", () => {
  const pattern = new PairPattern();
  const first = FakePipe.attached(pattern);
  const second = new FakePipe(pattern);
  pattern.attach(second);
  first.room = 0;
  assertEquals(pattern.canSend(), false);
  first.makeRoom(1);
  assertEquals(pattern.canSend(), true);
});

test("a mandatory ROUTER reports that it can send although one peer is full, because others may have room", () => {
  const pattern = new RouterPattern(settle("ROUTER", { mandatory: true }) as RouterSettings);
  const [full, free] = [FakePipe.attached(pattern, "", "full"), FakePipe.attached(pattern, "", "free")];
  full.room = 0;
  assertEquals([pattern.canSend(), pattern.trySend(message("full", "m"))], [true, false]);
  assertEquals([pattern.canSend(), pattern.trySend(message("free", "m")), free.sent.length], [true, true, 1]);
  assertThrows(() => pattern.trySend(message("nobody", "m")), ZmqError);
});
