/**
 * REQ: correlated requests, relaxed requests, and the probe.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { RequestPattern, type RequestSettings } from "../../src/routing/request.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

type Options = { -readonly [Name in keyof RequestSettings]: boolean };

/** A REQ with its options, which may change, and a number of peers. */
function request(chosen: Partial<RequestSettings>, peers = 1) {
  const options: Options = { correlate: false, relaxed: false, probeRouter: false, ...chosen };
  const pattern = new RequestPattern(options);
  pattern.begin({ clock: systemClock, subscribersChanged() {} });
  const pipes = Array.from({ length: peers }, (_, i) => FakePipe.attached(pattern, `${i}`));
  return { options, pattern, pipes, pipe: pipes[0]! };
}

/** A message arrives, of which some frames are bytes. */
function arrive(pattern: RequestPattern, pipe: FakePipe, ...frames: (string | Uint8Array)[]): void {
  const wanted = pattern.inbound(pipe, frames.map((frame) => typeof frame === "string" ? bytes(frame) : frame));
  if (wanted !== undefined) pipe.deliver(wanted);
}

/** The number of the last request of a peer. */
const numberOf = (pipe: FakePipe) => pipe.sent.at(-1)![0]!.slice();

const asNumber = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset).getUint32(0);

test("correlate: four bytes that count up go before the delimiter of each request", () => {
  const { pattern, pipe } = request({ correlate: true });
  const numbers: number[] = [];
  for (const n of ["1", "2", "3"]) {
    pattern.trySend(message(n, ""));
    const [number, ...rest] = pipe.sent.at(-1)!;
    assertEquals([number!.length, texts(rest)], [4, ["", n, ""]]);
    numbers.push(asNumber(number!));
    arrive(pattern, pipe, number!.slice(), "", `re: ${n}`);
    assertEquals(texts(pattern.tryReceive()), [`re: ${n}`]);
  }
  assertEquals(numbers.map((number) => (number - numbers[0]!) >>> 0), [0, 1, 2]);
});

test("correlate: two sockets do not start with the same number", () => {
  const starts = Array.from({ length: 4 }, () => {
    const { pattern, pipe } = request({ correlate: true });
    pattern.trySend(message("m"));
    return toHex(numberOf(pipe));
  });
  // By chance all of them are the same once in 2^96 runs.
  assert(new Set(starts).size > 1);
});

test("correlate: a reply must carry the number of its request; others are dropped without further effect", () => {
  const { pattern, pipe } = request({ correlate: true });
  pattern.trySend(message("1"));
  const stale = numberOf(pipe);
  arrive(pattern, pipe, stale, "", "one");
  pattern.tryReceive();
  pattern.trySend(message("2"));
  const number = numberOf(pipe);
  assertNotEquals(number, stale);
  arrive(pattern, pipe, stale, "", "one again");
  arrive(pattern, pipe, "", "two without its number");
  arrive(pattern, pipe, bytes("xxxx"), "", "of nobody");
  assertEquals([pattern.canReceive(), pattern.tryReceive(), pipe.rejections], [false, undefined, []]);
  arrive(pattern, pipe, number, "", "two");
  assertEquals(texts(pattern.tryReceive()), ["two"]);
});

test("a reply with a number to a request without one is dropped", () => {
  const { pattern, pipe } = request({});
  pattern.trySend(message("1"));
  arrive(pattern, pipe, bytes("abcd"), "", "numbered");
  assertEquals([pattern.tryReceive(), pipe.rejections], [undefined, []]);
  arrive(pattern, pipe, "", "plain");
  assertEquals(texts(pattern.tryReceive()), ["plain"]);
});

test("a reply that has neither form disconnects the peer, with and without numbers", () => {
  for (const correlate of [true, false]) {
    for (const reply of [["abcd"], ["abcd", ""], ["abcd", "x", "y"], [""], ["abc", "", "x"], ["x", "y"]]) {
      const { pattern, pipe } = request({ correlate });
      pattern.trySend(message("question"));
      arrive(pattern, pipe, ...reply);
      assertStrictEquals(pattern.tryReceive(), undefined);
      const codes = pipe.rejections.map((error) => error instanceof ZmqError && error.code);
      assertEquals(codes, ["EPROTO"], reply.join("|"));
    }
  }
});

test("a reply whose body is four bytes is not taken for a number", () => {
  const { pattern, pipe } = request({});
  pattern.trySend(message("question"));
  arrive(pattern, pipe, "", "abcd", "", "more");
  assertEquals(texts(pattern.tryReceive()), ["abcd", "", "more"]);
});

test("correlate may change between requests: each reply is checked by the option of its own request", () => {
  const { options, pattern, pipe } = request({ correlate: true });
  pattern.trySend(message("1"));
  options.correlate = false;
  arrive(pattern, pipe, "", "without");
  assertStrictEquals(pattern.tryReceive(), undefined);
  arrive(pattern, pipe, numberOf(pipe), "", "one");
  assertEquals(texts(pattern.tryReceive()), ["one"]);
  pattern.trySend(message("2"));
  options.correlate = true;
  assertEquals(pipe.sentTexts.at(-1), ["", "2"]);
  arrive(pattern, pipe, "", "two");
  assertEquals(texts(pattern.tryReceive()), ["two"]);
});

test("relaxed: a request may follow another, goes to the next peer, and only its own reply is received", () => {
  const { pattern, pipes: [first, second] } = request({ relaxed: true }, 2);
  assertEquals([pattern.trySend(message("1")), pattern.canSend()], [true, true]);
  assertEquals(pattern.trySend(message("2")), true);
  assertEquals([first!.sentTexts, second!.sentTexts], [[["", "1"]], [["", "2"]]]);
  first!.arrive("", "one, late");
  assertStrictEquals(pattern.tryReceive(), undefined);
  second!.arrive("", "two");
  assertEquals(texts(pattern.tryReceive()), ["two"]);
  assertEquals([pattern.receiveError()?.code, first!.rejections], ["EFSM", []]);
});

test("relaxed: the next request drops a reply that arrived and was not received", () => {
  const { pattern, pipe } = request({ relaxed: true });
  pattern.trySend(message("1"));
  pipe.arrive("", "one");
  pattern.trySend(message("2"));
  assertEquals([pattern.canReceive(), pattern.tryReceive()], [false, undefined]);
  pipe.arrive("", "two");
  assertEquals(texts(pattern.tryReceive()), ["two"]);
});

test("relaxed without numbers takes the late reply of the same peer for the new one; with numbers it does not", () => {
  for (const correlate of [false, true]) {
    const { pattern, pipe } = request({ relaxed: true, correlate });
    const ask = (text: string) => {
      pattern.trySend(message(text));
      return correlate ? [numberOf(pipe)] : [];
    };
    const [one, two] = [ask("1"), ask("2")];
    arrive(pattern, pipe, ...one, "", "one, late");
    arrive(pattern, pipe, ...two, "", "two");
    assertEquals(texts(pattern.tryReceive()), [correlate ? "two" : "one, late"]);
  }
});

test("relaxed: a request that finds no room does not affect the previous one", () => {
  const { pattern, pipe } = request({ relaxed: true, correlate: true });
  pattern.trySend(message("1"));
  const number = numberOf(pipe);
  pipe.room = 0;
  assertEquals([pattern.canSend(), pattern.trySend(message("2"))], [false, false]);
  arrive(pattern, pipe, number, "", "one");
  assertEquals(texts(pattern.tryReceive()), ["one"]);
});

test("relaxed may be changed while a reply is awaited", () => {
  const { options, pattern } = request({}, 2);
  pattern.trySend(message("1"));
  assertEquals(assertThrows(() => pattern.trySend(message("2")), ZmqError).code, "EFSM");
  options.relaxed = true;
  assertEquals([pattern.canSend(), pattern.trySend(message("2"))], [true, true]);
  options.relaxed = false;
  assertThrows(() => pattern.trySend(message("3")), ZmqError, "the reply to the last request was not received yet");
});

test("probeRouter: each connection begins with an empty message, which is not a request", () => {
  const { options, pattern, pipe } = request({ probeRouter: true });
  pattern.connected(pipe);
  pattern.connected(pipe);
  assertEquals([pipe.greetingTexts, pipe.sent.length], [[[""], [""]], 0]);
  assertEquals([pattern.receiveError()?.code, pattern.trySend(message("m"))], ["EFSM", true]);
  options.probeRouter = false;
  pattern.connected(pipe);
  assertEquals(pipe.greetings.length, 2);
});
