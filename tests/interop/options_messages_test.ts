/**
 * `helloMessage`, `disconnectMessage` and `hiccupMessage` (drafts of libzmq): sockets of this library and of libzmq as
 * the subjects of the same tests with scripted peers, and the two libraries with each other. In libzmq only some types
 * have them: a hello is sent by DEALER, ROUTER and REP, a loss is reported by a bound ROUTER and by a connected DEALER.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { bytes, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { comeIn, comeTo } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const RECONNECT = { reconnectInterval: 10 };

const named = (identity: string) => ({ type: "DEALER", identity });

/** Receives `count` messages, each as text with its frames joined by "|". */
async function take(socket: End, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await socket.receive()).join("|"));
  return taken;
}

// Hello.

for (const [type, partner] of [["DEALER", "ROUTER"], ["ROUTER", "DEALER"], ["REP", "DEALER"]] as const) {
  testBoth(libzmq, `a bound ${type} begins every connection with its hello`, async (open) => {
    await using socket = await open(type, { helloMessage: "hello" });
    const endpoint = await socket.bind(ANY);
    for (const identity of ["first", "second"]) {
      await using peer = await RawPeer.join(endpoint, { type: partner, identity });
      assertEquals(await peer.message(), ["hello"]);
      await peer.sync();
    }
  });

  testBoth(
    libzmq,
    `a connecting ${type} begins every connection with its hello, also one that is made again`,
    async (open) => {
      await using listener = await RawListener.bind();
      await using socket = await open(type, { ...RECONNECT, helloMessage: bytes(0, 255, "hello") });
      await socket.connect(listener.endpoint);
      for (let life = 0; life < 3; life++) {
        await using peer = await listener.join({ type: partner });
        assertEquals((await peer.frame()).body, bytes(0, 255, "hello"));
        await peer.sync();
      }
    },
  );
}

testBoth(libzmq, "a hello goes before a probe, and both before what is queued", async (open) => {
  await using listener = await RawListener.bind();
  await using dealer = await open("DEALER", { helloMessage: "hello", probeRouter: true });
  await dealer.connect(listener.endpoint);
  await dealer.send(["queued"]);
  const peer = await listener.join({ type: "ROUTER" });
  assertEquals([await peer.message(), await peer.message(), await peer.message()], [["hello"], [""], ["queued"]]);
});

testTalk(libzmq, "a ROUTER and a DEALER say hello to each other", async (open, openOther) => {
  await using router = await open("ROUTER", { helloMessage: "I am the router", disconnectMessage: "gone" });
  await using dealer = await openOther("DEALER", { routingId: "d", helloMessage: "I am the dealer" });
  await dealer.connect(await router.bind(ANY));
  assertEquals(await take(router, 1), ["d|I am the dealer"]);
  assertEquals(await take(dealer, 1), ["I am the router"]);
  await dealer.close();
  assertEquals(await take(router, 1), ["d|gone"]);
});

// An incoming peer that disconnects.

testBoth(libzmq, "a ROUTER receives its disconnectMessage after what a peer that is gone had sent", async (open) => {
  await using router = await open("ROUTER", { disconnectMessage: "gone", receiveHighWaterMark: 2 });
  const endpoint = await router.bind(ANY);
  for (const life of ["first", "second"]) {
    const peer = await comeIn(router, endpoint, named(life));
    peer.write(message("1"), message("2", "", "3"));
    // With a full inbox the end is not seen before there is room.
    const ended = peer.end();
    assertEquals(await take(router, 3), [`${life}|1`, `${life}|2||3`, `${life}|gone`]);
    await ended;
  }
});

testBoth(libzmq, "with notify, the notice of the loss comes before the disconnectMessage", async (open) => {
  await using router = await open("ROUTER", { disconnectMessage: "gone", notify: "both" });
  await (await comeIn(router, await router.bind(ANY), named("d")))[Symbol.asyncDispose]();
  assertEquals(await take(router, 3), ["d|", "d|", "d|gone"]);
});

testBoth(
  libzmq,
  "disconnectMessage is not for connections that the socket makes, nor for handshakes that fail",
  async (open) => {
    await using listener = await RawListener.bind();
    await using router = await open("ROUTER", { ...RECONNECT, disconnectMessage: "gone" });
    const endpoint = await router.bind(ANY);
    await (await RawPeer.connect(endpoint))[Symbol.asyncDispose]();
    await router.connect(listener.endpoint);
    await (await comeTo(router, listener, named("server")))[Symbol.asyncDispose]();
    const again = await comeTo(router, listener, named("server"));
    again.write(message("there again"));
    assertEquals(await take(router, 1), ["server|there again"]);
  },
);

// A connection that was made and is lost.

testBoth(
  libzmq,
  "a DEALER receives its hiccupMessage each time its connection is lost, after what came over it",
  async (open) => {
    await using listener = await RawListener.bind();
    await using dealer = await open("DEALER", { ...RECONNECT, hiccupMessage: "hiccup" });
    await dealer.connect(listener.endpoint);
    for (const life of ["first", "second", "third"]) {
      const peer = await comeTo(dealer, listener, { type: "ROUTER" });
      peer.write(message(life), message("a", "b"));
      await peer.end();
      assertEquals(await take(dealer, 3), [life, "a|b", "hiccup"]);
    }
  },
);

testBoth(libzmq, "hiccupMessage is not for peers that came in, nor for handshakes that fail", async (open) => {
  await using listener = await RawListener.bind();
  await using dealer = await open("DEALER", { ...RECONNECT, hiccupMessage: "hiccup" });
  await dealer.connect(listener.endpoint);
  await (await listener.accept())[Symbol.asyncDispose]();
  const server = await comeTo(dealer, listener, { type: "ROUTER" });
  await (await comeIn(dealer, await dealer.bind(ANY), { type: "ROUTER" }))[Symbol.asyncDispose]();
  await dealer.seen("disconnect", 1);
  server.write(message("alone"));
  assertEquals(await take(dealer, 1), ["alone"]);
  await server.end();
  assertEquals(await take(dealer, 1), ["hiccup"]);
});

testBoth(libzmq, "a peer that is thrown out because it breaks the protocol is lost, too", async (open) => {
  await using listener = await RawListener.bind();
  const options = { maxMessageSize: 100, reconnectInterval: -1 };
  const tooLong = message("x".repeat(1000));
  await using dealer = await open("DEALER", { ...options, hiccupMessage: "hiccup" });
  await dealer.connect(listener.endpoint);
  (await comeTo(dealer, listener, { type: "ROUTER" })).write(tooLong);
  assertEquals(await take(dealer, 1), ["hiccup"]);
  await using router = await open("ROUTER", { ...options, disconnectMessage: "gone" });
  await using peer = await comeIn(router, await router.bind(ANY), named("d"));
  peer.write(tooLong);
  assertEquals(await take(router, 1), ["d|gone"]);
});

testBoth(libzmq, "the ends that unbind and disconnect make are told by neither message", async (open) => {
  const messages = { disconnectMessage: "gone", hiccupMessage: "hiccup" };
  for (const type of ["ROUTER", "DEALER"] as const) {
    const partner = type === "ROUTER" ? "DEALER" : "ROUTER";
    await using listener = await RawListener.bind();
    await using socket = await open(type, { ...messages, linger: -1 });
    const endpoint = await socket.bind(ANY);
    const peer = await comeIn(socket, endpoint, { type: partner, identity: "came" });
    await socket.connect(listener.endpoint);
    const server = await comeTo(socket, listener, { type: partner, identity: "server" });
    await socket.unbind(endpoint);
    await socket.disconnect(listener.endpoint);
    // Asked before: a socket of libzmq does its part of ending only while it is used.
    const next = take(socket, 1);
    await Promise.all([peer.gone, server.gone]);
    await using last = await comeIn(socket, await socket.bind(ANY), { type: partner, identity: "last" });
    last.write(message("and no more"));
    assertEquals(await next, [type === "ROUTER" ? "last|and no more" : "and no more"]);
  }
});

testTalk(libzmq, "a DEALER is told that its ROUTER is gone, and finds the next one", async (open, openOther) => {
  await using dealer = await open("DEALER", { ...RECONNECT, hiccupMessage: "hiccup", routingId: "d" });
  await using first = await openOther("ROUTER", { helloMessage: "hello" });
  const endpoint = await first.bind("tcp://127.0.0.1:0");
  await dealer.connect(endpoint);
  assertEquals(await take(dealer, 1), ["hello"]);
  await first.close();
  assertEquals(await take(dealer, 1), ["hiccup"]);
});
