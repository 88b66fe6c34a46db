/**
 * A broker that gives each job to the worker that has been idle for longest. Round-robin would queue jobs behind a
 * slow worker while others are idle; here workers ask for work, so no job waits behind the tortoise.
 *
 * Run: deno run -A examples/load_balancing_broker.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     hare and fox did 9 jobs
 *     tortoise did 1
 */

import { poll, Request, Router, toText, ZmqError } from "@monocoque/zmq";

const CREW = ["hare", "fox", "tortoise"];

await using clients = new Router();
await using workers = new Router();
const forClients = await clients.bind("tcp://127.0.0.1:0");
const forWorkers = await workers.bind("tcp://127.0.0.1:0");

/** Until its sockets are closed. */
async function broker(): Promise<void> {
  const idle: Uint8Array[] = [];
  while (idle.length < CREW.length) idle.push((await workers.receive())[0]); // all register before the first job
  for (;;) {
    // Requests wait in the socket while no worker is idle.
    const ready = await poll(idle.length > 0 ? [workers, clients] : [workers]);
    if (ready.includes(workers)) {
      // Every message of a worker, the first one too, is also its request for the next job.
      const [worker, , client, ...reply] = workers.tryReceive()!;
      idle.push(worker);
      if (reply.length > 0) await clients.send([client!, ...reply]);
    }
    if (idle.length > 0 && clients.readable) {
      await workers.send([idle.shift()!, null, ...clients.tryReceive()!]);
    }
  }
}
const brokering = broker().catch((error) => {
  if (!(error instanceof ZmqError) || error.code !== "ENOTSOCK") throw error;
});

let release = () => {};
const othersDone = new Promise<void>((resolve) => release = resolve);

const crew = CREW.map((name) => ({ name, socket: new Request() }));
const working = crew.map(async ({ name, socket }) => {
  socket.connect(forWorkers);
  await socket.send("ready");
  for await (const job of socket) {
    if (name === "tortoise") await othersDone;
    // The body is the last frame; those before it route the reply back to the client.
    await socket.send([...job.slice(0, -1), name]);
  }
});

const done = new Map<string, number>();
async function ask(job: string): Promise<void> {
  await using client = new Request();
  client.connect(forClients);
  await client.send(job);
  const worker = toText((await client.receive())[0]);
  done.set(worker, (done.get(worker) ?? 0) + 1);
  if ([...done.values()].reduce((sum, count) => sum + count) === 9) release();
}
await Promise.all(Array.from({ length: 10 }, (_, i) => ask(`job ${i}`)));
console.log(`hare and fox did ${10 - done.get("tortoise")!} jobs`);
console.log(`tortoise did ${done.get("tortoise")}`);

await Promise.all([clients, workers, ...crew.map(({ socket }) => socket)].map((socket) => socket.close()));
await Promise.all([brokering, ...working]);
