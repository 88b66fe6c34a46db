/**
 * Topics: the trie, the subscriber's counted set and the publisher's table, each against a naive model.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { equals } from "@std/bytes";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { Subscribers, TOPIC_COST } from "../../src/routing/subscribers.ts";
import { TopicTrie } from "../../src/routing/topic_trie.ts";
import { Topics } from "../../src/routing/topics.ts";
import { DEFAULT_LIMITS } from "../../src/zmtp/limits.ts";
import { bytes, FakePipe } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { PullPattern } from "../../src/routing/pull.ts";

/** Few letters, so that topics share prefixes. */
const topic = fc.string({ unit: fc.constantFrom("a", "b", "\0"), maxLength: 6 });

/** Removes a pipe, and returns its topics in the reported order, each with whether it was the last of that topic. */
function left(table: Subscribers, pipe: FakePipe): [string, boolean][] {
  const list: [string, boolean][] = [];
  table.leave(pipe, (topic, last) => void list.push([new TextDecoder().decode(topic), last]));
  return list;
}

function matched(trie: TopicTrie<string>, frame: string): string[] {
  const found: string[] = [];
  trie.matchPrefixes(bytes(frame), (value) => void found.push(value));
  return found;
}

test("a frame finds every topic that it starts with, shortest first", () => {
  const trie = new TopicTrie<string>();
  for (const one of ["weather.berlin", "", "weather", "weather.", "wea", "news"]) trie.set(bytes(one), one);
  assertEquals(matched(trie, "weather.berlin.now"), ["", "wea", "weather", "weather.", "weather.berlin"]);
  assertEquals(matched(trie, "weather."), ["", "wea", "weather", "weather."]);
  assertEquals(matched(trie, "we"), [""]);
  assertEquals(matched(trie, ""), [""]);
  assertEquals(matched(trie, "newsx"), ["", "news"]);
});

test("a visitor that returns true ends the look-up", () => {
  const trie = new TopicTrie<string>();
  for (const one of ["", "a", "ab"]) trie.set(bytes(one), one);
  const seen: string[] = [];
  const stopped = trie.matchPrefixes(bytes("abc"), (value) => seen.push(value) === 2);
  assertEquals([stopped, seen], [true, ["", "a"]]);
  assertEquals(trie.matchPrefixes(bytes("abc"), () => false), false);
});

test("a topic's bytes are copied", () => {
  const trie = new TopicTrie<string>();
  const key = bytes("topic");
  trie.set(key, "value");
  key.fill(0);
  assertStrictEquals(trie.get(bytes("topic")), "value");
});

test("a long topic costs no recursion, and a frame that ends inside it does not match", () => {
  const trie = new TopicTrie<string>();
  const long = "x".repeat(200_000);
  trie.set(bytes(long), "long");
  assertEquals(matched(trie, long), ["long"]);
  assertEquals(matched(trie, long.slice(1)), []);
  for (let i = 1; i < 2000; i++) trie.set(bytes(long.slice(0, i)), String(i));
  assertEquals(matched(trie, long).length, 2000);
  for (let i = 1; i < 2000; i++) assertEquals(trie.delete(bytes(long.slice(0, i))), true);
  assertEquals([trie.size, matched(trie, long)], [1, ["long"]]);
});

test("topics that are removed leave no memory behind", () => {
  const trie = new TopicTrie<string>();
  const topics = Array.from({ length: 300 }, (_, i) => `topic-${i}`);
  for (const one of topics) trie.set(bytes(one), one);
  for (const one of topics) assertEquals(trie.delete(bytes(one)), true);
  // Only a walk over all nodes can count them.
  const { values } = Map.prototype;
  let nodes = 0;
  Map.prototype.values = function (...args) {
    nodes++;
    return values.apply(this, args);
  };
  try {
    assertEquals([...trie.entries()], []);
  } finally {
    Map.prototype.values = values;
  }
  assertEquals(nodes, 0);
});

test("property: the trie behaves like a map that is searched key by key", () => {
  const step = fc.record({ topic, remove: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.array(topic, { maxLength: 5 }), (steps, frames) => {
    const trie = new TopicTrie<string>();
    const model = new Map<string, string>();
    for (const [i, { topic, remove }] of steps.entries()) {
      if (remove) {
        assertEquals(trie.delete(bytes(topic)), model.delete(topic));
      } else {
        trie.set(bytes(topic), `${topic}#${i}`);
        model.set(topic, `${topic}#${i}`);
      }
      assertEquals(trie.size, model.size);
    }
    for (const { topic } of steps) assertStrictEquals(trie.get(bytes(topic)), model.get(topic));
    for (const frame of [...frames, ...steps.map(({ topic }) => topic)]) {
      const expected = [...model].filter(([key]) => frame.startsWith(key)).sort(([a], [b]) => a.length - b.length);
      assertEquals(matched(trie, frame), expected.map(([, value]) => value));
    }
    // In the order of their bytes.
    const hex = (topic: Uint8Array) => [...topic].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const keys = [...trie.entries()].map(([key]) => hex(key));
    assertEquals(keys, [...model.keys()].map((key) => hex(bytes(key))).sort());
    for (const [key, value] of trie.entries()) assertStrictEquals(trie.get(key), value);
  }));
});

test("property: the topics after any topic, whether it is subscribed or not, are the rest of all topics in their order", () => {
  fc.assert(fc.property(fc.array(topic, { maxLength: 40 }), topic, (topics, after) => {
    const trie = new TopicTrie<string>();
    for (const one of topics) trie.set(bytes(one), one);
    const all = [...trie.entries()].map(([, value]) => value);
    const rest = [...trie.entries(bytes(after))].map(([, value]) => value);
    assertEquals(rest, all.filter((one) => one > after));
  }));
});

test("property: an iteration over the subscriber's topics skips none that stays, while others are added and removed", () => {
  const step = fc.record({ topic, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(topic, { maxLength: 30 }), fc.array(fc.array(step, { maxLength: 3 })), (first, changes) => {
      const topics = new Topics();
      const counts = new Map<string, number>();
      const change = (one: string, by: number) => {
        if (by > 0) topics.add(bytes(one));
        else topics.remove(bytes(one));
        counts.set(one, Math.max(0, (counts.get(one) ?? 0) + by));
      };
      for (const one of first) change(one, 1);
      const walked: string[] = [];
      const touched = new Set<string>();
      let round = 0;
      for (const one of topics) {
        walked.push(new TextDecoder().decode(one));
        // The walk visits exactly the topics that exist when it reaches them.
        assert(counts.get(walked.at(-1)!)! > 0);
        for (const { topic, remove } of changes[round++] ?? []) {
          change(topic, remove ? -1 : 1);
          touched.add(topic);
        }
      }
      assertEquals(walked, [...new Set(walked)].sort());
      const expected = [...counts].filter(([one, count]) => count > 0 && !touched.has(one)).map(([one]) => one);
      assertEquals(expected.filter((one) => !walked.includes(one)), []);
    }),
  );
});

test("property: the subscriber's topics are counted, and the first and the last of each are reported", () => {
  const step = fc.record({ topic, remove: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.array(topic), (steps, frames) => {
    const topics = new Topics();
    const model = new Map<string, number>();
    for (const { topic, remove } of steps) {
      const count = model.get(topic) ?? 0;
      if (remove) {
        assertEquals(topics.remove(bytes(topic)), count === 1);
        if (count > 1) model.set(topic, count - 1);
        else model.delete(topic);
      } else {
        topics.add(bytes(topic));
        model.set(topic, count + 1);
      }
    }
    for (const frame of frames) {
      assertEquals(topics.matches(bytes(frame)), [...model.keys()].some((key) => frame.startsWith(key)));
    }
    const listed = [...topics];
    assertEquals(listed.length, model.size);
    for (const key of model.keys()) assertEquals(listed.filter((one) => equals(one, bytes(key))).length, 1);
  }));
});

test("property: the publisher's table knows the subscribers, and the first and the last of each topic", () => {
  const pipes = ["a", "b", "c"].map((name) => new FakePipe(new PullPattern(), name));
  const pipe = fc.constantFrom(...pipes);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ add: topic, pipe }) },
    { weight: 4, arbitrary: fc.record({ remove: topic, pipe }) },
    { weight: 1, arbitrary: fc.record({ leave: pipe }) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.array(topic), (steps, frames) => {
    const table = new Subscribers();
    const model = new Map<string, Set<FakePipe>>();
    const drop = (pipe: FakePipe, topic: string) => {
      const set = model.get(topic);
      if (set === undefined || !set.delete(pipe)) return false;
      return set.size === 0 && model.delete(topic);
    };
    for (const one of steps) {
      if ("add" in one) {
        const known = model.get(one.add);
        assertEquals(table.add(one.pipe, bytes(one.add)), known === undefined);
        model.set(one.add, (known ?? new Set()).add(one.pipe));
      } else if ("remove" in one) {
        assertEquals(table.remove(one.pipe, bytes(one.remove)), drop(one.pipe, one.remove));
      } else {
        const wanted = [...model].filter(([, set]) => set.has(one.leave)).map(([key]) => key).sort();
        const expected = wanted.map((key) => [key, drop(one.leave, key)]);
        assertEquals(left(table, one.leave), expected);
      }
      assertEquals(table.count(), new Set([...model.values()].flatMap((set) => [...set])).size);
      for (const [key, set] of model) assertEquals(table.count(bytes(key)), set.size);
    }
    for (const frame of [...frames, "abab"]) {
      const found = new Set<string>();
      table.match(bytes(frame), (set) => set.forEach((one) => found.add((one as FakePipe).name)));
      const wanted = [...model].filter(([key]) => frame.startsWith(key)).flatMap(([, set]) => [...set]);
      assertEquals([...found].sort(), [...new Set(wanted.map(({ name }) => name))].sort());
    }
  }));
});

test("the publisher's table copies topics, which are views of chunks", () => {
  const table = new Subscribers();
  const pipe = new FakePipe(new PullPattern());
  const chunk = bytes("topic");
  table.add(pipe, chunk);
  chunk.fill(0);
  assertEquals(table.count(bytes("topic")), 1);
  assertEquals(left(table, pipe), [["topic", true]]);
  assertEquals([table.count(), table.count(bytes("topic"))], [0, 0]);
});

test("a topic that is too long disconnects its peer, without effect on others", () => {
  const table = new Subscribers();
  const pipes = [1, 2].map(() => new FakePipe(new PullPattern()));
  const longest = new Uint8Array(DEFAULT_LIMITS.maxTopicSize);
  assertEquals(pipes.map((pipe) => table.add(pipe, longest)), [true, false]);
  assertEquals(table.add(pipes[0]!, new Uint8Array(longest.length + 1)), false);
  assertEquals(pipes.map(({ rejections }) => rejections.map((error) => error instanceof ZmqError && error.code)), [
    ["EMSGSIZE"],
    [],
  ]);
  assertEquals([table.count(), table.topicCount], [2, 1]);
  assertEquals(left(table, pipes[0]!).map(([topic]) => topic.length), [longest.length]);
});

test("more topics than allowed, or more memory for them, disconnect their peer; repeated topics are allowed", () => {
  const limits = { maxTopics: 3, maxTopicBytes: 10 * TOPIC_COST };
  for (const [size, most] of [[1, 3], [4 * TOPIC_COST, 2]] as const) {
    const table = new Subscribers(limits);
    const [greedy, modest] = [1, 2].map(() => new FakePipe(new PullPattern()));
    const topics = [1, 2, 3, 4].map((i) => new Uint8Array(size).fill(i));
    for (const topic of topics.slice(0, most)) table.add(greedy!, topic);
    assertEquals(greedy!.rejections, []);
    table.add(greedy!, topics[0]!);
    assertEquals(greedy!.rejections, []);
    table.remove(greedy!, topics[0]!);
    table.add(greedy!, topics[0]!);
    assertEquals(greedy!.rejections, []);
    assertEquals(table.add(greedy!, topics[3]!), false);
    const [error] = greedy!.rejections as ZmqError[];
    assertEquals(error!.code, "EMSGSIZE");
    assertMatch(error!.message, size === 1 ? /more than 3 topics \(maxTopics/ : /3200 bytes \(maxTopicBytes/);
    assertEquals([table.topicCount, table.add(modest!, topics[3]!)], [most, true]);
  }
});

test("topics split by one prefix after another keep only their own memory", () => {
  // A part of a text may keep the whole text.
  const trie = new TopicTrie<true>();
  const long = new Uint8Array(20_000).fill(120);
  for (let i = 1; i <= 50; i++) {
    long[i * 20] = i;
    trie.set(long, true);
    trie.set(long.subarray(0, i * 20), true);
    assertEquals(trie.delete(long), true);
  }
  const found: number[] = [];
  trie.matchPrefixes(long, () => void found.push(1));
  assertEquals([found.length, trie.size], [50, 50]);
});

test("property: while disconnected pipes are removed in slices, the table behaves as if they were removed immediately", () => {
  const names = ["a", "b", "c", "d"];
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ add: topic, by: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ remove: topic, by: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ leave: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ turns: fc.nat(3) }) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const turns: (() => void)[] = [];
    const table = new Subscribers({}, 2);
    table.later = (callback) => void turns.push(callback);
    const pipes = names.map((name) => new FakePipe(new PullPattern(), name));
    /**
     * The subscriptions that the peers have, and those that a user would infer from the reported first and last ones.
     */
    const model = new Map<string, Set<FakePipe>>();
    const told = new Set<string>();
    const begun = (topic: string, first: boolean) => {
      if (!first) return;
      assertEquals(told.has(topic), false, topic);
      told.add(topic);
    };
    const ended = (topic: string, last: boolean) => {
      if (last) assertEquals(told.delete(topic), true, topic);
    };
    for (const one of steps) {
      if ("add" in one) {
        begun(one.add, table.add(pipes[one.by]!, bytes(one.add)));
        model.set(one.add, (model.get(one.add) ?? new Set()).add(pipes[one.by]!));
      } else if ("remove" in one) {
        ended(one.remove, table.remove(pipes[one.by]!, bytes(one.remove)));
        model.get(one.remove)?.delete(pipes[one.by]!);
      } else if ("leave" in one) {
        const pipe = pipes[one.leave]!;
        for (const set of model.values()) set.delete(pipe);
        table.leave(pipe, (topic, last) => ended(new TextDecoder().decode(topic), last));
        // Another peer replaces it.
        pipes[one.leave] = new FakePipe(new PullPattern(), pipe.name);
      } else {
        for (let i = 0; i < one.turns; i++) turns.shift()?.();
      }
      assertEquals(table.count(), new Set([...model.values()].flatMap((set) => [...set])).size);
      for (const [key, set] of model) {
        assertEquals(table.count(bytes(key)), set.size);
        const found = new Set<unknown>();
        table.match(bytes(key), (pipes) => {
          for (const pipe of pipes) if (!table.leaving || !table.hasLeft(pipe)) found.add(pipe);
        });
        const wanted = [...model].filter(([other]) => key.startsWith(other)).flatMap(([, set]) => [...set]);
        assertEquals(found, new Set<unknown>(wanted));
      }
    }
    for (let next = turns.shift(); next !== undefined; next = turns.shift()) next();
    const live = [...model].filter(([, set]) => set.size > 0).map(([key]) => key);
    assertEquals([[...told].sort(), table.topicCount, table.leaving], [live.sort(), live.length, false]);
  }));
});

test("a quarter of a million topics of a disconnected peer match nothing from then on, and are removed over many turns", () => {
  const turns: (() => void)[] = [];
  const table = new Subscribers();
  table.later = (callback) => void turns.push(callback);
  const [crowd, other] = [1, 2].map(() => new FakePipe(new PullPattern()));
  const COUNT = 250_000;
  for (let i = 0; i < COUNT; i++) table.add(crowd!, bytes(`topic/${i}`));
  table.add(other!, bytes("topic/7"));
  let gone = 0;
  table.leave(crowd!, () => gone++);
  const found = (frame: string) => {
    const all: unknown[] = [];
    table.match(bytes(frame), (pipes) => all.push(...[...pipes].filter((pipe) => !table.hasLeft(pipe))));
    return all;
  };
  assertEquals([found("topic/8"), found("topic/7"), table.count()], [[], [other], 1]);
  let most = gone;
  let count = 0;
  for (let next = turns.shift(); next !== undefined; next = turns.shift()) {
    const before = gone;
    next();
    most = Math.max(most, gone - before);
    count++;
  }
  assertEquals([gone, table.topicCount, table.leaving], [COUNT, 1, false]);
  assert(most <= 500 && count >= COUNT / 500 - 1, `${most} in a turn, ${count} turns`);
});

test("a thousand peers that disconnect in the same turn share its limit of removals", () => {
  const turns: (() => void)[] = [];
  const table = new Subscribers();
  table.later = (callback) => void turns.push(callback);
  const pipes = Array.from({ length: 1000 }, () => new FakePipe(new PullPattern()));
  for (const [i, pipe] of pipes.entries()) {
    for (let k = 0; k < 20; k++) table.add(pipe, bytes(`${i}/${k}`));
    table.add(pipe, bytes("all"));
  }
  let gone = 0;
  for (const pipe of pipes) table.leave(pipe, () => gone++);
  assertEquals([gone, table.count(), turns.length], [500, 0, 1]);
  // A pipe that subscribes meanwhile finds the topic as if they were removed.
  const late = new FakePipe(new PullPattern());
  assertEquals([table.add(late, bytes("999/7")), table.add(late, bytes("all"))], [true, true]);
  for (let next = turns.shift(); next !== undefined; next = turns.shift()) {
    const before = gone;
    next();
    assert(gone - before <= 500 && turns.length <= 1, `${gone - before} in a turn`);
  }
  assertEquals([gone, table.topicCount, table.leaving], [21_000, 2, false]);
});
