/**
 * The cost of each message, counted: a change that adds a copy, a promise or a turn per message fails here, regardless
 * of timing.
 *
 * @module
 */
// A process of its own: it counts what everything in the process does.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Pull, Push } from "../../mod.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { PublishPattern } from "../../src/routing/publish.ts";
import { type Message, MessageIntake } from "../../src/base/message.ts";
import { RouterPattern } from "../../src/routing/router.ts";
import { TopicTrie } from "../../src/routing/topic_trie.ts";
import { ConnectionRig, turn } from "../support/connection_rig.ts";
import { bytes, FakePipe } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { count, type Operations } from "../support/operation_count.ts";

const NOTHING: Operations = { set: 0, slice: 0, subarray: 0, moves: 0, turns: 0, promises: 0 };
const COUNT = 500;
const SMALL = new Uint8Array(64).fill(7);

/** A connection on a link that copies nothing of what is written. */
async function bareRig(): Promise<{ rig: ConnectionRig; written: () => number }> {
  const rig = await ConnectionRig.ready();
  let writes = 0;
  rig.link.write = () => {
    writes++;
    return true;
  };
  return { rig, written: () => writes };
}

/** A PUSH that has a PULL in this process, and has sent before. */
async function pair(endpoint: string) {
  const pull = new Pull({ receiveHighWaterMark: 0 });
  const push = new Push();
  push.connect(await pull.bind(endpoint));
  await push.waitForPeers(1);
  await push.send(SMALL);
  await pull.receive();
  await turn();
  return {
    push,
    pull,
    async [Symbol.asyncDispose]() {
      await Promise.all([push.close(), pull.close()]);
    },
  };
}

test("hot path: a small sent message costs one copy into a slab; a turn has two writes, for any messages", async () => {
  const { rig, written } = await bareRig();
  const message = [SMALL];
  const sent = count(() => {
    for (let i = 0; i < COUNT; i++) rig.pipe.trySend(message);
  });
  // The first one is written at once, and asks for the end of the turn.
  assertEquals(sent, { ...NOTHING, set: 1, subarray: 1, turns: 1 });
  assertEquals(count(() => rig.connection.flush()), { ...NOTHING, set: COUNT - 1, subarray: 1 });
  assertEquals(written(), 2);
  await rig.end();
});

test("hot path: every small frame of a message is copied once, and a large one is not copied", async () => {
  const { rig, written } = await bareRig();
  const large = new Uint8Array(100_000);
  rig.send("first");
  const message = [SMALL, SMALL, large, SMALL];
  assertEquals(count(() => rig.pipe.trySend(message)), { ...NOTHING, set: 3, subarray: 2 });
  assertEquals(written(), 2);
  await rig.end();
});

test("hot path: slabs are used again", async () => {
  const rig = await ConnectionRig.ready();
  const memory = new Set<ArrayBufferLike>();
  for (let i = 0; i < 50; i++) {
    for (let k = 0; k < 20; k++) rig.pipe.trySend([SMALL]);
    await turn();
    for (const chunk of rig.link.chunks.splice(0).flat()) memory.add(chunk.buffer);
    rig.link.writes.length = 0;
  }
  assertEquals(memory.size, 1);
  await rig.end();
});

test("hot path: a small message that arrives is one view of its chunk", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 0 });
  const chunk = concat(Array.from({ length: COUNT }, () => encodeFrame(0, SMALL)));
  const two = concat(Array.from({ length: COUNT }, () => concat([encodeFrame(1, SMALL), encodeFrame(0, SMALL)])));
  assertEquals(count(() => rig.connection.onData(chunk)), { ...NOTHING, subarray: COUNT });
  assertEquals(count(() => rig.connection.onData(two)), { ...NOTHING, subarray: 2 * COUNT });
  assertEquals(count(() => assertEquals(rig.received().length, 2 * COUNT)).moves, 0);
  await rig.end();
});

test("hot path: a frame that arrives in pieces is copied once", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 0 });
  const frame = encodeFrame(0, new Uint8Array(300_000));
  const operations = count(() => {
    for (let at = 0; at < frame.length; at += 65_536) rig.connection.onData(frame.subarray(at, at + 65_536));
  });
  // A copy a chunk, each of other bytes.
  assertEquals([operations.set, operations.slice], [Math.ceil(frame.length / 65_536), 0]);
  await rig.end();
});

test("hot path: bytes of the caller are not copied; only an array is allocated", () => {
  const reader = new MessageIntake();
  const operations = count(() => {
    assertStrictEquals(reader.read(SMALL)[0], SMALL);
    assertStrictEquals(reader.read([SMALL, SMALL])[1], SMALL);
  });
  assertEquals(operations, NOTHING);
});

test("hot path: sending creates no promise, and the promise of a completed send is always the same", async () => {
  await using both = await pair("inproc://hot-path-send");
  const { push } = both;
  const first = push.send(SMALL);
  assertStrictEquals(push.send([SMALL, SMALL]), first);
  assertEquals(count(() => assertStrictEquals(push.send("text", {}), first)).promises, 0);
  assertEquals(count(() => push.trySend(SMALL)).promises, 0);
  assertEquals(count(() => push.sendMany([SMALL, SMALL, SMALL])).promises, 0);
});

test("hot path: receiving creates no promise except the one that it returns", async () => {
  await using both = await pair("inproc://hot-path-receive");
  const { push, pull } = both;
  await push.sendMany(Array(COUNT).fill(SMALL));
  assertEquals(count(() => pull.tryReceive()), NOTHING);
  assertEquals(count(() => assertEquals(pull.tryReceiveMany(100).length, 100)), NOTHING);
  assertEquals(count(() => void pull.receive()), { ...NOTHING, promises: 1 });
  assertEquals(count(() => void pull.receiveMany(100)), { ...NOTHING, promises: 1 });
  const iterator = pull[Symbol.asyncIterator]();
  assertEquals(count(() => void iterator.next()), { ...NOTHING, promises: 1 });
  await iterator.return!();
});

test("hot path: a message for many subscribers is copied once for all of them", () => {
  const pattern = new PublishPattern({ noDrop: false, invertMatching: false });
  const pipes = Array.from({ length: 50 }, (_, i) => FakePipe.attached(pattern, `${i}`));
  for (const pipe of pipes) {
    pattern.subscription(pipe, false, bytes("a"));
    pipe.broadcast = (broadcast) => void broadcast.encode();
  }
  const message: Message = [bytes("about"), SMALL];
  pattern.trySend(message);
  assertEquals(count(() => pattern.trySend(message)), { ...NOTHING, set: 2 });
});

test("hot path: the cost of matching a topic follows its length, not the number of subscriptions", () => {
  const look = (topics: number) => {
    const trie = new TopicTrie<true>();
    for (let i = 0; i < topics; i++) trie.set(bytes(`topic.${i}.end`), true);
    const asked = new Map<string, number>();
    const original = Map.prototype.get;
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
      asked.set("get", (original.call(asked, "get") as number | undefined ?? 0) + 1);
      return original.call(this, key);
    };
    try {
      trie.matchPrefixes(bytes("topic.7.end of it"), () => {});
    } finally {
      Map.prototype.get = original;
    }
    return asked.get("get")!;
  };
  // A look a byte of the topic at most, where it branches.
  for (const topics of [10, 1000, 100_000]) assert(look(topics) <= "topic.7.end".length, `${look(topics)}`);
});

test("hot path: a ROUTER's message to a peer costs a view or a copy of its id only", () => {
  const pattern = new RouterPattern({ mandatory: false, handover: false, notify: null, probeRouter: false });
  for (let i = 0; i < 200; i++) FakePipe.attached(pattern, `${i}`, `id-${i}`);
  const message: Message = [bytes("id-77"), SMALL];
  assertEquals(count(() => pattern.trySend(message)), NOTHING);
});
