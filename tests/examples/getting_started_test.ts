/**
 * The two programs of docs/getting-started.md, which are processes of their own: they are taken from the page and run, on the
 * runtime that runs this test. What else the page shows is run with all documents' examples.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtime, test } from "../support/harness.ts";
import { Child, deserted } from "../sockets/support.ts";

const PAGE = readFileSync(new URL("../../docs/getting-started.md", import.meta.url), "utf8");
const LIBRARY = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** The program of this name as the page has it, but for where the library and the endpoint are. */
function program(name: string, endpoint: string): string {
  const code = PAGE.split("```").find((block) => block.startsWith(`ts ignore\n// ${name}\n`));
  if (code === undefined) throw new Error(`The page has no ${name}`);
  const moved = code.slice("ts ignore\n".length)
    .replace(`"@monocoque/zmq"`, JSON.stringify(LIBRARY))
    .replace(`"tcp://127.0.0.1:5555"`, JSON.stringify(endpoint));
  assertEquals(moved.includes("@monocoque") || moved.includes(":5555"), false);
  return moved;
}

async function withPrograms(run: (start: (name: string) => Child, endpoint: string) => Promise<void>): Promise<void> {
  const endpoint = await deserted();
  const folder = mkdtempSync(join(tmpdir(), "zmq-getting-started-"));
  try {
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    for (const name of ["server.ts", "client.ts"]) writeFileSync(join(folder, name), program(name, endpoint));
    await run((name) => new Child(`file://${join(folder, name)}`), endpoint);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("getting started: the server answers the client, and ends by SIGINT", async () => {
  await withPrograms(async (start, endpoint) => {
    await using server = start("server.ts");
    assertEquals(await server.line(), `listening on ${endpoint}`);
    await using client = start("client.ts");
    assertEquals([await client.line(), await client.line()], ["hello Ada", "hello Grace"]);
    assertEquals([await client.line(), await client.exit()], [undefined, 0]);
    assertEquals([await server.line(), await server.line()], ["asked by Ada", "asked by Grace"]);
    server.interrupt();
    assertEquals([await server.line(), await server.line()], ["bye", undefined]);
    // Deno's node:child_process says of whatever it sent a signal to that the signal ended it.
    assertEquals(await server.exit(), runtime === "deno" ? null : 0);
  });
}, { timeout: 30_000 });

test("getting started: the client may be first", async () => {
  await withPrograms(async (start) => {
    await using client = start("client.ts");
    await using server = start("server.ts");
    assertEquals([await client.line(), await client.line()], ["hello Ada", "hello Grace"]);
    assertMatch((await server.line())!, /^listening/);
  });
}, { timeout: 30_000 });
