/**
 * `helloMessage`, `disconnectMessage` and `hiccupMessage` for all socket types that have them, over inproc too, and set
 * live. tests/interop/options_messages_test.ts compares them with libzmq.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, type Receiver, take } from "../sockets/support.ts";

let names = 0;
const inproc = () => `inproc://options-messages-${++names}`;

interface Options {
  readonly helloMessage?: string;
  readonly disconnectMessage?: string;
  readonly hiccupMessage?: string;
  readonly reconnectInterval?: number;
  readonly receiveHighWaterMark?: number;
}

type Receiving = Socket & Receiver;

/** Types that receive, a partner of each, and the frames in front of a message from that partner. */
const RECEIVING: readonly (readonly [make: (options: Options) => Receiving, partner: string, prefix: string])[] = [
  [(options) => new Dealer(options), "ROUTER", ""],
  [(options) => new Pair(options), "PAIR", ""],
  [(options) => new Pull(options), "PUSH", ""],
  [(options) => new Router(options), "DEALER", "peer|"],
  [(options) => new XPublisher(options), "XSUB", ""],
  [(options) => new XSubscriber(options), "PUB", ""],
];

const ALL: readonly (readonly [make: (options: Options) => Socket, partner: string])[] = [
  ...RECEIVING.map(([make, partner]) => [make, partner] as const),
  [(options) => new Publisher(options), "SUB"],
  [(options) => new Push(options), "PULL"],
  [(options) => new Reply(options), "DEALER"],
  [(options) => new Request(options), "ROUTER"],
  [(options) => new Subscriber(options), "XPUB"],
];

for (const [make, partner] of ALL) {
  const { name } = make({}).constructor;

  test(`${name}: helloMessage is the first message of each connection, incoming and outgoing, also after reconnects`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make({ helloMessage: "hello", reconnectInterval: 10 });
    if (!(socket instanceof Pair)) {
      const endpoint = await socket.bind(ANY);
      for (let i = 0; i < 2; i++) {
        await using peer = await RawPeer.join(endpoint, { type: partner });
        assertEquals(await peer.message(), ["hello"]);
        await peer.sync();
      }
    }
    socket.connect(listener.endpoint);
    for (let i = 0; i < 2; i++) {
      await using peer = await listener.join({ type: partner });
      assertEquals(await peer.message(), ["hello"]);
      await peer.sync();
    }
  });
}

test("Stream: helloMessage is the first bytes of each connection", async () => {
  await using listener = await RawListener.bind();
  await using stream = new Stream({ helloMessage: "hello", reconnectInterval: 10 });
  const endpoint = await stream.bind(ANY);
  await using came = await RawPeer.connect(endpoint);
  assertEquals(await came.read(5), new TextEncoder().encode("hello"));
  stream.connect(listener.endpoint);
  for (let i = 0; i < 2; i++) {
    await using peer = await listener.accept();
    assertEquals(await peer.read(5), new TextEncoder().encode("hello"));
  }
});

test("helloMessage set live is sent to later peers; null removes it, and an empty one is a message", async () => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  for (const helloMessage of ["hello", null, "", "at last"]) {
    push.helloMessage = helloMessage;
    await using peer = await RawPeer.join(endpoint, { type: "PULL" });
    if (helloMessage !== null) assertEquals(await peer.message(), [helloMessage]);
    await peer.sync();
  }
});

test("helloMessage is sent before queued messages, regardless of the high-water mark", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ helloMessage: "hello", sendHighWaterMark: 1 });
  push.connect(listener.endpoint);
  assert(push.trySend("queued"));
  assert(!push.trySend("full"));
  const peer = await listener.join({ type: "PULL" });
  assertEquals([await peer.message(), await peer.message()], [["hello"], ["queued"]]);
});

test("helloMessage and its peer's over inproc, each a copy of its own", async () => {
  await using left = new Pair({ helloMessage: "I am left" });
  await using right = new Pair({ helloMessage: "I am right" });
  right.connect(await left.bind(inproc()));
  const [heard] = await right.receive();
  assertEquals(new TextDecoder().decode(heard), "I am left");
  heard.fill(0);
  assertEquals(left.helloMessage, new TextEncoder().encode("I am left"));
  assertEquals(await take(left, 1), ["I am right"]);
});

for (const [make, partner, prefix] of RECEIVING) {
  const { name } = make({}).constructor;
  const introduction = { type: partner, identity: "peer" };

  test(`${name}: disconnectMessage is received when an accepted connection is lost, after its messages`, async () => {
    await using socket = make({ disconnectMessage: "gone", hiccupMessage: "hiccup", receiveHighWaterMark: 2 });
    const endpoint = await socket.bind(ANY);
    for (let life = 0; life < 2; life++) {
      const peer = await RawPeer.join(endpoint, introduction);
      peer.write(message("one"), message("two"));
      // The end is not seen before there is room.
      const ended = peer.end();
      assertEquals(await take(socket, 3), ["one", "two", "gone"].map((text) => prefix + text));
      await ended;
    }
  });

  test(`${name}: hiccupMessage is received when an outgoing connection is lost, after its messages`, async () => {
    await using listener = await RawListener.bind();
    const options = {
      disconnectMessage: "gone",
      hiccupMessage: "hiccup",
      receiveHighWaterMark: 2,
      reconnectInterval: 10,
    };
    await using socket = make(options);
    socket.connect(listener.endpoint);
    for (let life = 0; life < 2; life++) {
      const peer = await listener.join(introduction);
      peer.write(message("one"), message("two"));
      // The end is not seen before there is room.
      const ended = peer.end();
      assertEquals(await take(socket, 3), ["one", "two", "hiccup"].map((text) => prefix + text));
      await ended;
    }
  });
}

test("Subscriber: both messages are received regardless of its subscriptions", async () => {
  await using listener = await RawListener.bind();
  await using subscriber = new Subscriber({
    disconnectMessage: "gone",
    hiccupMessage: "hiccup",
    reconnectInterval: 10,
  });
  subscriber.subscribe("news");
  subscriber.connect(listener.endpoint);
  const server = await listener.join({ type: "PUB" });
  await subscriber.waitForPeers(1);
  await server.end();
  assertEquals(await take(subscriber, 1), ["hiccup"]);
  await listener.join({ type: "PUB" });
  const came = await RawPeer.join(await subscriber.bind(ANY), { type: "PUB" });
  await subscriber.waitForPeers(2);
  await came.end();
  assertEquals(await take(subscriber, 1), ["gone"]);
});

test("Reply: both messages are received as requests, whose replies go nowhere", async () => {
  await using listener = await RawListener.bind();
  await using reply = new Reply({ disconnectMessage: "gone", hiccupMessage: "hiccup", reconnectInterval: -1 });
  const came = await RawPeer.join(await reply.bind(ANY), { type: "REQ" });
  came.write(message("", "question"));
  assertEquals(await take(reply, 1), ["question"]);
  await came.end();
  await reply.send("too late");
  assertEquals(await take(reply, 1), ["gone"]);
  await reply.send("to nobody");
  reply.connect(listener.endpoint);
  const server = await listener.join({ type: "REQ" });
  await reply.waitForPeers(1);
  await server.end();
  assertEquals(await take(reply, 1), ["hiccup"]);
});

test("Request: the disconnectMessage of an accepted peer that got the request is received as its reply", async () => {
  await using request = new Request({ disconnectMessage: "nobody answers" });
  const endpoint = await request.bind(ANY);
  await using stays = await RawPeer.join(endpoint, { type: "ROUTER" });
  await request.waitForPeers(1);
  await request.send("to the one who stays");
  assertEquals(await stays.message(), ["", "to the one who stays"]);
  const goes = await RawPeer.join(endpoint, { type: "ROUTER" });
  await request.waitForPeers(2);
  await goes.end();
  stays.write(message("", "answer"));
  assertEquals(await take(request, 1), ["answer"]);
  await request.send("question");
  await stays.end();
  assertEquals(await take(request, 1), ["nobody answers"]);
});

test("Stream: both messages are received, with the notices", async () => {
  await using listener = await RawListener.bind();
  await using stream = new Stream({ disconnectMessage: "gone", hiccupMessage: "hiccup", reconnectInterval: -1 });
  const came = await RawPeer.connect(await stream.bind(ANY));
  const id = (await stream.receive())[0];
  await came.end();
  const told = [await stream.receive(), await stream.receive()];
  assertEquals(told.map(([from]) => from), [id, id]);
  assertEquals(told.map(([, bytes]) => new TextDecoder().decode(bytes)).sort(), ["", "gone"]);
  stream.connect(listener.endpoint, { routingId: "server" });
  const server = await listener.accept();
  assertEquals(await take(stream, 1), ["server|"]);
  await server.end();
  assertEquals((await take(stream, 2)).sort(), ["server|", "server|hiccup"]);
});

test("both messages report the end of an inproc connection as well, on each side", async () => {
  await using binder = new Dealer({ disconnectMessage: "gone", hiccupMessage: "not mine" });
  const endpoint = await binder.bind(inproc());
  const caller = new Dealer();
  caller.connect(endpoint);
  await caller.send("hello");
  await caller.close();
  assertEquals(await take(binder, 2), ["hello", "gone"]);

  await using other = new Dealer({ disconnectMessage: "not mine", hiccupMessage: "hiccup" });
  const server = new Dealer();
  other.connect(await server.bind(inproc()));
  await server.send("hello");
  await server.close();
  assertEquals(await take(other, 2), ["hello", "hiccup"]);
});

test("both messages set live apply to the next loss; null removes them", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  for (const disconnectMessage of [null, "gone", null, ""]) {
    const peer = await RawPeer.join(endpoint, { type: "PUSH" });
    await pull.waitForPeers(1);
    pull.disconnectMessage = disconnectMessage;
    const lost = nextEvent(pull, "disconnect");
    await peer.end();
    await lost;
    if (disconnectMessage !== null) assertEquals(await take(pull, 1), [disconnectMessage]);
    assertEquals(pull.readable, false);
  }
});

test("both messages count neither as received nor towards the high-water mark, and resolve pending receives", async () => {
  await using pull = new Pull({ disconnectMessage: "gone", receiveHighWaterMark: 1 });
  const endpoint = await pull.bind(ANY);
  const waiting = pull.receive();
  const peers = await Promise.all([1, 2, 3].map(() => RawPeer.join(endpoint, { type: "PUSH" })));
  await pull.waitForPeers(3);
  for (const peer of peers) await peer.end();
  assertEquals(new TextDecoder().decode((await waiting)[0]), "gone");
  assertEquals(await take(pull, 2), ["gone", "gone"]);
  assertEquals(pull.statistics().messagesReceived, 0);
});
