/**
 * Data structures of the hot path, each against a naive model: the topic trie, the ring, the fair queue.
 *
 * @module
 */

import type { Message } from "../../../src/base/message.ts";
import { FairQueue } from "../../../src/routing/fair_queue.ts";
import type { Pipe } from "../../../src/routing/pipe.ts";
import { Ring } from "../../../src/routing/ring.ts";
import { TopicTrie } from "../../../src/routing/topic_trie.ts";
import { Choices } from "../choices.ts";
import { bytes, require, type Target } from "../target.ts";

/** Few letters, so that topics share prefixes. */
const LETTERS = [0, 0x61, 0x62, 0xff];

function topicOf(choices: Choices): Uint8Array {
  const length = choices.below(7);
  return Uint8Array.from({ length }, () => choices.pick(LETTERS));
}

const keyOf = (topic: Uint8Array) => String.fromCharCode(...topic);
const byBytes = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;

function runTrie(input: Uint8Array): void {
  const choices = new Choices(input);
  const trie = new TopicTrie<number>();
  const model = new Map<string, number>();
  for (let step = 1; choices.left > 0; step++) {
    const kind = choices.below(6);
    const topic = topicOf(choices);
    const key = keyOf(topic);
    if (kind < 2) {
      trie.set(topic, step);
      model.set(key, step);
    } else if (kind === 2) {
      require(trie.delete(topic) === model.delete(key), "a topic is removed if it is there", key);
    } else if (kind === 3) {
      const found: number[] = [];
      trie.matchPrefixes(topic, (value) => void found.push(value));
      const prefixes = Array.from({ length: key.length + 1 }, (_, i) => key.slice(0, i));
      const expected = prefixes.filter((prefix) => model.has(prefix)).map((prefix) => model.get(prefix)!);
      require(`${found}` === `${expected}`, "a frame matches all topics that it begins with", key, found, expected);
    } else {
      const after = kind === 4 ? undefined : topic;
      const listed = Array.from(trie.entries(after), ([one]) => keyOf(one));
      const expected = [...model.keys()].sort(byBytes).filter((one) => after === undefined || one > key);
      require(`${listed}` === `${expected}`, "topics are listed in order of their bytes", key, listed, expected);
    }
    require(trie.get(topic) === model.get(key), "a topic has its last value", key);
    require(trie.size === model.size, "the size is the number of topics", trie.size, model.size);
  }
}

function runRing(input: Uint8Array): void {
  const choices = new Choices(input);
  const ring = new Ring<number>();
  const lends = choices.below(2) === 1;
  let queue: number[] = [];
  let lent: number[] = [];
  for (let step = 1; choices.left > 0; step++) {
    const kind = choices.byte();
    if (kind < 100) {
      // A run of values, so that the ring grows.
      for (let i = 0; i <= kind % 20; i++) {
        ring.push(step * 20 + i);
        queue.push(step * 20 + i);
      }
    } else if (kind < 180) {
      const value = queue.shift();
      require((lends ? ring.lend() : ring.shift()) === value, "values come in order", value);
      if (lends && value !== undefined) lent.push(value);
    } else if (kind < 200 && lends) {
      const back = Math.min(kind - 180, lent.length);
      require(ring.endLoan(kind - 180) === back, "as many values return as were lent", back);
      queue = [...lent.slice(lent.length - back), ...queue];
      lent = [];
    } else if (kind < 220 && lends) {
      ring.dropLent();
      lent.pop();
    } else if (kind === 255) {
      ring.clear();
      queue = [];
      lent = [];
    }
    require(ring.length === queue.length, "the length is the number of values", ring.length, queue.length);
    require(ring.peek() === queue[0] && ring.lent === lent.at(-1), "the next and the last lent value", queue, lent);
    const at = kind % (queue.length + 1);
    require(ring.at(at) === queue[at], "the value at a position", at);
  }
  require(`${[...ring]}` === `${queue}`, "all values in order", [...ring], queue);
}

/** A pipe whose messages are numbers. */
class NumberPipe {
  readonly queue: Message[] = [];

  get readable(): boolean {
    return this.queue.length > 0;
  }

  peek(): Message | undefined {
    return this.queue[0];
  }

  tryReceive(): Message | undefined {
    return this.queue.shift();
  }
}

function runFairQueue(input: Uint8Array): void {
  const choices = new Choices(input);
  const pipes = Array.from({ length: 4 }, () => new NumberPipe());
  const queue = new FairQueue<NumberPipe & Pipe>();
  let waiting = 0;
  while (choices.left > 0) {
    const kind = choices.byte();
    const pipe = pipes[kind % 4] as NumberPipe & Pipe;
    if (kind < 140) {
      const empty = !pipe.readable;
      for (let i = 0; i <= kind % 3; i++, waiting++) pipe.queue.push([Uint8Array.of(kind % 4)]);
      if (empty) queue.activate(pipe);
      continue;
    }
    require(queue.readable === waiting > 0, "it is readable while a pipe has a message", waiting);
    const next = queue.peek();
    const message = queue.receive();
    require(message === next, "the next message is the one that comes");
    require((message === undefined) === (waiting === 0), "a message comes while a pipe has one", waiting);
    if (message === undefined) continue;
    waiting--;
    require(queue.last === pipes[message[0]![0]!], "the last pipe is the one of the message");
  }
  // Now nothing is added: each pipe with messages gets its turn before any gets a second one.
  while (waiting > 0) {
    const readable = pipes.filter((pipe) => pipe.readable).length;
    const turns = new Set(Array.from({ length: readable }, () => queue.receive()![0]![0]));
    waiting -= readable;
    require(turns.size === readable, "each pipe has its turn", readable, [...turns]);
  }
  require(queue.receive() === undefined, "an empty queue has no message");
}

/** The targets. */
export const QUEUE_TARGETS: readonly Target[] = [
  {
    name: "trie",
    most: 160,
    seeds: [bytes(0, 2, 1, 2, 0, 1, 1, 0, 3, 1, 2, 3, 3, 3, 1, 2, 3, 4, 0, 5, 1, 1, 2, 2, 1, 2, 4, 0)],
    run: runTrie,
  },
  {
    name: "ring",
    most: 120,
    seeds: [bytes(0, 7, 100, 100, 99, 100, 255, 3), bytes(1, 9, 100, 100, 182, 100, 200, 99, 199)],
    run: runRing,
  },
  {
    name: "fair-queue",
    most: 120,
    seeds: [bytes(0, 1, 2, 3, 200, 200, 1, 200, 201, 5, 200, 200, 200)],
    run: runFairQueue,
  },
];
