/**
 * `immediate`: messages are queued only for established connections, and those of a lost connection are dropped and
 * counted.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push, Request, type Socket } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { turn } from "../support/connection_rig.ts";
import type { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { RawListener } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, rejectsWith, take } from "../sockets/support.ts";
import { numbers, shakeHands, watch } from "./support.ts";

const TYPES = [Push, Dealer, Pair, Request];
type Sender = Push | Dealer | Pair | Request;

/** Lets the socket's next connection come up, and returns its link. */
async function connection(socket: Socket, transport: PlayedTransport, connect?: () => void): Promise<FakeLink> {
  transport.succeed();
  const connected = nextEvent(socket, "connect");
  connect?.();
  await connected;
  const link = transport.links.at(-1)!;
  shakeHands(link, socket);
  await turn();
  return link;
}

for (const make of TYPES) {
  test(`${make.name}, immediate: nothing is queued without a connected peer; a send waits for a peer`, async () => {
    const endpoint = await deserted();
    await using socket: Sender = new make({ immediate: true, reconnectInterval: 5, sendTimeout: 0 });
    const retried = nextEvent(socket, "connect:retry");
    socket.connect(endpoint);
    assertEquals([socket.writable, socket.trySend("no")], [false, false]);
    await retried;
    assertEquals(socket.trySend("no"), false);
    await rejectsWith("EAGAIN", () => socket.send("no"));
    socket.sendTimeout = -1;
    const sent = socket.send("yes");
    await using listener = await listenAgain(endpoint);
    const types = { DEALER: "DEALER", PAIR: "PAIR", PUSH: "PULL", REQ: "REP" } as const;
    const peer = await listener.join({ type: types[socket.type as keyof typeof types] });
    await sent;
    assertEquals((await peer.message()).at(-1), "yes");
  });

  test(`${make.name}, not immediate: a message is queued before a peer is connected`, async () => {
    await using socket: Sender = new make({ linger: 0 });
    socket.connect(await deserted());
    assertEquals([socket.immediate, socket.writable, socket.trySend("yes")], [false, true, true]);
    assertEquals(socket.statistics().queued, 1);
  });
}

async function listenAgain(endpoint: string): Promise<RawListener> {
  // As soon as the endpoint is free for good.
  const pull = new Pull();
  await bindAgain(pull, endpoint);
  await pull.close();
  for (;;) {
    try {
      return await RawListener.bind(endpoint);
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
}

for (const make of [Push, Dealer, Pair]) {
  test(`${make.name}, immediate: messages queued for a lost connection are dropped and counted`, async () => {
    const transport = new PlayedTransport();
    await using socket = new make({ immediate: true, reconnectInterval: 1 });
    const first = await connection(socket, transport, () => socket.connect(transport.endpoint));
    first.takes = false;
    for (const text of numbers(5)) await socket.send(text);
    const { queued, dropped } = socket.statistics();
    assertEquals([queued, dropped], [4, 0]);
    const lost = nextEvent(socket, "disconnect");
    await first.lose();
    await lost;
    assertEquals([socket.statistics().queued, socket.statistics().dropped], [0, 4]);
    assertEquals(socket.trySend("nobody is there"), false);
    const second = await connection(socket, transport);
    await socket.send("new");
    await turn();
    assertEquals([second.hex.includes("000131"), second.hex.endsWith("00036e6577")], [false, true]);
    assertEquals(socket.statistics().dropped, 4);
  });

  test(`${make.name}, not immediate: messages queued for a lost connection are sent over the next one`, async () => {
    const transport = new PlayedTransport();
    await using socket = new make({ reconnectInterval: 1 });
    const first = await connection(socket, transport, () => socket.connect(transport.endpoint));
    first.takes = false;
    for (const text of numbers(5)) await socket.send(text);
    const lost = nextEvent(socket, "disconnect");
    await first.lose();
    await lost;
    assertEquals(socket.trySend("5"), true);
    assertEquals([socket.statistics().queued, socket.statistics().dropped], [5, 0]);
    const second = await connection(socket, transport);
    assertEquals(second.hex.endsWith("000131000132000133000134000135"), true, second.hex);
  });
}

test("immediate: messages go to the endpoint that is up, none is kept for the one that is not", async () => {
  for (const [immediate, received] of [[true, numbers(6)], [false, ["1", "3", "5"]]] as const) {
    await using pull = new Pull();
    await using push = new Push({ immediate, linger: 0 });
    push.connect(await deserted());
    push.connect(await pull.bind(ANY));
    await push.waitForPeers(1);
    for (const text of numbers(6)) await push.send(text);
    assertEquals(await take(pull, received.length), received);
    assertEquals(push.statistics().queued, 6 - received.length);
  }
});

test("immediate set live is that of the next connect", async () => {
  await using push = new Push({ linger: 0 });
  push.connect(await deserted());
  push.immediate = true;
  // The queue that was made before stays.
  assertEquals(push.trySend("queued"), true);
  push.sendHighWaterMark = 1;
  push.connect(await deserted());
  assertEquals([push.trySend("no"), push.statistics().queued], [false, 1]);
  push.immediate = false;
  push.connect(await deserted());
  assertEquals([push.trySend("queued"), push.statistics().queued], [true, 2]);
});

test("immediate: a Pair accepts its peer when the connection is established", async () => {
  const transport = new PlayedTransport();
  await using pair = new Pair({ immediate: true });
  await connection(pair, transport, () => pair.connect(transport.endpoint));
  assertEquals([pair.peerCount, pair.writable], [1, true]);
});

test("immediate, inproc: a send waits until the name is bound", async () => {
  await using push = new Push({ immediate: true });
  push.connect("inproc://late");
  assertEquals(push.trySend("no"), false);
  const sent = push.send("yes");
  const wait = watch(sent);
  await turn();
  assertEquals(wait.settled, false);
  await using pull = new Pull();
  await pull.bind("inproc://late");
  await sent;
  assertEquals(await take(pull, 1), ["yes"]);
});
