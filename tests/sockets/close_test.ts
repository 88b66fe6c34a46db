/**
 * close() and `await using`: waits fail with an error that has the reason, iterations end without one, and later calls
 * are rejected.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, rejectsWith, throwsWith, turn } from "./support.ts";

const ALL = [Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber, XPublisher, XSubscriber];

test("close: waits of every kind end with ENOTSOCK", async () => {
  const pull = new Pull();
  const push = new Push();
  const pub = new Publisher();
  const waits = [pull.receive(), pull.receive(), push.send("a"), push.send("b"), pull.waitForPeers(1)];
  waits.push(pub.waitForSubscribers(1));
  const ended = waits.map((wait) => rejectsWith("ENOTSOCK", () => wait));
  for (const socket of [pull, push, pub]) await socket.close();
  for (const error of await Promise.all(ended)) {
    assertStringIncludes(error.message, "socket is closed: create a new one");
  }
});

test("close: a pending iteration ends without an error, and a later one ends immediately", async () => {
  const pull = new Pull();
  let steps = 0;
  const loop = (async () => {
    for await (const _ of pull) steps++;
  })();
  await pull.close();
  await loop;
  for await (const _ of pull) steps++;
  assertEquals(steps, 0);
});

test("close: every socket type can be closed as it is made, bound and connected", async () => {
  const endpoint = await deserted();
  for (const make of ALL) {
    await new make().close();
    const bound = new make();
    await bound.bind(ANY);
    assertEquals(await bound.close(), 0);
    const connected = new make();
    connected.connect(endpoint);
    assertEquals(await connected.close(), 0);
    assertEquals(connected.closed, true);
  }
});

test("close: a closed socket refuses everything with ENOTSOCK", async () => {
  const pair = new Pair();
  const endpoint = await pair.bind(ANY);
  await pair.close();
  await rejectsWith("ENOTSOCK", () => pair.send("x"));
  await rejectsWith("ENOTSOCK", () => pair.receive());
  throwsWith("ENOTSOCK", () => pair.trySend("x"));
  throwsWith("ENOTSOCK", () => pair.tryReceive());
  await rejectsWith("ENOTSOCK", () => pair.bind(ANY));
  await rejectsWith("ENOTSOCK", () => pair.unbind(endpoint));
  throwsWith("ENOTSOCK", () => pair.connect(endpoint));
  throwsWith("ENOTSOCK", () => pair.disconnect(endpoint));
  await rejectsWith("ENOTSOCK", () => pair.waitForPeers(0));
  const sub = new Subscriber();
  await sub.close();
  throwsWith("ENOTSOCK", () => sub.subscribe("x"));
  throwsWith("ENOTSOCK", () => sub.unsubscribe("x"));
});

test("close: later calls return the first one's promise", async () => {
  const push = new Push();
  push.connect(await deserted());
  await push.send("given up");
  const first = push.close({ linger: 0 });
  assertStrictEquals(push.close({ linger: -1 }), first);
  assertEquals(await first, 1);
  assertEquals(await push.close(), 1);
  await push[Symbol.asyncDispose]();
});

test("close: peers see the end of the connection, and the address is free again", async () => {
  const pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
  await using half = await RawPeer.connect(endpoint);
  await half.read(10);
  await pull.close();
  await peer.gone;
  await half.gone;
  await using next = new Pull();
  assertEquals(await bindAgain(next, endpoint), endpoint);
});

test("close: while a bind is in progress, the bind fails and `end` is the last event", async () => {
  const pull = new Pull();
  const events: string[] = [];
  pull.events.listen(({ type }) => type !== "hint" && events.push(type));
  const binding = rejectsWith("ENOTSOCK", () => pull.bind(ANY));
  await pull.close();
  await binding;
  assertEquals(events.at(-1), "end");
});

test("close: while a connect is in progress nothing is left of it", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  for (let i = 0; i < 20; i++) {
    const push = new Push();
    push.connect(endpoint);
    // After another number of turns each time.
    await turn(i);
    assertEquals(await push.close(), 0);
  }
});

test("await using closes a socket, also when its block fails", async () => {
  const outside: { pull?: Pull } = {};
  const failure = new Error("the block fails");
  const caught = await (async () => {
    await using pull = new Pull();
    outside.pull = pull;
    await pull.bind(ANY);
    throw failure;
  })().catch((error: unknown) => error);
  assertStrictEquals(caught, failure);
  assertEquals(outside.pull?.closed, true);
});

test("close: a peer that does not close its side does not block the others", async () => {
  const pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using deaf = await RawPeer.join(endpoint, { type: "PUSH" });
  deaf.pause();
  await using good = await RawPeer.join(endpoint, { type: "PUSH" });
  await pull.waitForPeers(2);
  const closed = nextEvent(pull, "end");
  assertEquals(await pull.close({ linger: -1 }), 0);
  await closed;
  await good.gone;
});

test("close: a later call may end the wait sooner", async () => {
  const push = new Push();
  push.connect(await deserted());
  await push.send("given up");
  const first = push.close({ linger: -1 });
  assertStrictEquals(push.close({ linger: 0 }), first);
  assertEquals(await first, 1);
});
