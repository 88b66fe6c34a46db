/**
 * REQ ↔ REP: how long a round trip takes, one at a time.
 *
 * @module
 */

import type { BenchCase } from "../case.ts";
import { LatencyMeter } from "../meter.ts";

/** REQ ↔ REP. */
export const requestReply: BenchCase = {
  id: "req-rep",
  title: "REQ ↔ REP round trip",
  metrics: [{ key: "p50", unit: "µs", better: "lower" }, { key: "p99", unit: "µs", better: "lower" }],
  variants: [{ name: "64 B", size: 64, api: "await" }],
  runs: () => true,

  async server({ library }, bound) {
    const reply = library.reply();
    bound(await library.bind(reply));
    for await (const message of reply) await reply.send(message);
  },

  async client(task, endpoint) {
    const request = task.library.request();
    request.connect(endpoint);
    const message = new Uint8Array(task.size).fill(7);
    const meter = new LatencyMeter(task);
    do {
      await request.send(message);
      const [body] = await request.receive();
      if (body?.length !== task.size) throw new Error(`Got ${body?.length} bytes instead of ${task.size}`);
    } while (!meter.lap());
    return meter.figures();
  },
};
