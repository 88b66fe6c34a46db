/**
 * DEALER ↔ ROUTER: round trips per second, with many requests in flight, or with many dealers.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Program, type Task, variant } from "../case.ts";
import { RateMeter } from "../meter.ts";
import type { Receiver, Sender } from "../peers/library.ts";

/** Sends every message back to its sender. */
async function echo(task: Task, bound: (endpoint: string) => void): Promise<void> {
  const router = task.library.router();
  bound(await task.bind(router));
  for await (const message of router) await router.send(message);
}

/** Keeps `inFlight` requests in flight until `meter` ends. */
async function ask(task: Task, dealer: Sender & Receiver, inFlight: number, meter: RateMeter): Promise<void> {
  const message = new Uint8Array(task.size).fill(7);
  for (let i = 0; i < inFlight; i++) await dealer.send(message);
  for await (const [body] of dealer) {
    if (body?.length !== task.size) throw new Error(`Got ${body?.length} bytes instead of ${task.size}`);
    if (meter.add()) return;
    await dealer.send(message);
  }
}

const inFlight: Program = {
  inC: "dealer-router",
  server: echo,

  async client(task, endpoint) {
    const dealer = task.library.dealer();
    dealer.connect(endpoint);
    const meter = new RateMeter(task);
    await ask(task, dealer, task.count, meter);
    return { rate: meter.rate };
  },
};

const manyDealers: Program = {
  inC: "router-dealers",
  server: echo,

  async client(task, endpoint) {
    const meter = new RateMeter(task);
    const dealers = Array.from({ length: task.count }, () => task.library.dealer());
    for (const dealer of dealers) dealer.connect(endpoint);
    await Promise.race(dealers.map((dealer) => ask(task, dealer, 1, meter)));
    return { rate: meter.rate };
  },
};

const shared = {
  transport: "tcp",
  metrics: [{ key: "rate", unit: "round trips/s", better: "higher" }],
  runs: amongThemselves,
} as const;

/** One dealer with 1, 10, 100 requests in flight. */
export const dealerRouter: BenchCase = {
  ...shared,
  id: "dealer-router",
  title: "DEALER ↔ ROUTER",
  variants: [1, 10, 100].map((count) => variant(`64 B, ${count} in flight`, { count, headline: count === 100 })),
  axis: { of: "count", label: "requests in flight" },
  program: inFlight,
};

/** Many dealers with one request in flight each. */
export const routerDealers: BenchCase = {
  ...shared,
  id: "router-dealers",
  title: "ROUTER ↔ DEALERs",
  variants: [1, 20, 200].map((count) =>
    variant(`64 B, ${count} ${count === 1 ? "dealer" : "dealers"}`, { count, headline: count === 200 })
  ),
  axis: { of: "count", label: "dealers" },
  program: manyDealers,
};
