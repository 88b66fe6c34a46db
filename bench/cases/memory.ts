/**
 * Memory of a receiver: the peak while messages pass through it, and the cost of messages that are kept.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Program, type Task, variant } from "../case.ts";
import { receiveUntil, sendTimes } from "../flow.ts";
import { peakBytes, residentBytes } from "../memory.ts";

const MB = 1e6;
const MANY = 10_000_000;
const KEPT = 200_000;
/** Messages before the memory is looked at for the first time, in proportion to those that are kept. */
const BEFORE = 0.1;

/** Sends as many messages as the server takes, and stays. */
async function sendAll(task: Task, endpoint: string, count: number): Promise<void> {
  const push = task.library.push();
  push.connect(endpoint);
  await sendTimes(push, new Uint8Array(task.size).fill(7), count, task.api);
  await new Promise(() => {});
}

const through: Program = {
  inC: "memory-through",

  async server(task, bound) {
    const pull = task.library.pull();
    const endpoint = await task.bind(pull);
    const before = residentBytes();
    bound(endpoint);
    const count = task.count * task.scale;
    let received = 0;
    await receiveUntil(pull, () => ++received >= count, task.api);
    const peak = peakBytes();
    return { peak: peak / MB, growth: (peak - before) / MB };
  },

  client: (task, endpoint) => sendAll(task, endpoint, task.count * task.scale),
};

const kept: Program = {
  inC: "memory-kept",

  async server(task, bound) {
    const pull = task.library.pull();
    bound(await task.bind(pull));
    let left = task.count * BEFORE;
    await receiveUntil(pull, () => --left <= 0, task.api);
    const before = residentBytes();
    const messages: (readonly Uint8Array[])[] = [];
    await receiveUntil(pull, (message) => messages.push(message) >= task.count, task.api);
    const bytes = (residentBytes() - before) / messages.length;
    return { bytes };
  },

  client: (task, endpoint) => sendAll(task, endpoint, task.count * (1 + BEFORE)),
};

/** Ten million messages, none of which is kept. */
export const memoryThrough: BenchCase = {
  id: "memory",
  title: `receiver of ${MANY / 1e6} M messages of 64 B`,
  transport: "tcp",
  metrics: [{ key: "peak", unit: "MB", better: "lower" }, { key: "growth", unit: "MB", better: "lower" }],
  variants: [variant("resident at most", { count: MANY })],
  program: through,
  maxRounds: 1,
  timeout: 180_000,
  runs: amongThemselves,
};

/** The memory of a message that the application keeps. */
export const memoryKept: BenchCase = {
  id: "memory-kept",
  title: "memory of a received message that is kept",
  transport: "tcp",
  metrics: [{ key: "bytes", unit: "B", better: "lower" }],
  variants: [variant("64 B", { count: KEPT }), variant("1 KiB", { count: KEPT / 4, size: 1024 })],
  program: kept,
  maxRounds: 3,
  gc: true,
  runs: amongThemselves,
};
