/**
 * PUSH → PULL: messages per second, counted at the receiver.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Program, type Transport, variant, withBothApis } from "../case.ts";
import { receiveUntil, sendTimes } from "../flow.ts";
import { RateMeter } from "../meter.ts";

/** Bytes by their names. */
const SIZES = {
  "16 B": 16,
  "64 B": 64,
  "256 B": 256,
  "1 KiB": 1024,
  "16 KiB": 16 * 1024,
  "64 KiB": 64 * 1024,
  "1 MiB": 1024 * 1024,
} as const;

/** The rows that represent all sizes where space is short. */
const HEADLINES: readonly string[] = ["64 B", "1 KiB", "16 KiB", "1 MiB"];

const program: Program = programFor("push-pull");

function programFor(inC: string, options = { curve: false }): Program {
  return {
    inC,

    async server(task, bound) {
      const pull = task.library.pull(options);
      bound(await task.bind(pull));
      const meter = new RateMeter(task);
      await receiveUntil(pull, ([body]) => {
        if (body?.length !== task.size) throw new Error(`Got ${body?.length} bytes instead of ${task.size}`);
        return meter.add();
      }, task.api);
      return { rate: meter.rate };
    },

    async client(task, endpoint) {
      const push = task.library.push(options);
      push.connect(endpoint);
      // The same bytes every time: the cost of making a message is the application's, not the library's.
      await sendTimes(push, new Uint8Array(task.size).fill(7), Infinity, task.api);
    },
  };
}

function variants(sizes: readonly (keyof typeof SIZES)[]) {
  return sizes.flatMap((name) =>
    withBothApis(variant(name, { size: SIZES[name], headline: HEADLINES.includes(name) }))
  );
}

const shared = {
  metrics: [{ key: "rate", unit: "msgs/s", better: "higher" }],
  program,
  axis: { of: "size", label: "bytes in a message" },
} as const;

/** PUSH → PULL over a transport. */
export function pushPull(transport: Transport, ...sizes: (keyof typeof SIZES)[]): BenchCase {
  return {
    ...shared,
    id: transport === "tcp" ? "push-pull" : `push-pull-${transport}`,
    title: transport === "tcp" ? "PUSH → PULL" : `PUSH → PULL, ${transport}`,
    transport,
    variants: variants(sizes),
    runs: amongThemselves,
  };
}

/** PUSH → PULL with this library on one side and libzmq in C on the other. */
export const interop: BenchCase = {
  ...shared,
  id: "interop",
  title: "PUSH → PULL with libzmq",
  transport: "tcp",
  variants: variants(["64 B", "1 KiB", "16 KiB"]).filter(({ api, size }) => api === "batch" || size === SIZES["64 B"]),
  axis: undefined,
  runs: (party) => party.kind === "mixed" || party.server === "libzmq",
};

/** PUSH → PULL, encrypted. */
export const curve: BenchCase = {
  ...shared,
  id: "curve",
  title: "PUSH → PULL, CURVE",
  transport: "tcp",
  variants: variants(["64 B", "16 KiB"]),
  program: programFor("push-pull-curve", { curve: true }),
  axis: undefined,
  needs: "curve",
  runs: amongThemselves,
};
