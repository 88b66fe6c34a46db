/**
 * Raw peers of ZMTP 2.0 and 1.0, with sockets of every type; and ZMTP 3 peers that send the greeting as slowly as
 * allowed.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
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
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, frameV1, greeting, message, messageV1, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, texts } from "./support.ts";

/** The numbers of zmq.h. */
const TYPES = { PAIR: 0, PUB: 1, SUB: 2, REQ: 3, REP: 4, DEALER: 5, ROUTER: 6, PULL: 7, PUSH: 8 } as const;
type Type = keyof typeof TYPES;

/** The form of an older version. */
interface Dialect {
  readonly name: string;
  /** `true` if its peers announce their socket type. */
  readonly typed: boolean;
  /** Introduces a peer, sending each part when its library does, and returns what the socket announces. */
  greet(peer: RawPeer, type: Type, identity?: string): Promise<{ readonly type?: number; readonly identity: string }>;
  /** All frames of a message. */
  message(...frames: (string | Uint8Array)[]): Uint8Array;
  /** Reads a message, its frames as text. */
  read(peer: RawPeer): Promise<string[]>;
}

const SIGNATURE = bytes(0xff, 0, 0, 0, 0, 0, 0, 0);
const text = (body: Uint8Array) => new TextDecoder().decode(body);

/** Reads the other's signature and returns the length of its routing id. */
async function readSignature(peer: RawPeer): Promise<number> {
  const signature = await peer.read(10);
  assertEquals([signature[0], signature[9]], [0xff, 0x7f]);
  return Number(new DataView(signature.buffer).getBigUint64(1)) - 1;
}

const DIALECTS: Dialect[] = [
  {
    name: "2.0",
    typed: true,
    // As libzmq 3.2: it says nothing more before it has seen the other's signature.
    async greet(peer, type, identity = "") {
      peer.write(bytes(SIGNATURE, identity.length + 1, 0x7f));
      const length = await readSignature(peer);
      peer.write(bytes(1, TYPES[type], 0, identity.length, identity));
      assertEquals(await peer.read(1), bytes(3));
      const [theirType] = await peer.read(1);
      const { flags, body } = await peer.frame();
      assertEquals([flags, body.length], [0, length]);
      return { type: theirType!, identity: text(body) };
    },
    message,
    read: (peer) => peer.message(),
  },
  {
    name: "1.0",
    typed: false,
    // As libzmq 2.x: its routing id is its first frame, sent at once.
    async greet(peer, _type, identity = "") {
      peer.write(frameV1(0x7e, identity));
      return { identity: text(await peer.read(await readSignature(peer))) };
    },
    message: messageV1,
    read: (peer) => peer.messageV1(),
  },
];

/** A test for each of the older versions. */
function testEach(name: string, run: (dialect: Dialect) => Promise<void>): void {
  for (const dialect of DIALECTS) test(`${dialect.name}: ${name}`, () => run(dialect));
}

/** A peer of this type at a bound socket. */
async function join(dialect: Dialect, socket: Socket, type: Type, identity?: string): Promise<RawPeer> {
  const joined = nextEvent(socket, "handshake");
  const peer = await RawPeer.connect(await socket.bind(ANY));
  await dialect.greet(peer, type, identity);
  assertEquals((await joined).peerType, dialect.typed ? type : "");
  return peer;
}

const LENGTHS = [0, 253, 254, 255, 256, 70_000, 1_000_000];

testEach("a PUSH gives its messages to a bound PULL, short, long, and of several frames", async (dialect) => {
  await using pull = new Pull();
  await using peer = await join(dialect, pull, "PUSH");
  peer.write(dialect.message("one"), dialect.message("two", "", "parts"));
  assertEquals(await take(pull, 2), ["one", "two||parts"]);
  for (const length of LENGTHS) {
    const body = new Uint8Array(length).fill(length);
    peer.write(dialect.message(body, body));
    assertEquals(await pull.receive(), [body, body]);
  }
});

testEach("a PULL takes the messages of a PUSH that connects, in order", async (dialect) => {
  await using listener = await RawListener.bind();
  await using push = new Push();
  push.connect(listener.endpoint);
  await push.send("queued ahead");
  const peer = await listener.accept();
  const { type, identity } = await dialect.greet(peer, "PULL");
  assertEquals([type, identity], [dialect.typed ? TYPES.PUSH : undefined, ""]);
  await push.send(["two", "", "parts"]);
  assertEquals(await dialect.read(peer), ["queued ahead"]);
  assertEquals(await dialect.read(peer), ["two", "", "parts"]);
  for (const length of LENGTHS) {
    const body = "x".repeat(length);
    await push.send([body, body]);
    assertEquals(await dialect.read(peer), [body, body]);
  }
  for (let i = 0; i < 1000; i++) await push.send(`${i}`);
  for (let i = 0; i < 1000; i++) assertEquals(await dialect.read(peer), [`${i}`]);
});

testEach("a REQ gets its answers from a Reply", async (dialect) => {
  await using reply = new Reply();
  await using peer = await join(dialect, reply, "REQ");
  for (const question of ["first", "second"]) {
    peer.write(dialect.message("", question));
    assertEquals(await take(reply, 1), [question]);
    await reply.send([`answer to ${question}`, "and more"]);
    assertEquals(await dialect.read(peer), ["", `answer to ${question}`, "and more"]);
  }
});

testEach("a REP answers a Request, and knows its routing id", async (dialect) => {
  await using listener = await RawListener.bind();
  await using request = new Request({ routingId: "asker" });
  request.connect(listener.endpoint);
  const peer = await listener.accept();
  assertEquals((await dialect.greet(peer, "REP")).identity, "asker");
  for (const question of ["first", "second"]) {
    await request.send(question);
    assertEquals(await dialect.read(peer), ["", question]);
    peer.write(dialect.message("", `answer to ${question}`));
    assertEquals(await take(request, 1), [`answer to ${question}`]);
  }
});

testEach("a DEALER is known to a Router by the routing id that it tells", async (dialect) => {
  await using router = new Router({ mandatory: true });
  await using peer = await join(dialect, router, "DEALER", "old-timer");
  peer.write(dialect.message("hello", "", "there"));
  assertEquals(await take(router, 1), ["old-timer|hello||there"]);
  await router.send(["old-timer", "welcome"]);
  assertEquals(await dialect.read(peer), ["welcome"]);
});

testEach("a DEALER that tells no routing id gets one from the Router", async (dialect) => {
  await using router = new Router({ mandatory: true });
  await using peer = await join(dialect, router, "DEALER");
  peer.write(dialect.message("hello"));
  const [id, ...rest] = await router.receive();
  assertEquals([id.length, id[0], texts(rest)], [5, 0, ["hello"]]);
  await router.send([id, "welcome"]);
  assertEquals(await dialect.read(peer), ["welcome"]);
});

testEach("a ROUTER knows a Dealer by its routing id, of any length", async (dialect) => {
  for (const routingId of ["d", "d".repeat(253), "d".repeat(254), "d".repeat(255)]) {
    await using listener = await RawListener.bind();
    await using dealer = new Dealer({ routingId });
    dealer.connect(listener.endpoint);
    const peer = await listener.accept();
    const { type, identity } = await dialect.greet(peer, "ROUTER", "r".repeat(routingId.length));
    assertEquals([type, identity], [dialect.typed ? TYPES.DEALER : undefined, routingId]);
    await dealer.send(["to", "router"]);
    assertEquals(await dialect.read(peer), ["to", "router"]);
    peer.write(dialect.message("to dealer"));
    assertEquals(await take(dealer, 1), ["to dealer"]);
  }
});

testEach("two PAIRs talk both ways", async (dialect) => {
  await using pair = new Pair();
  await using peer = await join(dialect, pair, "PAIR");
  await pair.send("ping");
  assertEquals(await dialect.read(peer), ["ping"]);
  peer.write(dialect.message("pong"));
  assertEquals(await take(pair, 1), ["pong"]);
});

testEach("a PUB hears of the subscriptions as messages, and its messages are filtered", async (dialect) => {
  const sub = new Subscriber();
  const xsub = new XSubscriber();
  const subscribers = [
    { socket: sub, subscribe: () => sub.subscribe("news"), cancel: () => sub.unsubscribe("news") },
    { socket: xsub, subscribe: () => xsub.send("\x01news"), cancel: () => xsub.send("\x00news") },
  ];
  for (const { socket, subscribe, cancel } of subscribers) {
    await using listener = await RawListener.bind();
    await subscribe();
    socket.connect(listener.endpoint);
    const peer = await listener.accept();
    const { type } = await dialect.greet(peer, "PUB");
    // RFC 15 has no XSUB.
    assertEquals(type, dialect.typed ? TYPES.SUB : undefined);
    assertEquals(await dialect.read(peer), ["\x01news"]);
    await subscribe();
    await cancel();
    await cancel();
    assertEquals(await dialect.read(peer), ["\x01news"]);
    assertEquals(await dialect.read(peer), ["\x00news"]);
    await subscribe();
    assertEquals(await dialect.read(peer), ["\x01news"]);
    // It may send everything to every subscriber, as libzmq 2.x does.
    if (socket === sub) peer.write(dialect.message("weather", "not wanted"));
    peer.write(dialect.message("news.today", "wanted"));
    assertEquals(await take(socket, 1), ["news.today|wanted"]);
    await socket.close();
  }
});

test("2.0: a SUB subscribes by messages at Publisher and XPublisher", async () => {
  const [dialect] = DIALECTS;
  await using pub = new Publisher();
  await using peer = await join(dialect!, pub, "SUB");
  peer.write(message("\x01gone"), message("\x00gone"), message("\x01news"));
  await pub.waitForSubscribers(1, { topic: "news" });
  await pub.send("gone");
  await pub.send("other");
  await pub.send(["news.today", "it works"]);
  assertEquals(await peer.message(), ["news.today", "it works"]);
  await using xpub = new XPublisher();
  await using other = await join(dialect!, xpub, "SUB");
  other.write(message("\x01a"), message("\x01a"), message("\x00a"), message("\x02b"));
  assertEquals(await take(xpub, 3), ["\x01a", "\x00a", "\x02b"]);
});

test("1.0: a SUB, which does not send its subscriptions, gets every message", async () => {
  const dialect = DIALECTS[1]!;
  await using pub = new Publisher();
  await using peer = await join(dialect, pub, "SUB");
  assertEquals(pub.subscriberCount, 1);
  for (const topic of ["", "news", "anything"]) {
    await pub.send([topic, "body"]);
    assertEquals(await dialect.read(peer), [topic, "body"]);
  }
  await using xpub = new XPublisher();
  await using other = await join(dialect, xpub, "SUB");
  assertEquals(await take(xpub, 1), ["\x01"]);
  await xpub.send("everything");
  assertEquals(await dialect.read(other), ["everything"]);
  await other.end();
  assertEquals(await take(xpub, 1), ["\x00"]);
});

testEach("no heartbeats go out, and no silence is too long", async (dialect) => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: 60, heartbeatTimeToLive: 100 });
  const endpoint = await pull.bind(ANY);
  await using old = await RawPeer.connect(endpoint);
  await dialect.greet(old, "PUSH");
  // ZMTP 3 peers that fall silent are the clock: each is found after its PINGs.
  for (let i = 0; i < 3; i++) {
    await using silent = await RawPeer.join(endpoint, { type: "PUSH" });
    assertEquals((await silent.message())[0]!.slice(0, 4), "PING");
    await silent.gone;
  }
  assertEquals(pull.peerCount, 1);
  old.write(dialect.message("still here"));
  assertEquals(await take(pull, 1), ["still here"]);
  await pull.close();
  // It is the end that it sees next: nothing was sent since the greeting.
  await old.gone;
  const rest = await old.read(1).then(() => "something", () => "nothing");
  assertEquals(rest, "nothing");
});

testEach("peers of several versions share the work of one socket", async (dialect) => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  await using old = await RawPeer.connect(endpoint);
  await dialect.greet(old, "PULL");
  await using recent = await RawPeer.join(endpoint, { type: "PULL" });
  await using pull = new Pull();
  pull.connect(endpoint);
  await push.waitForPeers(3);
  for (let i = 0; i < 6; i++) await push.send("work");
  for (let i = 0; i < 2; i++) {
    assertEquals([await dialect.read(old), await recent.message(), await take(pull, 1)], [["work"], ["work"], [
      "work",
    ]]);
  }
});

testEach("each connection finds out anew what is spoken: a server may be upgraded", async (dialect) => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 5 });
  push.connect(listener.endpoint);
  for (const round of ["first", "second"]) {
    const old = await listener.accept();
    await dialect.greet(old, "PULL");
    await push.send(`${round} to the old one`);
    assertEquals(await dialect.read(old), [`${round} to the old one`]);
    const lost = nextEvent(push, "disconnect");
    await old.end();
    await lost;
    const recent = await listener.join({ type: "PULL" });
    await push.send(`${round} to the new one`);
    assertEquals(await recent.message(), [`${round} to the new one`]);
    const again = nextEvent(push, "disconnect");
    await recent.end();
    await again;
  }
});

testEach("a peer that stops reading is waited for, and gets everything", async (dialect) => {
  await using push = new Push({ sendHighWaterMark: 10 });
  await using peer = await join(dialect, push, "PULL");
  peer.pause();
  const body = "x".repeat(100_000);
  const sent = (async () => {
    for (let i = 0; i < 200; i++) await push.send([`${i}`, body]);
  })();
  await push.send("in between");
  peer.resume();
  const got: string[] = [];
  for (let i = 0; i < 201; i++) {
    const [number, rest] = await dialect.read(peer);
    if (rest !== undefined) got.push(number!);
  }
  await sent;
  assertEquals(got, Array.from({ length: 200 }, (_, i) => `${i}`));
});

test("2.0: a peer of the wrong type is rejected, and reported in an event", async () => {
  await using pull = new Pull();
  const told = nextEvent(pull, "handshake:error:protocol");
  await using peer = await RawPeer.connect(await pull.bind(ANY));
  peer.write(bytes(SIGNATURE, 1, 0x7f, 1, TYPES.SUB, 0, 0));
  await peer.gone;
  assertStringIncludes((await told).error.message, "The peer is a SUB socket, which cannot talk to PULL");
  assertEquals(pull.peerCount, 0);
});

test("3.x: a peer that sends byte by byte, and one that sends a part only when it has ours, are understood", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  const theirs = greeting();
  for (const minor of [0, 1]) {
    theirs[11] = minor;
    await using slow = await RawPeer.connect(endpoint);
    for (const byte of bytes(theirs, ready("PUSH"), message("slow"))) await slow.write(Uint8Array.of(byte));
    assertEquals(await take(pull, 1), ["slow"]);
    // libzmq's three steps; neither side waits with the first one.
    await using stepwise = await RawPeer.connect(endpoint);
    const ours = [await stepwise.read(10)];
    stepwise.write(theirs.subarray(0, 10));
    ours.push(await stepwise.read(1));
    stepwise.write(theirs.subarray(10, 11));
    ours.push(await stepwise.read(53));
    stepwise.write(theirs.subarray(11));
    assertEquals(bytes(...ours), greeting());
    assertEquals((await stepwise.message())[0]!.slice(0, 5), "READY");
    stepwise.write(ready("PUSH"), message("stepwise"));
    assertEquals(await take(pull, 1), ["stepwise"]);
    // The strategy of RFC 37: signature and version at once.
    await using eleven = await RawPeer.connect(endpoint);
    eleven.write(theirs.subarray(0, 11));
    await eleven.read(11);
    eleven.write(theirs.subarray(11));
    await eleven.read(53);
    eleven.write(ready("PUSH"), message("eleven"));
    assertEquals(await take(pull, 1), ["eleven"]);
  }
});

test("3.x: our signature has the length of our routing id, which a 1.0 peer needs", async () => {
  await using dealer = new Dealer({ routingId: "client-1" });
  await using listener = await RawListener.bind();
  dealer.connect(listener.endpoint);
  const peer = await listener.accept();
  assertEquals(await peer.read(10), bytes(SIGNATURE, 9, 0x7f));
  peer.write(greeting(), ready("ROUTER"));
  await peer.read(54);
  const [introduction] = await peer.message();
  assertStringIncludes(introduction!, "client-1");
});
