/**
 * Routing ids, ids that a ROUTER chooses in `connect`, `mandatory` and `handover`: sockets of this library and of
 * libzmq as the subjects of the same tests with scripted peers, and the two libraries with each other.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndType } from "../support/peers/end.ts";
import { bytes, message, RawListener } from "../support/raw_peer.ts";
import { text, texts } from "./frames.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const RECONNECT = { reconnectInterval: 10 };

const named = (identity: string) => ({ type: "DEALER", identity });

/** The error code of a send that fails. */
async function sendError(socket: End, frames: (string | Uint8Array)[]): Promise<string | undefined> {
  const error = await assertRejects(() => socket.send(frames)) as { code?: string };
  return error.code;
}

// Routing ids on the wire.

const READY: readonly (readonly [type: EndType, partner: string, tells: boolean])[] = [
  ["REQ", "ROUTER", true],
  ["DEALER", "ROUTER", true],
  ["ROUTER", "DEALER", true],
  ["REP", "REQ", false],
];

for (const [type, partner, tells] of READY) {
  testBoth(
    libzmq,
    `a ${type} ${tells ? "tells its routing id, empty if it has none" : "tells no routing id"}`,
    async (open) => {
      const id = `i${"d".repeat(254)}`;
      for (const routingId of [undefined, "me", id]) {
        await using listener = await RawListener.bind();
        await using socket = await open(type, routingId === undefined ? {} : { routingId });
        await socket.connect(listener.endpoint);
        const { body } = await (await listener.accept()).handshake({ type: partner });
        const length = routingId?.length ?? 0;
        const identity = tells ? bytes(8, "Identity", 0, 0, 0, length, routingId ?? "") : bytes();
        assertEquals(body, bytes(5, "READY", 11, "Socket-Type", 0, 0, 0, type.length, type, identity));
      }
    },
  );
}

testBoth(libzmq, "a routing id that is set before connect is the one that is told", async (open) => {
  await using listener = await RawListener.bind();
  await using socket = await open("DEALER", { routingId: "first" });
  await socket.set("routingId", bytes(0xff, 0, "second"));
  await socket.connect(listener.endpoint);
  const { body } = await (await listener.accept()).handshake({ type: "ROUTER" });
  assertEquals(body.subarray(-12), bytes(0, 0, 0, 8, 0xff, 0, "second"));
});

testBoth(libzmq, "a routing id of no or of more than 255 bytes is refused", async (open) => {
  await using socket = await open("DEALER", { routingId: "kept" });
  for (const routingId of ["", "x".repeat(256)]) await assertRejects(() => socket.set("routingId", routingId));
  await using listener = await RawListener.bind();
  await socket.connect(listener.endpoint);
  const { body } = await (await listener.accept()).handshake({ type: "ROUTER" });
  assertEquals(body.subarray(-4), text("kept"));
});

// Ids for those that are connected to.

testBoth(libzmq, "a ROUTER knows whom it connects to by the id it chose, whatever the peer says", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", { mandatory: true, sendTimeout: 0 });
  await router.connect(listener.endpoint, "chosen");
  const peer = await comeTo(router, listener, named("its own"));
  peer.write(message("hello"));
  assertEquals(texts(await router.receive()), ["chosen", "hello"]);
  assertEquals(await sendError(router, ["its own", "nobody"]), "EHOSTUNREACH");
  await router.send(["chosen", "answer"]);
  assertEquals(await peer.message(), ["answer"]);
});

testBoth(libzmq, "a chosen id stays when the connection is made again", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", RECONNECT);
  await router.connect(listener.endpoint, "chosen");
  for (const life of ["first", "second", "third"]) {
    await using peer = await comeTo(router, listener, named(life));
    peer.write(message(life));
    assertEquals(texts(await router.receive()), ["chosen", life]);
    await router.send(["chosen", `to the ${life}`]);
    assertEquals(await peer.message(), [`to the ${life}`]);
  }
});

testBoth(libzmq, "a chosen id is for one connect: the next peer is known by its own", async (open) => {
  await using one = await RawListener.bind();
  await using two = await RawListener.bind();
  await using router = await open("ROUTER");
  await router.connect(one.endpoint, "chosen");
  await comeTo(router, one, named("a"));
  await router.connect(two.endpoint);
  const peer = await comeTo(router, two, named("b"));
  peer.write(message("hello"));
  assertEquals(texts(await router.receive()), ["b", "hello"]);
});

testBoth(
  libzmq,
  "what is sent to a chosen id before there is a connection goes out when there is one",
  async (open) => {
    await using listener = await RawListener.bind();
    await using router = await open("ROUTER", { mandatory: true, sendTimeout: 0 });
    await router.connect(listener.endpoint, "chosen");
    await router.send(["chosen", "early"]);
    const peer = await listener.join(named("its own"));
    assertEquals(await peer.message(), ["early"]);
  },
);

testBoth(libzmq, "what is sent to a chosen id while its peer is away goes to the next one there", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", { ...RECONNECT, mandatory: true, sendTimeout: 0 });
  await router.connect(listener.endpoint, "chosen");
  await (await comeTo(router, listener, named("first")))[Symbol.asyncDispose]();
  await router.seen("disconnect", 1);
  await router.send(["chosen", "while away"]);
  assertEquals(await (await listener.join(named("second"))).message(), ["while away"]);
});

testBoth(libzmq, "the queue for a chosen id has a mark, from before there is a connection", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", { mandatory: true, sendTimeout: 0, sendHighWaterMark: 3 });
  await router.connect(listener.endpoint, "chosen");
  const peer = await listener.accept();
  for (const number of ["1", "2", "3"]) await router.send(["chosen", number]);
  assertEquals(await sendError(router, ["chosen", "too much"]), "EAGAIN");
  await peer.handshake(named("its own"));
  for (const number of ["1", "2", "3"]) assertEquals(await peer.message(), [number]);
});

testBoth(libzmq, "a STREAM sends what it was given for a chosen id before there is a connection", async (open) => {
  await using listener = await RawListener.bind();
  await using stream = await open("STREAM", { sendTimeout: 0 });
  await stream.connect(listener.endpoint, "chosen");
  await stream.send(["chosen", "early"]);
  const peer = await listener.accept();
  assertEquals(await peer.read(5), text("early"));
});

testTalk(libzmq, "two ROUTERs, each of which has chosen how the other is called", async (open, openOther) => {
  await using left = await open("ROUTER", { routingId: "left's own" });
  await using right = await openOther("ROUTER", { routingId: "right's own" });
  await left.connect(await right.bind(ANY), "right as left says");
  await Promise.all([left.seen("handshake", 1), right.seen("handshake", 1)]);
  await left.send(["right as left says", "hello"]);
  assertEquals(texts(await right.receive()), ["left's own", "hello"]);
  await right.send(["left's own", "back"]);
  assertEquals(texts(await left.receive()), ["right as left says", "back"]);
});

// Mandatory.

testBoth(libzmq, "mandatory: an unknown id is EHOSTUNREACH; it can be switched on and off", async (open) => {
  await using router = await open("ROUTER", { sendTimeout: 0 });
  await using peer = await comeIn(router, await router.bind(ANY), named("here"));
  await router.send(["nobody", "dropped"]);
  await router.set("mandatory", true);
  assertEquals(await sendError(router, ["nobody", "refused"]), "EHOSTUNREACH");
  await router.send(["here", "there you are"]);
  await router.set("mandatory", false);
  await router.send(["nobody", "dropped, too"]);
  await router.send(["here", "still"]);
  assertEquals([await peer.message(), await peer.message()], [["there you are"], ["still"]]);
});

testBoth(libzmq, "mandatory: the id of a peer that has gone is EHOSTUNREACH", async (open) => {
  await using router = await open("ROUTER", { mandatory: true, sendTimeout: 0 });
  const endpoint = await router.bind(ANY);
  await using stays = await comeIn(router, endpoint, named("stays"));
  await (await comeIn(router, endpoint, named("goes")))[Symbol.asyncDispose]();
  await router.seen("disconnect", 1);
  await taken(libzmq, router, stays);
  assertEquals(await sendError(router, ["goes", "too late"]), "EHOSTUNREACH");
  await router.send(["stays", "hello"]);
  assertEquals(await stays.message(), ["hello"]);
});

/** More than the system and both libraries hold for a peer that does not read: 50 MB. */
const FLOOD = 200;
const BODY = new Uint8Array(1 << 18);

for (const mandatory of [true, false]) {
  const what = mandatory
    ? "mandatory: a peer that is full is EAGAIN"
    : "without mandatory, what a full peer has no room for is dropped";
  testBoth(libzmq, `${what}, and others get theirs`, async (open) => {
    await using router = await open("ROUTER", { mandatory, sendTimeout: 0, sendHighWaterMark: 5 });
    const endpoint = await router.bind(ANY);
    await using slow = await comeIn(router, endpoint, named("slow"));
    await using quick = await comeIn(router, endpoint, named("quick"));
    slow.pause();
    let sent = 0;
    let code: string | undefined;
    for (; sent < FLOOD && code === undefined; sent++) {
      await router.send(["slow", BODY]).catch((error) => code = error.code);
    }
    assertEquals(code, mandatory ? "EAGAIN" : undefined);
    assert(mandatory ? sent < FLOOD : sent === FLOOD, `${sent} messages`);
    await router.send(["quick", "hello"]);
    assertEquals(await quick.message(), ["hello"]);
    slow.resume();
    let received = 0;
    for (;;) {
      // Repeatedly, because it may be rejected or dropped, too.
      await router.send(["slow", "end"]).catch((error) => assertEquals(error.code, "EAGAIN"));
      if ((await slow.message())[0] === "end") break;
      received++;
    }
    assert(mandatory ? received === sent - 1 : received < FLOOD, `${received} of ${sent} messages arrived`);
  });
}
