/**
 * Events of endpoints and connections, for listeners and iterators.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ProtocolError, Pull, Push, type SocketEvent, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { greeting, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, record, rejectsWith } from "./support.ts";

test("events: the life of a bound socket and of the one that connects to it, in order", async () => {
  const pull = new Pull();
  const push = new Push();
  const here = record(pull);
  const there = record(push);
  const endpoint = await pull.bind(ANY);
  push.connect(endpoint);
  await push.waitForPeers(1);
  await pull.waitForPeers(1);
  const lost = nextEvent(pull, "disconnect");
  await push.close();
  await lost;
  await pull.close();
  assertEquals(here.map(({ type }) => type), ["bind", "accept", "handshake", "disconnect", "close", "end"]);
  assertEquals(there.map(({ type }) => type), ["connect:delay", "connect", "handshake", "disconnect:local", "end"]);
  for (const event of [...here, ...there]) {
    if (event.type !== "end") assertEquals("endpoint" in event && event.endpoint, endpoint);
  }
  const [, accept, handshake, disconnect] = here;
  assert(accept?.type === "accept" && handshake?.type === "handshake" && disconnect?.type === "disconnect");
  assertMatch(accept.remote, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assertEquals([handshake.remote, handshake.peerType, disconnect.remote], [accept.remote, "PUSH", accept.remote]);
  const [delay, connect, greeted] = there;
  assertEquals(delay, { type: "connect:delay", endpoint });
  assert(connect?.type === "connect" && greeted?.type === "handshake");
  assertEquals([connect.remote, greeted.peerType], [endpoint, "PULL"]);
  for (const { version, metadata, peerType } of [handshake, greeted]) {
    assertEquals([version, toText(metadata.get("socket-type")!)], ["3.1", peerType]);
  }
});

test("events: attempts to connect that fail are reported with the reason and the time until the next one", async () => {
  const endpoint = await deserted();
  const push = new Push({ reconnectInterval: 5 });
  const retried = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  const event = await retried;
  assertEquals(event.endpoint, endpoint);
  assert(event.interval >= 5 && event.interval <= 10);
  assertMatch(event.error!.message, /refused/);
  await push.close();
});

test("events: each attempt to connect is reported when it starts", async () => {
  const endpoint = await deserted();
  const push = new Push({ reconnectInterval: 1, linger: 0 });
  const events = record(push);
  push.connect(endpoint);
  for (let i = 0; i < 3; i++) await nextEvent(push, "connect:retry");
  await push.close();
  const types = events.map(({ type }) => type);
  assertEquals(types.slice(0, 6), [
    "connect:delay",
    "connect:retry",
    "connect:delay",
    "connect:retry",
    "connect:delay",
    "connect:retry",
  ]);
  assertEquals([...new Set(types)].sort(), ["connect:delay", "connect:retry", "end"]);
});

test("events: the handshake event has the properties that the peers sent", async () => {
  await using pull = new Pull();
  await using push = new Push({ metadata: { "X-Team": "blue" } });
  const handshake = nextEvent(pull, "handshake");
  push.connect(await pull.bind(ANY));
  const { metadata } = await handshake;
  assertEquals(toText(metadata.get("x-team")!), "blue");
});

test("events: a failed handshake is reported with the rule that was violated", async () => {
  await using pull = new Pull();
  const failed = nextEvent(pull, "handshake:error:protocol");
  await using peer = await RawPeer.connect(await pull.bind(ANY));
  peer.write(greeting(), ready("SUB"));
  const { rule, error } = await failed;
  assertEquals([rule, error.code], ["INVALID_METADATA", "EPROTO"]);
  assert(error instanceof ProtocolError);
});

test("events: iterators see all that comes after their start, and end with the socket", async () => {
  const pull = new Pull();
  const seen: string[][] = [[], []];
  const loops = seen.map(async (types) => {
    for await (const { type } of pull.events) types.push(type);
  });
  const endpoint = await pull.bind(ANY);
  const late = (async () => {
    const types: string[] = [];
    for await (const { type } of pull.events) types.push(type);
    return types;
  })();
  await pull.unbind(endpoint);
  await pull.close();
  await Promise.all(loops);
  assertEquals(seen, [["bind", "close", "end"], ["bind", "close", "end"]]);
  assertEquals(await late, ["close", "end"]);
  for await (const event of pull.events) throw new Error(`after the end: ${event.type}`);
});

test("events: leaving an iteration ends it alone", async () => {
  await using pull = new Pull();
  const first = (async () => {
    for await (const event of pull.events) return event.type;
  })();
  const second = nextEvent(pull, "close");
  const endpoint = await pull.bind(ANY);
  assertEquals(await first, "bind");
  await pull.unbind(endpoint);
  await second;
});

test("events: an iterator keeps unread events, and drops the oldest above 1000 with a `missed` event", async () => {
  const pull = new Pull();
  const iterator = pull.events[Symbol.asyncIterator]();
  const endpoint = await deserted();
  // One event each.
  await using taken = new Pull();
  await taken.bind(endpoint);
  for (let i = 0; i < 1001; i++) await rejectsWith("EADDRINUSE", () => pull.bind(endpoint));
  const bound = await pull.bind(ANY);
  await pull.close();
  const events: SocketEvent[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) events.push(next.value);
  // The bind, the close and the end came on top of the 1001 failures.
  assertEquals([events.length, events[0]], [1001, { type: "missed", count: 4 }]);
  assertEquals(events.at(-3), { type: "bind", endpoint: bound });
  assertEquals(events.at(-1), { type: "end" });
});

test("events: a listener can be removed, and removing it twice does no harm", async () => {
  await using pull = new Pull();
  const types: string[] = [];
  const stop = pull.events.listen(({ type }) => type !== "hint" && types.push(type));
  const endpoint = await pull.bind(ANY);
  stop();
  stop();
  await pull.unbind(endpoint);
  assertEquals(types, ["bind"]);
});

test("events: both peers report a lost connection, with the error if there is one", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  await pull.waitForPeers(1);
  const ended = nextEvent(pull, "disconnect");
  await peer.end();
  assertEquals("error" in await ended, false);
  await using bad = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  await pull.waitForPeers(1);
  const broken = nextEvent(pull, "disconnect");
  bad.write(Uint8Array.of(0x08, 0));
  assertMatch((await broken).error!.message, /reserved flags/);
});

test("events: a lost connection is reported before the attempt to reconnect", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 10 });
  const events = record(push);
  const retried = nextEvent(push, "connect:retry");
  push.connect(listener.endpoint);
  await (await listener.join({ type: "PULL" })).end();
  await retried;
  // The attempt itself may have begun.
  assertEquals(events.slice(0, 5).map(({ type }) => type), [
    "connect:delay",
    "connect",
    "handshake",
    "disconnect",
    "connect:retry",
  ]);
  assertStrictEquals(push.peerCount, 0);
});
