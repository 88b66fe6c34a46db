/**
 * Misuse of the API gets a typed error that says what to do, and does no other harm.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Dealer, type MessageLike, Pull, Push, Request, Router } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, rejectsWith, take, throwsWith } from "./support.ts";

/** A value of a type that the compiler would refuse. */
function wrong<T>(value: unknown): T {
  return value as T;
}

test("connect: a bad endpoint throws a TypeError at once, with what is wrong and the endpoint", async () => {
  await using push = new Push();
  for (
    const [endpoint, part] of [
      ["", "starts with a transport"],
      ["127.0.0.1:5555", "starts with a transport"],
      ["://127.0.0.1:5555", "starts with a transport"],
      ["udp://127.0.0.1:5555", 'the transport "udp" is not known'],
      ["tcp://127.0.0.1", "tcp://host:port"],
      ["tcp://127.0.0.1:", "tcp://host:port"],
      ["tcp://:5555", "tcp://host:port"],
      ["tcp://127.0.0.1:port", "tcp://host:port"],
      ["tcp://127.0.0.1:5555/path", "tcp://host:port"],
      ["tcp://::1:5555", "brackets"],
      ["tcp://[nonsense]:5555", "not an IPv6 address"],
      ["tcp://127.0.0.1:65536", "at most 65535"],
      ["tcp://127.0.0.1:0", "name the port"],
      ["tcp://127.0.0.1:*", "name the port"],
      ["tcp://*:5555", "no host to connect to"],
    ] as const
  ) {
    const error = assertThrows(() => push.connect(endpoint), TypeError, part);
    assertStringIncludes(error.message, JSON.stringify(endpoint));
    assertThrows(() => push.disconnect(endpoint), TypeError);
  }
  assertThrows(() => push.connect(wrong(5555)), TypeError, "must be a string");
});

test("bind: a bad endpoint rejects with a TypeError", async () => {
  await using pull = new Pull();
  for (const endpoint of ["", "tcp://127.0.0.1", "tcp://127.0.0.1:70000", "pigeon://coop:1"]) {
    await assertRejects(() => pull.bind(endpoint), TypeError, "Cannot bind");
  }
  await assertRejects(() => pull.bind(wrong(undefined)), TypeError, "must be a string");
  await assertRejects(() => pull.unbind("nonsense"), TypeError);
});

test("unbind and disconnect: an endpoint that is not there is ENOENT, and the message names it", async () => {
  await using push = new Push();
  const error = await rejectsWith("ENOENT", () => push.unbind("tcp://127.0.0.1:5555"));
  assertStringIncludes(error.message, "tcp://127.0.0.1:5555 is not bound by this socket");
  const other = throwsWith("ENOENT", () => push.disconnect("tcp://127.0.0.1:5555"));
  assertStringIncludes(other.message, "tcp://127.0.0.1:5555 is not connected by this socket");
});

test("send: what is not a message is a TypeError, and nothing of it is sent", async () => {
  await using push = new Push();
  await using pull = new Pull();
  push.connect(await pull.bind(ANY));
  const inputs: [unknown, string][] = [
    [[], "at least one frame"],
    [undefined, "undefined"],
    [{}, "object"],
    [["a", undefined], "undefined"],
    [["a", ["b"]], "object"],
    [true, "boolean"],
    [10n, "bigint"],
    [() => {}, "function"],
  ];
  for (const [input, part] of inputs) {
    await assertRejects(() => push.send(wrong<MessageLike>(input)), TypeError, part);
    assertThrows(() => push.trySend(wrong<MessageLike>(input)), TypeError, part);
  }
  await push.send("good");
  assertEquals(await take(pull, 1), ["good"]);
});

test("options: a wrong type is a TypeError, a value out of range a RangeError, and both name the option", () => {
  for (
    const [name, value] of [
      ["linger", "5"],
      ["sendTimeout", true],
      ["reconnectInterval", 10n],
      ["maxMessageSize", []],
    ] as const
  ) {
    assertThrows(() => new Push(wrong({ [name]: value })), TypeError, name);
  }
  for (
    const [name, value] of [
      ["linger", -2],
      ["linger", 0.5],
      ["linger", NaN],
      ["linger", 2 ** 31],
      ["sendHighWaterMark", -1],
      ["sendTimeout", -2],
      ["reconnectInterval", -2],
      ["reconnectMaxInterval", -1],
      ["handshakeInterval", -1],
      ["handshakeInterval", Infinity],
      ["backlog", 0],
      ["maxMessageSize", -2],
      ["maxFrames", 0],
    ] as const
  ) {
    assertThrows(() => new Push({ [name]: value }), RangeError, name);
  }
  assertThrows(() => new Pull({ receiveHighWaterMark: 1.5 }), RangeError, "receiveHighWaterMark");
  assertThrows(() => new Pull({ receiveTimeout: -7 }), RangeError, "receiveTimeout");
  assertThrows(() => new Router({ mandatory: wrong("no") }), TypeError, "mandatory");
});

test("options: undefined means the default", async () => {
  await new Push({ linger: undefined, sendTimeout: undefined, sendHighWaterMark: undefined }).close();
  await new Dealer({ routingId: undefined }).close();
  await new Router({ mandatory: undefined }).close();
});

test("routingId: too long, empty, or with a zero first is a RangeError", () => {
  for (const make of [Dealer, Request, Router]) {
    assertThrows(() => new make({ routingId: "i".repeat(256) }), RangeError, "1 to 255 bytes");
    assertThrows(() => new make({ routingId: "é".repeat(128) }), RangeError, "not 256");
    assertThrows(() => new make({ routingId: "" }), RangeError, "1 to 255 bytes");
    assertThrows(() => new make({ routingId: Uint8Array.of(0, 1) }), RangeError, "zero byte");
    assertThrows(() => new make({ routingId: wrong(5) }), TypeError, "routingId");
  }
});

test("routingId: is copied, so changing it later changes nothing", async () => {
  const id = Uint8Array.of(1, 2, 3);
  await using dealer = new Dealer({ routingId: id });
  await using router = new Router();
  id.fill(9);
  dealer.connect(await router.bind(ANY));
  await dealer.send("hello");
  assertEquals((await router.receive())[0], Uint8Array.of(1, 2, 3));
});

test("close: linger of the wrong type or out of range is refused, and the socket stays open", async () => {
  const push = new Push();
  await assertRejects(async () => await push.close({ linger: wrong("5") }), TypeError, "linger");
  await assertRejects(async () => await push.close({ linger: NaN }), RangeError, "linger");
  await assertRejects(async () => await push.close({ linger: 1e12 }), RangeError, "linger");
  assertEquals(push.closed, false);
  await push.close();
});

test("the array of a message may be changed after send, and a received one is the receiver's own", async () => {
  await using dealer = new Dealer();
  await using other = new Dealer();
  const endpoint = await other.bind(ANY);
  const message = ["a", "b"];
  const waiting = dealer.send(message);
  message.length = 0;
  dealer.connect(endpoint);
  await waiting;
  const received = await other.receive();
  assertEquals(received.length, 2);
  received.push(Uint8Array.of(99));
  received[0]![0] = 122;
  await other.send(received);
  assertEquals(await take(dealer, 1), ["z|b|c"]);
});
