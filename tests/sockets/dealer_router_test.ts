/**
 * Dealer and Router: envelopes, and routing ids that are generated, chosen, or chosen twice.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Dealer, Request, Router, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, texts } from "./support.ts";

const DEALER = { type: "DEALER" };

test("router: puts the peer's routing id before each message and takes it off again", async () => {
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "worker-1" });
  dealer.connect(await router.bind(ANY));
  await dealer.send(["a", "", "b"]);
  assertEquals(await take(router, 1), ["worker-1|a||b"]);
  await router.send(["worker-1", "x", "", "y"]);
  assertEquals(await take(dealer, 1), ["x||y"]);
});

test("router: a chosen routing id may be any bytes that do not start with a zero", async () => {
  const id = Uint8Array.of(255, 0, 128, 7);
  await using router = new Router();
  await using dealer = new Dealer({ routingId: id });
  await using longest = new Dealer({ routingId: "i".repeat(255) });
  const endpoint = await router.bind(ANY);
  dealer.connect(endpoint);
  await dealer.send("hello");
  assertEquals((await router.receive())[0], id);
  await router.send([id, "back"]);
  assertEquals(await take(dealer, 1), ["back"]);
  longest.connect(endpoint);
  await longest.send("hello");
  assertEquals(toText((await router.receive())[0]), "i".repeat(255));
});

test("router: generates ids of five bytes that start with a zero, another for each peer", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  const dealers = Array.from({ length: 5 }, () => new Dealer());
  const ids = new Map<string, number>();
  for (const [i, dealer] of dealers.entries()) {
    dealer.connect(endpoint);
    await dealer.send("hello");
    const [id] = await router.receive();
    assertEquals([id.length, id[0]], [5, 0]);
    ids.set(id.join(), i);
    await router.send([id, `you are ${i}`]);
    assertEquals(await take(dealer, 1), [`you are ${i}`]);
  }
  assertEquals(ids.size, 5);
  for (const dealer of dealers) await dealer.close();
});

test("router: a received id may be changed without effect on the router", async () => {
  await using router = new Router({ mandatory: true });
  await using peer = await RawPeer.join(await router.bind(ANY), DEALER);
  peer.write(message("one"), message("two"));
  const [id] = await router.receive();
  const copy = id.slice();
  id.fill(9);
  assertEquals((await router.receive())[0], copy);
  await router.send([copy, "back"]);
  assertEquals(await peer.message(), ["back"]);
});

test("router: a second peer with the same id stays connected but is neither read nor written to", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  const twin = { type: "DEALER", identity: "twin" };
  await using first = await RawPeer.join(endpoint, twin);
  await router.waitForPeers(1);
  await using second = await RawPeer.join(endpoint, twin);
  await router.waitForPeers(2);
  second.write(message("from the second"));
  await second.sync();
  first.write(message("from the first"));
  assertEquals(await take(router, 1), ["twin|from the first"]);
  await router.send(["twin", "back"]);
  assertEquals(await first.message(), ["back"]);
  // Everything sent to the second peer arrived before the answer to this.
  second.write(message("again"));
  await second.sync();
  assertEquals(router.tryReceive(), undefined);
  assertEquals(router.peerCount, 2);
});

test("router: an id is free again when its peer has disconnected", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  for (let i = 0; i < 3; i++) {
    await using peer = await RawPeer.join(endpoint, { type: "DEALER", identity: "same" });
    peer.write(message(`life ${i}`));
    assertEquals(await take(router, 1), [`same|life ${i}`]);
    const gone = nextEvent(router, "disconnect");
    await peer.end();
    await gone;
  }
});

test("router: a message to an unknown peer, or without a body, is dropped", async () => {
  await using router = new Router();
  await using peer = await RawPeer.join(await router.bind(ANY), { type: "DEALER", identity: "me" });
  await router.waitForPeers(1);
  await router.send(["somebody else", "hello"]);
  assertEquals(router.trySend(["somebody else", "hello"]), true);
  await router.send("me" as never);
  await router.send(["me", ""]);
  assertEquals(await peer.message(), [""]);
});

test("router to router: each knows the other by its own id", async () => {
  await using left = new Router({ routingId: "left", mandatory: true });
  await using right = new Router({ routingId: "right", mandatory: true });
  right.connect(await left.bind(ANY));
  await left.waitForPeers(1);
  await right.waitForPeers(1);
  await left.send(["right", "hello"]);
  assertEquals(await take(right, 1), ["left|hello"]);
  await right.send(["left", "and back"]);
  assertEquals(await take(left, 1), ["right|and back"]);
});

test("dealer: sends round-robin, receives from all, queues before a peer is connected", async () => {
  await using one = await RawListener.bind();
  await using two = await RawListener.bind();
  await using dealer = new Dealer();
  dealer.connect(one.endpoint);
  dealer.connect(two.endpoint);
  for (const text of ["1", "2", "3", "4"]) await dealer.send(text);
  const a = await one.join({ type: "ROUTER" });
  const b = await two.join({ type: "ROUTER" });
  assertEquals([await a.message(), await a.message()], [["1"], ["3"]]);
  assertEquals([await b.message(), await b.message()], [["2"], ["4"]]);
  a.write(message("from a"));
  b.write(message("from b"));
  assertEquals((await take(dealer, 2)).sort(), ["from a", "from b"]);
});

test("dealer to dealer: messages both ways, unchanged", async () => {
  await using left = new Dealer();
  await using right = new Dealer();
  right.connect(await left.bind(ANY));
  await right.send(["", "a"]);
  assertEquals(await take(left, 1), ["|a"]);
  await left.send(["b", ""]);
  assertEquals(await take(right, 1), ["b|"]);
});

test("routing ids are sent by Request, Dealer and Router only", async () => {
  await using listener = await RawListener.bind();
  for (
    const [socket, partner] of [
      [new Request({ routingId: "me" }), "ROUTER"],
      [new Dealer({ routingId: "me" }), "ROUTER"],
      [new Router({ routingId: "me" }), "ROUTER"],
    ] as const
  ) {
    socket.connect(listener.endpoint);
    const { body } = await (await listener.accept()).handshake({ type: partner });
    assert(toText(body).endsWith("Identity\0\0\0\x02me"), toText(body));
    await socket.close();
  }
});

test("router: a frame is sent unchanged, from any kind of bytes", async () => {
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "d" });
  dealer.connect(await router.bind(ANY));
  await dealer.send("hello");
  const [id] = await router.receive();
  const words = new Uint16Array([0x6261, 0x6463]);
  await router.send([id, words, words.buffer, "e", 5, null, Uint8Array.of(102).subarray(0)]);
  const received = await dealer.receive();
  assertEquals(texts(received), ["abcd", "abcd", "e", "5", "", "f"]);
  for (const frame of received) assertEquals(frame.constructor, Uint8Array);
  assertNotEquals(received[0].buffer, words.buffer);
});

test("dealers and routers, many to many: every reply reaches its requester", async () => {
  const routers = [new Router(), new Router(), new Router()];
  const dealers = ["a", "b", "c"].map((routingId) => new Dealer({ routingId }));
  for (const router of routers) {
    const endpoint = await router.bind(ANY);
    for (const dealer of dealers) dealer.connect(endpoint);
  }
  const serving = routers.map(async (router, i) => {
    for await (const [id, ...question] of router) await router.send([id, `${i}`, id, ...question]);
  });
  await Promise.all(dealers.map(async (dealer, d) => {
    const name = ["a", "b", "c"][d]!;
    for (let i = 0; i < 300; i++) await dealer.send(`${i}`);
    const answers = await take(dealer, 300);
    // Round-robin to the routers, so each has a third of the messages, in order.
    for (const router of ["0", "1", "2"]) {
      const own = answers.filter((answer) => answer.startsWith(`${router}|${name}|`)).map((answer) => answer.slice(4));
      assertEquals(own, Array.from({ length: 100 }, (_, i) => `${i * 3 + Number(router)}`));
    }
  }));
  for (const socket of [...dealers, ...routers]) await socket.close();
  await Promise.all(serving);
});
