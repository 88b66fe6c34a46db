/**
 * What keeps the process alive (docs/adr/0010-process-life.md): every pending wait, whatever the transport, and a socket with
 * endpoints other than inproc until it is closed; nothing of a socket that is unref'd.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { runtime, test } from "../support/harness.ts";
import { Child } from "./support.ts";

const OPTIONS = { timeout: 60_000 };
const TRANSPORTS = process.platform === "win32" ? ["none", "inproc", "tcp"] : ["none", "inproc", "tcp", "ipc"];

/** All lines of a child, until it ends. */
async function linesOf(child: Child): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
  return lines;
}

for (const transport of TRANSPORTS) {
  for (const order of transport === "tcp" ? ["at once", "unref and ref"] : ["at once"]) {
    test(`the process lives as long as there is something to wait for: ${transport}, ${order}`, async () => {
      await using child = new Child("process_life_child.ts", "holds", transport, order);
      const lines = await linesOf(child);
      // The last one that held; what comes behind it did not.
      assertEquals(lines.at(-1), "all", `ended behind ${lines.at(-1)}`);
      assertEquals(await child.exit(), 0);
    }, OPTIONS);
  }

  for (const order of ["before", "after"]) {
    test(`the process ends though unref'd sockets have everything to do: ${transport}, unref ${order}`, async () => {
      await using child = new Child("process_life_child.ts", "ends", transport, order);
      assertEquals(await linesOf(child), ["made"]);
      assertEquals(await child.exit(), 0);
    }, OPTIONS);
  }
}

/** A port at which nobody answers: its queue of connections is full, and nobody accepts them. */
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
  test(`the process ends though an unref'd socket connects to where nobody answers, unref ${order}`, async () => {
    const hole = await unanswered();
    await using child = new Child("process_life_child.ts", "unanswered", String(hole.port), order);
    assertEquals(await linesOf(child), ["made"]);
    assertEquals(await child.exit(), 0);
    await hole.close();
  }, { ...OPTIONS, skip: noWayOut });
}

test("the process lives while a socket that is not unref'd connects to where nobody answers", async () => {
  const hole = await unanswered();
  await using child = new Child("process_life_child.ts", "unanswered", String(hole.port), "never");
  assertEquals(await linesOf(child), ["made", "still alive"]);
  assertEquals(await child.exit(), 0);
  await hole.close();
}, { ...OPTIONS, skip: noHole });
