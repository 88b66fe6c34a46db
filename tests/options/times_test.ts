/**
 * Timeouts and linger that are changed on an open socket: they apply to the next wait, not to a pending one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Pair, type Pull, Push, Router, type SocketType } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, rejectsWith, take } from "../sockets/support.ts";
import { comeIn, MAKERS, numbers, shakeHands, watch, wire } from "./support.ts";

/** Types that can wait to receive when they have no peer. */
const RECEIVERS: readonly SocketType[] = [
  "DEALER",
  "PAIR",
  "PULL",
  "REP",
  "ROUTER",
  "STREAM",
  "SUB",
  "XPUB",
  "XSUB",
];

for (const type of RECEIVERS) {
  test(`${type}: receiveTimeout set live is that of the next wait`, async () => {
    const socket = MAKERS[type]({ receiveTimeout: 10 }) as Pull;
    await using _closing = socket;
    await rejectsWith("EAGAIN", () => socket.receive());
    socket.receiveTimeout = 0;
    await rejectsWith("EAGAIN", () => socket.receive());
    socket.receiveTimeout = -1;
    const patient = socket.receive();
    const wait = watch(patient);
    socket.receiveTimeout = 10;
    await rejectsWith("EAGAIN", () => socket.receive());
    // It began when there was no limit.
    assertEquals(wait.settled, false);
    await socket.close();
    await rejectsWith("ENOTSOCK", () => patient);
  });
}

test("receiveTimeout set live: a pending receive keeps its timeout, queued and in an iteration", async () => {
  await using pair = new Pair({ receiveTimeout: 20 });
  const short = pair.receive();
  const inLoop = pair[Symbol.asyncIterator]().next();
  pair.receiveTimeout = -1;
  const long = pair.receive();
  const next = pair[Symbol.asyncIterator]().next();
  await rejectsWith("EAGAIN", () => short);
  await rejectsWith("EAGAIN", () => inLoop);
  comeIn(pair).arrive(...wire("first", "second"));
  assertEquals(new TextDecoder().decode((await long)[0]), "first");
  assertEquals(new TextDecoder().decode((await next).value![0]), "second");
});

/** Types whose sends wait while there is no peer, or wait for one that is full. */
const SENDERS: readonly SocketType[] = ["DEALER", "PAIR", "PUSH", "REQ"];

for (const type of SENDERS) {
  test(`${type}: sendTimeout set live is that of the next wait`, async () => {
    const socket = MAKERS[type]({ sendTimeout: 10 }) as Push;
    await using _closing = socket;
    await rejectsWith("EAGAIN", () => socket.send("nobody is there"));
    socket.sendTimeout = 0;
    await rejectsWith("EAGAIN", () => socket.send("nobody is there"));
    socket.sendTimeout = -1;
    const patient = socket.send("patience");
    const wait = watch(patient);
    socket.sendTimeout = 10;
    await rejectsWith("EAGAIN", () => socket.send("nobody is there"));
    assertEquals(wait.settled, false);
    const link = comeIn(socket);
    await patient;
    await turn();
    assertEquals(new TextDecoder().decode(link.writes.at(-1)).endsWith("patience"), true);
  });
}

test("Router: sendTimeout set live is that of the next send to a peer that is full", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1, sendTimeout: 10, linger: 0 });
  const link = comeIn(router, "a");
  await turn();
  link.takes = false;
  for (const text of ["with the link", "queued"]) await router.send(["a", text]);
  await rejectsWith("EAGAIN", () => router.send(["a", "full"]));
  router.sendTimeout = -1;
  const patient = router.send(["a", "patience"]);
  router.sendTimeout = 0;
  await rejectsWith("EAGAIN", () => router.send(["a", "full"]));
  link.drain();
  await patient;
});

test("a pending wait keeps its timeout when the timeout is removed", async () => {
  await using push = new Push({ sendTimeout: 20 });
  const short = push.send("short");
  push.sendTimeout = -1;
  const long = push.send("long");
  await rejectsWith("EAGAIN", () => short);
  comeIn(push);
  await long;
});

test("linger set live: 0 drops queued messages at close", async () => {
  for (const make of [Push, Dealer, Pair]) {
    const socket = new make({ linger: -1 });
    socket.connect(await deserted());
    for (const text of numbers(4)) await socket.send(text);
    socket.linger = 0;
    assertEquals(await socket.close(), 4);
  }
});

test("linger set live: -1 waits for a peer that comes late", async () => {
  const endpoint = await deserted();
  const push = new Push({ linger: 0, reconnectInterval: 5 });
  push.connect(endpoint);
  for (const text of numbers(4)) await push.send(text);
  push.linger = -1;
  const retried = nextEvent(push, "connect:retry");
  const closing = push.close();
  await retried;
  await using pull = MAKERS.PULL() as Pull;
  await bindAgain(pull, endpoint);
  assertEquals(await take(pull, 4), numbers(4));
  assertEquals(await closing, 0);
});

test("linger set live: that many ms, and the argument of close overrides it", async () => {
  for (const [live, argument] of [[20, undefined], [-1, { linger: 20 }]] as const) {
    const push = new Push({ reconnectInterval: 5 });
    push.connect(await deserted());
    await push.send("lost");
    push.linger = live;
    assertEquals(await push.close(argument), 1);
  }
});

test("linger set live: applies to disconnect", async () => {
  await using push = new Push({ linger: -1 });
  const transport = new PlayedTransport();
  push.connect(transport.endpoint);
  for (const text of numbers(3)) await push.send(text);
  push.linger = 0;
  const { signal } = transport.connects[0]?.options ?? await firstConnect(transport);
  const stopped = new Promise<void>((resolve) => signal!.addEventListener("abort", () => resolve()));
  push.disconnect(transport.endpoint);
  await stopped;
  assertEquals([push.statistics().queued, push.statistics().dropped], [0, 3]);
});

/** The options of the first connect, which is made soon. */
async function firstConnect(transport: PlayedTransport) {
  while (transport.connects.length === 0) await turn();
  return transport.connects[0]!.options;
}

test("linger set live: disconnect with -1 continues until everything is sent", async () => {
  await using push = new Push({ linger: 0 });
  const transport = new PlayedTransport();
  transport.succeed();
  const connected = nextEvent(push, "connect");
  push.connect(transport.endpoint);
  for (const text of numbers(3)) await push.send(text);
  push.linger = -1;
  push.disconnect(transport.endpoint);
  const gone = nextEvent(push, "disconnect:local");
  await connected;
  const [link] = transport.links;
  shakeHands(link!, push);
  await gone;
  assertEquals(link!.hex.endsWith("000130000131000132"), true, link!.hex);
  assertEquals(push.statistics().dropped, 0);
});

test("linger set live: applies to unbind", async () => {
  await using push = new Push({ linger: -1, sendHighWaterMark: 0 });
  const endpoint = await push.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "PULL" });
  await push.waitForPeers(1);
  peer.pause();
  const body = new Uint8Array(1 << 20);
  // More than the operating system takes.
  for (let i = 0; i < 40; i++) await push.send(body);
  const lost = nextEvent(push, "disconnect:local");
  push.linger = 0;
  await push.unbind(endpoint);
  await lost;
  const { queued, dropped } = push.statistics();
  assertEquals([queued, dropped > 0], [0, true]);
});
