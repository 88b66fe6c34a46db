/**
 * Routing ids: the option `routingId` on an open socket, and `connect(endpoint, { routingId })` of a Router.
 * tests/interop/options_identity_test.ts compares them with libzmq; tests/sockets/stream_test.ts has those of a Stream.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Dealer, Request, Router, Stream, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, throwsWith } from "../sockets/support.ts";

const named = (identity: string) => ({ type: "DEALER", identity });
let names = 0;

test("routingId set live is sent from the next connection on, also after a reconnect", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer({ routingId: "first", reconnectInterval: 10 });
  dealer.connect(listener.endpoint);
  for (const routingId of ["second", bytes(255, 0), null]) {
    const told = dealer.routingId;
    const peer = await listener.accept();
    const { body } = await peer.handshake({ type: "ROUTER" });
    assertEquals(body.subarray(-4 - told!.length), bytes(0, 0, 0, told!.length, told!));
    await dealer.waitForPeers(1);
    dealer.routingId = routingId;
    const lost = nextEvent(dealer, "disconnect");
    await peer.end();
    await lost;
  }
  const { body } = await (await listener.accept()).handshake({ type: "ROUTER" });
  assertEquals(body.subarray(-12), bytes("Identity", 0, 0, 0, 0));
});

test("routingId: text is its UTF-8", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  await using dealer = new Dealer({ routingId: "Łódź" });
  assertEquals(dealer.routingId, bytes("Łódź"));
  dealer.connect(endpoint);
  await dealer.send("hello");
  assertEquals((await router.receive())[0], bytes("Łódź"));
  await router.send(["Łódź", "back"]);
  assertEquals(await take(dealer, 1), ["back"]);
});

test("routingId over inproc: a Router knows Request, Dealer and Router by it", async () => {
  const routingId = "me";
  for (const socket of [new Request({ routingId }), new Dealer({ routingId }), new Router({ routingId })]) {
    await using router = new Router({ mandatory: true, notify: "connect" });
    socket.connect(await router.bind(`inproc://routing-id-${++names}`));
    assertEquals(await take(router, 1), ["me|"]);
    await socket.close();
  }
});

test("connect with a routing id: over inproc, and for a Request without an id of its own", async () => {
  await using server = new Router();
  await using router = new Router({ mandatory: true });
  router.connect(await server.bind(`inproc://routing-id-${++names}`), { routingId: "server" });
  await router.waitForPeers(1);
  await router.send(["server", "over inproc"]);
  // The generated id may have any bytes.
  assertEquals((await take(server, 1))[0]!.split("|").at(-1), "over inproc");

  await using request = new Request();
  router.connect(await request.bind(ANY), { routingId: bytes("asker") });
  await request.send("who am I?");
  assertEquals(await take(router, 1), ["asker||who am I?"]);
  await router.send(["asker", "", "the asker"]);
  assertEquals(await take(request, 1), ["the asker"]);
});

test("connect: an invalid routing id is rejected, and nothing is connected", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router();
  const connect = (routingId: unknown) => () => router.connect(listener.endpoint, { routingId: routingId as string });
  for (const wrong of ["", "x".repeat(256), "\0x", new Uint8Array(0)]) {
    assertThrows(connect(wrong), RangeError, "routingId");
  }
  for (const wrong of [1, true, {}, { byteLength: 1 }]) assertThrows(connect(wrong), TypeError, "routingId");
  throwsWith("ENOENT", () => router.disconnect(listener.endpoint));
  for (const none of [undefined, null]) router.connect(listener.endpoint, { routingId: none });
  router.connect(listener.endpoint, { routingId: "x".repeat(255) });
  for (let i = 0; i < 3; i++) (await listener.join(named("own"))).write(message(`${i}`));
  const received = await take(router, 2);
  assertEquals(received.filter((text) => text.startsWith("own|")).length, 1, "the second of the same id is not heard");
  assertEquals(received.filter((text) => text.startsWith("xxx")).length, 1);
});

test("connect: the bytes of a routing id may be changed afterwards", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router();
  const routingId = bytes("mine");
  router.connect(listener.endpoint, { routingId });
  routingId.fill(1);
  (await listener.join(named("own"))).write(message("hello"));
  assertEquals(await take(router, 1), ["mine|hello"]);
});

test("connect: a routing id is for one peer, whether it is connected, not yet connected, or lost", async () => {
  await using listener = await RawListener.bind();
  await using other = await RawListener.bind();
  await using router = new Router({ reconnectInterval: 10 });
  const again = () => router.connect(other.endpoint, { routingId: "taken" });
  const endpoint = await router.bind(ANY);
  router.connect(listener.endpoint, { routingId: "taken" });
  throwsWith("EADDRINUSE", again);
  const peer = await listener.join(named("own"));
  await router.waitForPeers(1);
  throwsWith("EADDRINUSE", again);
  const lost = nextEvent(router, "disconnect");
  await peer.end();
  await lost;
  throwsWith("EADDRINUSE", again);
  // Nor may it be that of a peer that came by itself.
  await using came = await RawPeer.join(endpoint, named("came"));
  await router.waitForPeers(1);
  throwsWith("EADDRINUSE", () => router.connect(other.endpoint, { routingId: "came" }));
  await came.sync();

  const next = await listener.join(named("own"));
  await router.waitForPeers(2);
  const ended = nextEvent(router, "disconnect:local");
  router.disconnect(listener.endpoint);
  await ended;
  await next.gone;
  again();
  const last = await other.join(named("own"));
  last.write(message("free again"));
  assertEquals(await take(router, 1), ["taken|free again"]);
});

test("connect: a peer with an id that is assigned to another peer is ignored", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  router.connect(listener.endpoint, { routingId: "chosen" });
  const peer = await listener.join(named("own"));
  await router.waitForPeers(1);
  await using impostor = await RawPeer.join(endpoint, named("chosen"));
  await router.waitForPeers(2);
  impostor.write(message("from the impostor"));
  await impostor.sync();
  peer.write(message("from the chosen"));
  assertEquals(await take(router, 1), ["chosen|from the chosen"]);
  await router.send(["chosen", "to the chosen"]);
  assertEquals(await peer.message(), ["to the chosen"]);
});

test("a peer without an assigned id is known by its own id after each connect", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ reconnectInterval: 10 });
  router.connect(listener.endpoint);
  for (const identity of ["first", "second"]) {
    await using peer = await listener.join(named(identity));
    peer.write(message("hello"));
    const [id] = await router.receive();
    assertEquals(toText(id), identity);
    await router.send([identity, "back"]);
    assertEquals(await peer.message(), ["back"]);
  }
});

test("connect: messages queued for an assigned id are sent within linger, or dropped and counted", async () => {
  await using listener = await RawListener.bind();
  const router = new Router();
  router.connect(listener.endpoint, { routingId: "chosen" });
  await router.send(["chosen", "last words"]);
  const closed = router.close();
  const peer = await listener.join(named("own"));
  assertEquals(await peer.message(), ["last words"]);
  assertEquals(await closed, 0);

  const other = new Router({ mandatory: true });
  other.connect("tcp://127.0.0.1:9", { routingId: "chosen" });
  for (const text of ["1", "2"]) await other.send(["chosen", text]);
  assertEquals(other.statistics().queued, 2);
  assertEquals(await other.close({ linger: 0 }), 2);
});

test("connect: after disconnect a chosen id is unknown", async () => {
  await using router = new Router({ mandatory: true, linger: 0 });
  router.connect("tcp://127.0.0.1:9", { routingId: "chosen" });
  await router.send(["chosen", "for nobody"]);
  router.disconnect("tcp://127.0.0.1:9");
  throwsWith("EHOSTUNREACH", () => router.trySend(["chosen", "hello"]));
});

test("connect: with immediate a chosen id is known only while it is connected", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ mandatory: true, immediate: true, reconnectInterval: 10 });
  router.connect(listener.endpoint, { routingId: "chosen" });
  for (let life = 0; life < 2; life++) {
    throwsWith("EHOSTUNREACH", () => router.trySend(["chosen", "nobody there"]));
    const peer = await listener.join(named("own"));
    await router.waitForPeers(1);
    await router.send(["chosen", "hello"]);
    assertEquals(await peer.message(), ["hello"]);
    const lost = nextEvent(router, "disconnect");
    await peer.end();
    await lost;
  }
});

test("connect: an assigned id is free again when reconnecting to its endpoint stops", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ mandatory: true, reconnectInterval: -1 });
  router.connect(listener.endpoint, { routingId: "chosen" });
  const ended = nextEvent(router, "connect:end");
  await (await listener.join(named("own"))).end();
  await ended;
  throwsWith("EHOSTUNREACH", () => router.trySend(["chosen", "hello"]));
  router.connect(listener.endpoint, { routingId: "chosen" });
  (await listener.join(named("own"))).write(message("free"));
  assertEquals(await take(router, 1), ["chosen|free"]);
});

test("handover: only one of two peers with one id is received from, also with an assigned id", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ handover: true, mandatory: true, reconnectInterval: 10 });
  const endpoint = await router.bind(ANY);
  router.connect(listener.endpoint, { routingId: "x" });
  const first = await listener.join(named("own"));
  await router.waitForPeers(1);
  await using newcomer = await RawPeer.join(endpoint, named("x"));
  await newcomer.sync();
  // The peer that loses the id may be disconnected; then the dialer reconnects.
  const stayed = await first.sync().then(() => true, () => false);
  const dialled = stayed ? first : await listener.join(named("own"));
  const peers = { newcomer, dialled };
  for (const [name, peer] of Object.entries(peers)) {
    peer.write(message(name));
    await peer.sync();
  }
  const [heard] = await take(router, 1);
  assertEquals(router.tryReceive(), undefined);
  await router.send(["x", "answer"]);
  assertEquals(await (heard === "x|newcomer" ? newcomer : dialled).message(), ["answer"]);
});

test("connect: a Stream that closes an assigned peer before it is connected sends earlier messages, then closes", async () => {
  await using listener = await RawListener.bind();
  await using stream = new Stream({ reconnectInterval: -1 });
  stream.connect(listener.endpoint, { routingId: "chosen" });
  await stream.send(["chosen", "early"]);
  await stream.send(["chosen", ""]);
  const peer = await listener.accept();
  assertEquals(await peer.read(5), bytes("early"));
  await peer.gone;
});
