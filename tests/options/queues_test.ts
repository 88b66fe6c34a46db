/**
 * High-water marks in messages that are changed on an open socket: pending sends continue, queued messages stay. Peers
 * are links that the test controls, so that every number is exact.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  type SocketType,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { turn } from "../support/connection_rig.ts";
import { command, message, RawListener } from "../support/raw_peer.ts";
import { deserted, nextEvent, take } from "../sockets/support.ts";
import { comeIn, MAKERS, numbers, shakeHands, watch, wire } from "./support.ts";

/** Returns the number of messages that are accepted without waiting, up to a limit. */
function fill(socket: Push | Dealer | Pair, limit = 5000): number {
  let sent = 0;
  while (sent < limit && socket.trySend(`${sent}`)) sent++;
  return sent;
}

for (const make of [Push, Dealer, Pair]) {
  const { name } = make;
  test(`${name}: a higher sendHighWaterMark resumes as many pending sends as it has room for, immediately`, async () => {
    await using socket = new make({ sendHighWaterMark: 2, linger: 0 });
    socket.connect(await deserted());
    const sends = numbers(6).map((text) => socket.send(text));
    const waits = sends.map(watch);
    const settled = () => waits.map(({ settled }) => settled);
    await turn();
    assertEquals(settled(), [true, true, false, false, false, false]);
    socket.sendHighWaterMark = 4;
    await turn();
    assertEquals(settled(), [true, true, true, true, false, false]);
    assertEquals(socket.statistics().queued, 4);
    socket.sendHighWaterMark = 0;
    await Promise.all(sends);
    assertEquals(fill(socket), 5000);
  });

  test(`${name}: a lower sendHighWaterMark keeps queued messages, and then applies`, async () => {
    await using listener = await RawListener.bind();
    await using socket = new make({ sendHighWaterMark: 10, linger: 0 });
    socket.connect(listener.endpoint);
    assertEquals(fill(socket), 10);
    socket.sendHighWaterMark = 3;
    assertEquals([socket.trySend("no"), socket.statistics().queued], [false, 10]);
    const waits = socket.send("10");
    const peer = await listener.accept();
    await peer.handshake({ type: socket.type === "PUSH" ? "PULL" : socket.type });
    for (const text of numbers(11)) assertEquals(await peer.message(), [text]);
    await waits;
  });

  test(`${name}: a new sendHighWaterMark is that of endpoints connected later, too`, async () => {
    await using socket = new make({ linger: 0 });
    socket.sendHighWaterMark = 3;
    socket.connect(await deserted());
    assertEquals(fill(socket), 3);
  });
}

test("sendHighWaterMark 0 set live: no limit, and back again", async () => {
  await using push = new Push({ sendHighWaterMark: 1, linger: 0 });
  push.connect(await deserted());
  assertEquals(fill(push), 1);
  push.sendHighWaterMark = 0;
  assertEquals(fill(push, 3000), 3000);
  push.sendHighWaterMark = 5000;
  assertEquals(fill(push), 5000 - 3001);
});

test("whenWritable: resolves when a higher high-water mark makes room", async () => {
  await using push = new Push({ sendHighWaterMark: 1, linger: 0 });
  push.connect(await deserted());
  assertEquals(fill(push), 1);
  const writable = push.whenWritable();
  const wait = watch(writable);
  await turn();
  assertEquals([push.writable, wait.settled], [false, false]);
  push.sendHighWaterMark = 2;
  await writable;
  assertEquals(push.writable, true);
});

/** A link that takes one more batch and then nothing. */
async function blocked(link: FakeLink): Promise<FakeLink> {
  // The output of the handshake is written first.
  await turn();
  link.takes = false;
  return link;
}

test("Router, mandatory: a higher high-water mark resumes the send to a full peer", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1, linger: 0 });
  const link = await blocked(comeIn(router, "a"));
  // The first is with the link, the second is queued.
  const sends = numbers(4).map((text) => router.send(["a", text]));
  const waits = sends.map(watch);
  await turn();
  assertEquals(waits.map(({ settled }) => settled), [true, true, false, false]);
  router.sendHighWaterMark = 2;
  await turn();
  assertEquals(waits.map(({ settled }) => settled), [true, true, true, false]);
  link.drain();
  await Promise.all(sends);
  await turn();
  assertEquals(link.hex.endsWith("000132000133"), true, link.hex);
});

for (const make of [Publisher, XPublisher]) {
  test(`${make.name}, noDrop: a higher high-water mark resumes the send that a full peer blocks`, async () => {
    await using publisher = new make({ noDrop: true, sendHighWaterMark: 1, linger: 0 });
    const link = comeIn(publisher);
    link.arrive(command("SUBSCRIBE"));
    await blocked(link);
    const sends = numbers(3).map((text) => publisher.send(text));
    const waits = sends.map(watch);
    await turn();
    assertEquals(waits.map(({ settled }) => settled), [true, true, false]);
    publisher.sendHighWaterMark = 2;
    await Promise.all(sends);
    assertEquals(publisher.statistics().dropped, 0);
  });

  test(`${make.name}: messages above the high-water mark are dropped for that peer only, and counted`, async () => {
    await using publisher = new make({ sendHighWaterMark: 2, linger: 0 });
    const slow = comeIn(publisher);
    const quick = comeIn(publisher);
    for (const link of [slow, quick]) link.arrive(command("SUBSCRIBE"));
    await blocked(slow);
    const count = (): number[][] => {
      const { dropped, peers } = publisher.statistics();
      return [[dropped], peers.map((peer) => peer.dropped), peers.map((peer) => peer.queued)];
    };
    // One is with the slow link, two are queued for it, the rest is dropped.
    for (const text of numbers(7)) await publisher.send(text);
    await turn();
    assertEquals(count(), [[4], [4, 0], [2, 0]]);
    publisher.sendHighWaterMark = 4;
    for (const text of numbers(3)) await publisher.send(text);
    await turn();
    assertEquals(count(), [[5], [5, 0], [4, 0]]);
    publisher.sendHighWaterMark = 1;
    await publisher.send("lower: what is queued stays");
    await turn();
    assertEquals(count(), [[6], [6, 0], [4, 0]]);
    // Messages queued for a disconnected peer are dropped too.
    const gone = nextEvent(publisher, "disconnect");
    await slow.lose();
    await gone;
    assertEquals(count(), [[10], [0], [0]]);
    assertEquals(quick.hex.includes("000136"), true);
  });
}

/** The frames of a peer's message, by the type of the socket that receives them. */
const INCOMING: { readonly [T in SocketType]?: (text: string) => Uint8Array } = {
  DEALER: (text) => message(text),
  PAIR: (text) => message(text),
  PULL: (text) => message(text),
  REP: (text) => message("", text),
  ROUTER: (text) => message(text),
  STREAM: (text) => new TextEncoder().encode(text),
  SUB: (text) => message(text),
  XPUB: (text) => message(text),
  XSUB: (text) => message(text),
};

for (const type of Object.keys(INCOMING) as SocketType[]) {
  test(`${type}: receiveHighWaterMark set live: a higher one resumes reading immediately, a lower one keeps queued messages`, async () => {
    const options = { receiveHighWaterMark: 2, ...type === "STREAM" && { notify: false } };
    const socket = MAKERS[type](options) as Pull;
    await using _closing = socket;
    if (socket instanceof Subscriber) socket.subscribe("");
    if (socket instanceof XSubscriber) await socket.send("\x01");
    const link = comeIn(socket);
    // A STREAM's chunk is a message; all others come in one chunk.
    const bytes = numbers(9).map(INCOMING[type]!);
    const arrive = (from: number, to: number) => {
      if (!(socket instanceof Stream)) return link.arrive(...bytes.slice(from, to));
      for (const chunk of bytes.slice(from, to)) if (!link.paused) link.arrive(chunk);
    };
    arrive(0, 9);
    const held = () => [socket.statistics().held, link.paused];
    assertEquals(held(), [2, true]);
    socket.receiveHighWaterMark = 4;
    if (socket instanceof Stream) arrive(2, 9);
    assertEquals(held(), [4, true]);
    socket.receiveHighWaterMark = 1;
    assertEquals(held(), [4, true]);
    socket.receiveHighWaterMark = 0;
    if (socket instanceof Stream) arrive(4, 9);
    assertEquals(held(), [9, false]);
    socket.receiveHighWaterMark = 3;
    assertEquals(held(), [9, false]);
    const received: string[] = [];
    while (received.length < 9) {
      received.push(new TextDecoder().decode((await socket.receive()).at(-1)));
      if (socket.type === "REP") await (socket as unknown as Pair).send("reply");
    }
    assertEquals(received, numbers(9));
  });
}

test("a lowered receiveHighWaterMark: reading continues when the inbox is down to half of the new one", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 8 });
  const link = comeIn(pull);
  link.arrive(...wire(...numbers(20)));
  assertEquals([pull.statistics().held, link.paused], [8, true]);
  pull.receiveHighWaterMark = 4;
  assertEquals(await take(pull, 5), numbers(5));
  assertEquals([pull.statistics().held, link.paused], [3, true]);
  assertEquals(await take(pull, 1), ["5"]);
  assertEquals([pull.statistics().held, link.paused], [4, true]);
});

test("inproc: the high-water marks of both sides count, and either can be changed live", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  await using push = new Push({ sendHighWaterMark: 3, linger: 0 });
  await pull.bind("inproc://marks");
  push.connect("inproc://marks");
  await push.waitForPeers(1);
  assertEquals(fill(push), 5);
  pull.receiveHighWaterMark = 4;
  assertEquals(pull.statistics().held, 4);
  assertEquals(fill(push), 2);
  push.sendHighWaterMark = 4;
  assertEquals(fill(push), 1);
  assertEquals([push.statistics().queued, pull.statistics().held], [4, 4]);
  pull.receiveHighWaterMark = 0;
  assertEquals([push.statistics().queued, pull.statistics().held], [0, 8]);
  assertEquals(fill(push, 3000), 3000);
});

test("high-water marks changed during a handshake apply to that connection", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  const link = new FakeLink();
  pull.attach(link);
  pull.receiveHighWaterMark = 5;
  shakeHands(link, pull);
  link.arrive(...wire(...numbers(9)));
  assertEquals(pull.statistics().held, 5);
});
