/**
 * Options of Router about its peers, and `probeRouter`, in the API and on the wire.
 * tests/interop/options_identity_test.ts and options_router_notices_test.ts compare them with libzmq;
 * tests/sockets/router_mandatory_test.ts has full peers.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Reply, Request, Router } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, rejectsWith, take, throwsWith } from "../sockets/support.ts";

const named = (identity: string) => ({ type: "DEALER", identity });
const ROUTER = { type: "ROUTER" };
let names = 0;
const inproc = () => `inproc://options-router-${++names}`;

// Mandatory.

test("mandatory set live applies to the next message, and drops are counted without it", async () => {
  await using router = new Router();
  await using peer = await RawPeer.join(await router.bind(ANY), named("here"));
  await router.waitForPeers(1);
  assertEquals(router.trySend(["nobody", "x"]), true);
  router.mandatory = true;
  throwsWith("EHOSTUNREACH", () => router.trySend(["nobody", "x"]));
  await rejectsWith("EHOSTUNREACH", () => router.send(["nobody", "x"]));
  router.mandatory = false;
  await router.send(["nobody", "x"]);
  await router.send(["here", "hello"]);
  assertEquals(await peer.message(), ["hello"]);
  assertEquals(router.statistics().dropped, 2);
});

test("mandatory over inproc: a peer can be addressed as soon as it has connected, and until it closes", async () => {
  await using router = new Router({ mandatory: true });
  const endpoint = await router.bind(inproc());
  throwsWith("EHOSTUNREACH", () => router.trySend(["d", "x"]));
  const dealer = new Dealer({ routingId: "d" });
  dealer.connect(endpoint);
  await router.waitForPeers(1);
  await router.send(["d", "hello"]);
  assertEquals(await take(dealer, 1), ["hello"]);
  const lost = nextEvent(router, "disconnect");
  await dealer.close();
  await lost;
  throwsWith("EHOSTUNREACH", () => router.trySend(["d", "x"]));
});

// Handover.

test("handover: the old peer stays connected; its earlier messages are received, later ones are dropped", async () => {
  await using router = new Router({ handover: true });
  const endpoint = await router.bind(ANY);
  await using first = await RawPeer.join(endpoint, named("d"));
  first.write(message("one"), message("two"));
  await first.sync();
  await using second = await RawPeer.join(endpoint, named("d"));
  await second.sync();
  first.write(message("too late"));
  await first.sync();
  assertEquals(await take(router, 2), ["d|one", "d|two"]);
  second.write(message("three"));
  assertEquals(await take(router, 1), ["d|three"]);
  await router.send(["d", "answer"]);
  assertEquals(await second.message(), ["answer"]);
  await first.sync();
  assertEquals([router.peerCount, router.statistics().dropped, router.tryReceive()], [2, 1, undefined]);
  // Its end is seen, and takes nothing from the one that has the id.
  const lost = nextEvent(router, "disconnect");
  await first.end();
  await lost;
  await router.send(["d", "still there"]);
  assertEquals(await second.message(), ["still there"]);
});

test("handover: when the newest peer disconnects, the old one is still ignored, until another one connects", async () => {
  await using router = new Router({ handover: true, mandatory: true });
  const endpoint = await router.bind(ANY);
  await using first = await RawPeer.join(endpoint, named("d"));
  await first.sync();
  const second = await RawPeer.join(endpoint, named("d"));
  await second.sync();
  const lost = nextEvent(router, "disconnect");
  await second.end();
  await lost;
  first.write(message("nobody hears"));
  await first.sync();
  throwsWith("EHOSTUNREACH", () => router.trySend(["d", "x"]));
  await using third = await RawPeer.join(endpoint, named("d"));
  third.write(message("third"));
  assertEquals(await take(router, 1), ["d|third"]);
  await router.send(["d", "to the third"]);
  assertEquals(await third.message(), ["to the third"]);
  assertEquals([router.statistics().dropped, router.peerCount], [1, 2]);
});

for (const handover of [true, false]) {
  test(`handover ${handover}: messages of a peer without an id use no memory, and are counted`, async () => {
    await using router = new Router({ handover, receiveHighWaterMark: 5 });
    const endpoint = await router.bind(ANY);
    await using first = await RawPeer.join(endpoint, named("d"));
    await first.sync();
    await using second = await RawPeer.join(endpoint, named("d"));
    await second.sync();
    const [heard, unheard] = handover ? [second, first] : [first, second];
    // More than its inbox and the operating system hold together.
    const body = new Uint8Array(100_000);
    for (let i = 0; i < 100; i++) await unheard.write(message(body));
    await unheard.sync();
    const { dropped, held, messagesReceived } = router.statistics();
    assertEquals([dropped, held, messagesReceived], [100, 0, 100]);
    heard.write(message("heard"));
    assertEquals(await take(router, 1), ["d|heard"]);
  });
}

test("handover over inproc, and from inproc to tcp", async () => {
  await using router = new Router({ handover: true });
  const [here, there] = [await router.bind(inproc()), await router.bind(ANY)];
  const dealers = [here, here, there].map((endpoint) => {
    const dealer = new Dealer({ routingId: "d", reconnectInterval: -1 });
    return { dealer, connect: () => dealer.connect(endpoint) };
  });
  for (const [i, { dealer, connect }] of dealers.entries()) {
    connect();
    await dealer.send(`${i}`);
    assertEquals(await take(router, 1), [`d|${i}`]);
    await router.send(["d", `to ${i}`]);
    assertEquals(await take(dealer, 1), [`to ${i}`]);
  }
  for (const { dealer } of dealers) await dealer.close();
});

test("handover is for ids that peers chose: generated ids are never equal", async () => {
  await using router = new Router({ handover: true });
  const endpoint = await router.bind(ANY);
  const peers: RawPeer[] = [];
  for (let i = 0; i < 5; i++) {
    const peer = await RawPeer.join(endpoint, { type: "DEALER" });
    peers.push(peer);
    peer.write(message(`${i}`));
    assertEquals((await router.receive()).length, 2);
  }
  assertEquals(router.peerCount, 5);
  for (const peer of peers) await peer[Symbol.asyncDispose]();
});

// Notices.

test("notify set live applies to later connects and disconnects", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  for (const [i, notify] of ([null, "connect", "disconnect", "both", null] as const).entries()) {
    const peer = await RawPeer.join(endpoint, named(`${i}`));
    peer.write(message("hello"));
    await peer.sync();
    // The connection is reported by the last value, its end by this one.
    const before = i === 0 ? null : ([null, "connect", "disconnect", "both"] as const)[i - 1];
    const come = before === "connect" || before === "both" ? [`${i}|`] : [];
    router.notify = notify;
    const lost = nextEvent(router, "disconnect");
    await peer.end();
    await lost;
    const gone = notify === "disconnect" || notify === "both" ? [`${i}|`] : [];
    assertEquals(await take(router, come.length + 1 + gone.length), [...come, `${i}|hello`, ...gone]);
    assertEquals(router.tryReceive(), undefined);
  }
});

test("notify: notices resolve pending receives, and count neither as messages nor towards the high-water mark", async () => {
  await using router = new Router({ notify: "both", receiveHighWaterMark: 1 });
  const endpoint = await router.bind(ANY);
  const readable = router.whenReadable();
  const peer = await RawPeer.join(endpoint, named("d"));
  await readable;
  peer.write(message("one"), message("two"));
  // The end is not seen before there is room.
  const ended = peer.end();
  assertEquals(await take(router, 4), ["d|", "d|one", "d|two", "d|"]);
  await ended;
  assertEquals(router.statistics().messagesReceived, 2);
});

test("notify over inproc: connects and disconnects, of incoming and of outgoing connections", async () => {
  await using router = new Router({ notify: "both" });
  const dealer = new Dealer({ routingId: "came" });
  dealer.connect(await router.bind(inproc()));
  assertEquals(await take(router, 1), ["came|"]);
  await dealer.close();
  assertEquals(await take(router, 1), ["came|"]);
  const server = new Dealer();
  router.connect(await server.bind(inproc()), { routingId: "called" });
  assertEquals(await take(router, 1), ["called|"]);
  await server.close();
  assertEquals(await take(router, 1), ["called|"]);
});

test("notify: an empty message of a peer, such as a probe, looks the same", async () => {
  await using router = new Router({ notify: "connect" });
  await using prober = new Dealer({ probeRouter: true, routingId: "d" });
  prober.connect(await router.bind(ANY));
  assertEquals(await take(router, 2), ["d|", "d|"]);
});

// Probes.

for (const [type, make] of Object.entries({ Dealer, Request, Router })) {
  test(`probeRouter of a ${type}: sent again after a reconnect, unless it is switched off`, async () => {
    await using listener = await RawListener.bind();
    await using socket = new make({ probeRouter: true, reconnectInterval: 10 });
    socket.connect(listener.endpoint);
    for (const probeRouter of [true, true, false, true]) {
      socket.probeRouter = probeRouter;
      const peer = await listener.join(ROUTER);
      if (probeRouter) assertEquals(await peer.message(), [""]);
      await peer.sync();
      const lost = nextEvent(socket, "disconnect");
      await peer.end();
      await lost;
    }
  });

  test(`probeRouter of a ${type} over inproc, whichever side binds`, async () => {
    for (const routerBinds of [true, false]) {
      await using router = new Router();
      await using socket = new make({ probeRouter: true, routingId: "prober" });
      if (routerBinds) socket.connect(await router.bind(inproc()));
      else router.connect(await socket.bind(inproc()));
      assertEquals(await take(router, 1), ["prober|"]);
    }
  });
}

test("probeRouter: a probe is sent before queued messages, regardless of the high-water mark, once per peer", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer({ probeRouter: true, sendHighWaterMark: 1 });
  dealer.connect(listener.endpoint);
  assert(dealer.trySend("queued"));
  assert(!dealer.trySend("full"));
  const first = await listener.join(ROUTER);
  assertEquals([await first.message(), await first.message()], [[""], ["queued"]]);
  await using came = await RawPeer.join(await dealer.bind(ANY), ROUTER);
  assertEquals(await came.message(), [""]);
  await first.sync();
});

test("probeRouter: a Reply ignores a probe, and a Request is not affected by its own", async () => {
  for (const endpoint of [ANY, inproc()]) {
    await using reply = new Reply();
    await using request = new Request({ probeRouter: true });
    request.connect(await reply.bind(endpoint));
    for (const question of ["one", "two"]) {
      await request.send(question);
      assertEquals(await take(reply, 1), [question]);
      await reply.send(`to ${question}`);
      assertEquals(await take(request, 1), [`to ${question}`]);
    }
  }
});

test("handover: a peer with an assigned id gets it back when the other peer has disconnected", async () => {
  await using server = await RawListener.bind();
  await using router = new Router({ handover: true, mandatory: true, reconnectInterval: 5 });
  router.connect(server.endpoint, { routingId: "A" });
  const first = await server.join(ROUTER);
  const rival = await RawPeer.join(await router.bind(ANY), named("A"));
  await rival.sync();
  await router.send(["A", "to the rival"]);
  assertEquals(await rival.message(), ["to the rival"]);
  const gone = nextEvent(router, "disconnect");
  await rival.end();
  await gone;
  // It is still ignored on the connection that lost the id.
  throwsWith("EHOSTUNREACH", () => router.trySend(["A", "to nobody"]));
  const lost = nextEvent(router, "disconnect");
  await first.end();
  await lost;
  const back = await server.join(ROUTER);
  await router.waitForPeers(1);
  await router.send(["A", "welcome back"]);
  assertEquals(await back.message(), ["welcome back"]);
  back.write(message("heard again"));
  assertEquals(await take(router, 1), ["A|heard again"]);
});
