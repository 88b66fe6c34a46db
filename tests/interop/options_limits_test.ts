/**
 * `maxMessageSize`, `handshakeInterval`, `metadata`: for our sockets as for libzmq's, where they are the same; and what is
 * different.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Push, Router } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { greeting, message, RawPeer, ready } from "../support/raw_peer.ts";
import { bytes, text, texts } from "./frames.ts";
import { nextEvent } from "./next_event.ts";
import { testBoth } from "./subjects.ts";

const libzmq = new Peer("libzmq");

for (const kind of ["ours", "libzmq"] as const) {
  const senderOf = () =>
    kind === "ours"
      ? Promise.resolve(new OurEnd("PUSH", { reconnectInterval: 10 }))
      : libzmq.open("PUSH", { reconnectInterval: 10 });
  testBoth(libzmq, `maxMessageSize: a sender (${kind}) of more is dropped, and may come back`, async (open) => {
    await using reader = await open("PULL", { maxMessageSize: 300 });
    await using sender = await senderOf();
    await sender.connect(await reader.bind("tcp://127.0.0.1:0"));
    await sender.send([bytes(300)]);
    assertEquals((await reader.receive())[0]!.length, 300);
    await sender.send([bytes(301)]);
    await Promise.all([reader.seen("disconnect", 1), sender.seen("disconnect", 1)]);
    await sender.seen("handshake", 2);
    await sender.send(["small"]);
    assertEquals(texts(await reader.receive()), ["small"]);
  });
}

testBoth(libzmq, "maxMessageSize: a large frame is refused by its length, before its bytes have come", async (open) => {
  await using reader = await open("PULL", { maxMessageSize: 1000 });
  await using peer = await RawPeer.join(await reader.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
  await peer.write(message("first"), Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0));
  await peer.gone;
  assertEquals(texts(await reader.receive()), ["first"]);
});

for (const size of [2000, 16 * 1024 * 1024]) {
  test(`libzmq's maxMessageSize: messages after one of ${size} bytes of ours arrive`, async () => {
    await using pull = await libzmq.open("PULL", { maxMessageSize: 1000 });
    await using push = new Push({ reconnectInterval: 5, linger: 0 });
    push.connect(await pull.bind("tcp://127.0.0.1:0"));
    const lost = nextEvent(push, "disconnect");
    await push.send(new Uint8Array(size));
    // A small message is lost as a whole, with those sent until we know of the loss.
    await Promise.all([lost, pull.seen("disconnect", 1)]);
    await push.send("next");
    assertEquals(texts(await pull.receive()), ["next"]);
    const { dropped, messagesSent } = push.statistics();
    assertEquals(dropped + messagesSent, 2);
  });
}

testBoth(libzmq, "maxMessageSize set live is that of the next connection", async (open) => {
  await using reader = await open("PULL");
  const endpoint = await reader.bind("tcp://127.0.0.1:0");
  await using before = await RawPeer.join(endpoint, { type: "PUSH" });
  await reader.seen("handshake", 1);
  await reader.set("maxMessageSize", 100);
  // libzmq's listener keeps the options that it was bound with.
  const again = await reader.bind("tcp://127.0.0.1:0");
  await using after = await RawPeer.join(again, { type: "PUSH" });
  await after.write(message("x".repeat(101)));
  await after.gone;
  await before.write(message("x".repeat(101)));
  assertEquals(texts(await reader.receive()), ["x".repeat(101)]);
});

test("maxMessageSize: libzmq counts each frame, we count all frames of a message", async () => {
  await using theirs = await libzmq.open("PULL", { maxMessageSize: 100 });
  await using ours = new OurEnd("PULL", { maxMessageSize: 100 });
  const frames = message("x".repeat(60), "y".repeat(60));
  await using toThem = await RawPeer.join(await theirs.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
  await toThem.write(frames);
  assertEquals(texts(await theirs.receive()), ["x".repeat(60), "y".repeat(60)]);
  await using toUs = await RawPeer.join(await ours.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
  await toUs.write(frames);
  await toUs.gone;
});

testBoth(libzmq, "handshakeInterval: who does not shake hands in time is dropped", async (open) => {
  await using reader = await open("PULL", { handshakeInterval: 50 });
  await using silent = await RawPeer.connect(await reader.bind("tcp://127.0.0.1:0"));
  await silent.gone;
  await reader.seen("handshake:error:other", 1);
});

testBoth(libzmq, "heartbeatTimeToLive and heartbeatInterval go out in a PING in tenths of a second", async (open) => {
  await using reader = await open("PULL", { heartbeatInterval: 20, heartbeatTimeout: 0, heartbeatTimeToLive: 1250 });
  await using peer = await RawPeer.join(await reader.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
  assertEquals(await peer.message(), ["PING\0\x0c"]);
});

test("maxMessageSize: libzmq counts commands of the handshake, we do not", async () => {
  await using theirs = await libzmq.open("PULL", { maxMessageSize: 10 });
  await using ours = new OurEnd("PULL", { maxMessageSize: 10 });
  await using toThem = await RawPeer.connect(await theirs.bind("tcp://127.0.0.1:0"));
  await toThem.write(greeting(), ready("PUSH"));
  await toThem.gone;
  await using toUs = await RawPeer.join(await ours.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
  await toUs.write(message("x".repeat(10)));
  assertEquals(texts(await ours.receive()), ["x".repeat(10)]);
});

test("libzmq accepts our metadata", async () => {
  await using push = new Push({ metadata: { "X-Team": "blue", "X-More": "ü".repeat(100) } });
  await using pull = await libzmq.open("PULL");
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  await push.send("hello");
  assertEquals(texts(await pull.receive()), ["hello"]);
});

test("the properties of libzmq are in the handshake event and in the statistics", async () => {
  await using router = new Router();
  const told = nextEvent(router, "handshake");
  await using dealer = await libzmq.open("DEALER", { routingId: "theirs" });
  await dealer.connect(await router.bind("tcp://127.0.0.1:0"));
  const event = await told;
  const metadata = new Map([["socket-type", text("DEALER")], ["identity", text("theirs")]]);
  assert(event.type === "handshake");
  assertEquals([event.peerType, event.version, event.metadata], ["DEALER", "3.1", metadata]);
  const [peer] = router.statistics().peers;
  assertEquals([peer!.peerType, peer!.version, peer!.metadata], ["DEALER", "3.1", metadata]);
  assertEquals(peer!.routingId, text("theirs"));
});

const { missing } = pythonZmq();

test("libzmq reports our metadata for a message (zmq_msg_gets)", async () => {
  await using python = new Peer("python");
  await using push = new Push({ metadata: { "X-Team": "blue" } });
  await using pull = await python.open("PULL");
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  for (const [name, value] of [["X-Team", "blue"], ["Socket-Type", "PUSH"]] as const) {
    await push.send("whose?");
    assertEquals(await pull.property(name), value);
  }
}, missing === undefined ? {} : { skip: missing });
