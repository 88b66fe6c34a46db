/**
 * PUSH → PULL: messages a second, counted where they arrive.
 *
 * @module
 */

import type { BenchCase, Figures, Task } from "../case.ts";
import { RateMeter } from "../meter.ts";
import type { Receiver, Sender } from "../peers/library.ts";

const SIZES = [["64 B", 64], ["1 KiB", 1024], ["16 KiB", 16 * 1024]] as const;

/** PUSH → PULL. */
export const pushPull: BenchCase = {
  id: "push-pull",
  title: "PUSH → PULL",
  metrics: [{ key: "rate", unit: "msgs/s", better: "higher" }],
  variants: SIZES.flatMap(([name, size]) => [
    { name: `${name}, await`, size, api: "await" },
    { name: `${name}, batch`, size, api: "batch" },
  ]),
  runs: (party, { api }) => party !== "libzmq" || api === "await",

  async server(task, bound) {
    const pull = task.library.pull();
    bound(await task.library.bind(pull));
    const meter = new RateMeter(task);
    await (task.api === "await" ? receiveEach(pull, task, meter) : receiveBatches(pull, task, meter));
    return { rate: meter.rate };
  },

  async client(task, endpoint): Promise<Figures | void> {
    const push = task.library.push();
    push.connect(endpoint);
    // The same bytes every time: the cost of making a message is the application's, not the library's.
    const message = new Uint8Array(task.size).fill(7);
    await (task.api === "await" ? sendEach(push, message) : sendBatches(push, message));
  },
};

async function receiveEach(pull: Receiver, { size }: Task, meter: RateMeter): Promise<void> {
  for await (const [body] of pull) {
    check(body, size);
    if (meter.add()) return;
  }
}

async function receiveBatches(pull: Receiver, { size }: Task, meter: RateMeter): Promise<void> {
  for (;;) {
    let [body] = await pull.receive();
    for (;;) {
      check(body, size);
      if (meter.add()) return;
      const next = pull.tryReceive!();
      if (next === undefined) break;
      body = next[0];
    }
  }
}

async function sendEach(push: Sender, message: Uint8Array): Promise<void> {
  for (;;) await push.send(message);
}

async function sendBatches(push: Sender, message: Uint8Array): Promise<void> {
  for (;;) {
    while (push.trySend!(message));
    await push.send(message);
  }
}

function check(body: Uint8Array | undefined, size: number): void {
  if (body?.length !== size) throw new Error(`Got ${body?.length} bytes instead of ${size}`);
}
