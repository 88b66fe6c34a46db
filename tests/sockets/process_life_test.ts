/**
 * Sockets and the life of the process (docs/adr/0010-process-life.md): every pending wait, over any transport, and a
 * socket with endpoints other than inproc keep it alive; an unref'd socket does not.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { runtime, test } from "../support/harness.ts";
import { Child } from "./support.ts";

const OPTIONS = { timeout: 60_000 };
const TRANSPORTS = process.platform === "win32" ? ["none", "inproc", "tcp"] : ["none", "inproc", "tcp", "ipc"];

/** All lines of a child, until it ends well. Its socket files, which it may leave behind, are in a folder of their own. */
async function linesOf(...args: string[]): Promise<string[]> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-`);
  try {
    await using child = new Child("process_life_child.ts", ...args, folder);
    const lines: string[] = [];
    for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
    assertEquals(await child.exit(), 0, `the last line was: ${lines.at(-1)}`);
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const transport of TRANSPORTS) {
  for (const order of transport === "tcp" ? ["at once", "unref and ref"] : ["at once"]) {
    test(`the process lives as long as there is something to wait for: ${transport}, ${order}`, async () => {
      const lines = await linesOf("holds", transport, order);
      // The last one that held; what comes behind it did not.
      assertEquals(lines.at(-1), "all", `ended behind ${lines.at(-1)}`);
    }, OPTIONS);
  }

  for (const order of ["before", "after"]) {
    test(`the process ends though unref'd sockets have everything to do: ${transport}, unref ${order}`, async () => {
      assertEquals(await linesOf("ends", transport, order), ["made"]);
    }, OPTIONS);
  }
}

/** A port without an answer: its queue of connections is full, and none is accepted. */
async function unanswered(): Promise<{ port: number; close(): Promise<void> }> {
  const child = spawn("python3", ["-c", FULL_QUEUE], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout.setEncoding("utf8"), "data") as [string];
  return {
    port: Number(line),
    async close() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

const FULL_QUEUE = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
clients = [socket.socket() for _ in range(4)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(server.getsockname())
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;

const noHole = process.platform !== "linux"
  ? "only Linux leaves a connection unanswered where the queue is full"
  : spawnSync("python3", ["-V"]).status === 0
  ? undefined
  : "python3, which leaves connections unanswered, is not there";
const noWayOut = noHole ??
  (runtime === "bun"
    ? "Bun cannot cancel a connect: the process lives until the operating system gives up"
    : undefined);

for (const order of ["before", "after"]) {
  test(
    `the process exits though an unref'd socket connects to an endpoint without a listener, unref ${order}`,
    async () => {
      const hole = await unanswered();
      assertEquals(await linesOf("unanswered", String(hole.port), order), ["made"]);
      await hole.close();
    },
    { ...OPTIONS, skip: noWayOut },
  );
}

test("the process stays alive while a ref'd socket connects to an endpoint without a listener", async () => {
  const hole = await unanswered();
  assertEquals(await linesOf("unanswered", String(hole.port), "never"), ["made", "still alive"]);
  await hole.close();
}, { ...OPTIONS, skip: noHole });
