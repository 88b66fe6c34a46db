/**
 * Run by `cluster_test.ts` as a process of its own, with two workers of `node:cluster`. Each line of input is
 * `worker endpoint [tcpKeepaliveIdle]`: that worker binds a Reply, and the answer line is the endpoint or the code of the
 * error. A worker answers every request with its number.
 *
 * @module
 */

import cluster from "node:cluster";
import process from "node:process";
import { createInterface } from "node:readline";
import { Reply, type ZmqError } from "../../mod.ts";

interface Ask {
  readonly worker: number;
  readonly endpoint: string;
  readonly idle: number;
}

if (cluster.isPrimary) {
  const workers = [0, 1].map(() => cluster.fork());
  // A message sent before a worker listens would be lost.
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))));
  for (const worker of workers) worker.on("message", (answer) => console.log(answer));
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const [worker, endpoint, idle] = line.split(" ");
      const ask: Ask = { worker: Number(worker), endpoint: endpoint!, idle: Number(idle ?? -1) };
      workers[ask.worker]!.send(ask);
    })
    .on("close", () => {
      for (const worker of workers) worker.kill();
    });
} else {
  process.on("message", async ({ worker, endpoint, idle }: Ask) => {
    const reply = new Reply(idle > 0 ? { tcpKeepalive: 1, tcpKeepaliveIdle: idle } : {});
    try {
      const bound = await reply.bind(endpoint);
      void answer(reply, worker);
      process.send!(bound);
    } catch (error) {
      process.send!((error as ZmqError).code);
    }
  });
  process.send!("ready");
}

async function answer(reply: Reply, worker: number): Promise<void> {
  for await (const _ of reply) await reply.send(String(worker));
}
