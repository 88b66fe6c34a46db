/**
 * The two programs of docs/guide/threads.md run on the runtime that runs this test: its workers share the jobs of the main thread.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtime, test } from "../support/harness.ts";
import { Child } from "../sockets/support.ts";

const PAGE = readFileSync(new URL("../../docs/guide/threads.md", import.meta.url), "utf8");
const LIBRARY = JSON.stringify(fileURLToPath(new URL("../../mod.ts", import.meta.url)));

/** The program of the page that begins with this name. */
function program(name: string): string {
  const [, code] = new RegExp(`^\`\`\`ts ignore\n// ${name}\n([\\s\\S]*?)^\`\`\`$`, "m").exec(PAGE)!;
  // Two workers are enough: on Node each one loads a compiler.
  return code!.replace(`"@monocoque/zmq"`, LIBRARY).replace("{ length: 4 }", "{ length: 2 }");
}

/** Node 20 has no TypeScript in workers, which do not inherit the loader of their parent. */
function main(worker: string): string {
  if (runtime !== "node") return program("main.ts");
  const load = `import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(worker)})))`;
  const code = program("main.ts");
  const adapted = code.replace(
    `new URL("worker.ts", import.meta.url), {`,
    () => `${JSON.stringify(load)}, { eval: true,`,
  );
  assertEquals(adapted === code, false);
  return adapted;
}

test("the page on threads: its workers do the jobs of the main thread, and the program ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-threads-"));
  try {
    const worker = join(folder, "worker.ts");
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    writeFileSync(join(folder, "main.ts"), main(worker));
    writeFileSync(worker, program("worker.ts"));
    await using child = new Child(`file://${join(folder, "main.ts")}`);
    const lines: (string | undefined)[] = [];
    for (let i = 0; i < 100; i++) lines.push(await child.line());
    const expected = Array.from({ length: 100 }, (_, i) => `${i} is done`);
    assertEquals(new Set(lines), new Set(expected));
    assertEquals(await child.exit(), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 180_000 });
