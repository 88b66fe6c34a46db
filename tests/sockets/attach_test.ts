/**
 * attach: sockets over links of the program, here links in memory.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Dealer,
  type Link,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type SocketEvent,
  Stream,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { test } from "../support/harness.ts";
import { HandwrittenLink } from "../support/handwritten_link.ts";
import { memoryLinks } from "../support/memory_link.ts";
import { greeting, message, ready } from "../support/raw_peer.ts";
import { streamPair } from "../support/web_streams.ts";
import { Peer } from "../transports/peer.ts";
import { ANY, nextEvent, rejectsWith, take, throwsWith } from "./support.ts";

/** Makes both ends of a connection. */
type Ends = () => readonly [Link, Link];

const ENDS: Readonly<Record<string, Ends>> = {
  "a link of the test's own": () => HandwrittenLink.pair(),
  "a link in memory": () => memoryLinks(),
  "linkOf streams": () => {
    const [ours, theirs] = streamPair();
    return [linkOf(ours), linkOf(theirs)];
  },
};

for (const [name, ends] of Object.entries(ENDS)) {
  /** Attaches two sockets to the ends of a connection. */
  const join = (one: { attach(link: Link): void }, other: { attach(link: Link): void }) => {
    const [first, second] = ends();
    one.attach(first);
    other.attach(second);
  };

  test(`${name}: requests and replies, alternately`, async () => {
    await using request = new Request();
    await using reply = new Reply();
    join(request, reply);
    for (let i = 0; i < 100; i++) {
      await request.send(["question", `${i}`]);
      assertEquals(await take(reply, 1), [`question|${i}`]);
      await reply.send(["answer", "", `${i}`]);
      assertEquals(await take(request, 1), [`answer||${i}`]);
    }
  });

  test(`${name}: a Router knows its peers by their ids`, async () => {
    await using router = new Router({ mandatory: true });
    await using one = new Dealer({ routingId: "one" });
    await using two = new Dealer({ routingId: "two" });
    join(router, one);
    join(two, router);
    await router.waitForPeers(2);
    await router.send(["one", "first"]);
    await router.send(["two", "second"]);
    assertEquals([await take(one, 1), await take(two, 1)], [["first"], ["second"]]);
    await one.send("from one");
    assertEquals(await take(router, 1), ["one|from one"]);
  });

  test(`${name}: topics go to the publisher, messages to the subscriber`, async () => {
    await using pub = new Publisher();
    await using xpub = new XPublisher();
    await using sub = new Subscriber();
    await using xsub = new XSubscriber();
    sub.subscribe("a");
    join(pub, sub);
    join(xsub, xpub);
    await xsub.send("\x01b");
    assertEquals(await take(xpub, 1), ["\x01b"]);
    await pub.waitForSubscribers(1, { topic: "a" });
    for (const topic of ["b", "a1", "a2"]) await Promise.all([pub.send(topic), xpub.send(topic)]);
    assertEquals(await take(sub, 2), ["a1", "a2"]);
    assertEquals(await take(xsub, 1), ["b"]);
  });

  test(`${name}: 50,000 small messages each way and some large ones, in order`, async () => {
    await using left = new Pair();
    await using right = new Pair();
    join(left, right);
    const count = 50_000;
    const body = new Uint8Array(3 << 20).fill(7);
    const send = async (pair: Pair) => {
      for (let i = 0; i < count; i++) {
        const message = i % 10_000 === 5 ? [`${i}`, body] : [`${i}`];
        if (!pair.trySend(message)) await pair.send(message);
      }
    };
    const receive = async (pair: Pair) => {
      for (let i = 0; i < count; i++) {
        const [number, large] = pair.tryReceive() ?? await pair.receive();
        if (toText(number) !== `${i}`) assertEquals(toText(number), `${i}`);
        if (i % 10_000 === 5) assertEquals(large, body);
      }
    };
    await Promise.all([left, right].flatMap((pair) => [send(pair), receive(pair)]));
  }, { timeout: 30_000 });

  test(`${name}: high-water marks block the sender; nothing is lost`, async () => {
    await using push = new Push({ sendHighWaterMark: 3, sendTimeout: 50 });
    await using pull = new Pull({ receiveHighWaterMark: 3 });
    join(push, pull);
    await push.waitForPeers(1);
    const body = "b".repeat(50_000);
    let sent = 0;
    // On a busy machine a send may be refused before the receiver has had its turn.
    do {
      await rejectsWith("EAGAIN", async () => {
        for (; sent < 1000; sent++) await push.send([`${sent}`, body]);
      });
    } while (pull.statistics().held < 3 || sent <= 6);
    // Both high-water marks, and the bytes in transit: some 256 KiB.
    assert(sent < 40, `${sent} messages were taken`);
    assert(pull.statistics().held <= 3);
    for (let i = 0; i < sent; i++) assertEquals(await take(pull, 1), [`${i}|${body}`]);
    push.sendTimeout = -1;
    await push.send("on");
    assertEquals(await take(pull, 1), ["on"]);
  });

  test(`${name}: close delivers sent messages within linger, and drops those that are not read`, async () => {
    {
      await using pull = new Pull();
      const push = new Push({ sendHighWaterMark: 0 });
      join(push, pull);
      await push.waitForPeers(1);
      for (let i = 0; i < 10_000; i++) assert(push.trySend(`${i}`));
      const closing = push.close({ linger: -1 });
      assertEquals(await take(pull, 10_000), Array.from({ length: 10_000 }, (_, i) => `${i}`));
      assertEquals(await closing, 0);
    }
    {
      const [ours, theirs] = ends();
      const push = new Push({ sendHighWaterMark: 0 });
      const peer = new Peer(theirs).start();
      push.attach(ours);
      peer.write(greeting(), ready("PULL"));
      await push.waitForPeers(1);
      peer.pause();
      for (let i = 0; i < 20; i++) await push.send(new Uint8Array(1 << 20));
      const given = await push.close({ linger: 20 });
      assert(given > 0 && given <= 20, `${given}`);
      peer.resume();
      await peer.gone();
    }
  });

  test(`${name}: a link that ended is not reestablished`, async () => {
    await using pull = new Pull();
    const events: SocketEvent["type"][] = [];
    pull.events.listen(({ type }) => type !== "hint" && events.push(type));
    const push = new Push();
    join(pull, push);
    await push.send("last words");
    await push.close();
    assertEquals(await take(pull, 1), ["last words"]);
    if (!events.includes("disconnect")) await nextEvent(pull, "disconnect");
    assertEquals(events, ["accept", "handshake", "disconnect"]);
    assertEquals([pull.peerCount, pull.lastEndpoint], [0, null]);
    await using next = new Push();
    join(next, pull);
    await next.send("another one");
    assertEquals(await take(pull, 1), ["another one"]);
  });
}

test("attach: the remote address is the one that the link reports", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const [first, second] = HandwrittenLink.pair("tls://client.example:1", "tls://server.example:2");
  const accepted = nextEvent(pull, "accept");
  const shaken = nextEvent(pull, "handshake");
  pull.attach(second);
  push.attach(first);
  const client = "tls://client.example:1";
  assertEquals(await accepted, { type: "accept", endpoint: client, remote: client });
  const { endpoint, remote, peerType } = await shaken;
  assertEquals([endpoint, remote, peerType], [client, client, "PUSH"]);
  await push.waitForPeers(1);
  const [{ remote: there }] = push.statistics().peers as unknown as [{ remote: string }];
  assertEquals(there, "tls://server.example:2");
});

test("attach: beside endpoints that are bound and connected", async () => {
  await using pull = new Pull();
  await using other = new Push();
  const pushes = [new Push(), new Push(), new Push()] as const;
  pushes[0].connect(await pull.bind(ANY));
  pushes[1].connect(await pull.bind("inproc://beside"));
  const [ours, theirs] = HandwrittenLink.pair();
  pull.attach(ours);
  pushes[2].attach(theirs);
  pull.connect(await other.bind(ANY));
  await pull.waitForPeers(4);
  for (const push of [...pushes, other]) await push.send("here");
  assertEquals(await take(pull, 4), Array(4).fill("here"));
  for (const push of pushes) await push.close();
});

test("attach: the peer may have sent its greeting long before", async () => {
  const [ours, theirs] = HandwrittenLink.pair();
  const peer = new Peer(theirs).start();
  peer.write(greeting(), ready("PUSH"), message("early"), message("bird"));
  await using pull = new Pull();
  pull.attach(ours);
  assertEquals(await take(pull, 2), ["early", "bird"]);
  // The socket's own greeting has come as well.
  await peer.until(() => peer.received > 64);
  assertEquals(peer.bytes()[0], 0xff);
  peer.abort();
  await peer.gone();
});

test("attach: a link whose peer has already closed does no harm", async () => {
  for (const aborted of [false, true]) {
    const [ours, theirs] = HandwrittenLink.pair();
    if (aborted) theirs.abort();
    else await theirs.close();
    await using pull = new Pull();
    const failed = nextEvent(pull, "handshake:error:other");
    pull.attach(ours);
    assertEquals((await failed).remote, "memory:second");
    assertEquals(pull.peerCount, 0);
  }
});

test("attach: a link that the program aborts is a lost connection, with the reason", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const [ours, theirs] = HandwrittenLink.pair();
  pull.attach(ours);
  push.attach(theirs);
  await pull.waitForPeers(1);
  const reason = new Error("pulled the plug");
  const lost = nextEvent(pull, "disconnect");
  ours.abort(reason);
  assertStrictEquals((await lost).error, reason);
});

test("attach: a peer that does not speak ZMTP, or sends nothing, is disconnected", async () => {
  {
    await using pull = new Pull();
    const [ours, theirs] = HandwrittenLink.pair();
    const peer = new Peer(theirs).start();
    const failed = nextEvent(pull, "handshake:error:protocol");
    pull.attach(ours);
    peer.write(
      new TextEncoder().encode(
        "GET / HTTP/1.0\r\nHost: localhost\r\nUser-Agent: a browser, or some such thing\r\n\r\n",
      ),
    );
    assertEquals((await failed).error.code, "EPROTO");
    await peer.gone();
  }
  {
    await using pull = new Pull({ handshakeInterval: 30 });
    const [ours, theirs] = HandwrittenLink.pair();
    const peer = new Peer(theirs).start();
    const failed = nextEvent(pull, "handshake:error:other");
    pull.attach(ours);
    assertEquals((await failed).error instanceof Error, true);
    await peer.gone();
  }
  {
    await using pull = new Pull();
    await using wrong = new Pull();
    const [ours, theirs] = HandwrittenLink.pair();
    const failed = nextEvent(pull, "handshake:error:protocol");
    pull.attach(ours);
    wrong.attach(theirs);
    await failed;
  }
});

test("attach: a Pair that has a peer rejects a second one", async () => {
  await using pair = new Pair();
  await using first = new Pair();
  await using second = new Pair({ linger: 0 });
  for (const other of [first, second]) {
    const [ours, theirs] = HandwrittenLink.pair();
    pair.attach(ours);
    const lost = other === second ? nextEvent(second, "disconnect") : undefined;
    other.attach(theirs);
    if (other === first) await pair.waitForPeers(1);
    await lost;
  }
  await first.send("still here");
  assertEquals(await take(pair, 1), ["still here"]);
});

test("attach: a Stream sends and receives bytes as they are", async () => {
  await using stream = new Stream();
  const [ours, theirs] = HandwrittenLink.pair();
  const peer = new Peer(theirs).start();
  stream.attach(ours);
  const [id, nothing] = await stream.receive();
  assertEquals(nothing.length, 0);
  peer.write(new TextEncoder().encode("raw"));
  assertEquals((await stream.receive()).map(toText)[1], "raw");
  await stream.send([id, "bytes"]);
  await peer.until(() => peer.received === 5);
  assertEquals(toText(peer.bytes()), "bytes");
  await stream.send([id, ""]);
  await peer.gone();
  assertEquals((await stream.receive())[1].length, 0);
  assertEquals(peer.breaches, []);
});

test("attach: a closed socket takes no link, and leaves it as it is", async () => {
  const pull = new Pull();
  await pull.close();
  const [ours, theirs] = HandwrittenLink.pair();
  throwsWith("ENOTSOCK", () => pull.attach(ours));
  await using other = new Pull();
  await using push = new Push();
  other.attach(ours);
  push.attach(theirs);
  await push.send("used after all");
  assertEquals(await take(other, 1), ["used after all"]);
});

test("attach: an invalid link is a TypeError, and the socket can still be closed", async () => {
  for (const wrong of [undefined, null, 7, "tcp://127.0.0.1:1", {}]) {
    const pull = new Pull();
    assertThrows(() => pull.attach(wrong as unknown as Link), TypeError);
    assertEquals(await pull.close(), 0);
  }
});
