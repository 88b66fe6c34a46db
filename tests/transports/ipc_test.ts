/**
 * The ipc transport of the runtime that runs this file: the compliance suite, and tests of ipc only.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Link } from "../../src/transport/transport.ts";
import { LONGEST_PATH } from "../../transports/shared/ipc.ts";
import { claimName } from "../../transports/shared/ipc_path.ts";
import { loadTransport, transportCapability } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";
import { listenAt, makeStale } from "../support/stale_socket.ts";
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

test("ipc: a socket file exists while it is bound, and is removed by close", async () => {
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

test("ipc: a path whose directory is missing or is a file is ENOENT or ENOTDIR", async () => {
  await withPath(async (path) => {
    writeFileSync(path, "a file");
    const table = [
      ["socket", "ENOTDIR", "its directory is a file"],
      ["", "ENOTDIR", "its directory is a file"],
      ["deep/er", "ENOTDIR", "its directory is a file"],
      ["../nosuch/socket", "ENOTDIR", "its directory is a file"],
      ["/../../nosuch/socket", "ENOTDIR", "its directory is a file"],
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
      const error = await assertRejects(() => binding, ZmqError, "its directory does not exist");
      assertEquals(error.code, "ENOENT", wrong);
    }
  });
});

if (runtime === "deno") {
  const child = fileURLToPath(new URL("ipc_permission_child.ts", import.meta.url));
  const bindWith = (path: string, ...permissions: string[]) => {
    const args = ["run", "--no-prompt", "--no-check", "--allow-net", ...permissions, child, path];
    return spawnSync(process.execPath, args, { encoding: "utf8" }).stdout.trim();
  };

  test("ipc: a path that Deno does not permit is EACCES, not a missing directory", () => {
    assertEquals(bindWith("/tmp/zmq-nobody-may-look"), "EACCES NotCapable");
  });

  test("ipc: on Deno a free path and a stale one need only their directory", async () => {
    await withPath(async (path) => {
      const folder = dirname(path);
      const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
      assertEquals(bindWith(path, ...permissions), "bound");
      await makeStale(path);
      assertEquals(bindWith(path, ...permissions), "bound");
      assertEquals(readdirSync(folder), []);
    });
  }, { timeout: 30_000 });
}

test("ipc: a path with a live listener is in use, and the listener continues", async () => {
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

test("ipc: a file other than a socket is never deleted", async () => {
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

test("ipc: * generates a path, and removes it afterwards", async () => {
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

test("ipc: an abstract name is rejected where this runtime would change it", async () => {
  const transport = await loadTransport();
  for (const open of [transport.connect, (endpoint: Endpoint) => transport.listen(endpoint, () => {})]) {
    const error = await assertRejects(() => open(Endpoint.parse("ipc://@zmq-test")), ZmqError, "ipc://@zmq-test");
    assertEquals(error.code, "ENOTSUP");
  }
}, transportCapability().ipcAbstract ? { skip: "abstract names are right on this runtime" } : {});

test("ipc: a missing directory cannot be bound", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const below = Endpoint.parse(`ipc://${path}/below`, "bind");
    const error = await assertRejects(
      () => transport.listen(below, () => {}),
      ZmqError,
      "its directory does not exist",
    );
    assertEquals(error.code, "ENOENT");
  });
});

test("ipc: a file of another program at the path stays when the listener is closed", async () => {
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

/** For links that only show that a connect succeeds. */
function dropped(link: Link): void {
  link.abort();
}

test("ipc: a user's file beside the path is not touched", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const endpoint = Endpoint.parse(`ipc://${path}`, "bind");
    const names = ["socket~", "socket.lock", "socket.tmp", ".socket", ".socket.lock", "socket.stale"];
    for (const name of names) writeFileSync(`${dirname(path)}/${name}`, name);
    for (const before of ["free", "stale", "taken by a file at the end"]) {
      if (before === "stale") await makeStale(path);
      const listener = await transport.listen(endpoint, dropped);
      assertEquals(readdirSync(dirname(path)).sort(), [...names, "socket"].sort(), before);
      if (before.startsWith("taken")) {
        rmSync(path);
        writeFileSync(path, "a user's");
      }
      await listener.close();
    }
    assertEquals(readFileSync(path, "utf8"), "a user's");
    for (const name of names) assertEquals(readFileSync(`${dirname(path)}/${name}`, "utf8"), name);
    assertEquals(readdirSync(dirname(path)).sort(), [...names, "socket"].sort());
  });
});

test("ipc: the mode of the socket file follows the umask", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const before = process.umask(0o027);
    try {
      const listener = await transport.listen(Endpoint.parse(`ipc://${path}`, "bind"), dropped);
      assertEquals(statSync(path).mode & 0o777, 0o750);
      await listener.close();
    } finally {
      process.umask(before);
    }
  });
});

test("ipc: if many bind a path simultaneously in one process, one succeeds", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const spellings = [path, `${dirname(path)}/./socket`, `${dirname(path)}/../${basename(dirname(path))}/socket`];
    for (let round = 0; round < 20; round++) {
      if (round % 2 === 1) await makeStale(path);
      const outcomes = await Promise.all(
        Array.from(
          { length: 9 },
          (_, i) =>
            transport.listen(Endpoint.parse(`ipc://${spellings[i % 3]}`, "bind"), dropped)
              .catch((error: ZmqError) => error.code),
        ),
      );
      const listeners = outcomes.filter((it) => typeof it !== "string");
      assertEquals(listeners.length, 1);
      assertEquals(outcomes.filter((it) => it === "EADDRINUSE").length, 8);
      assertEquals(readdirSync(dirname(path)), ["socket"]);
      await (await transport.connect(Endpoint.parse(`ipc://${path}`, "connect"))).abort();
      await listeners[0]!.close();
      assertEquals(readdirSync(dirname(path)), []);
    }
  });
}, { timeout: 30_000 });

test("ipc: a path that is unbound and bound immediately is bound, and leaves nothing behind", async () => {
  await withPath(async (path) => {
    const transport = await loadTransport();
    const endpoint = Endpoint.parse(`ipc://${path}`, "bind");
    let listener = await transport.listen(endpoint, dropped);
    for (let i = 0; i < 100; i++) {
      const closed = listener.close();
      listener = await transport.listen(endpoint, dropped);
      await closed;
      assertEquals(readdirSync(dirname(path)), ["socket"]);
    }
    // Closing twice, and while another has it, takes nothing from that one.
    await listener.close();
    const next = await transport.listen(endpoint, dropped);
    await listener.close();
    (await transport.connect(endpoint)).abort();
    await next.close();
    assertEquals(readdirSync(dirname(path)), []);
  });
}, { timeout: 30_000 });

// As long as a path may be, so that names beside it are short, or claims are longer than what can be connected to.
for (const length of [1, 2, 5, 8, 9, 20, 60]) {
  test(`ipc: the longest path there is, with a name of ${length}, free and stale`, async () => {
    const root = mkdtempSync(`${tmpdir()}/zmq-`);
    try {
      const folder = `${root}/${"d".repeat(LONGEST_PATH - root.length - length - 2)}`;
      mkdirSync(folder);
      const path = `${folder}/${"s".repeat(length)}`;
      const endpoint = Endpoint.parse(`ipc://${path}`, "bind");
      const transport = await loadTransport();
      const staleAt = async (path: string) => {
        await makeStale(`${root}/stale`);
        renameSync(`${root}/stale`, path);
      };
      for (const before of ["free", "stale", "stale, and whoever was about to replace it was killed"]) {
        if (before !== "free") await staleAt(path);
        if (before.endsWith("killed")) await staleAt(claimName(path, lstatSync(path, { bigint: true })));
        const racing = Array.from({ length: 4 }, () => transport.listen(endpoint, dropped));
        const outcomes = await Promise.allSettled(racing);
        const [bound, ...more] = outcomes.flatMap((it) => it.status === "fulfilled" ? [it.value] : []);
        assertEquals(more.length, 0, before);
        for (const it of outcomes) if (it.status === "rejected") assertEquals(it.reason.code, "EADDRINUSE");
        (await transport.connect(endpoint)).abort();
        await bound!.close();
        assertEquals(readdirSync(folder), [], before);
      }
      // And while another is about to replace it.
      await staleAt(path);
      const { ino } = statSync(path);
      const other = await listenAt(`${root}/other`);
      linkSync(`${root}/other`, claimName(path, lstatSync(path, { bigint: true })));
      const error = await assertRejects(() => transport.listen(endpoint, dropped), ZmqError);
      assertEquals(error.code, "EADDRINUSE");
      assertEquals([statSync(path).ino, readdirSync(folder).length], [ino, 2]);
      await other.close();
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}
