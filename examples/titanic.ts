/**
 * Requests that survive crashes: a client exchanges a request for a ticket, and later the ticket for the reply.
 * Requests and replies are files, so client, server and worker need not run at the same time.
 *
 * Run: deno run -A examples/titanic.ts (or: bun examples/titanic.ts, npx tsx examples/titanic.ts)
 *
 * Prints:
 *     dropped off; the server crashes
 *     after the crash: pending
 *     done: A NIGHT TO REMEMBER
 *     the same ticket again: unknown
 */

import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Requester, Router, serve, toText } from "@monocoque/zmq";

const folder = await mkdtemp(join(tmpdir(), "titanic-"));
const path = (ticket: string, state: string) => join(folder, `${ticket}.${state}`);

/** Writes a file whole, or not at all. */
async function keep(ticket: string, state: string, bytes: Uint8Array): Promise<void> {
  const part = path(ticket, `${crypto.randomUUID()}.part`);
  await writeFile(part, bytes);
  await rename(part, path(ticket, state));
}

/**
 * `drop` ticket, body → "ok"; `fetch` ticket → "done" and the reply, "pending" or "unknown"; `close` ticket → "ok". The client
 * generates the ticket, so that a request that is sent twice is still one.
 */
async function office([command, name, body]: Uint8Array[]): Promise<(string | Uint8Array)[]> {
  const ticket = toText(name!).replaceAll(/[^0-9a-f-]/g, ""); // becomes part of a file name
  const files = await readdir(folder);
  if (toText(command!) === "drop") {
    if (!files.includes(`${ticket}.reply`)) await keep(ticket, "request", body!);
    return ["ok"];
  }
  if (toText(command!) === "close") {
    for (const state of ["request", "reply"]) await rm(path(ticket, state), { force: true });
    return ["ok"];
  }
  if (files.includes(`${ticket}.reply`)) return ["done", await readFile(path(ticket, "reply"))];
  return [files.includes(`${ticket}.request`) ? "pending" : "unknown"];
}

async function open(endpoint: string) {
  const router = new Router();
  const bound = await router.bind(endpoint);
  const serving = serve(router, office);
  return { endpoint: bound, crash: () => router.close({ linger: 0 }).then(() => serving) };
}

/** Sends all stored requests to a worker, and stores the replies. */
async function workThrough(worker: Requester): Promise<void> {
  for (const file of await readdir(folder)) {
    const [ticket, state] = file.split(".");
    if (state !== "request") continue;
    const [reply] = await worker.request(await readFile(path(ticket!, "request")));
    await keep(ticket!, "reply", reply);
    await rm(path(ticket!, "request"));
  }
}

let titanic = await open("tcp://127.0.0.1:0");
await using client = new Requester(titanic.endpoint, { timeout: 2000, retries: 3, reconnectInterval: 20 });
const ask = async (...frames: string[]) => (await client.request(frames)).map(toText);

const ticket = crypto.randomUUID();
await ask("drop", ticket, "a night to remember");
console.log("dropped off; the server crashes");
await titanic.crash();
titanic = await open(titanic.endpoint);
console.log(`after the crash: ${(await ask("fetch", ticket)).join(": ")}`);

const service = new Router();
const serving = serve(service, ([body]) => toText(body).toUpperCase());
await using worker = new Requester(await service.bind("inproc://service"), { timeout: 5000 });
await workThrough(worker);
console.log((await ask("fetch", ticket)).join(": "));
await ask("close", ticket);
console.log(`the same ticket again: ${(await ask("fetch", ticket)).join(": ")}`);

await Promise.all([titanic.crash(), service.close()]);
await serving;
await rm(folder, { recursive: true });
