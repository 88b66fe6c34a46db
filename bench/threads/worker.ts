/**
 * The other thread of `main.ts`: sends messages, or answers requests.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { Context, Push, Reply, XPublisher } from "../../mod.ts";

const { port, task, endpoint, size, count } = workerData;
const context = Context.from(port);
if (task === "echo") {
  const reply = new Reply({ context });
  reply.connect(endpoint);
  for await (const message of reply) await reply.send(message);
} else {
  // Without drops, so that what arrives is what was sent.
  const push = task === "publish" ? new XPublisher({ context, noDrop: true }) : new Push({ context });
  push.connect(endpoint);
  await push.waitForPeers(1);
  if (push instanceof XPublisher) await push.receive();
  parentPort!.postMessage("ready");
  await new Promise((resolve) => parentPort!.once("message", resolve));
  const body = new Uint8Array(size);
  if (task === "batch") {
    const batch = Array.from({ length: 100 }, () => body);
    for (let sent = 0; sent < count; sent += batch.length) {
      const done = push.sendMany(batch);
      if (done !== undefined) await done;
    }
  } else {
    for (let i = 0; i < count; i++) {
      const done = push.send(body);
      if (done !== undefined) await done;
    }
  }
  await push.close();
}
