/**
 * Matching a message against subscriptions: the cost for a growing number of subscriptions.
 *
 * @module
 */

import { TopicTrie } from "../../src/routing/topic_trie.ts";
import { bench } from "./harness.ts";

const COUNTS = [1, 10, 100, 1000, 10_000, 100_000];

const TIMES = 1000;

const encoder = new TextEncoder();

function match(group: string, topics: number, text: string): void {
  let trie: TopicTrie<number> | undefined;
  const frame = encoder.encode(text);
  bench({
    group,
    name: `${topics.toLocaleString("en")} ${topics === 1 ? "topic" : "topics"}`,
    count: TIMES,
    x: { label: "topics", value: topics, tick: topics.toLocaleString("en") },
    run() {
      trie ??= trieOf(topics);
      let sum = 0;
      const visit = (value: number) => {
        sum += value;
      };
      for (let i = 0; i < TIMES; i++) trie.matchPrefixes(frame, visit);
      return sum;
    },
  });
}

/** Created on first use, so that the large ones do not exist while others are measured. */
function trieOf(topics: number): TopicTrie<number> {
  const trie = new TopicTrie<number>();
  for (let i = 0; i < topics; i++) trie.set(encoder.encode(`weather.${i}.`), i);
  return trie;
}

for (const count of COUNTS) match("match a topic", count, `weather.${count - 1}.oslo`);
for (const count of COUNTS) match("match no topic", count, "weather.x.oslo");
