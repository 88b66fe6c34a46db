/**
 * Source addresses, `tcp://source:port;host:port`: where the accepting side sees the connection come from.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer } from "node:net";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { loadTransport } from "../../transports/mod.ts";
import { test, type TestOptions } from "../support/harness.ts";
import { noIpv6, noLoopbackNet } from "./machine.ts";
import { Accepted, assertPattern, patternBytes, Peer } from "./peer.ts";

/** Connects from `source` to a listener on `host`, and returns the address from which that sees the connection come. */
async function seenFrom(source: string, host = "127.0.0.1", target = host): Promise<string> {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse(`tcp://${host}:0`, "bind"), accepted.onLink);
  const port = listener.endpoint.slice(listener.endpoint.lastIndexOf(":") + 1);
  const endpoint = Endpoint.parse(`tcp://${source};${target}:${port}`, "connect");
  try {
    const client = new Peer(await transport.connect(endpoint)).start();
    const server = (await accepted.next()).start();
    assertEquals(client.link.remote, listener.endpoint);
    await client.send(patternBytes(100_000));
    await server.until(() => server.received === 100_000);
    assertPattern(server.chunks, 100_000);
    await Promise.all([client.close(), server.close()]);
    assertEquals([client.breaches, server.breaches], [[], []]);
    return server.link.remote;
  } finally {
    await listener.close();
  }
}

/** A port that is free on every address at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const LINUX: TestOptions = { skip: noLoopbackNet };

test("source: an address of this machine", async () => {
  const from = await seenFrom("127.0.0.5:0");
  assert(/^tcp:\/\/127\.0\.0\.5:[1-9]\d*$/.test(from), from);
}, LINUX);

test("source: an address and a port", async () => {
  const port = await freePort();
  assertEquals(await seenFrom(`127.0.0.5:${port}`), `tcp://127.0.0.5:${port}`);
}, LINUX);

test("source: * and a port", async () => {
  const port = await freePort();
  assertEquals(await seenFrom(`*:${port}`), `tcp://127.0.0.1:${port}`);
});

test("source: a name, to a name", async () => {
  const port = await freePort();
  assertEquals(await seenFrom(`localhost:${port}`, "127.0.0.1", "localhost"), `tcp://127.0.0.1:${port}`);
});

test("source: an address, to a name", async () => {
  const from = await seenFrom("127.0.0.5:0", "127.0.0.1", "localhost");
  assert(from.startsWith("tcp://127.0.0.5:"), from);
}, LINUX);

test("source: the name of an interface", async () => {
  const port = await freePort();
  assertEquals(await seenFrom(`lo:${port}`), `tcp://127.0.0.1:${port}`);
}, LINUX);

test("source: IPv6", async () => {
  const port = await freePort();
  assertEquals(await seenFrom(`[::1]:${port}`, "[::1]"), `tcp://[::1]:${port}`);
  const other = await freePort();
  assertEquals(await seenFrom(`*:${other}`, "[::1]"), `tcp://[::1]:${other}`);
}, { skip: noIpv6 });

/** Connecting from `source` to a listener on 127.0.0.1 fails, and nothing is left that was accepted. */
async function refused(source: string, code: ZmqErrorCode): Promise<void> {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink);
  const target = `tcp://${source};${listener.endpoint.slice("tcp://".length)}`;
  const error = await assertRejects(() => transport.connect(Endpoint.parse(target, "connect")), ZmqError);
  assertEquals(error.code, code, error.message);
  assert(error.message.startsWith(`Cannot connect to ${target}: `), error.message);
  await listener.close();
  assertEquals(accepted.peers.length, 0);
}

test("source: an address of another machine is rejected, not ignored", async () => {
  await refused("203.0.113.7:0", "EADDRNOTAVAIL");
});

test("source: an address of another family than the target", async () => {
  await refused("[::1]:0", "EADDRNOTAVAIL");
});

test("source: a name that is not known", async () => {
  await refused("no-such-host.invalid:0", "ENOTFOUND");
}, { timeout: 30_000 });

test("source: a port that is taken", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.5", resolve));
  const { port } = server.address() as { port: number };
  await refused(`127.0.0.5:${port}`, "EADDRINUSE");
  await new Promise<void>((resolve) => server.close(() => resolve()));
}, LINUX);

test("source: no listener at the target", async () => {
  const target = Endpoint.parse(`tcp://127.0.0.5:0;127.0.0.1:${await freePort()}`, "connect");
  const transport = await loadTransport();
  const error = await assertRejects(() => transport.connect(target), ZmqError, "the connection was refused");
  assertEquals(error.code, "ECONNREFUSED");
}, LINUX);

test("source: a connect that is canceled", async () => {
  const transport = await loadTransport();
  for (const target of ["tcp://127.0.0.1:0;127.0.0.1:5555", "tcp://localhost:0;no-such-host.invalid:5555"]) {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const connecting = transport.connect(Endpoint.parse(target, "connect"), { signal: controller.signal });
    controller.abort(reason);
    assertEquals(await connecting.then(() => undefined, (error) => error), reason);
  }
}, { timeout: 30_000 });
