/**
 * Properties of inproc only: names within a context, connect before bind, and messages by reference.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Context,
  context as defaultContext,
  Dealer,
  EndpointError,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { EVERY_TRANSPORT, inproc, link } from "./every_transport/transport.ts";
import { nextEvent, numbers, record, rejectsWith, take, texts, throwsWith, turn } from "./support.ts";

/** More turns of the event loop than anything within this process takes. */
const SETTLED = 10;

// By reference.

test("inproc: the same memory arrives, for any size and number of receivers", async () => {
  for (const length of [1, 100, 1 << 20]) {
    await using pub = new XPublisher();
    await using one = new Subscriber();
    await using other = new XSubscriber();
    await link(inproc, pub, one, other);
    one.subscribe("");
    await other.send("\x01");
    const frames = [new Uint8Array(length), new Uint8Array(length).subarray(length >> 1), new Uint8Array(length)];
    await pub.send(frames);
    for (const sub of [one, other]) {
      const received = await sub.receive();
      assertEquals(received.map((frame, i) => frame === frames[i]), [true, true, true]);
    }
  }
});

test("inproc: the very same memory goes through envelopes, and through a queue that waits for bind", async () => {
  await using router = new Router();
  await using request = new Request();
  await using reply = new Reply();
  await using dealer = new Dealer();
  const [front, back] = [inproc.endpoint(), inproc.endpoint()];
  request.connect(front);
  dealer.connect(back);
  const body = new Uint8Array(1000);
  await request.send(body);
  await router.bind(front);
  await reply.bind(back);
  await dealer.send(await router.receive());
  const received = await reply.receive();
  assertEquals(received[0] === body, true);
  await reply.send(received);
  await router.send(await dealer.receive());
  assertEquals((await request.receive())[0] === body, true);
});

test("inproc: each receiver has a list of frames of its own, and so has the sender", async () => {
  await using pub = new Publisher();
  const subs = [new Subscriber(), new Subscriber(), new Subscriber()];
  for (const sub of subs) sub.subscribe("");
  await link(inproc, pub, ...subs);
  const sent = ["a", "b", "c"].map((text) => new TextEncoder().encode(text));
  await pub.send(sent);
  sent.length = 1;
  sent[0] = new Uint8Array(0);
  for (const sub of subs) {
    const received = await sub.receive();
    assertEquals(texts(received), ["a", "b", "c"]);
    received.reverse();
    received.push(new Uint8Array(9));
    received[0] = new Uint8Array(0);
  }
  assertEquals(sent.length, 1);
  for (const sub of subs) await sub.close();
});

test("inproc: a received message may be changed after it was sent on, without effect on its receiver", async () => {
  await using a = new Pair();
  await using b = new Pair();
  await link(inproc, a, b);
  await a.send(["1", "2"]);
  const message = await b.receive();
  await b.send(message);
  message.push(new Uint8Array(1));
  assertEquals(await take(a, 1), ["1|2"]);
});

// Names.

test("inproc: a name is any text, as it is written", async () => {
  for (const name of ["a", "A", "a b", "tcp://127.0.0.1:1", "ünï/çode?#%20", "*", " ", "x".repeat(10_000)]) {
    await using pull = new Pull();
    await using push = new Push();
    assertEquals(await pull.bind(`inproc://${name}`), `inproc://${name}`);
    push.connect(`inproc://${name}`);
    assertEquals([pull.lastEndpoint, push.lastEndpoint], [`inproc://${name}`, `inproc://${name}`]);
    await push.send(name);
    assertEquals(await take(pull, 1), [name]);
  }
  await using pull = new Pull();
  await assertRejects(() => pull.bind("inproc://"), EndpointError);
  assertThrows(() => pull.connect("inproc://"), EndpointError);
});

test("inproc: names are compared exactly", async () => {
  await using upper = new Pull();
  await using lower = new Pull();
  await using push = new Push();
  await upper.bind("inproc://Name");
  await lower.bind("inproc://name");
  push.connect("inproc://name");
  await push.send("to the lower");
  assertEquals(await take(lower, 1), ["to the lower"]);
  assertEquals(upper.peerCount, 0);
});

test("inproc: a name that is bound is EADDRINUSE in its own context only", async () => {
  const endpoint = inproc.endpoint();
  const context = new Context();
  await using one = new Pull();
  await using two = new Pull();
  await using elsewhere = new Pull({ context });
  await one.bind(endpoint);
  const error = await rejectsWith("EADDRINUSE", () => two.bind(endpoint));
  assertStringIncludes(error.message, endpoint);
  await rejectsWith("EADDRINUSE", () => one.bind(endpoint));
  assertEquals(await elsewhere.bind(endpoint), endpoint);
});

test("inproc: the first of two simultaneous binds of one name succeeds", async () => {
  const endpoint = inproc.endpoint();
  await using one = new Pull();
  await using two = new Pull();
  const first = one.bind(endpoint);
  const second = rejectsWith("EADDRINUSE", () => two.bind(endpoint));
  assertEquals(await first, endpoint);
  await second;
});

test("inproc: a name is free as soon as it is unbound, or its socket closed", async () => {
  const endpoint = inproc.endpoint();
  const one = new Pull();
  await using two = new Pull();
  for (const _ of numbers(3)) {
    await one.bind(endpoint);
    await one.unbind(endpoint);
    await two.bind(endpoint);
    await two.unbind(endpoint);
  }
  await one.bind(endpoint);
  await one.close();
  assertEquals(await two.bind(endpoint), endpoint);
});

// Contexts.

test("inproc: contexts do not see each other", async () => {
  const endpoint = inproc.endpoint();
  const contexts = [defaultContext, new Context(), new Context()];
  const pulls = contexts.map((context) => new Pull({ context }));
  const pushes = contexts.map((context) => new Push({ context, linger: 0 }));
  for (const push of pushes) push.connect(endpoint);
  for (const [i, pull] of pulls.entries()) {
    assertEquals(pull.context, contexts[i]);
    await pull.bind(endpoint);
    await pull.waitForPeers(1);
    await turn(SETTLED);
    assertEquals(pushes.map(({ peerCount }) => peerCount), [0, 1, 2].map((index) => index <= i ? 1 : 0));
  }
  for (const [i, push] of pushes.entries()) await push.send(`${i}`);
  for (const [i, pull] of pulls.entries()) {
    assertEquals(await take(pull, 1), [`${i}`]);
    assertEquals(pull.peerCount, 1);
  }
  for (const socket of [...pulls, ...pushes]) await socket.close();
});

test("inproc: sockets of several contexts meet over other transports", async () => {
  await using pull = new Pull({ context: new Context() });
  for (const transport of EVERY_TRANSPORT) {
    if (transport === inproc) continue;
    await using push = new Push({ context: new Context() });
    await link(transport, pull, push);
    await push.send(transport.name);
    assertEquals(await take(pull, 1), [transport.name]);
  }
});

test("inproc: a socket may be bound on every transport at the same time", async () => {
  await using router = new Router();
  const names = EVERY_TRANSPORT.map(({ name }) => name);
  const dealers = names.map((routingId) => new Dealer({ routingId }));
  for (const [i, transport] of EVERY_TRANSPORT.entries()) await link(transport, router, dealers[i]!);
  for (const dealer of dealers) await dealer.send("hello");
  assertEquals((await take(router, names.length)).sort(), names.map((name) => `${name}|hello`).sort());
  for (const name of names) await router.send([name, "back"]);
  for (const dealer of dealers) {
    assertEquals(await take(dealer, 1), ["back"]);
    await dealer.close();
  }
});

test("context: with as many open sockets as maxSockets allows, one more is EMFILE", async () => {
  const context = new Context({ maxSockets: 2 });
  const one = new Push({ context });
  const two = new Pull({ context });
  throwsWith("EMFILE", () => new Pair({ context }));
  assertEquals(context.sockets, 2);
  await one.close();
  const three = new Pair({ context });
  context.maxSockets = 1;
  throwsWith("EMFILE", () => new Pair({ context }));
  // Those that are open go on.
  await three.bind(inproc.endpoint());
  context.maxSockets = 0;
  const four = new Pair({ context });
  for (const socket of [two, three, four]) await socket.close();
  assertEquals(context.sockets, 0);
  await using other = new Pair();
  assertEquals(other.context, defaultContext);
});

test("inproc: a Stream cannot use it", async () => {
  await using stream = new Stream();
  const error = await rejectsWith("EPROTONOSUPPORT", () => stream.bind(inproc.endpoint()));
  assertEquals(error.message, "Cannot bind: a STREAM socket does not support inproc://");
  throwsWith("EPROTONOSUPPORT", () => stream.connect(inproc.endpoint()));
});

// Connect before bind.

test("inproc: all sockets that wait for a name are connected when it is bound, in the order of their connects", async () => {
  const endpoint = inproc.endpoint();
  const dealers = numbers(10).map((routingId) => new Dealer({ routingId }));
  for (const dealer of dealers) {
    dealer.connect(endpoint);
    await dealer.send("hello");
  }
  await using router = new Router();
  const told = record(router);
  await router.bind(endpoint);
  assertEquals(await take(router, 10), numbers(10).map((id) => `${id}|hello`));
  const types = told.map(({ type }) => type);
  assertEquals(types, ["bind", ...numbers(10).flatMap(() => ["accept", "handshake"])]);
  for (const dealer of dealers) await dealer.close();
});

test("inproc: a socket that stopped waiting for a name is not connected when it is bound", async () => {
  const endpoint = inproc.endpoint();
  await using patient = new Push();
  await using disconnected = new Push({ linger: 0 });
  const closed = new Push();
  await using atOnce = new Push({ linger: 0 });
  for (const push of [patient, disconnected, closed]) push.connect(endpoint);
  await turn();
  disconnected.disconnect(endpoint);
  await closed.close();
  atOnce.connect(endpoint);
  atOnce.disconnect(endpoint);
  await using pull = new Pull();
  const told = record(pull);
  await pull.bind(endpoint);
  await turn(SETTLED);
  assertEquals(told.map(({ type }) => type), ["bind", "accept", "handshake"]);
  assertEquals([pull.peerCount, patient.peerCount], [1, 1]);
});

test("inproc: a name that is bound for a moment only has no peers afterwards", async () => {
  for (let delay = 0; delay < 12; delay++) {
    const endpoint = inproc.endpoint();
    await using pull = new Pull();
    await using push = new Push({ linger: 0 });
    push.connect(endpoint);
    await turn();
    await pull.bind(endpoint);
    // After another number of microtasks each time.
    for (let i = 0; i < delay; i++) await undefined;
    await pull.unbind(endpoint);
    await turn(SETTLED);
    assertEquals([delay, pull.peerCount, push.peerCount], [delay, 0, 0]);
  }
});

test("inproc: a socket that connects just before an unbind has no peer afterwards", async () => {
  for (let delay = 0; delay < 12; delay++) {
    await using pull = new Pull();
    await using push = new Push({ linger: 0 });
    const endpoint = await pull.bind(inproc.endpoint());
    push.connect(endpoint);
    for (let i = 0; i < delay; i++) await undefined;
    await pull.unbind(endpoint);
    await turn(SETTLED);
    assertEquals([delay, pull.peerCount, push.peerCount], [delay, 0, 0]);
  }
});

test("inproc: a socket that connects just before its peer is closed has none afterwards, and finds the next", async () => {
  for (let delay = 0; delay < 12; delay++) {
    const context = new Context();
    const pull = new Pull({ context });
    await using push = new Push({ context, reconnectInterval: 1 });
    const endpoint = await pull.bind(inproc.endpoint());
    push.connect(endpoint);
    for (let i = 0; i < delay; i++) await undefined;
    await pull.close();
    assertEquals([delay, pull.peerCount, push.peerCount, context.sockets], [delay, 0, 0, 1]);
    await using next = new Pull({ context });
    await next.bind(endpoint);
    await push.send("to the next");
    assertEquals(await take(next, 1), ["to the next"]);
  }
});

test("inproc: a socket that waits for a name is connected to the one that keeps it, not to one that had it briefly", async () => {
  for (let delay = 0; delay < 12; delay++) {
    const endpoint = inproc.endpoint();
    await using first = new Pull();
    await using second = new Pull();
    await using push = new Push({ reconnectInterval: 1 });
    push.connect(endpoint);
    await push.send("job");
    await turn();
    await first.bind(endpoint);
    for (let i = 0; i < delay; i++) await undefined;
    await first.unbind(endpoint);
    await second.bind(endpoint);
    await second.waitForPeers(1);
    await push.send("next");
    await turn(SETTLED);
    assertEquals([first.peerCount, second.peerCount], [0, 1]);
    // Each is delivered once: to the first while it had the name, or else to the second.
    const received = [first, second].flatMap((pull) => {
      const message = pull.tryReceive();
      const other = pull.tryReceive();
      return [message, other].filter((one) => one !== undefined).flatMap(texts);
    });
    assertEquals(received, ["job", "next"]);
  }
});

test("inproc: connectTimeout ends an attempt, and the next one finds the name", async () => {
  await using push = new Push({ connectTimeout: 5, reconnectInterval: 5 });
  const endpoint = inproc.endpoint();
  const retried = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  assertStringIncludes((await retried).error!.message, "within 5 ms");
  await using pull = new Pull();
  await pull.bind(endpoint);
  await push.send("found");
  assertEquals(await take(pull, 1), ["found"]);
});

test("inproc: a socket in a context that was never bound to can be closed, and drops its messages", async () => {
  const context = new Context();
  const endpoint = inproc.endpoint();
  for (const [linger, wait] of [[0, false], [10, false], [-1, true]] as const) {
    const push = new Push({ context });
    push.connect(endpoint);
    for (const text of numbers(5)) await push.send(text);
    const closed = push.close({ linger });
    if (!wait) {
      assertEquals([await closed, context.sockets], [5, 0]);
      continue;
    }
    await turn(SETTLED);
    assertEquals(context.sockets, 1);
    await using pull = new Pull({ context });
    await pull.bind(endpoint);
    assertEquals([await take(pull, 5), await closed], [numbers(5), 0]);
  }
});
