/**
 * Repeated losses, and incompatible peers: the socket keeps retrying and keeps its queue, and works as soon as the
 * right peer is available.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { bytes, greeting, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { LEAVES, lose, numbers, read } from "./losses.ts";
import { ANY, deserted, type EventOf, nextEvent, take } from "./support.ts";

const OPTIONS = { reconnectInterval: 2, linger: 0 };

/** The number of consecutive losses. */
const LOSSES = 50;

test("many losses: at every stage of a connection, and after them everything works", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ ...OPTIONS, reconnectInterval: 1, reconnectMaxInterval: 2 });
  const peers: number[] = [];
  push.events.listen(({ type }) => {
    if (type === "connect:retry") peers.push(push.peerCount);
  });
  push.connect(listener.endpoint);
  for (let i = 0; i < LOSSES; i++) {
    const retrying = nextEvent(push, "connect:retry");
    const peer = await listener.accept();
    if (i % 3 === 1) await peer.write(greeting());
    if (i % 3 === 2) {
      await peer.handshake({ type: "PULL" });
      await push.waitForPeers(1);
    }
    await LEAVES[i % 2]!(peer);
    await retrying;
  }
  assertEquals(peers, Array(LOSSES).fill(0));
  await push.send("at last");
  const peer = await listener.join({ type: "PULL" });
  assertEquals(await peer.message(), ["at last"]);
  assertEquals(push.peerCount, 1);
});

test("many losses: peers that connect to a bound socket", async () => {
  await using dealer = new Dealer(OPTIONS);
  const endpoint = await dealer.bind(ANY);
  for (let i = 0; i < LOSSES; i++) {
    const whole = i % 3 === 2;
    const known = nextEvent(dealer, whole ? "handshake" : "accept");
    const lost = nextEvent(dealer, whole ? "disconnect" : "handshake:error:other");
    const peer = await RawPeer.connect(endpoint);
    if (whole) peer.write(greeting(), ready("DEALER"));
    else if (i % 3 === 1) peer.write(greeting());
    await known;
    await LEAVES[i % 2]!(peer);
    await lost;
    assertEquals(dealer.peerCount, 0);
  }
  // No queue is left that would swallow it.
  assertEquals(dealer.trySend("to nobody"), false);
  await using peer = await RawPeer.join(endpoint, { type: "DEALER" });
  await dealer.send("hello");
  assertEquals(await peer.message(), ["hello"]);
  assertEquals(dealer.peerCount, 1);
});

test("many losses: attempts that fail continue at the longest interval, and the last one finds the peer", async () => {
  await using push = new Push({ ...OPTIONS, reconnectInterval: 1, reconnectMaxInterval: 4 });
  const endpoint = await deserted();
  const intervals: number[] = [];
  const enough = nextEvent(push, "connect:retry", ({ interval }) => intervals.push(interval) === LOSSES);
  push.connect(endpoint);
  for (const text of numbers(0, 20)) await push.send(text);
  await enough;
  assert(intervals.slice(2).every((interval) => interval >= 2 && interval <= 4), intervals.join());
  await using pull = new Pull();
  await bindAgain(pull, endpoint);
  assertEquals(await take(pull, 20), numbers(0, 20));
  assertEquals(push.peerCount, 1);
});

/** Errors that a peer can make in the handshake. */
const WRONGS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["a socket type that cannot be", bytes(greeting(), ready("PUB"))],
  ["a bad greeting", bytes("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["another mechanism", greeting(1, "PLAIN")],
];

/** Sockets that send as soon as the right peer is connected: queued messages, or subscriptions. */
const TELLERS:
  readonly (readonly [make: () => Socket, peer: string, tell: (socket: Socket) => void, told: string[]])[] = [
    [() => new Push(OPTIONS), "PULL", queueThree, numbers(0, 3)],
    [() => new Dealer(OPTIONS), "ROUTER", queueThree, numbers(0, 3)],
    [() => new Pair(OPTIONS), "PAIR", queueThree, numbers(0, 3)],
    [() => new Request(OPTIONS), "REP", (socket) => assert((socket as Request).trySend("question")), ["|question"]],
    [() => new Subscriber(OPTIONS), "XPUB", (socket) => (socket as Subscriber).subscribe("topic"), ["SUBSCRIBEtopic"]],
  ];

function queueThree(socket: Socket): void {
  for (const text of numbers(0, 3)) assert((socket as Push).trySend(text));
}

for (const [make, type, tell, told] of TELLERS) {
  test(`rejection: a ${make().type} retries wrong peers with back-off, and sends the right one everything once`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    const { reconnectInterval } = OPTIONS;
    const retries: EventOf<"connect:retry">[] = [];
    const refusals: string[] = [];
    socket.events.listen((event) => {
      if (event.type === "connect:retry") retries.push(event);
      if (event.type === "handshake:error:protocol") refusals.push(event.error.code);
    });
    socket.connect(listener.endpoint);
    tell(socket);
    // Three times over, and a SUB may well talk to a PUB.
    const wrongs = WRONGS.map(([name, wrong]) =>
      type === "XPUB" && name.includes("type") ? bytes(greeting(), ready("PULL")) : wrong
    );
    for (const wrong of [...wrongs, ...wrongs]) {
      const retrying = nextEvent(socket, "connect:retry");
      const peer = await listener.accept();
      peer.write(wrong);
      await retrying;
      await peer.gone;
      assertEquals(socket.peerCount, 0);
    }
    assertEquals(refusals, Array(2 * WRONGS.length).fill("EPROTO"));
    assert(
      retries.every(({ interval }) => interval >= 5 * reconnectInterval && interval <= 10 * reconnectInterval),
      retries.map(({ interval }) => interval).join(),
    );
    const right = await listener.join({ type });
    assertEquals(await read(right, told.length), told);
    await right.sync();
    // And with that all is forgotten.
    await lose(socket, right);
    assert(retries.at(-1)!.interval <= 2 * reconnectInterval, `${retries.at(-1)!.interval}`);
  });
}

test("rejection: two incompatible sockets both report it, and queued messages go to the right one", async () => {
  await using push = new Push(OPTIONS);
  const wrong = new Reply();
  const endpoint = await wrong.bind(ANY);
  const told = [nextEvent(push, "handshake:error:protocol"), nextEvent(wrong, "handshake:error:protocol")];
  push.connect(endpoint);
  for (const text of numbers(0, 10)) await push.send(text);
  for (const { error } of await Promise.all(told)) assertEquals(error.code, "EPROTO", error.message);
  assertEquals([push.peerCount, wrong.peerCount], [0, 0]);
  await wrong.close();
  await using right = new Pull();
  await bindAgain(right, endpoint);
  assertEquals(await take(right, 10), numbers(0, 10));
  assertEquals(right.tryReceive(), undefined);
});
