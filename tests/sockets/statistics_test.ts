/**
 * Statistics: exact counts after known traffic, per peer and in total, also of disconnected peers.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import {
  Dealer,
  type DuplexSocket,
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
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { bytes, command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { comeIn, shakeHands, wire } from "../options/support.ts";
import { ANY, nextEvent, rejectsWith, take } from "./support.ts";
import { assertCounts, assertPeers, NO_REFUSALS, NOTHING } from "./counts.ts";

/** Once for each of these endpoints. */
const ENDPOINTS = [ANY, "inproc://statistics"];

/** Messages of known size: 5 with 7 + 0 + 300 + 6 + 100 000 bytes. */
const MESSAGES = ["seven b", "", "x".repeat(300), ["a", "", "bcdef"], new Uint8Array(100_000)];
const BYTES = 7 + 300 + 6 + 100_000;

test("a new socket has counted nothing, and has no peers", async () => {
  for (const make of [Push, Pull, Pair, Publisher, Subscriber, Router, Stream]) {
    await using socket = new make();
    assertEquals(socket.statistics(), { ...NOTHING, ...NO_REFUSALS, peers: [] });
  }
});

for (const endpoint of ENDPOINTS) {
  const over = `over ${endpoint.split(":")[0]}`;
  const version = endpoint === ANY ? "3.1" : "inproc";

  test(`${over}: a Pull received as many messages and bytes as its Push sent`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    const bound = await pull.bind(endpoint);
    push.connect(bound);
    for (const message of MESSAGES) await push.send(message);
    for (let i = 0; i < MESSAGES.length; i++) await pull.receive();
    const sent = { messagesSent: 5, bytesSent: BYTES };
    const received = { messagesReceived: 5, bytesReceived: BYTES };
    assertCounts(push, sent);
    assertPeers(push, sent);
    assertCounts(pull, received);
    assertPeers(pull, received);
    const [there] = push.statistics().peers;
    const [here] = pull.statistics().peers;
    assertEquals([there!.endpoint, there!.remote, there!.peerType, there!.version], [bound, bound, "PULL", version]);
    assertEquals([here!.endpoint, here!.peerType, here!.version], [bound, "PUSH", version]);
    if (endpoint === ANY) assertMatch(here!.remote, /^tcp:\/\/127\.[\d.]+:[1-9]\d*$/);
    else assertEquals(here!.remote, bound);
  });

  test(`${over}: requests and replies, both ways; envelopes are not bytes of their own`, async () => {
    await using reply = new Reply();
    await using request = new Request();
    request.connect(await reply.bind(endpoint));
    for (let i = 0; i < 3; i++) {
      await request.send("12345");
      await reply.receive();
      await reply.send("1");
      await request.receive();
    }
    const asked = { messagesSent: 3, bytesSent: 15, messagesReceived: 3, bytesReceived: 3 };
    const answered = { messagesSent: 3, bytesSent: 3, messagesReceived: 3, bytesReceived: 15 };
    assertCounts(request, asked);
    assertPeers(request, asked);
    assertCounts(reply, answered);
    assertPeers(reply, answered);
  });

  test(`${over}: sums include disconnected peers, whichever side connected`, async () => {
    await using bound = new Pair();
    const address = await bound.bind(endpoint);
    for (let round = 1; round <= 3; round++) {
      const pair = new Pair();
      pair.connect(address);
      await pair.send("12");
      assertEquals(await take(bound, 1), ["12"]);
      await bound.send("1234");
      assertEquals(await take(pair, 1), ["1234"]);
      assertPeers(bound, { messagesSent: 1, bytesSent: 4, messagesReceived: 1, bytesReceived: 2 });
      const lost = nextEvent(bound, "disconnect");
      await pair.close();
      await lost;
      const twice = { messagesSent: round, bytesSent: 4 * round, messagesReceived: round, bytesReceived: 2 * round };
      assertCounts(bound, twice);
      assertPeers(bound);
      // A closed socket still has its counters.
      assertCounts(pair, { messagesSent: 1, bytesSent: 2, messagesReceived: 1, bytesReceived: 4 });
      assertPeers(pair);
    }
  });

  test(`${over}: a message without a match is not sent, and one without subscribers is not dropped`, async () => {
    await using pub = new Publisher();
    const address = await pub.bind(endpoint);
    await using a = new Subscriber();
    await using all = new Subscriber();
    a.subscribe("a");
    all.subscribe("");
    a.connect(address);
    await pub.waitForSubscribers(1);
    await pub.send("b: nobody");
    all.connect(address);
    await pub.waitForSubscribers(2);
    for (const text of ["a1", "b1", "a2"]) await pub.send(text);
    await take(a, 2);
    await take(all, 3);
    assertCounts(pub, { messagesSent: 5, bytesSent: 10 });
    assertPeers(pub, { messagesSent: 2, bytesSent: 4 }, { messagesSent: 3, bytesSent: 6 });
    assertCounts(a, { messagesReceived: 2, bytesReceived: 4 });
    assertCounts(all, { messagesReceived: 3, bytesReceived: 6 });
  });

  test(`${over}: a Router drops unroutable messages, and reports them only if it is mandatory`, async () => {
    await using router = new Router();
    await using dealer = new Dealer({ routingId: "d" });
    dealer.connect(await router.bind(endpoint));
    await router.waitForPeers(1);
    for (const id of ["d", "nobody", "d", "neither"]) await router.send([id, "123"]);
    await take(dealer, 2);
    assertCounts(router, { messagesSent: 2, bytesSent: 6, dropped: 2 });
    assertPeers(router, { messagesSent: 2, bytesSent: 6 });
    router.mandatory = true;
    await rejectsWith("EHOSTUNREACH", () => router.send(["nobody", "123"]));
    assertEquals(router.statistics().dropped, 2);
    const [peer] = router.statistics().peers;
    assertEquals(peer!.routingId, bytes("d"));
  });

  test(`${over}: a reply to a disconnected peer is dropped, and counted`, async () => {
    await using reply = new Reply();
    const request = new Request();
    request.connect(await reply.bind(endpoint));
    await request.send("?");
    await take(reply, 1);
    const lost = nextEvent(reply, "disconnect");
    await request.close();
    await lost;
    await reply.send("!");
    assertCounts(reply, { messagesReceived: 1, bytesReceived: 1, dropped: 1 });
  });

  test(`${over}: hello and welcome messages are counted like others`, async () => {
    await using one = new Dealer({ helloMessage: "hello", probeRouter: true });
    await using other = new Pair({ helloMessage: "hi" });
    await using here = new Router();
    await using there = new Pair();
    one.connect(await here.bind(endpoint));
    other.connect(await there.bind(`${endpoint.startsWith("inproc") ? `${endpoint}-2` : endpoint}`));
    await here.receive();
    await here.receive();
    await there.receive();
    assertCounts(here, { messagesReceived: 2, bytesReceived: 5 });
    assertCounts(one, { messagesSent: 2, bytesSent: 5 });
    assertCounts(there, { messagesReceived: 1, bytesReceived: 2 });
    assertCounts(other, { messagesSent: 1, bytesSent: 2 });
  });
}

test("reconnects: number of reconnects, per peer and in total, including disconnected endpoints", async () => {
  await using one = await RawListener.bind();
  await using other = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 1 });
  const again = async (listener: RawListener, times: number) => {
    for (let i = 0; i < times; i++) {
      const lost = nextEvent(push, "disconnect");
      await (await listener.join({ type: "PULL" })).end();
      await lost;
    }
    const back = nextEvent(push, "handshake");
    await listener.join({ type: "PULL" });
    await back;
  };
  push.connect(one.endpoint);
  await again(one, 2);
  push.connect(other.endpoint);
  await again(other, 1);
  assertEquals(push.statistics().reconnects, 3);
  const byEndpoint = push.statistics().peers.map(({ endpoint, reconnects }) => [endpoint, reconnects]);
  assertEquals(byEndpoint, [[one.endpoint, 2], [other.endpoint, 1]]);
  const gone = nextEvent(push, "disconnect:local");
  push.disconnect(one.endpoint);
  await gone;
  assertEquals([push.statistics().reconnects, push.statistics().peers.length], [3, 1]);
  await push.close();
  assertEquals(push.statistics().reconnects, 3);
});

test("reconnects: failed attempts do not count, nor peers that connect again", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  for (let i = 0; i < 3; i++) {
    const lost = nextEvent(pull, "disconnect");
    await (await RawPeer.join(endpoint, { type: "PUSH" })).end();
    await lost;
  }
  const transport = new PlayedTransport();
  transport.refuse();
  pull.reconnectInterval = 1;
  pull.connect(transport.endpoint);
  for (let i = 0; i < 3; i++) await nextEvent(pull, "connect:retry");
  transport.succeed();
  await nextEvent(pull, "connect");
  shakeHands(transport.links[0]!, pull);
  assertEquals([pull.peerCount, pull.statistics().reconnects], [1, 0]);
});

test("a peer's counts continue over its connections where messages are queued ahead, and begin anew elsewhere", async () => {
  for (const [make, queuesAhead] of [[Pair, true], [Router, false]] as const) {
    const transport = new PlayedTransport();
    await using socket: DuplexSocket = new make({ reconnectInterval: 1 });
    for (let round = 1; round <= 3; round++) {
      transport.succeed();
      const connected = nextEvent(socket, "connect");
      if (round === 1) socket.connect(transport.endpoint);
      await connected;
      const link = transport.links.at(-1)!;
      shakeHands(link, socket, "peer");
      link.arrive(message("123"));
      await socket.receive();
      const rounds = queuesAhead ? round : 1;
      const received = { messagesReceived: rounds, bytesReceived: 3 * rounds };
      assertPeers(socket, { ...received, reconnects: round - 1 });
      assertCounts(socket, { messagesReceived: round, bytesReceived: 3 * round, reconnects: round - 1 });
      const lost = nextEvent(socket, "disconnect");
      await link.lose();
      await lost;
    }
  }
});

test("peers: their routing ids, socket types and versions; those of a Stream are empty", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  await using _known = await RawPeer.join(endpoint, { type: "DEALER", identity: "known", minor: 0 });
  await router.waitForPeers(1);
  await using _unknown = await RawPeer.join(endpoint, { type: "REQ" });
  await router.waitForPeers(2);
  const [known, unknown] = router.statistics().peers;
  assertEquals([known!.routingId, known!.peerType, known!.version], [bytes("known"), "DEALER", "3.0"]);
  assertEquals([unknown!.routingId[0], unknown!.routingId.length, unknown!.peerType], [0, 5, "REQ"]);
  await using dealer = new Dealer();
  comeIn(dealer, "");
  assertEquals(dealer.statistics().peers[0]!.routingId, new Uint8Array());

  await using stream = new Stream({ notify: false });
  const link = comeIn(stream);
  link.arrive(bytes("raw"));
  const [raw] = stream.statistics().peers;
  assertEquals([raw!.peerType, raw!.version, raw!.metadata.size, raw!.routingId.length], ["", "", 0, 5]);
  assertPeers(stream, { messagesReceived: 1, bytesReceived: 3, held: 1 });
});

test("statistics are a snapshot: they do not change, and changing them changes nothing", async () => {
  await using router = new Router();
  const link = comeIn(router, "id");
  const before = router.statistics();
  before.peers[0]!.routingId[0] = 0;
  link.arrive(...wire("1"));
  assertEquals([before.messagesReceived, before.peers[0]!.messagesReceived], [0, 0]);
  const after = router.statistics();
  assertEquals([after.messagesReceived, after.peers[0]!.routingId], [1, bytes("id")]);
});

test("an XPublisher's subscriptions are held like messages, and do not count as traffic", async () => {
  await using xpub = new XPublisher();
  const link = comeIn(xpub);
  link.arrive(command("SUBSCRIBE", "a"), command("SUBSCRIBE", "b"), command("CANCEL", "a"));
  assertCounts(xpub, { held: 3 });
  await take(xpub, 3);
  assertCounts(xpub, {});
});
