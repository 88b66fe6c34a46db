/**
 * `reconnectInterval`, `reconnectMaxInterval`, `reconnectStop` and `connectTimeout`, from the start and set live:
 * observed through `connect:retry` and `connect:end` events.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  Dealer,
  Pair,
  Pull,
  Push,
  type ReconnectStop,
  Request,
  type Socket,
  type SocketEvent,
  ZmqError,
} from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { command, greeting, RawListener } from "../support/raw_peer.ts";
import { deserted, nextEvent } from "../sockets/support.ts";
import { numbers, shakeHands } from "./support.ts";

/** Sets options when the socket has reported `after` intervals, and resolves with the `count` that follow. */
function intervals(socket: Socket, options: object, count: number, after = 1): Promise<number[]> {
  const told: number[] = [];
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== "connect:retry") return;
      told.push(event.interval);
      if (told.length === after) Object.assign(socket, options);
      if (told.length < after + count) return;
      stop();
      resolve(told.slice(after));
    });
  });
}

function assertBetween(told: readonly number[], bounds: readonly (readonly [least: number, most: number])[]): void {
  assertEquals(told.length, bounds.length);
  for (const [i, [least, most]] of bounds.entries()) {
    assert(told[i]! >= least && told[i]! <= most, `interval ${i} of ${told}: ${least} to ${most} was expected`);
  }
}

test("reconnectInterval set live: the next interval is of that length", async () => {
  await using push = new Push({ reconnectInterval: 1 });
  const transport = new PlayedTransport();
  transport.refuse();
  const told = intervals(push, { reconnectInterval: 20 }, 2);
  push.connect(transport.endpoint);
  assertBetween(await told, [[20, 40], [20, 40]]);
});

test("reconnectMaxInterval set live: intervals double up to it from then on, and no longer when it is 0", async () => {
  await using push = new Push({ reconnectInterval: 2 });
  const transport = new PlayedTransport();
  transport.refuse();
  const doubled = intervals(push, { reconnectMaxInterval: 16 }, 5);
  push.connect(transport.endpoint);
  assertBetween(await doubled, [[1, 2], [2, 4], [4, 8], [8, 16], [8, 16]]);
  assertBetween(await intervals(push, { reconnectMaxInterval: 0 }, 2), [[2, 4], [2, 4]]);
});

test("a change of another option does not start the back-off again", async () => {
  await using push = new Push({ reconnectInterval: 1, reconnectMaxInterval: 64 });
  const transport = new PlayedTransport();
  transport.refuse();
  const told = intervals(push, { linger: 0 }, 3, 4);
  push.connect(transport.endpoint);
  assertBetween(await told, [[8, 16], [16, 32], [32, 64]]);
});

test("the longer interval after a protocol violation follows the option set live", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 1 });
  push.connect(listener.endpoint);
  const peer = await listener.accept();
  push.reconnectInterval = 3;
  const retried = nextEvent(push, "connect:retry");
  peer.write(greeting(1, "PLAIN"));
  assertBetween([(await retried).interval], [[15, 30]]);
  push.reconnectMaxInterval = 50;
  const again = nextEvent(push, "connect:retry");
  (await listener.accept()).write(greeting(1, "PLAIN"));
  assertBetween([(await again).interval], [[25, 50]]);
});

for (const reconnectInterval of [-1, 0]) {
  test(`reconnectInterval ${reconnectInterval} set live: reconnecting stops at the next failure`, async () => {
    await using push = new Push({ reconnectInterval: 1 });
    const transport = new PlayedTransport();
    transport.refuse();
    const retried = nextEvent(push, "connect:retry");
    const ended = nextEvent(push, "connect:end");
    push.connect(transport.endpoint);
    for (const text of numbers(3)) await push.send(text);
    await retried;
    push.reconnectInterval = reconnectInterval;
    assertEnd(await ended, transport.endpoint, 3, "ECONNREFUSED");
    assertEquals([push.trySend("nobody"), push.statistics().dropped], [false, 3]);
  });
}

function assertEnd(event: SocketEvent, endpoint: string, dropped: number, code: string): void {
  assert(event.type === "connect:end");
  assertInstanceOf(event.error, ZmqError);
  assertEquals([event.endpoint, event.dropped, event.error.code], [endpoint, dropped, code]);
}

/** Resolves with the event that reports the next attempt, or that the socket stopped reconnecting. */
function outcome(socket: Socket): Promise<SocketEvent> {
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== "connect:retry" && event.type !== "connect:end") return;
      stop();
      resolve(event);
    });
  });
}

for (const make of [Push, Dealer, Pair, Request]) {
  test(`${make.name}, reconnectStop refused: reconnecting to a refused endpoint stops, and its queue is dropped`, async () => {
    const endpoint = await deserted();
    await using socket = new make({ reconnectStop: ["refused"] });
    const ended = outcome(socket);
    socket.connect(endpoint);
    socket.trySend("lost");
    assertEnd(await ended, endpoint, 1, "ECONNREFUSED");
    assertEquals(socket.statistics().queued, 0);
    // Its request is lost, and no event reports that.
    if (socket instanceof Request) socket.relaxed = true;
    assertEquals(socket.trySend("nobody"), false);
  });
}

test("reconnectStop refused: only a refusal counts", async () => {
  await using push = new Push({ reconnectStop: ["refused"], reconnectInterval: 1 });
  const transport = new PlayedTransport();
  for (const code of ["EHOSTUNREACH", "ETIMEDOUT", "ENOTFOUND", "EAGAIN"] as const) {
    transport.refuse(code);
    const told = outcome(push);
    if (code === "EHOSTUNREACH") push.connect(transport.endpoint);
    assertEquals((await told).type, "connect:retry", code);
  }
  transport.succeed();
  // Nor does a handshake that fails, or a connection that is lost.
  for (const handshake of [false, true]) {
    await nextEvent(push, "connect");
    const link = transport.links.at(-1)!;
    if (handshake) shakeHands(link, push);
    const told = outcome(push);
    await link.lose();
    assertEquals((await told).type, "connect:retry");
  }
  transport.refuse();
  assertEnd(await nextEvent(push, "connect:end"), transport.endpoint, 0, "ECONNREFUSED");
});

const FAILED_HANDSHAKES: readonly (readonly [how: string, code: string, bytes: Uint8Array])[] = [
  ["the peer ends it", "ECONNRESET", new Uint8Array()],
  ["another mechanism", "EPROTO", greeting(1, "PLAIN")],
  ["an ERROR command", "EPROTO", new Uint8Array([...greeting(), ...command("ERROR", "\x02no")])],
];

for (const [how, code, bytes] of FAILED_HANDSHAKES) {
  test(`reconnectStop handshakeFailed: ${how}: reconnecting stops, and the queue of the endpoint is dropped`, async () => {
    await using listener = await RawListener.bind();
    await using push = new Push({ reconnectStop: ["handshakeFailed"] });
    const ended = outcome(push);
    push.connect(listener.endpoint);
    for (const text of numbers(2)) await push.send(text);
    const peer = await listener.accept();
    if (bytes.length > 0) peer.write(bytes);
    else await peer.end();
    assertEnd(await ended, listener.endpoint, 2, code);
    assertEquals(push.trySend("nobody"), false);
  });
}

test("reconnectStop handshakeFailed: a refusal and a lost connection do not count", async () => {
  await using push = new Push({ reconnectStop: ["handshakeFailed"], reconnectInterval: 1 });
  const transport = new PlayedTransport();
  transport.refuse();
  const refused = outcome(push);
  push.connect(transport.endpoint);
  assertEquals((await refused).type, "connect:retry");
  transport.succeed();
  await nextEvent(push, "connect");
  const [link] = transport.links;
  shakeHands(link!, push);
  const lost = outcome(push);
  await link!.lose();
  assertEquals((await lost).type, "connect:retry");
});

/** A Push with messages queued for a connection that takes no more, and is then disconnected. */
async function disconnected(push: Push, transport: PlayedTransport): Promise<void> {
  transport.succeed();
  const connected = nextEvent(push, "connect");
  push.connect(transport.endpoint);
  await connected;
  const [link] = transport.links;
  shakeHands(link!, push);
  await turn();
  link!.takes = false;
  for (const text of numbers(5)) await push.send(text);
  push.disconnect(transport.endpoint);
  transport.refuse("EHOSTUNREACH");
  await link!.lose();
}

test("reconnectStop afterDisconnect: messages still queued when the connection is lost are dropped", async () => {
  await using push = new Push({ reconnectStop: ["afterDisconnect"], reconnectInterval: 1 });
  const transport = new PlayedTransport();
  const ended = outcome(push);
  await disconnected(push, transport);
  assertEnd(await ended, transport.endpoint, 4, "ECONNRESET");
  assertEquals([push.statistics().dropped, transport.connects.length], [4, 1]);
});

test("without reconnectStop afterDisconnect: messages still queued when the connection is lost go over the next one", async () => {
  const all: ReconnectStop[] = ["refused", "handshakeFailed"];
  await using push = new Push({ reconnectStop: all, reconnectInterval: 1 });
  const transport = new PlayedTransport();
  const retried = outcome(push);
  await disconnected(push, transport);
  assertEquals((await retried).type, "connect:retry");
  transport.succeed();
  await nextEvent(push, "connect");
  const link = transport.links[1]!;
  const gone = nextEvent(push, "disconnect:local");
  shakeHands(link, push);
  await gone;
  assertEquals(link.hex.endsWith("000131000132000133000134"), true, link.hex);
  assertEquals(push.statistics().dropped, 0);
});

test("reconnectStop set live counts at the next failure, and keeps its own list", async () => {
  await using push = new Push({ reconnectInterval: 1 });
  const transport = new PlayedTransport();
  transport.refuse();
  const retried = outcome(push);
  push.connect(transport.endpoint);
  await retried;
  const list: ReconnectStop[] = ["refused", "refused"];
  push.reconnectStop = list;
  list.length = 0;
  assertEquals(push.reconnectStop, ["refused"]);
  assertEnd(await nextEvent(push, "connect:end"), transport.endpoint, 0, "ECONNREFUSED");
});

test("connectTimeout: an attempt that takes longer fails, and the next one follows; set live it is that of the next", async () => {
  await using push = new Push({ connectTimeout: 10, reconnectInterval: 1 });
  const transport = new PlayedTransport();
  const late = nextEvent(push, "connect:retry");
  push.connect(transport.endpoint);
  const { error } = await late;
  assertInstanceOf(error, ZmqError);
  assertEquals([error.code, transport.connects[0]!.options.signal!.aborted], ["ETIMEDOUT", true]);
  push.connectTimeout = 0;
  // The next one begins when the change is made; there is no limit to it.
  await nextEvent(push, "connect:delay");
  await turn();
  const { signal } = transport.connects.at(-1)!.options;
  await using clock = new Pull({ connectTimeout: 10, reconnectInterval: 1 });
  const ticks = intervals(clock, {}, 5);
  clock.connect(new PlayedTransport().endpoint);
  await ticks;
  assertEquals(signal!.aborted, false);
});

test("connectTimeout: a connection that was established in time stays open", async () => {
  await using push = new Push({ connectTimeout: 10, handshakeInterval: 0 });
  const transport = new PlayedTransport();
  transport.succeed();
  const connected = nextEvent(push, "connect");
  push.connect(transport.endpoint);
  await connected;
  await using clock = new Pull({ connectTimeout: 10, reconnectInterval: 1 });
  const ticks = intervals(clock, {}, 5);
  clock.connect(new PlayedTransport().endpoint);
  await ticks;
  const [link] = transport.links;
  shakeHands(link!, push);
  assertEquals([push.peerCount, transport.connects.length], [1, 1]);
});

test("connectTimeout: a proxy that sends nothing times out after handshakeInterval", async () => {
  await using proxy = await RawListener.bind();
  const socksProxy = proxy.endpoint.slice("tcp://".length);
  await using push = new Push({ socksProxy, handshakeInterval: 50, linger: 0 });
  const retry = nextEvent(push, "connect:retry");
  push.connect("tcp://192.0.2.1:5555");
  const { error } = await retry;
  assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
});
