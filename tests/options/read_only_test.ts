/**
 * Read-only properties: the type, the context, the last endpoint, and readiness.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { Context, context, Pair, Pull, Push, Subscriber, version } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { ANY, rejectsWith } from "../sockets/support.ts";
import { comeIn, MAKERS, optionsAsAny, TYPES, wire } from "./support.ts";

test("type, context, closed, lastEndpoint, peerCount and events cannot be set", async () => {
  for (const type of TYPES) {
    const socket = MAKERS[type]();
    const options = optionsAsAny(socket);
    for (const name of ["type", "context", "closed", "lastEndpoint", "peerCount", "events", "securityMechanism"]) {
      const before = options[name];
      assertThrows(() => options[name] = "other", TypeError);
      assertStrictEquals(options[name], before);
    }
    await socket.close();
  }
});

test("type is ZeroMQ's own name of it", async () => {
  for (const type of TYPES) {
    const socket = MAKERS[type]();
    assertEquals(socket.type, type);
    await socket.close();
  }
});

test("context is the one that was given, or the one that all share; nothing else is taken for one", async () => {
  const own = new Context();
  for (
    const [options, expected] of [[{}, context], [{ context: undefined }, context], [{ context: own }, own]] as const
  ) {
    await using push = new Push(options);
    assertStrictEquals(push.context, expected);
  }
  for (const wrong of [null, {}, "context", 1]) {
    assertThrows(() => new Push({ context: wrong as unknown as Context }), TypeError, "context");
  }
  assertEquals(own.sockets, 0);
});

test("lastEndpoint is null, then the endpoint bound or connected last, in canonical form and with its actual port", async () => {
  await using pair = new Pair();
  assertEquals(pair.lastEndpoint, null);
  const bound = await pair.bind(ANY);
  assertEquals(pair.lastEndpoint, bound);
  await pair.bind("inproc://last");
  assertEquals(pair.lastEndpoint, "inproc://last");
  await using pull = new Pull();
  pull.connect("tcp://[0:0:0:0:0:0:0:1]:5555");
  assertEquals(pull.lastEndpoint, "tcp://[::1]:5555");
  pull.disconnect("tcp://[::1]:5555");
  assertEquals(pull.lastEndpoint, "tcp://[::1]:5555");
});

test("lastEndpoint does not change when a bind or a connect fails", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await rejectsWith("EADDRINUSE", () => pull.bind(endpoint));
  assertThrows(() => pull.connect("tcp://nowhere"));
  assertEquals(pull.lastEndpoint, endpoint);
  await pull.unbind(endpoint);
  assertEquals(pull.lastEndpoint, endpoint);
  await bindAgain(pull, endpoint);
  await pull.close();
  assertEquals(pull.lastEndpoint, endpoint);
});

test("a Pair that refuses a second connect keeps its last endpoint", async () => {
  await using pair = new Pair({ linger: 0 });
  pair.connect("inproc://first");
  assertThrows(() => pair.connect("inproc://second"));
  assertEquals(pair.lastEndpoint, "inproc://first");
});

test("readable and writable predict tryReceive and trySend (ZMQ_EVENTS)", async () => {
  await using pair = new Pair({ sendHighWaterMark: 1, linger: 0 });
  assertEquals([pair.readable, pair.writable], [false, false]);
  const link = comeIn(pair);
  assertEquals([pair.readable, pair.writable], [false, true]);
  link.arrive(...wire("1"));
  assertEquals([pair.readable, pair.writable], [true, true]);
  link.takes = false;
  while (pair.trySend("full"));
  assertEquals([pair.readable, pair.writable], [true, false]);
  pair.tryReceive();
  assertEquals([pair.readable, pair.writable], [false, false]);
  await using sub = new Subscriber();
  assertEquals([sub.readable, "writable" in sub], [false, false]);
});

test("topicsCount: number of topics of a Subscriber, each counted once", async () => {
  await using sub = new Subscriber();
  assertEquals(sub.topicsCount, 0);
  sub.subscribe("a", "a", "b", "");
  assertEquals(sub.topicsCount, 3);
  sub.unsubscribe("a", "b", "never");
  assertEquals(sub.topicsCount, 2);
  assertThrows(() => optionsAsAny(sub)["topicsCount"] = 1, TypeError);
});

test("the security mechanism is null, which is NULL, and the version is that of the package", async () => {
  await using push = new Push();
  assertStrictEquals(push.securityMechanism, null);
  const text = readFileSync(new URL("../../deno.json", import.meta.url), "utf8");
  assertEquals(version, (JSON.parse(text) as { version: string }).version);
});
