/**
 * The end of the process with the drop-in for zeromq.js: what keeps it alive, what is still sent, and sockets that are
 * forgotten.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
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
/** Time after which a task is ended, in ms. */
const LIMIT = 50_000;

/** The drop-in on this runtime and, on Node, zeromq.js itself. */
const LIBRARIES = runtime === "node" ? ["drop-in", "zeromq"] : ["drop-in"];
const WARNING =
  /^\(node:\d+\) WARNING: Waiting for queued ZeroMQ messages to be delivered\. Set 'context\.blocky = false' to change this behaviour\.$/;

/** Starts a task. `warned` resolves with what it writes to stderr, or when it ends. */
function start(...args: string[]) {
  const command = {
    node: ["node", "--expose-gc", ...nodeProgram(PROGRAM)],
    bun: [process.execPath, PROGRAM],
    deno: [process.execPath, "run", "-A", "--v8-flags=--expose-gc", "--quiet", PROGRAM],
  }[runtime] as [string, ...string[]];
  const child = spawn(command[0], [...command.slice(1), ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  // So that a fault leaves no process behind.
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  const ended = once(child, "close").then(([code]) => {
    clearTimeout(limit);
    return [output.split("\n").filter((line) => line !== ""), code as number | null];
  });
  const warned = Promise.race([once(child.stderr, "data"), ended]).then(() => errors.trim());
  return { ended, warned };
}

for (const library of LIBRARIES) {
  const endOf = (task: string, endpoint: string) => start(task, endpoint, library).ended;

  test(`${library}: sockets that are bound, connected and idle do not keep the process alive`, async () => {
    assertEquals(await endOf("idle", "tcp://127.0.0.1:9"), [["idle"], 0]);
  }, OPTIONS);

  for (const task of ["receive", "events"]) {
    test(`${library}: a pending operation keeps the process alive: ${task}`, async () => {
      assertEquals(await endOf(task, "tcp://127.0.0.1:9"), [["alive"], 0]);
    }, OPTIONS);
  }

  test(
    `${library}: the process ends when all messages are sent, of sockets closed or not; it says why it waits`,
    async () => {
      const endpoint = await free();
      const { ended, warned } = start("send", endpoint, library);
      assertMatch(await warned, WARNING);
      await using pull = new Pull({ receiveTimeout: LIMIT });
      await pull.bind(endpoint);
      const received = [];
      for (let i = 0; i < 3; i++) received.push(new TextDecoder().decode((await pull.receive())[0]));
      assertEquals([received.sort(), await ended], [["closed", "forgotten", "open"], [["sent"], 0]]);
    },
    OPTIONS,
  );

  for (const task of ["drop", "late"]) {
    test(`${library}: messages without time to linger do not keep the process alive: ${task}`, async () => {
      assertEquals(await endOf(task, "tcp://127.0.0.1:9"), [[task === "drop" ? "dropped" : "late"], 0]);
    }, OPTIONS);
  }

  test(`${library}: a socket that is forgotten is closed`, async () => {
    assertEquals(await endOf("forget", await free()), [["bound again"], 0]);
  }, OPTIONS);
}

/** An endpoint that is free, on an address that only this process uses where there is more than one. */
async function free(): Promise<string> {
  const byte = () => 1 + Math.floor(Math.random() * 254);
  await using push = new Push();
  return await push.bind(`tcp://127.${byte()}.${byte()}.${byte()}:0`).catch(() => push.bind("tcp://127.0.0.1:0"));
}
