/**
 * The order of events on a link during the handshake with a SOCKS proxy, on a simulated link.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { connectBySocks } from "../../transports/socks/connect.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { test } from "../support/harness.ts";
import { PlayedDriver } from "../support/played_driver.ts";
import { Peer } from "./peer.ts";

const TARGET = new TcpEndpoint("192.0.2.7", 5555);
const METHOD = Uint8Array.of(5, 0);
const CONNECTED = Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

function connecting(driver: PlayedDriver, signal?: AbortSignal): Promise<LinkCore> {
  const link = new LinkCore(driver, "tcp://192.0.2.1:1080");
  return connectBySocks(() => Promise.resolve(link), TARGET, { host: "192.0.2.1", port: 1080 }, { signal });
}

/** Lets promises settle. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

test("socks link: an answer that overtakes onDrain is answered after it", async () => {
  const driver = new PlayedDriver();
  driver.takes = false;
  const connected = connecting(driver);
  await turn();
  driver.arrive(METHOD);
  assertEquals(driver.writes.length, 1);
  driver.drain(false);
  assertEquals(driver.writes.length, 2);
  driver.arrive(CONNECTED, Uint8Array.of(1, 2, 3));
  let open = false;
  connected.then(() => open = true);
  await turn();
  assertEquals(open, false, "whose memory is still in use");
  driver.drain();
  const peer = new Peer(await connected);
  assertEquals([driver.flowing, peer.received, peer.link.remote], [false, 0, TARGET.toString()]);
  assertEquals(peer.bytesTaken, 0, "what the proxy was told does not count");
  peer.start();
  assertEquals(peer.write(Uint8Array.of(9)), true);
  assertEquals(peer.bytesTaken, 1);
  await peer.until(() => peer.received === 3);
  assertEquals([driver.flowing, peer.drains, peer.breaches], [true, 0, []]);
});

test("socks link: bytes right after the answer precede later ones, and wait for resume", async () => {
  const driver = new PlayedDriver();
  const connected = connecting(driver);
  await turn();
  driver.arrive(METHOD);
  driver.arrive(CONNECTED, Uint8Array.of(1));
  const peer = new Peer(await connected);
  driver.sink.received(Uint8Array.of(2));
  peer.pause();
  peer.start();
  await turn();
  assertEquals(peer.received, 0);
  driver.sink.peerEnded();
  peer.resume();
  await peer.gone();
  assertEquals([[...peer.bytes()], peer.error, peer.breaches], [[1, 2], undefined, []]);
});

test("socks link: lost between the answer and start", async () => {
  const driver = new PlayedDriver();
  const connected = connecting(driver);
  await turn();
  driver.arrive(METHOD);
  driver.arrive(CONNECTED);
  const peer = new Peer(await connected);
  const reason = new Error("reset");
  driver.sink.lost(reason);
  await turn();
  peer.start();
  await peer.gone();
  assertStrictEquals(peer.error, reason);
  assertEquals([peer.closes, peer.breaches], [1, []]);
});

test("socks link: lost during the handshake", async () => {
  const driver = new PlayedDriver();
  const connected = connecting(driver);
  await turn();
  const refused = assertRejects(() => connected, ZmqError, "Cannot connect to tcp://192.0.2.7:5555: broken");
  driver.sink.lost(new ZmqError("ECONNRESET", "broken"));
  await refused;
});

test("socks link: aborted during the handshake, and before it", async () => {
  for (const early of [false, true]) {
    const driver = new PlayedDriver();
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    if (early) controller.abort(reason);
    const ended = connecting(driver, controller.signal).then(() => undefined, (error) => error);
    await turn();
    controller.abort(reason);
    assertStrictEquals(await ended, reason);
    assertEquals(driver.calls.filter((call) => call === "drop").length, 1);
  }
});
