/**
 * Measures the memory per message of a program that keeps one small message in a thousand, with and without
 * `zeroCopyReceive`. Run it on each runtime: `npx tsx bench/pinned_memory.ts`, `npx bun bench/pinned_memory.ts` or
 * `npx deno run -A --import-map tests/support/import_map.json bench/pinned_memory.ts`.
 *
 * @module
 */

import process from "node:process";
import { Pull, Push } from "../mod.ts";
import { residentBytes } from "./memory.ts";

const KEPT = 1000;
const EVERY = 1000;
const SIZE = 64;

/** Returns the resident bytes per kept message. */
async function measure(zeroCopyReceive: boolean): Promise<number> {
  await using pull = new Pull({ zeroCopyReceive });
  await using push = new Push();
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  const burst = new Array<Uint8Array>(EVERY).fill(new Uint8Array(SIZE));
  const round = async (): Promise<Uint8Array> => {
    await push.sendMany(burst);
    let first: Uint8Array | undefined;
    for (let left = EVERY; left > 0;) {
      for (const [body] of await pull.receiveMany()) {
        first ??= body;
        left--;
      }
    }
    return first!;
  };
  for (let i = 0; i < KEPT; i++) await round();
  const before = residentBytes();
  const kept: Uint8Array[] = [];
  for (let i = 0; i < KEPT; i++) kept.push(await round());
  return (residentBytes() - before) / kept.length;
}

// Each variant runs in its own process, because memory left by the first would count for the second.
const zeroCopy = process.argv[2] !== "copy";
console.log(`zeroCopyReceive ${zeroCopy}: ${Math.round(await measure(zeroCopy))} B a kept message of ${SIZE} B`);
