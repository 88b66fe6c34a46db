/**
 * The program of docs/cluster.md runs on the runtime that runs this test: its primary binds the queue of the page, its
 * workers reply, and a worker that crashes is replaced while its request is retried.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Requester, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Child, deserted } from "../sockets/support.ts";

const PAGE = readFileSync(new URL("../../docs/cluster.md", import.meta.url), "utf8");
const LIBRARY = JSON.stringify(fileURLToPath(new URL("../../mod.ts", import.meta.url)));

/** The page's program, with files of TypeScript, as those of the runtimes' loaders. */
function program(): string {
  const [, code] = /^```ts ignore\n([\s\S]*?)^```$/m.exec(PAGE)!;
  assertEquals(code!.match(/import\("\.\/\w+\.js"\)/g)?.length, 2);
  // Two workers are enough, however many processors there are.
  return code!.replaceAll(/(\.\/\w+)\.js/g, "$1.ts").replace(
    "availableParallelism();",
    "availableParallelism() * 0 + 2;",
  );
}

const queue = (clients: string, workers: string) => `
import { Dealer, Proxy, Router } from ${LIBRARY};
const front = new Router(), back = new Dealer();
await front.bind(${JSON.stringify(clients)});
await back.bind(${JSON.stringify(workers)});
console.log("ready");
await new Proxy(front, back).run();
`;

const worker = (workers: string, mark: string) => `
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Reply, toText } from ${LIBRARY};
const reply = new Reply({ linger: 0 });
process.once("disconnect", () => process.exit());
reply.connect(${JSON.stringify(workers)});
for await (const [body] of reply) {
  if (toText(body!) === "crash" && !existsSync(${JSON.stringify(mark)})) {
    writeFileSync(${JSON.stringify(mark)}, "");
    process.exit(1);
  }
  await reply.send(toText(body!).toUpperCase());
}
`;

test("the page on clusters: its program starts workers, and replaces one that crashes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-cluster-"));
  try {
    const [clients, workers] = [await deserted(), await deserted()];
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    writeFileSync(join(folder, "main.ts"), program());
    writeFileSync(join(folder, "queue.ts"), queue(clients, workers));
    writeFileSync(join(folder, "worker.ts"), worker(workers, join(folder, "crashed")));
    await using primary = new Child(`file://${join(folder, "main.ts")}`);
    assertEquals(await primary.line(), "ready");
    await using client = new Requester(clients, { timeout: 18_000, retries: 5 });
    for (const text of ["a", "crash", "b"]) {
      assertEquals((await client.request(text)).map(toText), [text.toUpperCase()]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 60_000 });
