/**
 * Rows as a run of the benchmarks has them.
 *
 * @module
 */

import type { Row } from "../../../bench/results.ts";

/** A row of PUSH → PULL at 64 B, with `changes`. */
export function row(values: Row["values"], changes: Partial<Row> = {}): Row {
  return {
    case: "push-pull",
    title: "PUSH → PULL",
    point: "64 B",
    api: "await",
    severalApis: true,
    metric: { key: "rate", unit: "msgs/s", better: "higher" },
    headline: true,
    x: { value: 64, tick: "64 B", label: "bytes in a message" },
    values,
    ...changes,
  };
}

/** Two sizes with both APIs, and a time: what three parties and a mixed one have measured. */
export const ROWS: readonly Row[] = [
  row({ "bun": [8e6, 10e6, 9e6], "zeromq.js": [300e3, 310e3, 290e3], "libzmq": [3e6] }),
  row({ "bun": [12e6] }, { api: "batch" }),
  row({ "bun": [3e6], "zeromq.js": [200e3] }, {
    point: "1 KiB",
    x: { value: 1024, tick: "1 KiB", label: "bytes in a message" },
  }),
  row({ "bun": [20, 24, 22], "zeromq.js": [80], "bun>libzmq": [30] }, {
    case: "req-rep",
    title: `REQ "&" <REP>`,
    severalApis: false,
    metric: { key: "p50", unit: "µs", better: "lower" },
    x: undefined,
  } as Partial<Row>),
];
