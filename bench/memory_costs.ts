/**
 * Measures the memory of a received frame and of a topic in addition to their bytes. Run it on each runtime:
 * `node --expose-gc --import tsx bench/memory_costs.ts frame 1`, `npx bun bench/memory_costs.ts frame 1` or
 * `npx deno run -A --v8-flags=--expose-gc --import-map tests/support/import_map.json bench/memory_costs.ts frame 1`;
 * the other subjects are `frame 0` and `topic`.
 *
 * @module
 */

import process from "node:process";
import { FrameDecoder } from "../src/zmtp/frame_decoder.ts";
import { encodeFrame, MORE } from "../src/zmtp/frame.ts";
import type { Pipe } from "../src/routing/pipe.ts";
import { Subscribers } from "../src/routing/subscribers.ts";
import { residentBytes } from "./memory.ts";

const FRAMES = 65_536;
const MESSAGES = 16;
const TOPICS = 500_000;

/** Returns the resident bytes that `make` adds per item; the first run warms up. */
function perItem(items: number, make: () => unknown): number {
  const kept = [make()];
  const before = residentBytes();
  kept.push(make());
  const bytes = residentBytes() - before;
  return kept.length > 1 ? Math.round(bytes / items) : 0;
}

/** Messages of this many frames of `size` bytes each, decoded out of one chunk per message. */
function messages(size: number): Uint8Array[][] {
  const frame = encodeFrame(MORE, new Uint8Array(size));
  return Array.from({ length: MESSAGES }, () => {
    const chunk = new Uint8Array(frame.length * FRAMES);
    for (let i = 0; i < FRAMES; i++) chunk.set(frame, i * frame.length);
    const decoder = new FrameDecoder(1024);
    decoder.push(chunk);
    const frames: Uint8Array[] = [];
    while (decoder.next()) frames.push(decoder.body);
    return frames;
  });
}

/** The topics of one subscriber, as a publisher keeps them. */
function topics(): Subscribers {
  const [subscribers, subscriber, encoder] = [new Subscribers(), {} as Pipe, new TextEncoder()];
  for (let i = 0; i < TOPICS; i++) {
    subscribers.add(subscriber, encoder.encode(`topic/${i.toString().padStart(14, "0")}`));
  }
  return subscribers;
}

// Each subject runs in its own process, because memory left by one would hide the cost of the next.
const [what = "frame", size = "1"] = process.argv.slice(2);
if (what === "topic") console.log(`A topic of 20 bytes, among ${TOPICS}: ${perItem(TOPICS, topics)} bytes`);
else {
  const bytes = perItem(FRAMES * MESSAGES, () => messages(Number(size)));
  console.log(`A frame of ${size} bytes, in a message of ${FRAMES}: ${bytes} bytes with its share of the chunk`);
}
