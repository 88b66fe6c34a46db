/**
 * Default settings of a runtime's sockets must not change ZeroMQ's behavior: which processes can bind an address, when
 * it is free again, which ones can connect to a socket file.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Listener } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";
import { ownEndpoint } from "../interop/free_endpoint.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { noIpv6 } from "./machine.ts";
import { Accepted } from "./peer.ts";

async function listen(
  endpoint: string,
  options: { ipv6?: boolean } = {},
  accepted = new Accepted(),
): Promise<Listener> {
  return await (await loadTransport()).listen(Endpoint.parse(endpoint, "bind"), accepted.onLink, options);
}

/** Listens as soon as the endpoint is free: TIME_WAIT, or a process that keeps it, would last longer than the test may take. */
async function listenAgain(endpoint: string): Promise<Listener> {
  let listener!: Listener;
  await bindAgain({ bind: async (endpoint) => (listener = await listen(endpoint)).endpoint }, endpoint);
  return listener;
}

const hostOf = ({ endpoint }: Listener): string => endpoint.slice("tcp://".length, endpoint.lastIndexOf(":"));
const portOf = ({ endpoint }: Listener): string => endpoint.slice(endpoint.lastIndexOf(":") + 1);

// `SO_REUSEPORT`, and `SO_REUSEADDR` as Windows and BSD have it, would let both bind.
for (const first of ["127.0.0.1", "*", "* and IPv6"]) {
  for (const second of ["127.0.0.1", "*", "* and IPv6"]) {
    test(`defaults: ${first} and ${second} with one port cannot both be bound`, async () => {
      const bound = await listen(`tcp://${first.replace(/ .*/, "")}:0`, { ipv6: first.includes("IPv6") });
      const again = `tcp://${second.replace(/ .*/, "")}:${portOf(bound)}`;
      const error = await assertRejects(() => listen(again, { ipv6: second.includes("IPv6") }), ZmqError);
      assertEquals(error.code, "EADDRINUSE");
      await bound.close();
    }, { skip: `${first} ${second}`.includes("IPv6") ? noIpv6 : undefined });
  }
}

test("defaults: a port that is bound is refused to other processes", async () => {
  const bound = await listen("tcp://*:0");
  const script = `require("node:net").createServer().on("error", (e) => console.log(e.code))
    .listen(${portOf(bound)}, "127.0.0.1", () => { console.log("bound"); process.exit(); })`;
  assertEquals(spawnSync("node", ["-e", script], { encoding: "utf8" }).stdout.trim(), "EADDRINUSE");
  await bound.close();
});

test("defaults: an address is free again immediately, after any connections", async () => {
  const accepted = new Accepted();
  const bound = await listen(ownEndpoint(), {}, accepted);
  const client = connect({ host: hostOf(bound), port: Number(portOf(bound)) });
  const server = (await accepted.next()).start();
  client.resume();
  // The side that ends a connection first has its address in TIME_WAIT.
  await server.close();
  await bound.close();
  await (await listenAgain(bound.endpoint)).close();
});

test("defaults: child processes do not keep a port bound", async () => {
  const accepted = new Accepted();
  const bound = await listen(ownEndpoint(), {}, accepted);
  const client = connect({ host: hostOf(bound), port: Number(portOf(bound)) });
  client.resume();
  const server = (await accepted.next()).start();
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("spawn", resolve));
  try {
    const ended = new Promise((resolve) => client.once("close", resolve));
    server.link.abort();
    await ended;
    await bound.close();
    await (await listenAgain(bound.endpoint)).close();
  } finally {
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
  }
}, process.platform === "win32" ? { skip: "no sleep on Windows" } : {});

test("defaults: a socket file has the mode that the umask leaves", async () => {
  const folder = mkdtempSync(`${tmpdir()}/zmq-`);
  const before = process.umask(0o027);
  try {
    const bound = await listen(`ipc://${folder}/socket`);
    assertEquals(statSync(`${folder}/socket`).mode & 0o777, 0o750);
    await bound.close();
  } finally {
    process.umask(before);
    rmSync(folder, { recursive: true });
  }
}, process.platform === "linux" ? {} : { skip: "modes of socket files are Linux's" });

test("defaults: an accepted connection is not read before it is started", async () => {
  const accepted = new Accepted();
  const bound = await listen("tcp://127.0.0.1:0", {}, accepted);
  const client: Socket = connect({ host: "127.0.0.1", port: Number(portOf(bound)) });
  client.resume();
  await new Promise<void>((resolve) => client.write("early", () => resolve()));
  const server = await accepted.next();
  server.start();
  await server.until(() => server.received === 5);
  assert(server.chunks.length > 0);
  await server.close();
  await bound.close();
});
