/**
 * The tcp transport of the runtime that runs this file: the compliance suite, and tests of tcp only.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { loadTransport } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { transportCompliance } from "./compliance.ts";
import { noIpv6 } from "./machine.ts";
import { Accepted, assertPattern, patternBytes, Peer } from "./peer.ts";

transportCompliance(`tcp on ${runtime}`, loadTransport, "tcp://127.0.0.1:0");

/** Binds one endpoint, connects to another on the same port, and sends a byte. */
async function reach(bind: string, connect: (port: string) => string): Promise<{ bound: string; remote: string }> {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse(bind, "bind"), accepted.onLink);
  const port = listener.endpoint.slice(listener.endpoint.lastIndexOf(":") + 1);
  try {
    const client = new Peer(await transport.connect(Endpoint.parse(connect(port), "connect"))).start();
    const server = (await accepted.next()).start();
    await client.send(new Uint8Array([1]));
    await server.until(() => server.received === 1);
    await Promise.all([client.close(), server.close()]);
    return { bound: listener.endpoint, remote: server.link.remote };
  } finally {
    await listener.close();
  }
}

test("tcp: loadTransport gives the same transport each time", async () => {
  assert(await loadTransport() === await loadTransport());
});

test("tcp: IPv6", async () => {
  const { bound, remote } = await reach("tcp://[::1]:*", (port) => `tcp://[::1]:${port}`);
  assert(/^tcp:\/\/\[::1\]:[1-9]\d*$/.test(bound), bound);
  assert(/^tcp:\/\/\[::1\]:[1-9]\d*$/.test(remote), remote);
}, { skip: noIpv6 });

test("tcp: * binds every interface", async () => {
  const { bound } = await reach("tcp://*:0", (port) => `tcp://127.0.0.1:${port}`);
  assert(/^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/.test(bound), bound);
});

test("tcp: an IPv4 peer of an IPv6 listener is reported as IPv4", async () => {
  const { remote } = await reach("tcp://[::]:0", (port) => `tcp://127.0.0.1:${port}`);
  assert(/^tcp:\/\/127\.0\.0\.1:\d+$/.test(remote), remote);
}, { skip: noIpv6 });

test("tcp: host names can be bound and connected", async () => {
  const { bound } = await reach("tcp://localhost:0", (port) => `tcp://localhost:${port}`);
  assert(/^tcp:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*$/.test(bound), bound);
});

test("tcp: a host name is tried at each of its addresses", async () => {
  await reach("tcp://127.0.0.1:0", (port) => `tcp://localhost:${port}`);
});

test("tcp: a host name that is not known", async () => {
  const transport = await loadTransport();
  const options = new TcpEndpoint("no-such-host.invalid", 5555);
  // As libzmq has them.
  const attempts = [
    ["ENOTFOUND", () => transport.connect(options)],
    ["ENODEV", () => transport.listen(options, () => {})],
  ] as const;
  for (const [code, attempt] of attempts) {
    const error = await assertRejects<ZmqError>(attempt, ZmqError);
    assertEquals(error.code, code, error.message);
    assert(error.cause !== undefined);
  }
}, { timeout: 30_000 });

test("tcp: an address of another machine cannot be bound", async () => {
  const transport = await loadTransport();
  // 203.0.113.0/24 is for documentation.
  const error = await assertRejects(
    () => transport.listen(Endpoint.parse("tcp://203.0.113.7:0", "bind"), () => {}),
    ZmqError,
  );
  assertEquals(error.code, "EADDRNOTAVAIL");
});

test("tcp: a connect to a host that does not answer can be canceled", async () => {
  const transport = await loadTransport();
  const controller = new AbortController();
  const reason = new Error("waited long enough");
  const connecting = transport.connect(Endpoint.parse("tcp://203.0.113.7:5555", "connect"), {
    signal: controller.signal,
  });
  controller.abort(reason);
  assertEquals(await connecting.then(() => undefined, (error) => error), reason);
});

test("tcp: a peer that has ended its side still gets everything that close has to send", async () => {
  const accepted = new Accepted();
  const transport = await loadTransport();
  const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink);
  const port = Number(listener.endpoint.split(":").at(-1));
  // The links of our own never end one side only.
  const raw = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).pause();
  const peer = (await accepted.next()).start();
  const size = 24 << 20;
  assertEquals(peer.write(patternBytes(size)), false);
  const closed = peer.close();
  raw.end();
  await once(raw, "finish");
  const chunks: Uint8Array[] = [];
  raw.on("data", (chunk) => chunks.push(chunk)).resume();
  await Promise.all([once(raw, "end"), closed]);
  assertPattern(chunks, size);
  assertEquals(peer.error, undefined);
  assertEquals(peer.breaches, []);
  await listener.close();
}, { timeout: 30_000 });

test("tcp: peers that disconnect before they are accepted have no effect", async () => {
  const accepted = new Accepted();
  const errors: Error[] = [];
  const transport = await loadTransport();
  const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink, {
    onError: (error) => errors.push(error),
  });
  const port = Number(listener.endpoint.split(":").at(-1));
  // Runs while this process waits and so accepts nothing: some peers reset their connection, the last one only ends it.
  const script = `
    const { connect } = require("node:net");
    let open = 6;
    for (let i = 0; i < 6; i++) {
      const socket = connect(${port}, "127.0.0.1", () => {
        socket.write("hello", () => {
          if (--open > 0) socket.resetAndDestroy();
          else socket.destroy();
        });
      });
    }`;
  const { status } = spawnSync("node", ["-e", script], { stdio: ["ignore", "inherit", "inherit"] });
  assertEquals(status, 0);
  for (;;) {
    const peer = (await accepted.next()).start();
    await peer.gone();
    if (peer.received === 5) break;
  }
  await listener.close();
  assertEquals(errors, []);
  for (const peer of accepted.peers) assertEquals(peer.breaches, []);
});

test("tcp: the process lives as long as a listener or a link does, and no longer", async () => {
  const script = fileURLToPath(new URL("./lifetime_child.ts", import.meta.url));
  const program = { deno: ["run", "-A", script], bun: [script], node: nodeProgram(script) }[runtime];
  const child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value;
  try {
    // The listener is all that keeps it alive; then the link is; then the link, paused.
    const endpoint = await line();
    const client = new Peer(await (await loadTransport()).connect(Endpoint.parse(endpoint, "connect"))).start();
    assertEquals(await line(), "listener closed");
    await client.send(new Uint8Array([1]));
    assertEquals(await line(), "paused");
    await client.send(new Uint8Array([2]));
    assertEquals(await line(), "resumed");
    assertEquals(await line(), "received 2");
    await client.gone();
    assertEquals(await line(), "link closed");
    assertEquals(await exited, [0, null]);
  } finally {
    child.kill();
  }
}, { timeout: 20_000 });
