/**
 * ROUTER: handover of an id, assigned ids, and notices of connects and disconnects.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { RouterPattern, type RouterSettings } from "../../src/routing/router.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

type Options = { -readonly [Name in keyof RouterSettings]: RouterSettings[Name] };

/** A ROUTER with its options, which may change. */
function router(chosen: Partial<RouterSettings>): { options: Options; pattern: RouterPattern } {
  const options = { mandatory: false, handover: false, notify: null, probeRouter: false, ...chosen };
  return { options, pattern: new RouterPattern(options) };
}

/** A peer that our user named. */
function assigned(pattern: RouterPattern, id: string, identity = ""): FakePipe {
  const pipe = new FakePipe(pattern, id, identity);
  pipe.assignedId = bytes(id);
  pattern.attach(pipe);
  pattern.connected?.(pipe);
  return pipe;
}

function received(pattern: RouterPattern): string[] {
  const list: string[] = [];
  for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) list.push(texts(one)!.join("|"));
  return list;
}

test("handover: a new peer takes over the id, and the old one stays connected, and is ignored", () => {
  const { pattern } = router({ handover: true });
  const [first, second] = [FakePipe.attached(pattern, "1", "same"), FakePipe.attached(pattern, "2", "same")];
  assertEquals([first.rejections, second.rejections, first.ignored, second.ignored], [[], [], true, false]);
  pattern.trySend(message("same", "m"));
  assertEquals([first.sent.length, second.sentTexts], [0, [["m"]]]);
  second.arrive("new");
  assertEquals(received(pattern), ["same|new"]);
});

test("handover: messages of the old peer are received, and its end does not remove the id of the new one", () => {
  const { pattern } = router({ handover: true, mandatory: true, notify: "disconnect" });
  const first = FakePipe.attached(pattern, "1", "same");
  first.arrive("before");
  const second = FakePipe.attached(pattern, "2", "same");
  first.arrive("too late");
  first.leave();
  assertEquals([received(pattern), first.dropped], [["same|before"], 1]);
  assertEquals([pattern.trySend(message("same", "m")), second.sent.length], [true, 1]);
  second.leave();
  assertEquals(received(pattern), ["same|"]);
  assertThrows(() => pattern.trySend(message("same", "m")), ZmqError);
});

test("handover applies from the next peer on", () => {
  const { options, pattern } = router({});
  const pipes = [1, 2].map((n) => FakePipe.attached(pattern, `${n}`, "same"));
  options.handover = true;
  const third = FakePipe.attached(pattern, "3", "same");
  assertEquals([...pipes, third].map(({ ignored }) => ignored), [true, true, false]);
  pipes[1]!.arrive("still not heard");
  third.arrive("heard");
  assertEquals(received(pattern), ["same|heard"]);
});

test("a peer with an assigned id is known by it, regardless of its own id", () => {
  const { pattern } = router({ mandatory: true });
  const [silent, other] = [assigned(pattern, "chosen"), assigned(pattern, "second", "its own")];
  silent.arrive("m");
  other.arrive("m");
  assertEquals(received(pattern), ["chosen|m", "second|m"]);
  assertEquals([pattern.trySend(message("second", "m")), other.sent.length], [true, 1]);
  assertEquals(assertThrows(() => pattern.trySend(message("its own", "m")), ZmqError).code, "EHOSTUNREACH");
  FakePipe.attached(pattern, "", "its own").arrive("free");
  assertEquals(received(pattern), ["its own|free"]);
});

test("an assigned id that another peer has is a duplicate like any other", () => {
  const { options, pattern } = router({});
  const first = FakePipe.attached(pattern, "", "id");
  const second = assigned(pattern, "id");
  second.arrive("not heard");
  pattern.trySend(message("id", "m"));
  assertEquals([received(pattern), first.sent.length, second.sent.length], [[], 1, 0]);
  options.handover = true;
  const third = assigned(pattern, "id");
  third.arrive("heard");
  first.arrive("not heard any more");
  assertEquals([received(pattern), first.rejections.length, first.dropped], [["id|heard"], 0, 1]);
});

test("notify: connects, disconnects, both or none are reported by an empty message with the id", () => {
  for (
    const [notify, expected] of [
      [null, ["id|m"]],
      ["connect", ["id|", "id|m"]],
      ["disconnect", ["id|m", "id|"]],
      ["both", ["id|", "id|m", "id|"]],
    ] as const
  ) {
    const { pattern } = router({ notify });
    const pipe = FakePipe.attached(pattern, "", "id");
    pipe.arrive("m");
    pipe.leave();
    assertEquals<unknown>(received(pattern), expected, String(notify));
  }
});

test("notify: a peer without an id is reported with its generated id", () => {
  const { pattern } = router({ notify: "both" });
  const pipe = FakePipe.attached(pattern);
  const [id, empty] = pattern.tryReceive()!;
  assertEquals([id!.length, id![0], empty!.length], [5, 0, 0]);
  pattern.trySend([id!.slice(), bytes("welcome")]);
  assertEquals(pipe.sentTexts, [["welcome"]]);
  pipe.leave();
  assertEquals(pattern.tryReceive(), [id!, new Uint8Array(0)]);
});

test("notify: neither connect nor disconnect of an ignored duplicate is reported", () => {
  const { pattern } = router({ notify: "both" });
  const first = FakePipe.attached(pattern, "1", "same");
  FakePipe.attached(pattern, "2", "same").leave();
  assertEquals(received(pattern), ["same|"]);
  first.leave();
  assertEquals(received(pattern), ["same|"]);
});

test("notify applies from the next connect or disconnect on, and every notice belongs to the user", () => {
  const { options, pattern } = router({});
  const pipe = FakePipe.attached(pattern, "", "id");
  options.notify = "both";
  const other = FakePipe.attached(pattern, "", "other");
  const notice = pattern.tryReceive()!;
  assertEquals(texts(notice), ["other", ""]);
  notice.push(bytes("changed"));
  pipe.leave();
  options.notify = "connect";
  other.leave();
  assertEquals(received(pattern), ["id|"]);
});

test("probeRouter: each peer that is not ignored gets an empty message first", () => {
  const { pattern } = router({ probeRouter: true });
  const [first, duplicate] = [FakePipe.attached(pattern, "1", "same"), FakePipe.attached(pattern, "2", "same")];
  const other = FakePipe.attached(pattern);
  assertEquals([first, duplicate, other].map((pipe) => pipe.greetingTexts), [[[""]], [], [[""]]]);
  assert(first.greetings[0] !== other.greetings[0]);
  assertEquals(first.sent, []);
});

test("messages to unknown ids and of an id alone are counted as unroutable, others by the pipe", () => {
  const { options, pattern } = router({});
  const pipe = FakePipe.attached(pattern, "", "id");
  assertStrictEquals(pattern.drops.total, 0);
  for (const id of ["nobody", "", "x".repeat(256)]) pattern.trySend(message(id, "m"));
  assertStrictEquals(pattern.drops.total, 3);
  pattern.trySend(message("id"));
  pipe.room = 0;
  pattern.trySend(message("id", "m"));
  assertEquals([pattern.drops.snapshot().unroutable, pattern.drops.total, pipe.dropped], [4, 4, 1]);
  options.mandatory = true;
  for (const id of ["nobody", "", "x".repeat(256)]) {
    assertEquals(assertThrows(() => pattern.trySend(message(id, "m")), ZmqError).code, "EHOSTUNREACH");
  }
  assertEquals([pattern.trySend(message("id", "m")), pattern.drops.total, pipe.dropped], [false, 4, 1]);
});

test("the ids of peers can be queried: with and without an id", () => {
  const { pattern } = router({});
  const pipe = FakePipe.attached(pattern, "", "id");
  assertStrictEquals(pattern.peers.get(bytes("id")), pipe);
  assertStrictEquals(pattern.peers.get(bytes("other")), undefined);
  assertStrictEquals(pattern.peers.get(new Uint8Array(256)), undefined);
  pipe.leave();
  assertStrictEquals(pattern.peers.get(bytes("id")), undefined);
});
