/**
 * Links and listeners that are unref'd do not keep the process alive, and do again when they are ref'd.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { Child } from "../sockets/support.ts";
import { test } from "../support/harness.ts";

const SCRIPT = new URL("./unref_child.ts", import.meta.url).href;
const SCHEMES = process.platform === "win32" ? ["tcp"] : ["tcp", "ipc"];

/** The lines that a child process prints until it ends. */
async function linesOf(scheme: string, ...args: string[]): Promise<string[]> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-`);
  try {
    await using child = new Child(SCRIPT, scheme === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${folder}/socket`, ...args);
    const lines: string[] = [];
    for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
    assertEquals(await child.exit(), 0);
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const scheme of SCHEMES) {
  test(`unref: a listener and its links, ${scheme}`, async () => {
    assertEquals(await linesOf(scheme), ["made"]);
  }, { timeout: 30_000 });

  // A link that is closing is cut off, and the process ends then.
  for (const ref of ["listener", "idle", "paused"]) {
    test(`unref: ${ref} ref'd again, ${scheme}`, async () => {
      assertEquals(await linesOf(scheme, ref), ["made", "still alive"]);
    }, { timeout: 30_000 });
  }
}
