/**
 * The WebSocket transport on the runtime that runs this file: the compliance suite, whose chunks are messages here, and what messages
 * add to it. `../hostile/websocket_test.ts` has peers that break the protocol.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { runtime, test } from "../support/harness.ts";
import { loadWebSockets } from "../../transports/mod.ts";
import { transportCompliance } from "./compliance.ts";
import { noIpv6 } from "./machine.ts";
import { Accepted, assertPattern, fillPattern, patternBytes, Peer, withPair } from "./peer.ts";

/** The reasons why the suite for bytes has tests that messages cannot pass. */
const EMPTY = "an empty chunk is an empty message";
const except = {
  "empty chunks change nothing": EMPTY,
  "empty chunks behind one that has to wait change nothing": EMPTY,
  "bytesTaken grows while one large write is in flight, and tells at the end what onClose tells":
    "a message arrives only as a whole: the same test for messages is below",
};

transportCompliance(`ws on ${runtime}`, loadWebSockets, "ws://127.0.0.1:0", { except, knows: "most", whole: true });

const MIB = 1 << 20;

test("ws: messages stay apart, of every length at which the header changes, in both directions", async () => {
  await withPair(await loadWebSockets(), "ws://127.0.0.1:0", async ({ client, server }) => {
    const lengths = [
      1,
      2,
      3,
      124,
      125,
      126,
      127,
      128,
      255,
      256,
      16_383,
      16_384,
      65_535,
      65_536,
      65_537,
      98_304,
      300_000,
    ];
    const messages = lengths.map((length) => patternBytes(length));
    for (const [from, to] of [[client, server], [server, client]] as const) {
      await from.send(...messages.map((message) => message.slice()));
      await to.until(() => to.chunks.length === lengths.length);
      assertEquals(to.chunks.map(({ length }) => length), lengths);
      for (const [i, chunk] of to.chunks.entries()) assertPattern([chunk], lengths[i]!);
    }
  });
});

test("ws: many small messages in one write, with one large in between, arrive in order", async () => {
  await withPair(await loadWebSockets(), "ws://127.0.0.1:0", async ({ client, server }) => {
    const lengths = Array.from({ length: 4000 }, (_, i) => i === 2000 ? 3 * MIB : 1 + i * 7 % 90);
    let offset = 0;
    const messages = lengths.map((length) => fillPattern(new Uint8Array(length), (offset += length) - length));
    for (const [from, to] of [[client, server], [server, client]] as const) {
      await from.send(...messages.map((message) => message.slice()));
      await to.until(() => to.chunks.length === lengths.length);
      assertEquals(to.chunks.map(({ length }) => length), lengths);
      assertPattern(to.chunks, offset);
    }
  });
}, { timeout: 30_000 });

test("ws: bytesTaken grows while one large message is in flight, and is never more than onClose reports", async () => {
  await withPair(await loadWebSockets(), "ws://127.0.0.1:0", async ({ client, server }) => {
    for (const [from, to] of [[client, server], [server, client]] as const) {
      if (from.closes > 0) continue;
      const before = from.bytesTaken;
      to.pause();
      assertEquals(from.write(patternBytes(64 * MIB)), false);
      assertEquals(from.bytesTaken - before < 64 * MIB, true);
      from.abort();
      await from.gone();
      assert(from.taken! < 64 * MIB && from.bytesTaken - before <= from.taken!, `${from.bytesTaken} ${from.taken}`);
      to.resume();
      await to.gone();
      assertEquals(to.received, 0);
    }
  });
}, { timeout: 30_000 });

test("ws: IPv6, a path with a query, and names", async () => {
  const transport = await loadWebSockets();
  for (
    const [bind, connect] of [
      ["ws://[::1]:0/a/b?c=1", (port: string) => `ws://[::1]:${port}/a/b?c=1`],
      ["ws://*:0", (port: string) => `ws://127.0.0.1:${port}/?any=query`],
      ["ws://127.0.0.1:*/here", (port: string) => `ws://127.0.0.1:${port}/./x/../here?token=1`],
      ["ws://localhost:0", (port: string) => `ws://localhost:${port}`],
    ] as const
  ) {
    const accepted = new Accepted();
    const listener = await transport.listen(Endpoint.parse(bind, "bind"), accepted.onLink);
    const port = /:(\d+)(?:\/|$)/.exec(listener.endpoint)![1]!;
    const client = new Peer(await transport.connect(Endpoint.parse(connect(port), "connect"))).start();
    const server = (await accepted.next()).start();
    await client.send(Uint8Array.of(1));
    await server.until(() => server.received === 1);
    await Promise.all([client.close(), server.close(), listener.close()]);
  }
}, { skip: noIpv6 });

test("ws: another path is refused with the status in the error", async () => {
  const transport = await loadWebSockets();
  const errors: Error[] = [];
  const listener = await transport.listen(Endpoint.parse("ws://127.0.0.1:0/here?x=1", "bind"), () => {}, {
    onError: (error) => errors.push(error),
  });
  const root = listener.endpoint.replace(/\/here.*/, "");
  for (const path of ["", "/", "/her", "/here", "/here?x=2", "/here/?x=1"]) {
    const connecting = transport.connect(Endpoint.parse(root + path, "connect"));
    const error = await assertRejects(() => connecting, ZmqError, "the server answered 404 Not Found");
    assertEquals(error.code, "EPROTO");
    assert(errors.at(-1)!.message.includes("404 Not Found: nothing is bound at this path"), errors.at(-1)!.message);
  }
  await listener.close();
});
