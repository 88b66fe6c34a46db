/**
 * `correlate` and `relaxed` of REQ, alone and together: sockets of this library and of libzmq as the subjects of the
 * same tests with scripted peers, and the two libraries with each other.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { message, RawListener, type RawPeer } from "../support/raw_peer.ts";
import { text, texts } from "./frames.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const RECONNECT = { reconnectInterval: 10 };
const ROUTER = { type: "ROUTER" };

/** A request as a scripted peer reads it. */
interface Asked {
  /** The frame before the delimiter; there is none without `correlate`. */
  readonly number: Uint8Array | undefined;
  readonly body: Uint8Array[];
}

async function asked(peer: RawPeer): Promise<Asked> {
  const frames: Uint8Array[] = [];
  for (;;) {
    const { flags, body } = await peer.frame();
    frames.push(body);
    if ((flags & 1) === 0) break;
  }
  const delimiter = frames.findIndex((frame) => frame.length === 0);
  assert(delimiter === 0 || delimiter === 1, "a request begins with a delimiter, or with a number and a delimiter");
  return { number: delimiter === 1 ? frames[0] : undefined, body: frames.slice(delimiter + 1) };
}

/** Reads a numbered request with this body, and returns its number. */
async function numbered(peer: RawPeer, body: string): Promise<Uint8Array> {
  const request = await asked(peer);
  assertEquals(request.body, [text(body)]);
  assertEquals(request.number?.length, 4, "a number is of four bytes");
  return request.number!;
}

async function sendError(socket: End, frame: string): Promise<string | undefined> {
  const error = await assertRejects(() => socket.send([frame])) as { code?: string };
  return error.code;
}

// Correlate.

testBoth(libzmq, "correlate: a reply counts only if it carries the number of its request", async (open) => {
  await using listener = await RawListener.bind();
  await using request = await open("REQ", { correlate: true });
  await request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  await request.send(["one"]);
  const one = await numbered(peer, "one");
  const other = one.map((byte) => byte ^ 0xff);
  peer.write(message("", "no number"), message(other, "", "another number"), message(one, "", "to", "one"));
  assertEquals(texts(await request.receive()), ["to", "one"]);

  await request.send(["two"]);
  const two = await numbered(peer, "two");
  assertNotEquals(two, one);
  peer.write(message(one, "", "late"), message(two, "", "to two"), message(two, "", "to two again"));
  assertEquals(texts(await request.receive()), ["to two"]);
  await request.send(["three"]);
  peer.write(message(await numbered(peer, "three"), "", "to three"));
  assertEquals(texts(await request.receive()), ["to three"]);
});

testBoth(
  libzmq,
  "without correlate, a request has no number, and a reply that has one does not count",
  async (open) => {
    await using listener = await RawListener.bind();
    await using request = await open("REQ");
    await request.connect(listener.endpoint);
    const peer = await listener.join(ROUTER);
    await request.send(["a", "", "b"]);
    assertEquals(await asked(peer), { number: undefined, body: ["a", "", "b"].map(text) });
    peer.write(message("1234", "", "numbered"), message("", "plain"));
    assertEquals(texts(await request.receive()), ["plain"]);
  },
);

testBoth(libzmq, "correlate can be switched on and off between requests", async (open) => {
  await using listener = await RawListener.bind();
  await using request = await open("REQ");
  await request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  for (const correlate of [true, false, true]) {
    await request.set("correlate", correlate);
    await request.send(["question"]);
    const { number } = await asked(peer);
    assertEquals(number?.length, correlate ? 4 : undefined);
    peer.write(number === undefined ? message("", "answer") : message(number, "", "answer"));
    assertEquals(texts(await request.receive()), ["answer"]);
  }
});

// Relaxed.

testBoth(
  libzmq,
  "without relaxed, a second request is EFSM until there is a reply; it can be switched on and off",
  async (open) => {
    await using listener = await RawListener.bind();
    await using request = await open("REQ", { sendTimeout: 0 });
    await request.connect(listener.endpoint);
    const peer = await comeTo(request, listener, ROUTER);
    await request.send(["one"]);
    assertEquals(await sendError(request, "too early"), "EFSM");
    await request.set("relaxed", true);
    await request.send(["two"]);
    await request.set("relaxed", false);
    assertEquals(await sendError(request, "too early"), "EFSM");
    for (const body of ["one", "two"]) assertEquals((await asked(peer)).body, [text(body)]);
    peer.write(message("", "answer"));
    assertEquals(texts(await request.receive()), ["answer"]);
    await request.send(["three"]);
    assertEquals((await asked(peer)).body, [text("three")]);
  },
);

testBoth(
  libzmq,
  "relaxed: requests go to one peer after another, and only the last one asked may answer",
  async (open) => {
    await using one = await RawListener.bind();
    await using two = await RawListener.bind();
    await using request = await open("REQ", { relaxed: true });
    await request.connect(one.endpoint);
    const first = await comeTo(request, one, ROUTER);
    await request.connect(two.endpoint);
    const second = await comeTo(request, two, ROUTER);
    await request.send(["to one"]);
    await request.send(["to two"]);
    assertEquals([(await asked(first)).body, (await asked(second)).body], [[text("to one")], [text("to two")]]);
    first.write(message("", "late"));
    await taken(libzmq, request, first);
    second.write(message("", "in time"));
    assertEquals(texts(await request.receive()), ["in time"]);
  },
);

testBoth(
  libzmq,
  "relaxed alone: a late reply of the same peer is taken for the one to the last request",
  async (open) => {
    await using listener = await RawListener.bind();
    await using request = await open("REQ", { relaxed: true });
    await request.connect(listener.endpoint);
    const peer = await listener.join(ROUTER);
    await request.send(["one"]);
    await request.send(["two"]);
    await asked(peer);
    await asked(peer);
    peer.write(message("", "to one"), message("", "to two"));
    assertEquals(texts(await request.receive()), ["to one"]);
  },
);

testBoth(libzmq, "relaxed: a reply that was there before the next request went out is dropped", async (open) => {
  await using listener = await RawListener.bind();
  await using request = await open("REQ", { relaxed: true });
  await request.connect(listener.endpoint);
  const peer = await comeTo(request, listener, ROUTER);
  await request.send(["one"]);
  await asked(peer);
  peer.write(message("", "to one"));
  await taken(libzmq, request, peer);
  await request.send(["two"]);
  await asked(peer);
  peer.write(message("", "to two"));
  assertEquals(texts(await request.receive()), ["to two"]);
});

// Both.

testBoth(libzmq, "relaxed and correlate: late replies of the same peer are told apart", async (open) => {
  await using listener = await RawListener.bind();
  await using request = await open("REQ", { relaxed: true, correlate: true });
  await request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  for (const body of ["one", "two", "three"]) await request.send([body]);
  const numbers: Uint8Array[] = [];
  for (const body of ["one", "two", "three"]) numbers.push(await numbered(peer, body));
  peer.write(...numbers.map((number, i) => message(number, "", `reply ${i + 1}`)));
  assertEquals(texts(await request.receive()), ["reply 3"]);
});

testBoth(libzmq, "relaxed and correlate: a receive that waits gets the reply to the last request", async (open) => {
  await using listener = await RawListener.bind();
  await using request = await open("REQ", { relaxed: true, correlate: true });
  await request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  await request.send(["one"]);
  const reply = request.receive();
  const one = await numbered(peer, "one");
  await request.send(["two"]);
  const two = await numbered(peer, "two");
  peer.write(message(one, "", "to one"), message(two, "", "to two"));
  assertEquals(texts(await reply), ["to two"]);
});

// A disconnected peer.

testBoth(
  libzmq,
  "a request is not repeated when its peer is lost; relaxed goes on with the next connection",
  async (open) => {
    await using listener = await RawListener.bind();
    await using request = await open("REQ", { ...RECONNECT, sendTimeout: 0 });
    await request.connect(listener.endpoint);
    const first = await comeTo(request, listener, ROUTER);
    await request.send(["lost"]);
    await asked(first);
    await first[Symbol.asyncDispose]();
    const second = await comeTo(request, listener, ROUTER);
    await second.sync();
    assertEquals(await sendError(request, "not yet"), "EFSM");
    await request.set("relaxed", true);
    await request.send(["again"]);
    assertEquals((await asked(second)).body, [text("again")]);
    second.write(message("", "answer"));
    assertEquals(texts(await request.receive()), ["answer"]);
  },
);

testBoth(libzmq, "relaxed: when the peer that was asked is lost, another is asked", async (open) => {
  await using request = await open("REQ", { relaxed: true, correlate: true });
  const endpoint = await request.bind(ANY);
  const first = await comeIn(request, endpoint, ROUTER);
  await request.send(["lost"]);
  await numbered(first, "lost");
  await using second = await comeIn(request, endpoint, ROUTER);
  await first[Symbol.asyncDispose]();
  await request.seen("disconnect", 1);
  await taken(libzmq, request, second);
  for (const body of ["one", "two"]) {
    await request.send([body]);
    second.write(message(await numbered(second, body), "", `to ${body}`));
    assertEquals(texts(await request.receive()), [`to ${body}`]);
  }
});

// With each other.

testTalk(
  libzmq,
  "a REP keeps the numbers of a correlated REQ, by way of a ROUTER and a DEALER as well",
  async (open, openOther) => {
    await using reply = await openOther("REP");
    await using router = await openOther("ROUTER");
    await using dealer = await open("DEALER");
    await using request = await open("REQ", { correlate: true });
    await dealer.connect(await reply.bind(ANY));
    await request.connect(await router.bind(ANY));
    const numbers = new Set<string>();
    for (const question of ["one", "two", "three"]) {
      await request.send([question]);
      const [id, number, ...rest] = await router.receive();
      assertEquals(texts(rest), ["", question]);
      numbers.add(`${number}`);
      await dealer.send([id!, number!, ...rest]);
      assertEquals(texts(await reply.receive()), [question]);
      await reply.send([`to ${question}`]);
      await router.send(await dealer.receive());
      assertEquals(texts(await request.receive()), [`to ${question}`]);
    }
    assertEquals(numbers.size, 3);
  },
);

testTalk(libzmq, "a relaxed and correlated REQ goes on although a REP is slow", async (open, openOther) => {
  await using slow = await openOther("REP");
  await using quick = await openOther("REP");
  await using request = await open("REQ", { relaxed: true, correlate: true });
  await request.connect(await slow.bind(ANY));
  await request.connect(await quick.bind(ANY));
  await request.send(["one"]);
  assertEquals(texts(await slow.receive()), ["one"]);
  await request.send(["two"]);
  assertEquals(texts(await quick.receive()), ["two"]);
  await slow.send(["to one, too late"]);
  await quick.send(["to two"]);
  assertEquals(texts(await request.receive()), ["to two"]);
  // The turn is the slow one's, whose late reply may only now be there.
  await request.send(["three"]);
  assertEquals(texts(await slow.receive()), ["three"]);
  await slow.send(["to three"]);
  assertEquals(texts(await request.receive()), ["to three"]);
});
