/**
 * close() with unsent messages: it delivers them within linger, and counts those it drops. disconnect() delivers them,
 * too, and nothing that is sent later.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber, XPublisher } from "../../mod.ts";
import { shakeHands } from "../options/support.ts";
import { bindAgain } from "../support/bind_again.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, numbers, take } from "./support.ts";

test("close: 10,000 messages accepted just before it reach a peer that is connected", async () => {
  await using pull = new Pull();
  const push = new Push({ sendHighWaterMark: 0 });
  push.connect(await pull.bind(ANY));
  await push.waitForPeers(1);
  for (let i = 0; i < 10_000; i++) assert(push.trySend(`${i}`));
  const closing = push.close();
  assertEquals(await take(pull, 10_000), numbers(10_000));
  assertEquals(await closing, 0);
});

test("close: accepted messages arrive if the peer begins to receive only after it", async () => {
  await using pull = new Pull();
  const push = new Push({ sendHighWaterMark: 0 });
  push.connect(await pull.bind(ANY));
  await push.waitForPeers(1);
  for (let i = 0; i < 10_000; i++) assert(push.trySend(`${i}`));
  assertEquals(await push.close(), 0);
  assertEquals(await take(pull, 10_000), numbers(10_000));
});

test("close: accepted messages arrive if the connection is not made yet", async () => {
  await using pull = new Pull();
  const push = new Push({ sendHighWaterMark: 0 });
  push.connect(await pull.bind(ANY));
  for (let i = 0; i < 10_000; i++) assert(push.trySend(`${i}`));
  const closing = push.close();
  assertEquals(await take(pull, 10_000), numbers(10_000));
  assertEquals(await closing, 0);
});

test("close: the last message of every type that sends arrives", async () => {
  {
    await using sub = new Subscriber();
    const pub = new Publisher();
    sub.connect(await pub.bind(ANY));
    sub.subscribe("");
    await pub.waitForSubscribers(1);
    for (const text of numbers(500)) await pub.send(text);
    assertEquals(await pub.close(), 0);
    assertEquals(await take(sub, 500), numbers(500));
  }
  {
    await using dealer = new Dealer({ routingId: "d" });
    const router = new Router();
    dealer.connect(await router.bind(ANY));
    await router.waitForPeers(1);
    for (const text of numbers(500)) await router.send(["d", text]);
    assertEquals(await router.close(), 0);
    assertEquals(await take(dealer, 500), numbers(500));
  }
  {
    await using request = new Request();
    const reply = new Reply();
    request.connect(await reply.bind(ANY));
    await request.send("q");
    await reply.receive();
    await reply.send("a");
    assertEquals(await reply.close(), 0);
    assertEquals(await take(request, 1), ["a"]);
  }
});

test("close: large messages that the operating system does not accept immediately arrive too", async () => {
  await using pull = new Pull();
  const push = new Push();
  push.connect(await pull.bind(ANY));
  const body = new Uint8Array(1024 * 1024).fill(7);
  for (let i = 0; i < 30; i++) await push.send([`${i}`, body]);
  const closing = push.close({ linger: -1 });
  for (let i = 0; i < 30; i++) {
    const [number, received] = await pull.receive();
    assertEquals([new TextDecoder().decode(number), received!.length], [`${i}`, body.length]);
  }
  assertEquals(await closing, 0);
});

test("linger 0: messages queued without a peer are dropped immediately", async () => {
  for (const socket of [new Push(), new Dealer(), new Pair()]) {
    socket.connect(await deserted());
    for (let i = 0; i < 7; i++) await socket.send(`${i}`);
    assertEquals(await socket.close({ linger: 0 }), 7);
  }
});

test("linger in ms: messages not sent in time are dropped, by option and by argument", async () => {
  for (const [options, argument] of [[{ linger: 30 }, undefined], [{}, { linger: 30 }]] as const) {
    const push = new Push({ ...options, reconnectInterval: 5 });
    push.connect(await deserted());
    push.connect(await deserted());
    for (let i = 0; i < 5; i++) await push.send(`${i}`);
    assertEquals(await push.close(argument), 5);
  }
});

test("linger in ms: an endpoint without messages does not end the wait for the others, wherever it is in their order", async () => {
  for (const first of ["a", "b", "c"]) {
    await using router = new Router();
    for (const routingId of ["a", "b", "c"]) router.connect(await deserted(), { routingId });
    assert(router.trySend([first, "unsent"]));
    assertEquals(await router.close({ linger: 50 }), 1);
    assertEquals(router.statistics().queued, 0);
  }
});

for (const at of [ANY, "inproc://first-and-last"]) {
  for (const binds of [true, false]) {
    const side = binds ? "accepted" : "made";
    test(`close: a message sent in the handshake event arrives, ${at.split(":")[0]}, connection ${side}`, async () => {
      const push = new Push({ linger: -1 });
      await using pull = new Pull();
      const closing = new Promise<number>((resolve) => {
        push.events.listen(({ type }) => {
          if (type !== "handshake") return;
          assert(push.trySend("last"));
          resolve(push.close());
        });
      });
      if (binds) pull.connect(await push.bind(at));
      else push.connect(await pull.bind(at));
      assertEquals(await take(pull, 1), ["last"]);
      assertEquals(await closing, 0);
    });
  }
}

test("linger -1: waits for the peer, however late it comes", async () => {
  const endpoint = await deserted();
  const push = new Push({ reconnectInterval: 5 });
  push.connect(endpoint);
  for (const text of numbers(10)) await push.send(text);
  const retried = nextEvent(push, "connect:retry");
  const closing = push.close({ linger: -1 });
  await retried;
  await using pull = new Pull();
  await bindAgain(pull, endpoint);
  assertEquals(await take(pull, 10), numbers(10));
  assertEquals(await closing, 0);
});

test("linger in ms: a peer that does not read cannot delay the close", async () => {
  await using listener = await RawListener.bind();
  const push = new Push({ sendHighWaterMark: 0 });
  push.connect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  peer.pause();
  const body = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 40; i++) await push.send(body);
  const given = await push.close({ linger: 50 });
  assert(given > 0 && given <= 40, `${given}`);
});

test("unread received messages neither delay the close nor count", async () => {
  const pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  peer.write(Uint8Array.of(0, 1, 97));
  await peer.sync();
  assertEquals(await pull.close({ linger: -1 }), 0);
});

test("sends that wait are not accepted, and so not counted", async () => {
  const push = new Push({ sendHighWaterMark: 1 });
  push.connect(await deserted());
  const sends = Promise.allSettled([push.send("queued"), push.send("waits"), push.send("waits")]);
  assertEquals(await push.close({ linger: 0 }), 1);
  assertEquals((await sends).map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
});

for (
  const [name, socket, address] of [
    ["Push", () => new Push(), []],
    ["Push, immediate", () => new Push({ immediate: true }), []],
    ["Dealer", () => new Dealer(), []],
    ["Dealer, immediate", () => new Dealer({ immediate: true }), []],
    ["Pair, immediate", () => new Pair({ immediate: true }), []],
    ["Publisher", () => new Publisher(), []],
    ["XPublisher", () => new XPublisher(), []],
    ["Router", () => new Router(), ["d"]],
    ["Router, mandatory", () => new Router({ mandatory: true }), ["d"]],
  ] as const
) {
  test(`${name}: disconnect() sends what is queued, and nothing that is sent after it`, async () => {
    const transport = new PlayedTransport();
    transport.succeed();
    await using sender: Push | Router = socket() as Push;
    const connected = nextEvent(sender, "connect");
    sender.connect(transport.endpoint);
    await connected;
    const link = transport.links[0]!;
    shakeHands(link, sender, "d");
    if (name.endsWith("Publisher")) link.arrive(message("\x01"));
    await turn();
    link.takes = false;
    sender.sendTimeout = 0;
    for (const text of ["written", "queued"]) await sender.send([...address, text]);
    const ended = nextEvent(sender, "disconnect:local");
    sender.disconnect(transport.endpoint);
    await sender.send([...address, "late"]).catch(() => {});
    link.drain();
    await ended;
    const wire = new TextDecoder("latin1").decode(message("queued"));
    const text = link.writes.map((bytes) => new TextDecoder("latin1").decode(bytes)).join("");
    assert(text.endsWith(wire), text);
  });
}
