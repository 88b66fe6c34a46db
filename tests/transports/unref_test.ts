/**
 * Links and listeners that are unref'd do not keep the process alive, and do again when they are ref'd.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { tmpdir } from "node:os";
import process from "node:process";
import { Child } from "../sockets/support.ts";
import { test } from "../support/harness.ts";

const SCRIPT = new URL("./unref_child.ts", import.meta.url).href;
const ENDPOINTS = {
  tcp: "tcp://127.0.0.1:0",
  ...process.platform === "win32" ? {} : { ipc: `ipc://${tmpdir()}/zmq-unref-${process.pid}` },
};

/** What a child prints until it ends. */
async function linesOf(...args: string[]): Promise<string[]> {
  await using child = new Child(SCRIPT, ...args);
  const lines: string[] = [];
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
  assertEquals(await child.exit(), 0);
  return lines;
}

for (const [scheme, endpoint] of Object.entries(ENDPOINTS)) {
  const own = scheme === "ipc" ? `${endpoint}-${Math.random()}` : endpoint;

  test(`unref: a listener and its links, ${scheme}`, async () => {
    assertEquals(await linesOf(own), ["made"]);
  }, { timeout: 30_000 });

  // A link that is closing is cut off, and the process ends then.
  for (const ref of ["listener", "idle", "paused"]) {
    test(`unref: ${ref} ref'd again, ${scheme}`, async () => {
      assertEquals(await linesOf(`${own}${scheme === "ipc" ? ref : ""}`, ref), ["made", "still alive"]);
    }, { timeout: 30_000 });
  }
}
