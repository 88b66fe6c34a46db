/**
 * Heartbeats between a broker and its workers, in both directions: the broker removes a worker that stopped responding
 * although its connection is up, and a worker that receives nothing from the broker registers again. Worker: DEALER; broker: ROUTER.
 *
 * Run: deno run -A examples/paranoid_pirate.ts (or: bun examples/paranoid_pirate.ts, npx tsx examples/paranoid_pirate.ts)
 *
 * Prints:
 *     broker: sleepy signed on
 *     broker: sleepy is silent, and removed
 *     broker: lively signed on
 *     lively: job 1
 *     lively has lost the broker, and registers again
 *     new broker: lively signed on
 *     lively: job 2
 */

import { Dealer, poll, Requester, Router, toText } from "@monocoque/zmq";

const FOR_CLIENTS = "inproc://clients";
const FOR_WORKERS = "inproc://workers";
const HEARTBEAT = 40; // ms
const PATIENCE = 5; // heartbeats that may be missed
const READY = "\x01";
const ALIVE = "\x02";

/** Assigns the requests of clients to workers that are idle and alive. */
async function broker(name: string, signal: AbortSignal): Promise<void> {
  await using clients = new Router();
  await using workers = new Router({ handover: true }); // a worker that registers again keeps its name
  await clients.bind(FOR_CLIENTS);
  await workers.bind(FOR_WORKERS);
  const idle = new Map<string, number>(); // with the heartbeats that each may still miss; the longest idle first
  for (let nextBeat = 0; !signal.aborted;) {
    await poll(idle.size > 0 ? [workers, clients] : [workers], { timeout: HEARTBEAT });
    for (const [id, ...frames] of workers.tryReceiveMany()) {
      const worker = toText(id);
      const sign = frames.length === 1 ? toText(frames[0]) : undefined;
      if (sign === ALIVE && !idle.has(worker)) continue; // it is busy, or never registered
      idle.set(worker, PATIENCE);
      if (sign === READY) say(`${name}: ${worker} signed on`);
      if (sign === undefined) await clients.send(frames);
    }
    while (idle.size > 0 && clients.readable) {
      const [worker] = idle.keys();
      idle.delete(worker!);
      await workers.send([worker!, ...clients.tryReceive()!]);
    }
    if (Date.now() < nextBeat) continue;
    nextBeat = Date.now() + HEARTBEAT;
    for (const [worker, left] of idle) {
      await workers.send([worker, ALIVE]);
      if (left > 0) idle.set(worker, left - 1);
      else if (idle.delete(worker)) say(`${name}: ${worker} is silent, and removed`);
    }
  }
}

/** Works for a broker, with a new socket whenever that was silent for too long. */
async function work(name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await using socket = new Dealer({ routingId: name, linger: 0 });
    socket.connect(FOR_WORKERS);
    await socket.send(READY);
    for (let missed = 0; missed < PATIENCE && !signal.aborted;) {
      const ready = await poll([socket], { timeout: HEARTBEAT });
      missed = ready.length > 0 ? 0 : missed + 1;
      for (const request of socket.tryReceiveMany()) {
        if (request.length > 1) await socket.send([...request.slice(0, -1), `${name}: ${toText(request.at(-1)!)}`]);
      }
      socket.trySend(ALIVE);
    }
    if (!signal.aborted) say(`${name} has lost the broker, and registers again`);
  }
}

const awaited = new Map<string, () => void>();
const said = (line: string) => new Promise<void>((resolve) => awaited.set(line, resolve));
function say(line: string): void {
  console.log(line);
  awaited.get(line)?.();
}

await using sleepy = new Dealer({ routingId: "sleepy", linger: 0 });
await using client = new Requester(FOR_CLIENTS, { timeout: 2000, retries: 3 });

let stop = new AbortController();
let brokering = broker("broker", stop.signal);
const forgotten = said("broker: sleepy is silent, and removed");
sleepy.connect(FOR_WORKERS);
await sleepy.send(READY); // and nothing after that, though it stays connected
await forgotten;

const over = new AbortController();
const working = work("lively", over.signal);
console.log(toText((await client.request("job 1"))[0]));

const anew = said("lively has lost the broker, and registers again");
stop.abort();
await brokering;
stop = new AbortController();
brokering = broker("new broker", stop.signal); // knows no workers
await anew;
console.log(toText((await client.request("job 2"))[0]));

over.abort();
stop.abort();
await Promise.all([working, brokering]);
