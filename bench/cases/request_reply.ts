/**
 * REQ ↔ REP: the latency of a round trip, one at a time.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Program, type Transport, variant } from "../case.ts";
import { LatencyMeter } from "../meter.ts";

const program: Program = {
  inC: "req-rep",

  async server(task, bound) {
    const reply = task.library.reply();
    bound(await task.bind(reply));
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

/** REQ ↔ REP over a transport. */
export function requestReply(transport: Transport): BenchCase {
  return {
    id: transport === "tcp" ? "req-rep" : `req-rep-${transport}`,
    title: transport === "tcp" ? "REQ ↔ REP round trip" : `REQ ↔ REP round trip, ${transport}`,
    transport,
    metrics: [{ key: "p50", unit: "µs", better: "lower" }, { key: "p99", unit: "µs", better: "lower" }],
    variants: [variant("64 B")],
    program,
    runs: amongThemselves,
  };
}
