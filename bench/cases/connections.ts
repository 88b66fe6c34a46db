/**
 * Many connections to one ROUTER: the time to open them, and the cost of each idle connection.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Figures, type Program, type Task, variant } from "../case.ts";
import { residentBytes } from "../memory.ts";

const SETTLE = 300;

/** Connects `count` dealers, each of which sends a message. */
function connectAll({ library, count, size }: Task, endpoint: string) {
  const message = new Uint8Array(size).fill(7);
  return Array.from({ length: count }, () => {
    const dealer = library.dealer();
    dealer.connect(endpoint);
    return { dealer, sent: dealer.send(message) };
  });
}

const storm: Program = {
  inC: "storm",

  async server(task, bound) {
    const router = task.library.router();
    bound(await task.bind(router));
    for await (const message of router) await router.send(message);
  },

  async client(task, endpoint) {
    const start = performance.now();
    await Promise.all(
      connectAll(task, endpoint).map(async ({ dealer, sent }) => {
        await sent;
        await dealer.receive();
      }),
    );
    return { time: performance.now() - start };
  },
};

const idle: Program = {
  inC: "idle",

  async server(task, bound): Promise<Figures> {
    const router = task.library.router();
    const endpoint = await task.bind(router);
    const before = residentBytes();
    bound(endpoint);
    for (let i = 0; i < task.count; i++) await router.receive();
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    return { bytes: (residentBytes() - before) / task.count };
  },

  async client(task, endpoint) {
    await Promise.all(connectAll(task, endpoint).map(({ sent }) => sent));
    // Keeps them: the process ends when the server has measured.
    await new Promise(() => {});
  },
};

/** A thousand connections at once. */
export const connectStorm: BenchCase = {
  id: "storm",
  title: "connect and exchange a message",
  transport: "tcp",
  metrics: [{ key: "time", unit: "ms", better: "lower" }],
  variants: [variant("1,000 connections", { count: 1000 })],
  program: storm,
  maxRounds: 3,
  runs: amongThemselves,
};

/** The memory of a connection in the process that accepted it. */
export const idleConnections: BenchCase = {
  id: "idle",
  title: "memory of an idle connection",
  transport: "tcp",
  metrics: [{ key: "bytes", unit: "B", better: "lower" }],
  variants: [variant("1,000 connections", { count: 1000 })],
  program: idle,
  maxRounds: 3,
  gc: true,
  runs: amongThemselves,
};
