/**
 * The ipc transport of the runtime that runs this file: the compliance suite, and what only ipc has.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Endpoint } from "../../src/endpoint.ts";
import { ZmqError } from "../../src/errors.ts";
import { loadTransport, transportCapability } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";
import { Accepted, Peer } from "./peer.ts";

const lasting = `ipc://${tmpdir()}/zmq-compliance-${runtime}-${process.pid}-${Math.random()}`;
transportCompliance(`ipc on ${runtime}`, loadTransport, "ipc://*", { lasting });

/** Runs `body` with a path in a folder of its own. */
async function withPath(body: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-test-`);
  try {
    await body(`${folder}/socket`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Listens and sends a byte from a client; what was there before must not matter. */
async function works(endpoint: string): Promise<void> {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), accepted.onLink);
  const client = new Peer(await transport.connect(Endpoint.parse(listener.endpoint, "connect"))).start();
  const server = (await accepted.next()).start();
  assertEquals([client.link.remote, server.link.remote], [listener.endpoint, listener.endpoint]);
  await client.send(new Uint8Array([1]));
  await server.until(() => server.received === 1);
  await Promise.all([client.close(), server.close(), listener.close()]);
}

test("ipc: a socket file is there while it is bound, and gone after close", async () => {
  await withPath(async (path) => {
    const listener = await (await loadTransport()).listen(Endpoint.parse(`ipc://${path}`, "bind"), () => {});
    assertEquals(listener.endpoint, `ipc://${path}`);
    assert(statSync(path).isSocket());
    await listener.close();
    assertEquals(existsSync(path), false);
  });
});

test("ipc: a stale socket file, left by a process that was killed, is replaced", async () => {
  await withPath(async (path) => {
    const script = `require("node:net").createServer().listen(${
      JSON.stringify(path)
    }, () => process.kill(process.pid, 9))`;
    spawnSync("node", ["-e", script]);
    assert(statSync(path).isSocket());
    await works(`ipc://${path}`);
    assertEquals(existsSync(path), false);
  });
});

test("ipc: where there is no folder nothing can be bound", async () => {
  await withPath(async (path) => {
    writeFileSync(path, "a file");
    const table = [
      ["socket", "ENOTDIR", "its folder is a file"],
      ["", "ENOTDIR", "its folder is a file"],
      ["deep/er", "ENOTDIR", "its folder is a file"],
      ["../nosuch/socket", "ENOTDIR", "its folder is a file"],
      ["/../../nosuch/socket", "ENOTDIR", "its folder is a file"],
    ] as const;
    for (const [below, code, words] of table) {
      const binding = loadTransport().then((it) =>
        it.listen(Endpoint.parse(`ipc://${path}/${below}`, "bind"), () => {})
      );
      const error = await assertRejects(() => binding, ZmqError, words);
      assertEquals(error.code, code, below);
    }
    for (const wrong of [`${path}.nosuch/socket`, `${path}.nosuch/`, `${path}.nosuch/deep/er`, "/proc/socket"]) {
      const binding = loadTransport().then((it) => it.listen(Endpoint.parse(`ipc://${wrong}`, "bind"), () => {}));
      const error = await assertRejects(() => binding, ZmqError, "its folder is not there");
      assertEquals(error.code, "ENOENT", wrong);
    }
  });
});

if (runtime === "deno") {
  test("ipc: what Deno does not permit is EACCES, not a folder that is not there", () => {
    const child = fileURLToPath(new URL("ipc_permission_child.ts", import.meta.url));
    const { stdout } = spawnSync(process.execPath, ["run", "--no-prompt", "--no-check", "--allow-net", child], {
      encoding: "utf8",
    });
    assertEquals(stdout.trim(), "EACCES NotCapable");
  });
}

test("ipc: a live one is in use, and lives on", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const accepted = new Accepted();
    const endpoint = Endpoint.parse(`ipc://${path}`, "bind");
    const listener = await transport.listen(endpoint, accepted.onLink);
    const error = await assertRejects(() => transport.listen(endpoint, () => {}), ZmqError);
    assertEquals(error.code, "EADDRINUSE");
    const client = new Peer(await transport.connect(endpoint)).start();
    await client.close();
    await listener.close();
    for (const peer of accepted.peers) await peer.start().close();
  });
});

test("ipc: what is not a socket is never deleted", async () => {
  await withPath(async (path) => {
    writeFileSync(path, "precious");
    const transport = await loadTransport();
    const error = await assertRejects(
      () => transport.listen(Endpoint.parse(`ipc://${path}`, "bind"), () => {}),
      ZmqError,
    );
    assertEquals(error.code, "EADDRINUSE");
    assert(error.message.includes("not a socket"), error.message);
    assertEquals(readFileSync(path, "utf8"), "precious");
  });
});

test("ipc: * makes up a path, and cleans up behind it", async () => {
  const listener = await (await loadTransport()).listen(Endpoint.parse("ipc://*", "bind"), () => {});
  const path = listener.endpoint.slice("ipc://".length);
  assert(statSync(path).isSocket());
  await listener.close();
  assertEquals(existsSync(path.slice(0, path.lastIndexOf("/"))), false);
});

test("ipc: an abstract name of Linux needs no file", async () => {
  const name = `ipc://@zmq-test-${runtime}-${process.pid}-${Math.random()}`;
  await works(name);
  const transport = await loadTransport();
  const error = await assertRejects(() => transport.connect(Endpoint.parse(name, "connect")), ZmqError);
  assertEquals(error.code, "ECONNREFUSED");
}, transportCapability().ipcAbstract ? {} : { skip: "not on this runtime" });

test("ipc: an abstract name is refused where this runtime would make another one of it", async () => {
  const transport = await loadTransport();
  for (const open of [transport.connect, (endpoint: Endpoint) => transport.listen(endpoint, () => {})]) {
    const error = await assertRejects(() => open(Endpoint.parse("ipc://@zmq-test")), ZmqError, "ipc://@zmq-test");
    assertEquals(error.code, "ENOTSUP");
  }
}, transportCapability().ipcAbstract ? { skip: "abstract names are right on this runtime" } : {});

test("ipc: a folder that is not there cannot be bound", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const below = Endpoint.parse(`ipc://${path}/below`, "bind");
    const error = await assertRejects(() => transport.listen(below, () => {}), ZmqError, "its folder is not there");
    assertEquals(error.code, "ENOENT");
  });
});

test("ipc: what somebody else has put at the path meanwhile stays there when the listener is closed", async () => {
  const folder = mkdtempSync(`${tmpdir()}/zmq-`);
  try {
    const path = `${folder}/socket`;
    const listener = await (await loadTransport()).listen(Endpoint.parse(`ipc://${path}`, "bind"), () => {});
    rmSync(path);
    writeFileSync(path, "not a socket");
    await listener.close();
    assertEquals(readFileSync(path, "utf8"), "not a socket");
    assertEquals(readdirSync(folder), ["socket"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
