/**
 * Workers of `node:cluster` (used by pm2) bind separately, as processes do: a runtime that shares listeners between
 * workers would let the wrong one answer.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { Request, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Child } from "./support.ts";

/** Returns the workers that answer at an endpoint, one per connection. */
async function answersAt(endpoint: string): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < 4; i++) {
    await using request = new Request({ linger: 0 });
    request.connect(endpoint);
    await request.send("who?");
    answers.push(toText((await request.receive())[0]));
  }
  return answers;
}

/** Runs `body` with a function that has a worker bind. */
async function withWorkers(
  body: (bind: (worker: 0 | 1, endpoint: string, idle?: number) => Promise<string>) => Promise<void>,
): Promise<void> {
  await using child = new Child("cluster_child.ts");
  await body(async (worker, endpoint, idle) => {
    child.say([worker, endpoint, ...idle === undefined ? [] : [idle]].join(" "));
    return (await child.line())!;
  });
}

const OPTIONS = { timeout: 30_000 };

// On Deno a time of keepalive means other sockets.
for (const idle of [undefined, 60]) {
  test(`cluster: only one worker can bind a tcp endpoint${idle === undefined ? "" : ", with keepalive"}`, async () => {
    await withWorkers(async (bind) => {
      const first = await bind(0, "tcp://127.0.0.1:0", idle);
      const second = await bind(1, "tcp://127.0.0.1:0", idle);
      for (const endpoint of [first, second]) assert(endpoint.startsWith("tcp://127.0.0.1:"), endpoint);
      assertNotEquals(first, second);
      assertEquals(await bind(1, first, idle), "EADDRINUSE");
      assertEquals(await bind(0, second.replace("127.0.0.1", "*"), idle), "EADDRINUSE");
      assertEquals(await answersAt(first), ["0", "0", "0", "0"]);
      assertEquals(await answersAt(second), ["1", "1", "1", "1"]);
    });
  }, OPTIONS);
}

test("cluster: only one worker can bind an ipc endpoint", async () => {
  const folder = mkdtempSync(`${tmpdir()}/zmq-`);
  try {
    await withWorkers(async (bind) => {
      const path = `ipc://${folder}/socket`;
      assertEquals(await bind(0, path), path);
      assertEquals(await bind(1, path), "EADDRINUSE");
      assertEquals(await bind(1, `${path}2`), `${path}2`);
      assertEquals(await answersAt(path), ["0", "0", "0", "0"]);
      assertEquals(await answersAt(`${path}2`), ["1", "1", "1", "1"]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, process.platform === "win32" ? { skip: "no ipc on Windows" } : OPTIONS);
