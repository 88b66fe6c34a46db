/**
 * Sockets over whole frames (ZWS 2.0): every pair of types with each mechanism and without a handshake, the bytes of RFC 45,
 * subscriptions, heartbeats and limits. `every_transport/` has the tests that all carriers share, `../hostile/frames_test.ts`
 * peers that break the protocol.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
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
  toText,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../mod.ts";
import { CLIENT, SERVER } from "../security/keys.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { frameLinks, FrameTransport, RawFrames } from "../support/memory_frames.ts";
import { handshakeError, nextEvent, take, until } from "./support.ts";

const transport = new FrameTransport();
const text = (value: string) => new TextEncoder().encode(value);
const NONE = new Uint8Array(0);
const METADATA = { metadata: { "X-Test": "1" } };

/** The options of both sides, by what is agreed. */
const SECURITY = {
  "ZWS2.0": [{}, {}],
  "ZWS2.0/NULL": [METADATA, METADATA],
  "ZWS2.0/PLAIN": [
    { plainServer: true, authenticate: ({ password }: { password?: string }) => password === "p" },
    { plainUsername: "u", plainPassword: "p" },
  ],
  "ZWS2.0/CURVE": [
    { curveServer: true, curveSecretKey: SERVER.secretKey, authenticate: () => true },
    { curveSecretKey: CLIENT.secretKey, curveServerKey: SERVER.publicKey },
  ],
} as const;
type Protocol = keyof typeof SECURITY;
const PROTOCOLS = Object.keys(SECURITY) as Protocol[];

/** A transport whose server takes no other protocol. */
function only(protocol: Protocol): FrameTransport {
  const one = new FrameTransport();
  one.choose = (offered, spoken) => offered.includes(protocol) && spoken.includes(protocol) ? protocol : undefined;
  return one;
}

// deno-lint-ignore no-explicit-any -- any options for any type
type SocketClass = new (options: any) => Socket & { send?: any; receive?: any };

/** The socket that binds, the one that connects, and whether the first can answer a message of the second. */
const PAIRS: readonly [server: SocketClass, client: SocketClass, both: boolean][] = [
  [Pull, Push, false],
  [Pair, Pair, true],
  [Reply, Request, true],
  [Reply, Dealer, true],
  [Dealer, Dealer, true],
  [Router, Dealer, true],
  [Router, Request, true],
  [Router, Router, true],
];

for (const protocol of PROTOCOLS) {
  const whole = only(protocol);
  const [server, client] = SECURITY[protocol];

  for (const [Server, Client, both] of PAIRS) {
    test(`frames ${protocol}: ${Server.name} and ${Client.name}`, async () => {
      await using binder = new Server({ ...server, ...(Server === Router && { mandatory: true }) });
      await using caller = new Client({
        ...client,
        ...(Client === Router
          ? { routingId: "caller", mandatory: true }
          : Client === Dealer
          ? { routingId: "caller" }
          : {}),
      });
      if (Client === Router) Object.assign(binder, { routingId: "binder" });
      caller.connect(await binder.bind(whole.endpoint()));
      await Promise.all([binder.waitForPeers(1), caller.waitForPeers(1)]);
      assertEquals([whole.chosen.at(-1), binder.statistics().peers[0]!.version], [protocol, "ZWS2.0"]);
      const large = new Uint8Array(300_000).map((_, i) => i * 7);
      const body = [text("one"), NONE, large, text("four")];
      const to = Client === Router ? [text("binder")] : Client === Dealer && Server === Reply ? [NONE] : [];
      await caller.send([...to, ...body]);
      const came: Uint8Array[] = await binder.receive();
      const frames = came.slice(-4);
      assertEquals(frames.map(({ length }) => length), body.map(({ length }) => length));
      assertEquals([toText(frames[0]!), toHex(frames[2]!.slice(0, 99))], ["one", toHex(large.slice(0, 99))]);
      if (!both) return;
      await binder.send(Server === Router || Server === Dealer || Server === Pair ? came : frames);
      assertEquals(
        (await caller.receive() as Uint8Array[]).slice(-4).map(({ length }) => length),
        body.map((b) => b.length),
      );
    });
  }

  test(`frames ${protocol}: subscriptions, their end, and a reconnect`, async () => {
    const publisher = new XPublisher({ ...server });
    const endpoint = await publisher.bind(whole.endpoint());
    await using subscriber = new Subscriber({ ...client, reconnectInterval: 1 });
    subscriber.subscribe("a", "b");
    subscriber.connect(endpoint);
    assertEquals((await take(publisher, 2)).toSorted(), ["\x01a", "\x01b"]);
    await publisher.send("c1");
    await publisher.send(["a1", "and more"]);
    assertEquals(await take(subscriber, 1), ["a1|and more"]);
    subscriber.unsubscribe("a");
    assertEquals(await take(publisher, 1), ["\0a"]);
    await publisher.close();
    await using again = new Publisher({ ...server });
    await again.bind(endpoint);
    await again.waitForSubscribers(1);
    await again.send("a2");
    await again.send("b2");
    assertEquals(await take(subscriber, 1), ["b2"]);
  });

  test(`frames ${protocol}: an XSubscriber receives from an XPublisher, and 2000 messages keep their order`, async () => {
    await using publisher = new XPublisher({ ...server, sendHighWaterMark: 0 });
    await using subscriber = new XSubscriber({ ...client, receiveHighWaterMark: 10 });
    subscriber.connect(await publisher.bind(whole.endpoint()));
    await subscriber.send(text("\x01"));
    assertEquals(await take(publisher, 1), ["\x01"]);
    const numbers = Array.from({ length: 2000 }, (_, i) => `${i}`);
    for (const number of numbers) await publisher.send(number);
    assertEquals(await take(subscriber, 2000), numbers);
  });

  if (protocol !== "ZWS2.0") {
    test(`frames ${protocol}: heartbeats are answered, and a peer that falls silent is noticed`, async () => {
      const network = only(protocol);
      await using pull = new Pull({ ...server });
      await using push = new Push({
        ...client,
        heartbeatInterval: 5,
        heartbeatTimeout: 500,
        reconnectInterval: 10_000,
      });
      push.connect(await pull.bind(network.endpoint()));
      await push.waitForPeers(1);
      const lost = nextEvent(push, "disconnect");
      // Each PING is one message, and so is its PONG.
      const before = network.carried;
      await until(() => network.carried >= before + 10);
      assertEquals(push.peerCount, 1);
      network.dark = true;
      assertEquals(((await lost).error as ZmqError).code, "ETIMEDOUT");
    });
  }

  test(`frames ${protocol}: a message above maxMessageSize is rejected, and others are not affected`, async () => {
    await using pull = new Pull({ ...server, maxMessageSize: 1000 });
    const endpoint = await pull.bind(whole.endpoint());
    await using honest = new Push({ ...client });
    honest.connect(endpoint);
    for (const size of [1001, 100_000]) {
      await using greedy = new Push({ ...client });
      greedy.connect(endpoint);
      await pull.waitForPeers(2);
      const lost = nextEvent(pull, "disconnect");
      await greedy.send(new Uint8Array(size));
      assertEquals(((await lost).error as ZmqError).code, "EMSGSIZE", `${size}`);
      await greedy.close({ linger: 0 });
      await honest.send("fits");
      assertEquals(await take(pull, 1), ["fits"]);
    }
  });
}

test("frames: a wrong password or key is rejected", async () => {
  const cases = [
    [SECURITY["ZWS2.0/PLAIN"][0], { plainUsername: "u", plainPassword: "wrong" }],
    [SECURITY["ZWS2.0/CURVE"][0], { curveSecretKey: CLIENT.secretKey, curveServerKey: CLIENT.publicKey }],
  ] as const;
  for (const [server, client] of cases) {
    await using pull = new Pull(server);
    await using push = new Push({ ...client, reconnectInterval: -1 });
    const failed = handshakeError(pull);
    push.connect(await pull.bind(transport.endpoint()));
    await failed;
    assertEquals(pull.peerCount, 0);
  }
});

test("frames: mechanisms that differ are rejected before anything is sent", async () => {
  const names = PROTOCOLS.slice(1);
  for (const [i, server] of names.entries()) {
    for (const client of names.filter((_, k) => k !== i)) {
      await using pull = new Pull({ ...SECURITY[server][0] });
      await using push = new Push({ ...SECURITY[client][1] });
      const failed = nextEvent(push, "connect:retry");
      push.connect(await pull.bind(transport.endpoint()));
      assertEquals(((await failed).error as ZmqError).code, "EPROTO");
      assertEquals(pull.peerCount, 0);
    }
  }
});

test("frames: with an authenticator NULL needs its handshake", async () => {
  const asked: string[] = [];
  await using pull = new Pull({ authenticate: ({ mechanism }) => (asked.push(mechanism), true) });
  const endpoint = await pull.bind(transport.endpoint());
  const error = assertThrows(() => transport.raw(endpoint, "ZWS2.0"), ZmqError);
  assertEquals(error.code, "EPROTO");
  await using push = new Push();
  push.connect(endpoint);
  await push.send("hello");
  assertEquals([await take(pull, 1), asked], [["hello"], ["NULL"]]);
});

test("frames: a link that has agreed on what this socket does not speak fails its handshake", async () => {
  for (const protocol of ["ZWS2.0/CURVE", "ZWS2.0/", "zws2.0", "mqtt", ""]) {
    const lax = new FrameTransport();
    lax.choose = () => protocol;
    await using pull = new Pull();
    const failed = handshakeError(pull);
    const raw = new RawFrames(lax.raw(await pull.bind(lax.endpoint()), protocol));
    const error = await failed;
    assertEquals([error.code, raw.received], ["EPROTO", []], protocol);
    assert(error.message.includes("NULL"), error.message);
    await raw.gone;
  }
});

test("frames: a transport that does not report the chosen protocol is an error", async () => {
  const wrong = new FrameTransport();
  await using pull = new Pull();
  await using push = new Push();
  const endpoint = await pull.bind(wrong.endpoint());
  wrong.choose = () => null as unknown as string;
  const refused = nextEvent(pull, "accept:error");
  const failed = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  for (const event of [await refused, await failed]) {
    assert((event.error as ZmqError).message.includes("without a protocol"), (event.error as ZmqError).message);
  }
  assertEquals(pull.peerCount, 0);
});

test("frames: a Stream does not support them", async () => {
  await using stream = new Stream();
  const error = assertThrows(() => stream.connect(transport.endpoint()), ZmqError);
  assertEquals(error.code, "EPROTONOSUPPORT");
});

test("frames: the bytes are those of RFC 45", async () => {
  await using pair = new Dealer({ routingId: "me" });
  const endpoint = await pair.bind(transport.endpoint());
  const raw = await transport.handshaken(endpoint, "DEALER");
  await pair.send(["a", "", "bc"]);
  assertEquals((await raw.take(3)).map(toHex), ["0161", "01", "006263"]);
  raw.send(hex("01 78"), hex("00"));
  assertEquals(await take(pair, 1), ["x|"]);
  // PING with a context.
  raw.send(hex("02 0450494e47 0000 6162"));
  assertEquals((await raw.take(1)).map(toHex), ["0204504f4e476162"]);
  await raw.end();
  await raw.gone;
  await until(() => pair.peerCount === 0);
  const other = new RawFrames(transport.raw(endpoint, "ZWS2.0"));
  other.send(hex("00"));
  assertEquals((await other.take(1)).map(toHex), ["006d65"]);
  await pair.send("hi");
  assertEquals((await other.take(1)).map(toHex), ["006869"]);
  await other.end();
});

test("frames: subscriptions are messages, with and without a handshake, and a peer without one does not get everything", async () => {
  await using publisher = new Publisher();
  const endpoint = await publisher.bind(transport.endpoint());
  const bare = new RawFrames(transport.raw(endpoint, "ZWS2.0"));
  bare.send(hex("00"), hex("00 01 61"));
  const full = await transport.handshaken(endpoint, "SUB");
  full.send(hex("00 01 61"));
  await publisher.waitForSubscribers(2);
  await publisher.send("b");
  await publisher.send("a");
  assertEquals((await bare.take(2)).map(toHex), ["00", "0061"]);
  assertEquals((await full.take(1)).map(toHex), ["0061"]);
  for (const raw of [bare, full]) await raw.end();
  await using xsub = new XSubscriber();
  const listening = await xsub.bind(transport.endpoint());
  await xsub.send(text("\x01topic"));
  for (const protocol of ["ZWS2.0", "ZWS2.0/NULL"]) {
    const raw = protocol === "ZWS2.0"
      ? new RawFrames(transport.raw(listening, protocol))
      : await transport.handshaken(listening, "XPUB");
    if (protocol === "ZWS2.0") raw.send(hex("00"));
    if (protocol === "ZWS2.0") await raw.take(1);
    assertEquals((await raw.take(1)).map(toHex), ["0001746f706963"]);
    await raw.end();
  }
});

test("frames: a flood is read in slices, and a high-water mark reaches the sender", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 10 });
  await using push = new Push({ sendHighWaterMark: 10 });
  push.connect(await pull.bind(transport.endpoint()));
  await push.waitForPeers(1);
  const body = new Uint8Array(10_000);
  let sent = 0;
  for (let idle = 0; idle < 20;) {
    if (push.trySend(body)) sent++, idle = 0;
    else idle++, await new Promise((resolve) => setImmediate(resolve));
  }
  // The messages in both sockets, and about one buffer of the link.
  assert(sent > 20 && sent < 200, `${sent}`);
  for (let i = 0; i < sent; i++) assertEquals((await pull.receive())[0].length, 10_000);
  assertEquals(pull.tryReceive(), undefined);
});

test("frames: an attached link of whole frames works as one of a transport", async () => {
  const [one, two] = frameLinks("ZWS2.0/NULL");
  await using left = new Pair();
  await using right = new Pair();
  left.attach(one);
  right.attach(two);
  await left.send(["over", "a link"]);
  assertEquals(await take(right, 1), ["over|a link"]);
});
