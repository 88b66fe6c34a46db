/**
 * The first program of docs/getting-started.md and its server and client, as processes of their own: they are extracted
 * from the page and run on the runtime that runs this test, in a project that the page's own commands create, except
 * that the package need not be published. The other programs of the page run with the snippets of all documents.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { execSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtime, test } from "../support/harness.ts";
import { Child, deserted } from "../sockets/support.ts";

const PAGE = readFileSync(new URL("../../docs/getting-started.md", import.meta.url), "utf8");
const LIBRARY = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** The page's blocks of this kind, without the line that says so. */
function blocks(kind: string): string[] {
  return PAGE.split("```").filter((block) => block.startsWith(`${kind}\n`)).map((block) =>
    block.slice(kind.length + 1)
  );
}

/** The program of the page that begins with this text, with its import and its endpoint replaced. */
function program(begin: string, endpoint: string): string {
  const code = [...blocks("ts ignore"), ...blocks("ts")].find((block) => block.startsWith(begin));
  if (code === undefined) throw new Error(`The page has no program that begins with ${begin}`);
  const moved = code.replace(`"@monocoque/zmq"`, JSON.stringify(LIBRARY))
    .replace(`"tcp://127.0.0.1:5555"`, JSON.stringify(endpoint));
  assertEquals(moved.includes("@monocoque") || moved.includes(":5555"), false);
  return moved;
}

/** The commands of the page for this runtime, to run in a new folder. */
function commands(): string[] {
  const mark = `# ${runtime}\n`;
  const part = blocks("sh")[0]!.split("\n\n").find((lines) => lines.toLowerCase().startsWith(mark));
  return part!.slice(mark.length).trim().split("\n");
}

async function withPrograms(run: (start: (name: string) => Child, endpoint: string) => Promise<void>): Promise<void> {
  const endpoint = await deserted();
  const folder = mkdtempSync(join(tmpdir(), "zmq-getting-started-"));
  try {
    const preparing = commands().filter((command) => !/ (?:jsr:)?@monocoque\/zmq$/.test(command));
    assertEquals(commands().length - preparing.length, 1); // the one that installs the package
    for (const command of preparing) execSync(command, { cwd: folder, stdio: "pipe" });
    writeFileSync(join(folder, "first.ts"), program("import { Pull, Push", endpoint));
    for (const name of ["server.ts", "client.ts"]) writeFileSync(join(folder, name), program(`// ${name}\n`, endpoint));
    await run((name) => new Child(`file://${join(folder, name)}`), endpoint);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("getting started: the first program prints its message", async () => {
  await withPrograms(async (start) => {
    await using first = start("first.ts");
    assertEquals([await first.line(), await first.line(), await first.exit()], ["hello", undefined, 0]);
  });
}, { timeout: 30_000 });

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
    // Deno's node:child_process reports for every process it sent a signal to that the signal ended it.
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
