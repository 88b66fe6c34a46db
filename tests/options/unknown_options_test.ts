/**
 * Mistakes in plain JavaScript are rejected wherever options are taken: each name that is not known, with the name that was
 * probably meant.
 *
 * Over 400 lines because every call that takes options has its case in one table.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Authenticator,
  Context,
  Dealer,
  formatCertificate,
  poll,
  Proxy,
  Publisher,
  Pull,
  Push,
  readableStreamOf,
  Requester,
  Router,
  serve,
  Stream,
  Subscriber,
  toText,
  writableStreamOf,
  XPublisher,
  ZmqError,
} from "../../mod.ts";
import { didYouMean } from "../../src/base/did_you_mean.ts";
import { test } from "../support/harness.ts";
import { optionOf, optionsOf } from "../support/socket_types.ts";
import { MAKERS, TYPES } from "./support.ts";

/** A name with two neighboring letters swapped, or one left out. */
function misspellings(name: string): string[] {
  const middle = name.length >> 1;
  const swapped = name.slice(0, middle - 1) + name[middle]! + name[middle - 1]! + name.slice(middle + 1);
  return [swapped, name.slice(0, middle) + name.slice(middle + 1), name.toUpperCase()].filter((each) => each !== name);
}

for (const type of TYPES) {
  test(`${type}: a misspelt option is rejected with the one that was meant`, () => {
    const names: string[] = optionsOf(type);
    for (const name of names) {
      if (optionOf(type, name)?.applies === "never") continue;
      for (const wrong of misspellings(name)) {
        if (names.includes(wrong)) continue;
        const error = assertThrows(() => MAKERS[type]({ [wrong]: undefined } as never), TypeError);
        assertStringIncludes(error.message, `; did you mean ${name}?`);
      }
    }
  });
}

const ONE_ARRAY = /; pass the frames of a message in one array$/;

/** Every other place that takes options: their names, and a call with these options. */
const CALLS: Readonly<Record<string, readonly [names: readonly string[], call: (options: never) => unknown]>> = {
  "close()": [["linger"], async (options) => await using_(new Pull(), (pull) => pull.close(options))],
  "waitForPeers()": [["signal"], (options) => using_(new Pull(), (pull) => pull.waitForPeers(0, options))],
  "waitForSubscribers()": [
    ["topic", "signal"],
    (options) => using_(new Publisher(), (socket) => socket.waitForSubscribers(0, options)),
  ],
  "XPublisher.waitForSubscribers()": [
    ["topic", "signal"],
    (options) => using_(new XPublisher(), (socket) => socket.waitForSubscribers(0, options)),
  ],
  "send()": [["signal"], (options) => using_(new Dealer(), (socket) => socket.send("x", options))],
  "sendMany()": [["signal"], (options) => using_(new Push(), (socket) => socket.sendMany(["x"], options))],
  "whenWritable()": [["signal"], (options) => using_(new Push(), (socket) => socket.whenWritable(options))],
  "receive()": [["signal"], (options) => using_(new Pull(), (socket) => socket.receive(options))],
  "receiveMany()": [["signal"], (options) => using_(new Pull(), (socket) => socket.receiveMany(1, options))],
  "whenReadable()": [["signal"], (options) => using_(new Pull(), (socket) => socket.whenReadable(options))],
  "Router.connect()": [
    ["routingId"],
    (options) => using_(new Router({ linger: 0 }), (socket) => socket.connect("inproc://nobody", options)),
  ],
  "Stream.connect()": [
    ["routingId"],
    (options) => using_(new Stream({ linger: 0 }), (socket) => socket.connect("tcp://127.0.0.1:1", options)),
  ],
  "poll()": [["timeout", "signal"], (options) => using_(new Pull(), (socket) => poll([socket], options))],
  "serve()": [
    ["concurrency", "errorReplies", "onError", "signal"],
    (options) => using_(new Router(), (socket) => serve(socket, () => {}, options)),
  ],
  "request()": [
    ["timeout", "retries", "signal"],
    (options) => using_(new Requester("inproc://nobody"), (requester) => requester.request("x", options)),
  ],
  "Requester.waitForPeers()": [
    ["signal"],
    (options) => using_(new Requester("inproc://nobody"), (requester) => requester.waitForPeers(0, options)),
  ],
  "new Requester": [
    ["timeout", "retries", "receiveHighWaterMark", "routingId"],
    (options) => using_(new Requester("inproc://nobody", options), () => {}),
  ],
  "readableStreamOf": [["closeSocket"], (options) => using_(new Pull(), (socket) => readableStreamOf(socket, options))],
  "writableStreamOf": [["closeSocket"], (options) => using_(new Push(), (socket) => writableStreamOf(socket, options))],
  "new Context": [["maxSockets"], (options) => new Context(options)],
  "addUser()": [
    ["domain", "userId", "metadata"],
    (options) => new Authenticator().addUser("ann", "secret", options),
  ],
  "allowKey()": [
    ["domain", "userId", "metadata"],
    (options) => new Authenticator().allowKey(new Uint8Array(32), options),
  ],
  "allowAnyKey()": [["domain", "userId", "metadata"], (options) => new Authenticator().allowAnyKey(options)],
  "run() of a Proxy": [
    ["signal"],
    (options) => using_(new Router(), (front) => using_(new Dealer(), (back) => new Proxy(front, back).run(options))),
  ],
  "new Proxy": [
    ["capture"],
    (options) => using_(new Router(), (front) => using_(new Dealer(), (back) => new Proxy(front, back, options))),
  ],
};

/** Uses a socket, and closes it. */
async function using_<S extends AsyncDisposable>(socket: S, use: (socket: S) => unknown): Promise<unknown> {
  await using open = socket;
  return await use(open);
}

for (const [call, [names, act]] of Object.entries(CALLS)) {
  test(`${call}: an option that does not exist is rejected, with the one that was meant`, async () => {
    const failure = async (options: unknown) =>
      await Promise.resolve().then(() => act(options as never)).then(() => undefined, (error: unknown) => error);
    for (const name of names) {
      for (const wrong of misspellings(name)) {
        const error = await failure({ [wrong]: undefined });
        assert(error instanceof TypeError, `${wrong}: ${error}`);
        assertStringIncludes(error.message, `; did you mean ${name}?`);
      }
    }
    const error = await failure({ nothingLikeIt: 1 });
    assert(error instanceof TypeError, String(error));
    assertMatch(error.message, /nothingLikeIt( for \w+:\/\/ endpoints)?; it has /);
    // These would be ignored: they have no names, or none that is read.
    const others = [
      ...[null, 0, "text", true, [], ["text"], new Uint8Array(), new Date(), AbortSignal.abort(), () => {}],
      new Context(),
      new (class Mine {})(),
    ];
    for (const wrong of others) {
      const error = await failure(wrong);
      assert(error instanceof TypeError, `${String(wrong)}: ${error}`);
      assertMatch(error.message, call === "send()" && wrong === "text" ? ONE_ARRAY : /options .*must be an object/i);
    }
    if (!names.includes("signal")) return;
    for (const wrong of [new AbortController(), null, 5, "text", {}, new EventTarget(), new Promise(() => {})]) {
      const error = await failure({ signal: wrong });
      assert(error instanceof TypeError, `${String(wrong)}: ${error}`);
      assertMatch(error.message, /\w+\(\)( of a Proxy)?: signal must be an AbortSignal, not \w+/);
      assertEquals(error.message.endsWith(": pass its signal"), wrong instanceof AbortController);
    }
  });
}

test("bind and connect: a second argument that is not an object of options is rejected, and so is each option, on every type", async () => {
  for (const type of TYPES) {
    await using socket = MAKERS[type]({ linger: 0 } as never);
    const endpoint = type === "STREAM" ? "tcp://127.0.0.1:1" : "inproc://nobody";
    for (const wrong of ["tcp://127.0.0.1:2", 0, null, true, [], ["a"], new Date(), AbortSignal.abort(), () => {}]) {
      const text = "must be an object, not ";
      assertThrows(() => socket.connect(endpoint, wrong as never), TypeError, text);
      await assertRejects(() => socket.bind("tcp://127.0.0.1:0", wrong as never), TypeError, text);
    }
    for (const name of ["routingID", "nothingLikeIt", "0"]) {
      const error = assertThrows(() => socket.connect(endpoint, { [name]: 1 } as never), TypeError);
      assertStringIncludes(error.message, `connect has no option ${name} for `);
      assertEquals(
        error.message.endsWith("; did you mean routingId?"),
        name === "routingID" && ["ROUTER", "STREAM"].includes(type),
        error.message,
      );
    }
    assertEquals([socket.lastEndpoint, socket.endpoints], [null, []]);
  }
});

test("trySend and sendBuffered: a second argument, a lost frame or an option, is rejected on every type that sends", async () => {
  for (const type of TYPES) {
    await using socket = MAKERS[type]({ linger: 0 } as never);
    const calls = socket as unknown as Record<string, ((...given: unknown[]) => unknown) | undefined>;
    if (calls.trySend === undefined) continue;
    const message = type === "ROUTER" || type === "STREAM" ? ["desk", "x"] : "x";
    const others = {
      string: "second frame",
      object: { signal: AbortSignal.abort() },
      null: null,
      number: 0,
      Uint8Array: new Uint8Array(),
    };
    for (const call of ["trySend", "sendBuffered"]) {
      for (const [name, other] of Object.entries(others)) {
        const error = assertThrows(() => calls[call]!.call(socket, message, other), TypeError);
        assertEquals(
          error.message,
          `${call}() takes one message and no options, not a second argument of type ${name}; pass the frames of a message in one array`,
        );
      }
      if (type !== "REP" && type !== "STREAM") calls[call]!.call(socket, message, undefined);
    }
    assertEquals([socket.statistics().messagesSent, socket.peerCount], [0, 0]);
  }
});

test("a socket type takes one object of options: a context, a socket or null in its place is rejected by its type", async () => {
  await using pull = new Pull();
  for (const type of TYPES) {
    for (
      const [name, wrong] of Object.entries({ Context: new Context(), Pull: pull, null: null, string: "tcp://a:1" })
    ) {
      const error = assertThrows(() => MAKERS[type](wrong as never), TypeError);
      assertEquals(error.message, `Options must be an object, such as { linger: 0 }, not ${name}`);
    }
  }
});

test("a timeout of a call that takes none: the option of the socket, or a signal, is proposed", async () => {
  await using dealer = new Dealer();
  await using publisher = new Publisher();
  const signal = "pass { signal: AbortSignal.timeout(…) }";
  const of = (option: string) => `; the call takes no timeout: set the option ${option} of the socket, or ${signal}`;
  const none = `; the call takes no timeout: ${signal}`;
  const cases: readonly (readonly [socket: object, method: string, first: unknown, end: string])[] = [
    [dealer, "receive", undefined, of("receiveTimeout")],
    [dealer, "receiveMany", 1, of("receiveTimeout")],
    [dealer, "send", "x", of("sendTimeout")],
    [dealer, "sendMany", ["x"], of("sendTimeout")],
    [dealer, "whenReadable", undefined, none],
    [dealer, "whenWritable", undefined, none],
    [dealer, "waitForPeers", 0, none],
    [publisher, "waitForSubscribers", 0, none],
  ];
  for (const [socket, method, first, end] of cases) {
    for (const name of ["timeout", "sendTimeout", "receiveTimeout", "timeoutMs", "TIMEOUT"]) {
      const given = first === undefined ? [{ [name]: 1 }] : [first, { [name]: 1 }];
      const call = (socket as Record<string, (...given: unknown[]) => unknown>)[method]!;
      const error = await assertRejects(async () => await Reflect.apply(call, socket, given), TypeError);
      assert(error.message.startsWith(`${method}() has no option ${name}; it has `), error.message);
      assert(error.message.endsWith(end), error.message);
    }
  }
  await assertRejects(() => dealer.receiveMany({ timeout: 5 } as never), RangeError, "a value of type object");
});

test("did you mean: the names of libzmq and of other libraries", () => {
  const cases: readonly (readonly [make: (options: never) => unknown, name: string, end: RegExp])[] = [
    [(options) => new Requester("inproc://nobody", options), "retry", /; did you mean retries\?$/],
    [(options) => new Requester("inproc://nobody", options), "attempts", /; did you mean retries\?$/],
    [(options) => new Dealer(options), "hwm", /; did you mean sendHighWaterMark or receiveHighWaterMark\?$/],
    [(options) => new Push(options), "hwm", /; did you mean sendHighWaterMark\?$/],
    [(options) => new Pull(options), "highWaterMark", /; did you mean receiveHighWaterMark\?$/],
    [(options) => new Dealer(options), "rcvhwm", /; did you mean receiveHighWaterMark\?$/],
    [(options) => new Dealer(options), "identity", /; did you mean routingId\?$/],
    [(options) => new Pull(options), "rcvtimeo", /; did you mean receiveTimeout\?$/],
    [(options) => new Pull(options), "timeout", /; did you mean receiveTimeout, /],
    [(options) => new Push(options), "timeout", /; did you mean sendTimeout, /],
    [(options) => new Dealer(options), "timeout", /; did you mean sendTimeout, receiveTimeout, /],
    [(options) => new Push(options), "constructor", /; it has linger, .*[^?]$/],
  ];
  for (const [make, name, end] of cases) {
    assertMatch(assertThrows(() => make({ [name]: 1 } as never), TypeError).message, end);
  }
});

test("streams, certificates and authenticators reject at the call what they would ignore", async () => {
  await using push = new Push();
  await using pull = new Pull();
  for (const wrong of [push, undefined, null, {}, "text"]) {
    assertThrows(() => readableStreamOf(wrong as never), TypeError, "readableStreamOf() takes a socket that receives");
  }
  for (const wrong of [pull, undefined, null, {}, "text"]) {
    assertThrows(() => writableStreamOf(wrong as never), TypeError, "writableStreamOf() takes a socket that sends");
  }
  // A misspelt secret key would make it a public certificate.
  const certificate = { publicKey: new Uint8Array(32), secretkey: new Uint8Array(32) };
  assertThrows(() => formatCertificate(certificate as never), TypeError, "did you mean secretKey?");
  assertThrows(() => new Authenticator().removeUser(5 as never), TypeError, "must be a string");
});

test("subscribe: a topic of another type is rejected by its type, and none of the topics is applied", async () => {
  await using sub = new Subscriber();
  sub.subscribe("a", "b");
  const values = { undefined, null: null, number: 5, Array: ["a"], object: { topic: "a" }, Date: new Date() };
  for (const [name, value] of Object.entries(values)) {
    for (const call of [() => sub.subscribe("c", value as never), () => sub.unsubscribe("a", value as never)]) {
      assertThrows(call, TypeError, `Expected a topic or routing id as a string or a Uint8Array, not ${name}`);
      assertEquals(sub.topicsCount, 2);
    }
  }
});

test("a value that is not a frame is named by its class", async () => {
  await using push = new Push();
  class Mine {}
  const values = {
    Date: new Date(),
    Mine: new Mine(),
    Map: new Map(),
    boolean: true,
    undefined,
    Promise: Promise.resolve(),
    object: Object.create(null),
  };
  for (const [name, value] of Object.entries(values)) {
    const error = assertThrows(() => push.trySend(value as never), TypeError);
    assertStringIncludes(error.message, `Cannot send a frame of type ${name}:`);
  }
});

test("an object is advised to be JSON, and toText rejects what is not one frame", async () => {
  await using push = new Push();
  for (const object of [{ a: 1 }, Object.create(null)]) {
    const error = assertThrows(() => push.trySend(object as never), TypeError);
    assertMatch(error.message, /Cannot send a frame of type object: .* or JSON\.stringify\(\) for an object$/);
  }
  // A TextDecoder takes undefined for no bytes, so that a missing frame would be an empty text.
  for (
    const [name, wrong] of Object.entries({ undefined, null: null, string: "a", number: 5, Array: [new Uint8Array(1)] })
  ) {
    const error = assertThrows(() => toText(wrong as never), TypeError);
    assertStringIncludes(error.message, `toText() takes the bytes of a frame, not ${name}`);
    assertEquals(error.message.includes("map(toText)"), name === "Array");
  }
  for (const bytes of [new Uint8Array([97]), new Uint8Array([97]).buffer, new DataView(new Uint8Array([97]).buffer)]) {
    assertEquals(toText(bytes as never), "a");
  }
  for (const scheme of ["http", "https"]) {
    assertThrows(() => push.connect(`${scheme}://127.0.0.1:1`), ZmqError, "use tcp://host:port");
  }
});

test("did you mean: the nearest name, or a longer one that ends or begins with it; nothing for what is not similar", () => {
  const names = ["sendTimeout", "receiveTimeout", "linger", "immediate"];
  const cases = {
    recieveTimeout: "receiveTimeout",
    LINGER: "linger",
    imediate: "immediate",
    timeout: "sendTimeout or receiveTimeout",
    lingerTime: "linger",
    socketLinger: "linger",
  };
  for (const [wrong, meant] of Object.entries(cases)) {
    assertEquals(didYouMean(wrong, names), `; did you mean ${meant}?`);
  }
  for (const other of ["", "x", "identity", "a".repeat(1000)]) assertEquals(didYouMean(other, names), "");
});
