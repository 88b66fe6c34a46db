/**
 * Workers crash without their clients noticing: the broker gives each job to an idle worker, and a client without a
 * reply retries, so another worker does the job.
 *
 * Run: deno run -A examples/simple_pirate.ts (or: bun examples/simple_pirate.ts, npx tsx examples/simple_pirate.ts)
 *
 * Prints:
 *     red beard takes "raise the flag" and is never seen again
 *     blue beard: raise the flag
 *     blue beard: set sail
 */

import { poll, Request, Requester, Router, toText, ZmqError } from "@monocoque/zmq";

await using clients = new Router();
await using workers = new Router();
const forClients = await clients.bind("tcp://127.0.0.1:0");
const forWorkers = await workers.bind("tcp://127.0.0.1:0");

/** Until its sockets are closed. */
async function broker(): Promise<void> {
  const idle: Uint8Array[] = [];
  for (;;) {
    const ready = await poll(idle.length > 0 ? [workers, clients] : [workers]);
    if (ready.includes(workers)) {
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

async function hire(name: string, crashes: boolean): Promise<{ socket: Request; working: Promise<void> }> {
  const socket = new Request();
  socket.connect(forWorkers);
  await socket.send("ready");
  const working = (async () => {
    for await (const job of socket) {
      const text = toText(job.at(-1)!);
      if (crashes) {
        console.log(`${name} takes "${text}" and is never seen again`);
        await socket.close({ linger: 0 });
      } else await socket.send([...job.slice(0, -1), `${name}: ${text}`]);
    }
  })();
  return { socket, working };
}

const red = await hire("red beard", true);
const captain = new Requester(forClients, { timeout: 2000, retries: 9 });
const flag = captain.request("raise the flag");
await red.working; // crashed, and the job is lost with it

const blue = await hire("blue beard", false);
console.log(toText((await flag)[0]));
console.log(toText((await captain.request("set sail"))[0]));

await Promise.all([captain, clients, workers, blue.socket].map((each) => each.close()));
await Promise.all([brokering, blue.working]);
