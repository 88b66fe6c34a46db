/**
 * DEALER ↔ ROUTER while a hostile peer floods the server's process: the measurement of `npm run attack` as a benchmark
 * that can be compared with other runs. The hostile peer is a third process, always on Node.
 *
 * @module
 */

import { ATTACKS } from "../attack/cases/mod.ts";
import { answerEverything, bindTarget } from "../attack/targets.ts";
import { amongThemselves, type BenchCase, type Program, type Task, variant } from "../case.ts";
import { LatencyMeter, RateMeter } from "../meter.ts";
import type { Receiver, Sender } from "../peers/library.ts";

const IN_FLIGHT = 100;

/** The attacks, by their ids. */
const FLOODS = ["none", "pings", "subscriptions", "empty-messages"];

function attackOf(id: string) {
  return ATTACKS.find((attack) => attack.id === id)!;
}

function connect({ library }: Task, endpoint: string): Sender & Receiver {
  const dealer = library.dealer();
  dealer.connect(endpoint);
  return dealer;
}

async function latency(task: Task, dealer: Sender & Receiver, message: Uint8Array) {
  const meter = new LatencyMeter(task);
  do {
    await dealer.send(message);
    await dealer.receive();
  } while (!meter.lap());
  return meter.figures();
}

async function rate(task: Task, dealer: Sender & Receiver, message: Uint8Array): Promise<number> {
  const meter = new RateMeter(task);
  for (let i = 0; i < IN_FLIGHT; i++) await dealer.send(message);
  for await (const _ of dealer) {
    if (meter.add()) break;
    await dealer.send(message);
  }
  return meter.rate;
}

const program: Program = {
  async server({ library, flood }, bound) {
    const honest = await answerEverything(library);
    bound(honest, await bindTarget(library, attackOf(flood).target, honest));
  },

  async client(task, endpoint) {
    const message = new Uint8Array(task.size).fill(7);
    const { p50, p99 } = await latency(task, connect(task, endpoint), message);
    return { rate: await rate(task, connect(task, endpoint), message), p50: p50!, p99: p99! };
  },
};

/** Round trips of an honest peer beside a flood: with 100 in flight, and one at a time. */
export const flood: BenchCase = {
  id: "flood",
  title: "DEALER ↔ ROUTER beside a flood",
  transport: "tcp",
  metrics: [
    { key: "rate", unit: "round trips/s", better: "higher" },
    { key: "p50", unit: "µs", better: "lower" },
    { key: "p99", unit: "µs", better: "lower" },
  ],
  variants: FLOODS.map((id) => variant(attackOf(id).title, { flood: id, headline: id === "pings" })),
  program,
  maxRounds: 3,
  runs: amongThemselves,
};
