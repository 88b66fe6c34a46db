/**
 * Misuse of the API throws a typed error that says what to do, and has no other effect.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Context,
  Dealer,
  type MessageLike,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  XPublisher,
  ZmqError,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, deserted, rejectsWith, take, throwsWith } from "./support.ts";

/** A value of a type that the compiler would refuse. */
function wrong<T>(value: unknown): T {
  return value as T;
}

test("connect: a malformed endpoint throws a TypeError immediately, with the reason and the endpoint", async () => {
  await using push = new Push();
  for (
    const [endpoint, part] of [
      ["", "starts with a transport"],
      ["127.0.0.1:5555", "starts with a transport"],
      ["://127.0.0.1:5555", "starts with a transport"],
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
      ["tcp://*:5555", "not a host that you can connect to"],
    ] as const
  ) {
    const error = assertThrows(() => push.connect(endpoint), TypeError, part);
    assertStringIncludes(error.message, JSON.stringify(endpoint));
    assertThrows(() => push.disconnect(endpoint), TypeError);
  }
  assertThrows(() => push.connect(wrong(5555)), TypeError, "an endpoint is a string");
});

test("bind: a bad endpoint rejects with a TypeError", async () => {
  await using pull = new Pull();
  for (const endpoint of ["", "tcp://127.0.0.1", "tcp://127.0.0.1:70000", "inproc://"]) {
    await assertRejects(() => pull.bind(endpoint), TypeError, "Cannot bind");
  }
  await assertRejects(() => pull.bind(wrong(undefined)), TypeError, "an endpoint is a string");
  await assertRejects(() => pull.unbind("nonsense"), TypeError);
});

test("a scheme that no transport is registered for is EPROTONOSUPPORT, and the message names it", async () => {
  await using pull = new Pull();
  const endpoint = "pigeon://coop:1";
  const errors = [
    throwsWith("EPROTONOSUPPORT", () => pull.connect(endpoint)),
    throwsWith("EPROTONOSUPPORT", () => pull.disconnect(endpoint)),
    await rejectsWith("EPROTONOSUPPORT", () => pull.bind(endpoint)),
    await rejectsWith("EPROTONOSUPPORT", () => pull.unbind(endpoint)),
  ];
  for (const { message } of errors) assertStringIncludes(message, "pigeon://");
});

test("a Stream does not support inproc", async () => {
  await using stream = new Stream();
  throwsWith("EPROTONOSUPPORT", () => stream.connect("inproc://name"));
  await rejectsWith("EPROTONOSUPPORT", () => stream.bind("inproc://name"));
});

test("connect: the routing id for a peer is checked as one's own is, and belongs to one peer only", async () => {
  const endpoint = await deserted();
  for (const make of [Router, Stream]) {
    await using socket = new make({ linger: 0 });
    assertThrows(() => socket.connect(endpoint, { routingId: "" }), RangeError, "routingId must be 1 to 255 bytes");
    assertThrows(() => socket.connect(endpoint, { routingId: "\0a" }), RangeError, "zero byte");
    assertThrows(() => socket.connect(endpoint, { routingId: wrong(5) }), TypeError, "routingId");
    assertThrows(() => socket.disconnect(endpoint), ZmqError, "is not connected by this socket");
    socket.connect(endpoint, { routingId: "peer" });
    throwsWith("EADDRINUSE", () => socket.connect(endpoint, { routingId: "peer" }));
    throwsWith("EADDRINUSE", () => socket.connect(endpoint, { routingId: Uint8Array.of(112, 101, 101, 114) }));
    socket.connect(endpoint, { routingId: "other" });
    socket.connect(endpoint, { routingId: null });
    socket.connect(endpoint, {});
  }
});

test("connect: a routing id that an accepted peer has cannot be assigned", async () => {
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "peer" });
  dealer.connect(await router.bind(ANY));
  await router.waitForPeers(1);
  throwsWith("EADDRINUSE", () => router.connect("tcp://127.0.0.1:9", { routingId: "peer" }));
});

test("a Stream sends two frames, to a connected peer", async () => {
  await using stream = new Stream();
  await rejectsWith("EINVAL", () => stream.send("bytes" as never));
  await rejectsWith("EINVAL", () => stream.send(["id", "bytes", "more"]));
  throwsWith("EHOSTUNREACH", () => stream.trySend(["id", "bytes"]));
});

test("an XPublisher subscribes peers only in manual mode, and only those whose message it received", async () => {
  await using plain = new XPublisher();
  throwsWith("EINVAL", () => plain.subscribe("a"));
  throwsWith("EINVAL", () => plain.unsubscribe("a"));
  for (const options of [{ manual: true }, { manualLastValue: true }]) {
    await using xpub = new XPublisher(options);
    throwsWith("EFSM", () => xpub.subscribe("a"));
    throwsWith("EFSM", () => xpub.unsubscribe("a"));
    assertThrows(() => xpub.subscribe(wrong(1)), TypeError, "topic");
    assertEquals(xpub.topicsCount, 0);
  }
  const closed = new XPublisher({ manual: true });
  await closed.close();
  throwsWith("ENOTSOCK", () => closed.subscribe("a"));
});

test("a context that is full takes no further socket, and one that failed to be made does not count", async () => {
  const context = new Context({ maxSockets: 1 });
  assertThrows(() => new Push({ context, linger: -2 }), RangeError);
  const first = new Push({ context });
  throwsWith("EMFILE", () => new Push({ context }));
  await first.close();
  await new Push({ context }).close();
  assertEquals(context.sockets, 0);
});

test("options: a property accepts the values of the constructor, and an unknown one is not a property", async () => {
  await using push = new Push();
  assertThrows(() => push.linger = wrong("5"), TypeError, "linger must be a number");
  assertThrows(() => push.sendHighWaterMark = -1, RangeError, "sendHighWaterMark");
  const untyped = wrong<{ tcpMaxRetransmitTimeout: number }>(push);
  throwsWith("ENOTSUP", () => untyped.tcpMaxRetransmitTimeout = 8);
  throwsWith("ENOTSUP", () => new Push(wrong({ interface: "eth0" })));
  assertThrows(() => wrong<{ context: Context }>(push).context = new Context(), TypeError);
  assertEquals([push.linger, push.sendHighWaterMark, untyped.tcpMaxRetransmitTimeout], [5000, 1000, 0]);
  const error = assertThrows(() => new Push(wrong({ receiveTimeout: 5 })), TypeError);
  assertStringIncludes(error.message, "A PUSH socket has no option receiveTimeout; it has linger, ");
});

test("waiting to be readable or writable ends with the socket, and is refused after it", async () => {
  const dealer = new Dealer();
  const waits = [dealer.whenReadable(), dealer.whenWritable()].map((wait) => rejectsWith("ENOTSOCK", () => wait));
  assertEquals([dealer.readable, dealer.writable], [false, false]);
  await dealer.close();
  await Promise.all(waits);
  await rejectsWith("ENOTSOCK", () => dealer.whenReadable());
  await rejectsWith("ENOTSOCK", () => dealer.whenWritable());
  assertEquals([dealer.readable, dealer.writable], [false, false]);
});

test("unbind and disconnect: an unknown endpoint is ENOENT, and the message has its name", async () => {
  await using push = new Push();
  const error = await rejectsWith("ENOENT", () => push.unbind("tcp://127.0.0.1:5555"));
  assertStringIncludes(error.message, "tcp://127.0.0.1:5555 is not bound by this socket");
  const other = throwsWith("ENOENT", () => push.disconnect("tcp://127.0.0.1:5555"));
  assertStringIncludes(other.message, "tcp://127.0.0.1:5555 is not connected by this socket");
});

test("send: an invalid message is a TypeError, and no part of it is sent", async () => {
  await using push = new Push();
  await using pull = new Pull();
  push.connect(await pull.bind(ANY));
  const inputs: [unknown, string][] = [
    [[], "at least one frame"],
    [undefined, "undefined"],
    [{}, "object"],
    [["a", undefined], "undefined"],
    [["a", ["b"]], "frame of type Array:"],
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
  for (const make of [Dealer, Reply, Request, Router]) {
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
  received[0][0] = 122;
  await other.send(received);
  assertEquals(await take(dealer, 1), ["z|b|c"]);
});
