/**
 * Application properties in the handshake: sent to the peer, and reported in its event and in the statistics.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Dealer, type Metadata, Pull, Push, Router, type Socket, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, greeting, property, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent } from "../sockets/support.ts";

/** Metadata as text. */
function texts(metadata: Metadata): Record<string, string> {
  return Object.fromEntries([...metadata].map(([name, value]) => [name, toText(value)]));
}

/** The metadata of the only peer, which the event and the statistics must agree on. */
async function told(socket: Socket): Promise<Record<string, string>> {
  const { metadata } = await nextEvent(socket, "handshake");
  const { peers } = socket.statistics();
  assertEquals(peers.map((peer) => texts(peer.metadata)), [texts(metadata)]);
  return texts(metadata);
}

/** The properties of a READY command, in order, names as they were written. */
function properties(body: Uint8Array): [string, string][] {
  assertEquals(toText(body.subarray(0, 6)), "\x05READY");
  const list: [string, string][] = [];
  for (let at = 6; at < body.length;) {
    const valueAt = at + 1 + body[at]! + 4;
    const end = valueAt + new DataView(body.buffer, body.byteOffset + valueAt - 4).getUint32(0);
    list.push([toText(body.subarray(at + 1, valueAt - 4)), toText(body.subarray(valueAt, end))]);
    at = end;
  }
  return list;
}

test("metadata: a peer receives it after the socket type and the routing id", async () => {
  await using dealer = new Dealer({ routingId: "me", metadata: { "X-Team": "blue", "X-empty": "", "X-u": "ü€" } });
  const endpoint = await dealer.bind(ANY);
  await using peer = await RawPeer.connect(endpoint);
  const { body } = await peer.handshake({ type: "DEALER" });
  assertEquals(properties(body), [
    ["Socket-Type", "DEALER"],
    ["Identity", "me"],
    ["X-Team", "blue"],
    ["X-empty", ""],
    ["X-u", "ü€"],
  ]);
});

test("metadata: the peer's metadata is in the handshake event and in its statistics, with names in lower case", async () => {
  await using pull = new Pull();
  const handshake = told(pull);
  await using peer = await RawPeer.connect(await pull.bind(ANY));
  const own = bytes(property("X-Team", "red"), property("Resource", "r"), property("x-EMPTY", ""));
  peer.write(greeting(), command("READY", bytes(property("Socket-Type", "PUSH"), own)));
  assertEquals(await handshake, { "socket-type": "PUSH", "x-team": "red", "resource": "r", "x-empty": "" });
});

for (const endpoint of [ANY, "inproc://metadata"]) {
  test(`metadata: both ways between two of ours over ${endpoint.split(":")[0]}`, async () => {
    await using router = new Router({ metadata: { "X-From": "router" } });
    await using dealer = new Dealer({ metadata: { "X-From": "dealer", "X-More": "2" } });
    const here = told(router);
    const there = told(dealer);
    dealer.connect(await router.bind(endpoint));
    const fromDealer = await here;
    const fromRouter = await there;
    assertEquals([fromDealer["x-from"], fromDealer["x-more"]], ["dealer", "2"]);
    assertEquals([fromRouter["x-from"], fromRouter["x-more"]], ["router", undefined]);
    assertEquals([fromDealer["socket-type"], fromRouter["socket-type"]], ["DEALER", "ROUTER"]);
  });
}

test("metadata set live is sent in the next handshake, also after a reconnect", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ metadata: { "X-n": "1" }, reconnectInterval: 1 });
  push.connect(listener.endpoint);
  for (const expected of ["1", "2", undefined]) {
    const peer = await listener.accept();
    const { body } = await peer.handshake({ type: "PULL" });
    assertEquals(Object.fromEntries(properties(body))["X-n"], expected);
    push.metadata = expected === "1" ? { "X-n": "2" } : {};
    await peer.end();
  }
});

test("metadata: at most as many properties as our peers accept", async () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, `${i}`]));
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "me", metadata: many(62) });
  const handshake = told(router);
  dealer.connect(await router.bind(ANY));
  assertEquals(Object.keys(await handshake).length, 64);
  assertThrows(() => dealer.metadata = many(63), RangeError, "at most 62 properties, not 63");
});

test("metadata is copied: neither the object that was set nor the one read back changes it", () => {
  const own: Record<string, string> = { "X-a": "1" };
  const push = new Push({ metadata: own });
  own["X-a"] = "2";
  assertEquals(push.metadata, { "X-a": "1" });
  assertThrows(() => {
    (push.metadata as Record<string, string>)["X-a"] = "3";
  }, TypeError);
  assertEquals(push.metadata, { "X-a": "1" });
  return push.close().then(() => {});
});

test("metadata: names must start with X-, be made of the allowed characters, and be there once", async () => {
  await using push = new Push();
  for (const name of ["team", "x-team", "X-", "X-ü", "X-a b", "Identity", "Socket-Type", "", "X-" + "a".repeat(254)]) {
    assertThrows(() => push.metadata = { [name]: "" }, RangeError, JSON.stringify(name));
  }
  assertThrows(() => push.metadata = { "X-a": "1", "X-A": "2" }, RangeError, '"X-A"');
  for (const value of [1, null, undefined, new Uint8Array(1)]) {
    assertThrows(() => push.metadata = { "X-a": value as unknown as string }, TypeError, "metadata.X-a");
  }
  for (const value of [null, "X-a:1", 1]) assertThrows(() => push.metadata = value as never, TypeError, "metadata");
  assertEquals(push.metadata, {});
  push.metadata = { ["X-" + "a".repeat(253)]: "longest" };
});

test("metadata must fit into a handshake: at most 32768 bytes, names and values as UTF-8", async () => {
  await using push = new Push();
  const least = { "X-a": "a".repeat(32_768 - 3) };
  push.metadata = least;
  assertThrows(() => push.metadata = { "X-a": "a".repeat(32_768 - 2) }, RangeError, "at most 32768 bytes");
  assertThrows(() => push.metadata = { "X-a": "ü".repeat(16_384) }, RangeError, "metadata");
  assertThrows(() => new Push({ metadata: { ...least, "X-b": "" } }), RangeError, "metadata");
  assertEquals(push.metadata, least);
  // Ours takes it.
  await using pull = new Pull();
  const handshake = told(pull);
  push.connect(await pull.bind(ANY));
  assertEquals(await handshake, { "socket-type": "PUSH", "x-a": least["X-a"] });
});
