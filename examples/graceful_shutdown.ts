/**
 * Shut down on SIGTERM: stop accepting requests, finish those in flight, let the replies leave, and report what was
 * not delivered.
 *
 * Run: deno run -A examples/graceful_shutdown.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     two requests are being worked on
 *     SIGTERM: no more requests
 *     the server has finished
 *     a is done, b is done
 *     log entries without a receiver: 1
 */

import process from "node:process";
import { Push, Request, Router, serve, toText } from "@monocoque/zmq";

const server = new Router({ linger: 1000 }); // the time that close() gives queued replies
const endpoint = await server.bind("tcp://127.0.0.1:0");
const log = new Push({ linger: 50 });
log.connect("inproc://a-log-that-is-down");

let begun = 0;
let onBoth = () => {};
const bothBegun = new Promise<void>((resolve) => onBoth = resolve);
let finish = () => {};
const finished = new Promise<void>((resolve) => finish = resolve);

const stop = new AbortController();
process.once("SIGTERM", () => {
  console.log("SIGTERM: no more requests");
  stop.abort();
});

const serving = serve(server, async ([job]) => {
  if (++begun === 2) onBoth();
  await finished;
  return `${toText(job)} is done`;
}, { signal: stop.signal });

const asking = ["a", "b"].map(async (job) => {
  await using client = new Request();
  client.connect(endpoint);
  await client.send(job);
  return toText((await client.receive())[0]);
});
await bothBegun;
await log.send("two requests have come");
console.log("two requests are being worked on");

const stopped = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
process.kill(process.pid, "SIGTERM"); // as systemd, Kubernetes or a terminal does
await stopped;
finish(); // requests in flight take a while, and finish
await serving;
await server.close();
console.log("the server has finished");
console.log((await Promise.all(asking)).join(", "));
console.log(`log entries without a receiver: ${await log.close()}`);
