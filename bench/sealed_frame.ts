/**
 * Measures the cost of one large message over CURVE, with sender and receiver in one process: the longest block of the
 * event loop, and the memory before the message, after its arrival, and after its release.
 *
 * A program of its own, not a case of the benchmark: `node --expose-gc --import tsx bench/sealed_frame.ts 256 1`, or
 * with Deno (`deno run -A --v8-flags=--expose-gc`) and Bun. The arguments are the size in MiB and the number of frames.
 *
 * @module
 */

import process from "node:process";
import { curveKeyPair, Pull, Push } from "../mod.ts";

const MIB = 1024 * 1024;
const LATER = 4000;

const collect = (globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } }).gc ??
  (() => (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const memory = () => Math.round(process.memoryUsage().rss / MIB);

const total = Number(process.argv[2] ?? 256) * MIB;
const frames = Number(process.argv[3] ?? 1);

const [server, client] = [await curveKeyPair(), await curveKeyPair()];
const pull = new Pull({
  curveServer: true,
  curveSecretKey: server.secretKey,
  authenticate: () => ({ userId: "anyone" }),
  maxMessageSize: 2 * total,
});
const push = new Push({
  curveServerKey: server.publicKey,
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
});
push.connect(await pull.bind("tcp://127.0.0.1:0"));
await push.send("first");
await pull.receive();
collect();
const before = memory();

/** A function of its own, so that none of its variables stay alive. */
async function pass(): Promise<void> {
  await push.send(Array.from({ length: frames }, () => new Uint8Array(total / frames)));
  await pull.receive();
}

let last = performance.now();
let longest = 0;
const timer = setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last - 10);
  last = now;
}, 10);
const start = last;
await pass();
const took = performance.now() - start;
await sleep(20);
clearInterval(timer);
const arrived = memory();
await sleep(LATER);
collect();
await sleep(200);
collect();
await sleep(200);
const after = memory();
console.log(
  `${total / MIB} MiB in ${frames} frames: ${took.toFixed(0)} ms, the loop blocked for ${
    longest.toFixed(0)
  } ms at most; ` +
    `memory ${before} MiB before, ${arrived} when it had arrived, ${after} when it was let go`,
);
await push.close();
await pull.close();
