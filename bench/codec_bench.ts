/**
 * The codec alone, without sockets, measured by mitata on whichever runtime runs this file: prints a JSON object of
 * nanoseconds by name.
 *
 * @module
 */

import { do_not_optimize as keep, measure } from "mitata";
import { TopicTrie } from "../src/routing/topic_trie.ts";
import { BatchEncoder, SlabPool } from "../src/zmtp/batch_encoder.ts";
import { FrameDecoder } from "../src/zmtp/frame_decoder.ts";

const CHUNK = 64 * 1024;
const SIZES = [64, 1024, 16 * 1024];
const TOPICS = 10_000;

/** A micro-benchmark; `count` is how often the thing that is timed happens in one call. */
interface MicroBench {
  readonly name: string;
  readonly count: number;
  readonly run: () => unknown;
}

function encode(size: number): MicroBench {
  const batch = new BatchEncoder(new SlabPool());
  const message = [new Uint8Array(size)];
  const count = Math.floor(CHUNK / (size + 9));
  return {
    name: `encode ${size} B`,
    count,
    run() {
      for (let i = 0; i < count; i++) batch.addMessage(message);
      const { length } = batch.finish();
      batch.reset();
      return length;
    },
  };
}

/** Decodes a full chunk of frames, each of which lies whole in it. */
function decode(size: number): MicroBench {
  const batch = new BatchEncoder(new SlabPool());
  const count = Math.floor(CHUNK / (size + 9));
  for (let i = 0; i < count; i++) batch.addMessage([new Uint8Array(size)]);
  const [chunk] = batch.finish();
  const decoder = new FrameDecoder(CHUNK);
  return {
    name: `decode ${size} B`,
    count,
    run() {
      decoder.push(chunk!);
      let bytes = 0;
      while (decoder.next()) bytes += decoder.body.length;
      return bytes;
    },
  };
}

function match(name: string, topics: number, text: string): MicroBench {
  const encoder = new TextEncoder();
  const trie = new TopicTrie<number>();
  for (let i = 0; i < topics; i++) trie.set(encoder.encode(`weather.${i}.`), i);
  const frame = encoder.encode(text);
  return {
    name,
    count: 1,
    run() {
      let sum = 0;
      trie.matchPrefixes(frame, (value) => {
        sum += value;
      });
      return sum;
    },
  };
}

const benches = [
  ...SIZES.map(encode),
  ...SIZES.map(decode),
  match("match, 1 topic", 1, "weather.0.oslo"),
  match(`match, ${TOPICS} topics`, TOPICS, "weather.4711.oslo"),
  match(`no match, ${TOPICS} topics`, TOPICS, "traffic.4711.oslo"),
];

const figures: Record<string, number> = {};
for (const { name, count, run } of benches) {
  const { p50 } = await measure(() => keep(run()));
  figures[name] = p50 / count;
}
console.log(JSON.stringify(figures));
