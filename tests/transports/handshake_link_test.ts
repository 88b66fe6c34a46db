/**
 * The order of things on a link while the handshake with a SOCKS proxy is under way, on a link that the test plays.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { TcpEndpoint } from "../../src/endpoint.ts";
import { ZmqError } from "../../src/errors.ts";
import type { Link } from "../../src/transport.ts";
import { connectBySocks } from "../../transports/socks/connect.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { Peer } from "./peer.ts";

const TARGET = new TcpEndpoint("192.0.2.7", 5555);
const METHOD = Uint8Array.of(5, 0);
const CONNECTED = Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

function connecting(link: FakeLink, signal?: AbortSignal): Promise<Link> {
  return connectBySocks(() => Promise.resolve(link), TARGET, { host: "192.0.2.1", port: 1080 }, { signal });
}

/** Lets promises settle. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

test("socks link: an answer that overtakes onDrain is answered after it", async () => {
  const link = new FakeLink();
  link.takes = false;
  const connected = connecting(link);
  await turn();
  link.arrive(METHOD);
  assertEquals(link.writes.length, 1);
  link.drain(false);
  assertEquals(link.writes.length, 2);
  link.arrive(CONNECTED, Uint8Array.of(1, 2, 3));
  let open = false;
  connected.then(() => open = true);
  await turn();
  assertEquals(open, false, "whose memory is still in use");
  link.drain();
  const peer = new Peer(await connected);
  assertEquals([link.paused, peer.received], [true, 0]);
  peer.start();
  assertEquals(peer.write(Uint8Array.of(9)), true);
  await peer.until(() => peer.received === 3);
  assertEquals([link.paused, peer.drains, peer.breaches], [false, 0, []]);
});

test("socks link: lost between the answer and start", async () => {
  const link = new FakeLink();
  const connected = connecting(link);
  await turn();
  link.arrive(METHOD);
  link.arrive(CONNECTED);
  const peer = new Peer(await connected);
  const reason = new Error("reset");
  await link.lose(reason);
  peer.start();
  await peer.gone();
  assertStrictEquals(peer.error, reason);
  assertEquals([peer.closes, peer.breaches], [1, []]);
});

test("socks link: lost during the handshake", async () => {
  const link = new FakeLink();
  const connected = connecting(link);
  await turn();
  const refused = assertRejects(() => connected, ZmqError, "Cannot connect to tcp://192.0.2.7:5555: broken");
  await link.lose(new ZmqError("ECONNRESET", "broken"));
  await refused;
});

test("socks link: given up during the handshake, and before it", async () => {
  for (const early of [false, true]) {
    const link = new FakeLink();
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    if (early) controller.abort(reason);
    const connected = connecting(link, controller.signal);
    // Never started, the fake would have nobody to tell.
    if (early) link.start(new Peer(link));
    const ended = connected.then(() => undefined, (error) => error);
    await turn();
    controller.abort(reason);
    assertStrictEquals(await ended, reason);
    assertEquals(link.aborts.length, 1);
  }
});
