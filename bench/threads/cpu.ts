/**
 * The CPU time of inproc between two contexts of one thread, in slices that alternate: over rings in shared memory, over ports alone, and
 * over tcp. On a machine with other work it says more than `main.ts`, because no slice waits for a core of its own.
 *
 * Run with `bun bench/threads/cpu.ts`, `deno run -A bench/threads/cpu.ts`, or on Node `npx tsx bench/threads/cpu.ts`. Prints the lowest of
 * 6 slices, in ns.
 *
 * @module
 */

import process from "node:process";
import { Context, Pull, Push, Reply, Request } from "../../mod.ts";
import { useSharedMemory } from "../../src/transport/shared_ring.ts";
import { runtime } from "../../transports/shared/runtime.ts";

const SLICES = 6;
const KINDS = ["rings", "ports", "tcp"] as const;
type Kind = typeof KINDS[number];

const [root, tcp] = [new Context(), new Context()];
const member = Context.from(root.share());
let made = 0;

const endpointOf = (kind: Kind) => kind === "tcp" ? "tcp://127.0.0.1:0" : `inproc://bench-${made++}`;
const contextsOf = (kind: Kind): [Context, Context] => kind === "tcp" ? [tcp, tcp] : [root, member];

/** Calls `work` and returns its CPU time, in ns per call. */
async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count * 1000;
}

async function messages(kind: Kind, size: number, count: number): Promise<number> {
  const [here, there] = contextsOf(kind);
  await using pull = new Pull({ context: here });
  await using push = new Push({ context: there });
  push.connect(await pull.bind(endpointOf(kind)));
  await push.waitForPeers(1);
  const body = new Uint8Array(size);
  const send = async () => {
    for (let i = 0; i < count; i++) {
      const done = push.send(body);
      if (done !== undefined) await done;
    }
  };
  const receive = async () => {
    for (let i = 0; i < count; i++) await pull.receive();
  };
  return await timed(count, () => Promise.all([send(), receive()]));
}

async function roundTrips(kind: Kind, count: number): Promise<number> {
  const [here, there] = contextsOf(kind);
  await using reply = new Reply({ context: here });
  await using request = new Request({ context: there });
  request.connect(await reply.bind(endpointOf(kind)));
  await request.waitForPeers(1);
  const body = new Uint8Array(64);
  const ask = async () => {
    for (let i = 0; i < count; i++) {
      await request.send(body);
      await request.receive();
    }
  };
  const answer = async () => {
    for (let i = 0; i < count; i++) await reply.send(await reply.receive());
  };
  return await timed(count, () => Promise.all([ask(), answer()]));
}

const CASES: Readonly<Record<string, (kind: Kind) => Promise<number>>> = {
  "a message of 64 B": (kind) => messages(kind, 64, 50_000),
  "a message of 16 KiB": (kind) => messages(kind, 16_384, 3000),
  "a round trip": (kind) => roundTrips(kind, 1000),
};

// Idle sockets over inproc keep nothing alive.
const alive = setInterval(() => {}, 1000);
for (const [title, measure] of Object.entries(CASES)) {
  const lowest: number[] = KINDS.map(() => Infinity);
  // The first slice compiles.
  for (let slice = 0; slice <= SLICES; slice++) {
    for (const [i, kind] of KINDS.entries()) {
      useSharedMemory({ rings: kind === "rings", notifications: true });
      const time = await measure(kind);
      if (slice > 0) lowest[i] = Math.min(lowest[i]!, time);
    }
  }
  console.log(`${runtime()} ${title}: ${KINDS.map((kind, i) => `${kind} ${Math.round(lowest[i]!)}`).join(", ")}`);
}
clearInterval(alive);
process.exit();
