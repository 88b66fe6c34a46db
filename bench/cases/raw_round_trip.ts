/**
 * Round trips of the bytes of a 64-byte message over the runtime's own TCP sockets, without this library: the lower
 * bound of a round trip.
 *
 * @module
 */

import { type BenchCase, variant } from "../case.ts";
import { LatencyMeter } from "../meter.ts";
import { loadRawTcp } from "../raw/mod.ts";

/** A ping-pong without ZeroMQ. */
export const rawRoundTrip: BenchCase = {
  id: "raw",
  title: "raw TCP ping-pong",
  transport: "tcp",
  metrics: [{ key: "p50", unit: "µs", better: "lower" }, { key: "p99", unit: "µs", better: "lower" }],
  // A frame of 64 bytes has a header of two.
  variants: [variant("66 B", { size: 66 })],
  runs: ({ kind }) => kind === "ours",

  program: {
    async server(_task, bound) {
      bound(`tcp://127.0.0.1:${await (await loadRawTcp()).echo()}`);
    },

    async client(task, endpoint) {
      const raw = await loadRawTcp();
      const meter = new LatencyMeter(task);
      await raw.pingPong(Number(endpoint.split(":").at(-1)), task.size, () => meter.lap());
      return meter.figures();
    },
  },
};
