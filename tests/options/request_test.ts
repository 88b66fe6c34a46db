/**
 * `correlate` and `relaxed` of Request: states, waits, inproc, and disconnected peers.
 * tests/interop/options_request_test.ts compares them with libzmq.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Reply, Request, Router } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, type RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, throwsWith } from "../sockets/support.ts";

const ROUTER = { type: "ROUTER" };
let names = 0;
const inproc = () => `inproc://options-request-${++names}`;

/** Reads a numbered request with this body, and returns its number. */
async function numbered(peer: RawPeer, body: string): Promise<Uint8Array> {
  const number = await peer.frame();
  assertEquals([number.flags, number.body.length], [1, 4]);
  assertEquals(await peer.message(), ["", body]);
  return number.body;
}

test("without relaxed a Request is not writable until its reply is received; set live, it is writable immediately", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request();
  request.connect(listener.endpoint);
  assertEquals(request.writable, true);
  await request.send("one");
  assertEquals(request.writable, false);
  throwsWith("EFSM", () => request.trySend("two"));
  request.relaxed = true;
  assertEquals(request.writable, true);
  assertEquals(request.trySend("two"), true);
  request.relaxed = false;
  assertEquals(request.writable, false);
  throwsWith("EFSM", () => request.trySend("three"));
  const peer = await listener.join(ROUTER);
  assertEquals([await peer.message(), await peer.message()], [["", "one"], ["", "two"]]);
});

test("relaxed: the next request drops a reply that was not received", async () => {
  for (const endpoint of [ANY, inproc()]) {
    await using router = new Router();
    await using request = new Request({ relaxed: true });
    request.connect(await router.bind(endpoint));
    await request.send("one");
    const [id] = await router.receive();
    await router.send([id, "", "to one"]);
    await request.whenReadable();
    await request.send("two");
    assertEquals(request.readable, false);
    await router.receive();
    await router.send([id, "", "to two"]);
    assertEquals(await take(request, 1), ["to two"]);
    throwsWith("EFSM", () => request.tryReceive());
  }
});

test("relaxed: sends wait for a peer as without it, in order", async () => {
  await using request = new Request({ relaxed: true });
  const sends = ["one", "two", "three"].map((text) => request.send(text));
  await using listener = await RawListener.bind();
  request.connect(listener.endpoint);
  await Promise.all(sends);
  const peer = await listener.join(ROUTER);
  for (const text of ["one", "two", "three"]) assertEquals(await peer.message(), ["", text]);
});

test("relaxed and correlate: a receive that waits survives new requests, and gets the last one's reply", async () => {
  for (const endpoint of [ANY, inproc()]) {
    await using router = new Router();
    await using request = new Request({ relaxed: true, correlate: true });
    request.connect(await router.bind(endpoint));
    await request.send("one");
    const reply = request.receive();
    await request.send("two");
    const asked = [await router.receive(), await router.receive()];
    // Out of order: the last one's first.
    for (const [id, number, , question] of asked.reverse()) await router.send([id, number, "", "to", question!]);
    assertEquals((await reply).map((frame) => new TextDecoder().decode(frame)), ["to", "two"]);
    throwsWith("EFSM", () => request.tryReceive());
  }
});

test("correlate: no number is repeated in a thousand requests", async () => {
  await using reply = new Router();
  await using request = new Request({ correlate: true });
  request.connect(await reply.bind(inproc()));
  const numbers = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    await request.send("?");
    const [id, number] = await reply.receive();
    numbers.add(`${number}`);
    await reply.send([id, number, "", "!"]);
    await request.receive();
  }
  assertEquals(numbers.size, 1000);
});

test("correlate: a request number of the wrong length disconnects the peer", async () => {
  for (const number of ["123", "12345"]) {
    await using listener = await RawListener.bind();
    await using request = new Request({ correlate: true, reconnectInterval: 10 });
    request.connect(listener.endpoint);
    const peer = await listener.join(ROUTER);
    await request.send("question");
    await numbered(peer, "question");
    peer.write(message(number, "", "answer"));
    await peer.gone;
  }
});

test("correlate set live counts from the next request on: the one that waits keeps its form", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request();
  request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  await request.send("plain");
  assertEquals(await peer.message(), ["", "plain"]);
  request.correlate = true;
  peer.write(message("", "to plain"));
  assertEquals(await take(request, 1), ["to plain"]);
  await request.send("numbered");
  const number = await numbered(peer, "numbered");
  request.correlate = false;
  peer.write(message("", "unnumbered"), message(number, "", "to numbered"));
  assertEquals(await take(request, 1), ["to numbered"]);
});

test("a Reply answers correlated and plain requests in their own forms", async () => {
  for (const endpoint of [ANY, inproc()]) {
    await using reply = new Reply();
    const address = await reply.bind(endpoint);
    await using plain = new Request();
    await using correlated = new Request({ correlate: true });
    for (const request of [plain, correlated]) request.connect(address);
    for (const request of [plain, correlated, correlated, plain]) {
      await request.send("question");
      assertEquals(await take(reply, 1), ["question"]);
      await reply.send("answer");
      assertEquals(await take(request, 1), ["answer"]);
    }
  }
});

// A disconnected peer.

test("a Request whose peer has disconnected continues: relaxed, with another request", async () => {
  for (const correlate of [true, false]) {
    await using listener = await RawListener.bind();
    await using request = new Request({ relaxed: true, correlate, reconnectInterval: 10 });
    request.connect(listener.endpoint);
    const peer = await listener.join(ROUTER);
    await request.send("lost");
    await peer.message();
    const reply = request.receive();
    const lost = nextEvent(request, "disconnect");
    await peer.end();
    await lost;
    await request.send("again");
    const next = await listener.join(ROUTER);
    if (correlate) next.write(message(await numbered(next, "again"), "", "answer"));
    else {
      assertEquals(await next.message(), ["", "again"]);
      next.write(message("", "answer"));
    }
    assertEquals((await reply).map((frame) => new TextDecoder().decode(frame)), ["answer"]);
  }
});

test("a Request whose peer has disconnected continues: with hiccupMessage in place of the reply", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request({ hiccupMessage: "nobody answers", reconnectInterval: 10 });
  request.connect(listener.endpoint);
  for (const life of ["first", "second"]) {
    const peer = await listener.join(ROUTER);
    await request.send(`to the ${life}`);
    assertEquals(await peer.message(), ["", `to the ${life}`]);
    await peer.end();
    assertEquals(await take(request, 1), ["nobody answers"]);
  }
  const peer = await listener.join(ROUTER);
  await request.send("question");
  assertEquals(await peer.message(), ["", "question"]);
  peer.write(message("", "answer"));
  assertEquals(await take(request, 1), ["answer"]);
});

test("a hiccupMessage that arrives while no request is open is not a reply", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request({ hiccupMessage: "nobody answers", reconnectInterval: 10 });
  request.connect(listener.endpoint);
  const first = await listener.join(ROUTER);
  await request.waitForPeers(1);
  const lost = nextEvent(request, "disconnect");
  await first.end();
  await lost;
  assertEquals(request.readable, false);
  const second = await listener.join(ROUTER);
  await request.send("question");
  assertEquals(await second.message(), ["", "question"]);
  second.write(message("", "answer"));
  assertEquals(await take(request, 1), ["answer"]);
});

test("the hiccupMessage of a connection that did not get the request is not a reply", async () => {
  await using asked = await RawListener.bind();
  await using other = await RawListener.bind();
  await using request = new Request({ hiccupMessage: "nobody answers", reconnectInterval: 10 });
  request.connect(asked.endpoint);
  const peer = await asked.join(ROUTER);
  await request.send("question");
  assertEquals(await peer.message(), ["", "question"]);
  request.connect(other.endpoint);
  const stranger = await other.join(ROUTER);
  await request.waitForPeers(2);
  const lost = nextEvent(request, "disconnect");
  await stranger.end();
  await lost;
  peer.write(message("", "answer"));
  await peer.sync();
  assertEquals(await take(request, 1), ["answer"]);
});

test("the hiccupMessage is the reply, too, when the peer is disconnected for a malformed reply", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request({ hiccupMessage: "nobody answers", reconnectInterval: 10 });
  request.connect(listener.endpoint);
  const peer = await listener.join(ROUTER);
  await request.send("question");
  await peer.message();
  peer.write(message("no delimiter"));
  assertEquals(await take(request, 1), ["nobody answers"]);
});

test("the reply to the hiccupMessage of a Reply is dropped, and not sent to the next peer", async () => {
  await using listener = await RawListener.bind();
  await using reply = new Reply({ hiccupMessage: "lost", reconnectInterval: 10 });
  reply.connect(listener.endpoint);
  const first = await listener.join({ type: "REQ" });
  await reply.waitForPeers(1);
  await first.end();
  assertEquals(await take(reply, 1), ["lost"]);
  await reply.send("to the notice");
  const second = await listener.join({ type: "REQ" });
  second.write(message("", "question"));
  assertEquals(await take(reply, 1), ["question"]);
  await reply.send("answer");
  assertEquals(await second.message(), ["", "answer"]);
  assertEquals(reply.statistics().drops.noPeer, 1);
});

test("relaxed: requests continue with the connected peers when one of several is lost", async () => {
  const listeners = [await RawListener.bind(), await RawListener.bind()];
  await using request = new Request({ relaxed: true, correlate: true, reconnectInterval: 10 });
  for (const { endpoint } of listeners) request.connect(endpoint);
  const peers = await Promise.all(listeners.map((listener) => listener.join(ROUTER)));
  await request.waitForPeers(2);
  await request.send("to the first");
  await numbered(peers[0]!, "to the first");
  const lost = nextEvent(request, "disconnect");
  await peers[0]!.end();
  await lost;
  await request.send("to the second");
  peers[1]!.write(message(await numbered(peers[1]!, "to the second"), "", "answer"));
  assertEquals(await take(request, 1), ["answer"]);
  assert(request.writable);
  for (const listener of listeners) await listener[Symbol.asyncDispose]();
});
