/**
 * The end of the process with the drop-in for zeromq.js: what keeps it alive, what is still sent, and sockets that are
 * forgotten.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Pull, Push } from "../../mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = "tests/zeromq/exit_child.ts";
const OPTIONS = { timeout: 60_000 };

/** The output of a task, and the exit code. */
async function outputOf(...args: string[]): Promise<[string[], number | null]> {
  const command = {
    node: ["node", "--expose-gc", ...nodeProgram(PROGRAM)],
    bun: [process.execPath, PROGRAM],
    deno: [process.execPath, "run", "-A", "--v8-flags=--expose-gc", "--quiet", PROGRAM],
  }[runtime] as [string, ...string[]];
  const child = spawn(command[0], [...command.slice(1), ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  const [code] = await once(child, "close") as [number | null];
  return [output.split("\n").filter((line) => line !== ""), code];
}

test("drop-in: sockets that are bound, connected and idle do not keep the process alive", async () => {
  assertEquals(await outputOf("idle", "tcp://127.0.0.1:9"), [["idle"], 0]);
}, OPTIONS);

for (const task of ["receive", "events"]) {
  test(`drop-in: a pending operation keeps the process alive: ${task}`, async () => {
    assertEquals(await outputOf(task, "tcp://127.0.0.1:9"), [["alive"], 0]);
  }, OPTIONS);
}

test("drop-in: messages are sent before the process ends, also when their sockets are not closed", async () => {
  await using pull = new Pull();
  // There is no listener yet when the messages are sent.
  const endpoint = await free();
  const ended = outputOf("send", endpoint);
  await pull.bind(endpoint);
  const received = [await pull.receive(), await pull.receive()].map(([text]) => new TextDecoder().decode(text)).sort();
  assertEquals([received, await ended], [["closed", "open"], [["sent"], 0]]);
}, OPTIONS);

test("drop-in: a socket that is forgotten is closed", async () => {
  assertEquals(await outputOf("forget", await free()), [["bound again"], 0]);
}, OPTIONS);

/** An endpoint that is free, on an address that only this process uses where there is more than one. */
async function free(): Promise<string> {
  const byte = () => 1 + Math.floor(Math.random() * 254);
  await using push = new Push();
  return await push.bind(`tcp://127.${byte()}.${byte()}.${byte()}:0`).catch(() => push.bind("tcp://127.0.0.1:0"));
}
