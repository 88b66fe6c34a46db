/**
 * Pair: one peer at a time, in both directions.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pair } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { greeting, message, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, throwsWith } from "./support.ts";

const PAIR = { type: "PAIR" };

test("pair: messages both ways, in order", async () => {
  await using a = new Pair();
  await using b = new Pair();
  b.connect(await a.bind(ANY));
  for (let i = 0; i < 100; i++) {
    await b.send([`${i}`, "there"]);
    await a.send([`${i}`, "back"]);
  }
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  assertEquals(await take(a, 100), numbers.map((i) => `${i}|there`));
  assertEquals(await take(b, 100), numbers.map((i) => `${i}|back`));
});

test("pair: a second peer is refused, with an event, and the first continues", async () => {
  await using pair = new Pair();
  const endpoint = await pair.bind(ANY);
  await using first = await RawPeer.join(endpoint, PAIR);
  await pair.waitForPeers(1);
  const refused = nextEvent(pair, "handshake:error:other");
  await using second = await RawPeer.connect(endpoint);
  second.write(greeting(), ready("PAIR"), message("not heard"));
  await second.gone;
  const { error } = await refused;
  assertEquals([error.name, error.message], [
    "ZmqError",
    "Cannot accept another peer on Pair: it has one peer at a time and is connected already",
  ]);
  first.write(message("heard"));
  assertEquals(await take(pair, 1), ["heard"]);
  await pair.send("answer");
  assertEquals(await first.message(), ["answer"]);
  assertEquals(pair.peerCount, 1);
});

test("pair: another peer is accepted when the first has disconnected", async () => {
  await using pair = new Pair();
  const endpoint = await pair.bind(ANY);
  for (const name of ["first", "second"]) {
    await using peer = await RawPeer.join(endpoint, PAIR);
    peer.write(message(name));
    assertEquals(await take(pair, 1), [name]);
    const gone = nextEvent(pair, "disconnect");
    await peer.end();
    await gone;
  }
});

test("pair: connects to one endpoint only", async () => {
  await using pair = new Pair({ linger: 0 });
  pair.connect("tcp://127.0.0.1:9");
  throwsWith("EADDRINUSE", () => pair.connect("tcp://127.0.0.1:10"));
  pair.disconnect("tcp://127.0.0.1:9");
  pair.connect("tcp://127.0.0.1:10");
});

test("pair: waits to send while there is no peer", async () => {
  await using pair = new Pair();
  const endpoint = await pair.bind(ANY);
  assertEquals(pair.trySend("at once"), false);
  const sent = pair.send("later");
  await using peer = await RawPeer.join(endpoint, PAIR);
  await sent;
  assertEquals(await peer.message(), ["later"]);
});
