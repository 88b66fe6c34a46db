/**
 * Several messages per call: `sendMany`, `receiveMany`, `tryReceiveMany`, `batches`, and buffering with `sendBuffered`
 * and `flush`.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Dealer,
  type Message,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  toText,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener } from "../support/raw_peer.ts";
import { numbers, read } from "./losses.ts";
import { pipeline } from "./pipeline.ts";
import { ANY, rejectsWith, throwsWith, turn } from "./support.ts";

const texts = (batch: readonly Message[]) => batch.map((one) => one.map(toText).join("|"));

/** Receives in batches until `count` messages have arrived. */
async function receiveAll(pull: Pull, count: number, max?: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push(...texts(await pull.receiveMany(max)));
  return all;
}

for (const endpoint of [ANY, "inproc://many"]) {
  test(`sendMany and receiveMany over ${endpoint}: more messages than all queues hold, in order`, async () => {
    await using both = await pipeline(endpoint, { sendHighWaterMark: 100 }, { receiveHighWaterMark: 100 });
    const all = numbers(0, 20_000);
    const [received] = await Promise.all([receiveAll(both.pull, all.length, 70), both.push.sendMany(all)]);
    assertEquals(received, all);
  });
}

test("sendMany takes messages of every kind, from anything that can be iterated", async () => {
  await using both = await pipeline(ANY);
  await both.push.sendMany([]);
  await both.push.sendMany(new Set(["a", "b"]));
  await both.push.sendMany([["two", "frames"], 7, null, new Uint8Array([104, 105])]);
  assertEquals(await receiveAll(both.pull, 6), ["a", "b", "two|frames", "7", "", "hi"]);
});

test("sendMany takes the next message when the previous one is queued, and closes a generator that it does not finish", async () => {
  await using push = new Push({ sendHighWaterMark: 3, sendTimeout: 20, linger: 0 });
  push.connect("tcp://127.0.0.1:9");
  let taken = 0;
  let ended = false;
  function* jobs() {
    try {
      for (;;) yield `${taken++}`;
    } finally {
      ended = true;
    }
  }
  await rejectsWith("EAGAIN", () => push.sendMany(jobs()));
  // The fourth was the one that found no room.
  assertEquals([taken, ended, push.statistics().queued], [4, true, 3]);
});

test("sendMany: an invalid message is reported, and the messages before it are sent", async () => {
  await using both = await pipeline(ANY);
  await assertRejects(() => both.push.sendMany(["good", [] as string[], "never"]), TypeError, "empty message");
  await assertRejects(() => both.push.sendMany(5 as unknown as string[]), TypeError);
  const reason = new Error("enough");
  assertStrictEquals(
    await both.push.sendMany(["never"], { signal: AbortSignal.abort(reason) }).catch((error) => error),
    reason,
  );
  await both.push.send("last");
  assertEquals(await receiveAll(both.pull, 2), ["good", "last"]);
});

test("sendMany of anything else rejects, and says what it takes", async () => {
  await using push = new Push();
  const messages = async function* () {};
  for (const wrong of [messages(), { length: 1 }, null, undefined, 7]) {
    await assertRejects(
      () => push.sendMany(wrong as never),
      TypeError,
      "Cannot send many: pass an array or another synchronous iterable",
    );
  }
});

test("sendMany stops when its signal is aborted while it waits, and the other sends continue", async () => {
  await using push = new Push({ sendHighWaterMark: 2, linger: 0 });
  await using listener = await RawListener.bind();
  push.connect(listener.endpoint);
  const controller = new AbortController();
  const many = push.sendMany(numbers(0, 10), { signal: controller.signal });
  const other = push.send("other");
  controller.abort();
  await assertRejects(() => many, DOMException);
  const peer = await listener.join({ type: "PULL" });
  await other;
  assertEquals(await read(peer, 3), ["0", "1", "other"]);
});

test("sendMany and receiveMany end with ENOTSOCK when the socket is closed", async () => {
  const push = new Push({ sendHighWaterMark: 1, linger: 0 });
  push.connect("tcp://127.0.0.1:9");
  const pull = new Pull();
  const waits = [
    rejectsWith("ENOTSOCK", () => push.sendMany(["a", "b"])),
    rejectsWith("ENOTSOCK", () => pull.receiveMany()),
  ];
  await Promise.all([push.close(), pull.close(), ...waits]);
  await rejectsWith("ENOTSOCK", () => push.sendMany(["c"]));
  await rejectsWith("ENOTSOCK", () => pull.receiveMany());
  throwsWith("ENOTSOCK", () => pull.tryReceiveMany());
});

/** Makes this many messages, then closes the socket. */
function* closing(push: Push, good: number, onEnd: () => void) {
  try {
    for (let i = 0; i < good; i++) yield `${i}`;
    void push.close();
    yield "never";
  } finally {
    onEnd();
  }
}

test("sendMany ends with ENOTSOCK when its generator closes the socket, at any message", async () => {
  for (const good of [0, 1, 3]) {
    await using both = await pipeline("inproc://closed-by-generator");
    let ended = false;
    await rejectsWith("ENOTSOCK", () => both.push.sendMany(closing(both.push, good, () => ended = true)));
    assertEquals(ended, true);
  }
});

test("a long queue that is received in batches does not starve others", async () => {
  await using both = await pipeline("inproc://batch-turns", { sendHighWaterMark: 0 }, { receiveHighWaterMark: 0 });
  await both.push.sendMany(Array.from({ length: 20_000 }, () => "x"));
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  let over = false;
  const counting = (async () => {
    while (!over) {
      turns++;
      await turn();
    }
  })();
  await turn();
  const before = turns;
  for (let left = 20_000; left > 0;) left -= (await both.pull.receiveMany()).length;
  over = true;
  clearInterval(ticking);
  await counting;
  assertEquals(turns > before, true);
});

test("a long sendMany does not starve others", async () => {
  await using both = await pipeline("inproc://turns", { sendHighWaterMark: 0 }, { receiveHighWaterMark: 0 });
  let over = false;
  const sending = both.push.sendMany(Array.from({ length: 20_000 }, () => "x")).then(() => over = true);
  await turn();
  assertEquals(over, false);
  await sending;
});

test("tryReceiveMany: returns the available messages up to max, and an empty array if there are none", async () => {
  await using both = await pipeline("inproc://there");
  assertEquals(both.pull.tryReceiveMany(), []);
  await both.push.sendMany(numbers(0, 10));
  assertEquals(texts(both.pull.tryReceiveMany(4)), numbers(0, 4));
  assertEquals(texts(both.pull.tryReceiveMany()), numbers(4, 10));
  assertEquals(both.pull.tryReceiveMany(), []);
});

for (const max of [0, -1, 1.5, NaN, Infinity]) {
  test(`batches of at most ${max} messages are refused`, async () => {
    await using pull = new Pull();
    assertThrows(() => pull.tryReceiveMany(max), RangeError, `${max}`);
    assertThrows(() => pull.batches(max), RangeError, `${max}`);
    await assertRejects(() => pull.receiveMany(max), RangeError, `${max}`);
  });
}

test("receiveMany waits for the first message, by receiveTimeout and signal, and takes all that came with it", async () => {
  await using both = await pipeline("inproc://waits", {}, { receiveTimeout: 10 });
  await rejectsWith("EAGAIN", () => both.pull.receiveMany());
  both.pull.receiveTimeout = -1;
  const controller = new AbortController();
  const aborted = both.pull.receiveMany(5, { signal: controller.signal });
  controller.abort();
  await assertRejects(() => aborted, DOMException);
  const batch = both.pull.receiveMany();
  await both.push.sendMany(numbers(0, 3));
  assertEquals(texts(await batch), numbers(0, 3));
});

test("pending receives are served before a batch", async () => {
  await using both = await pipeline("inproc://line");
  const first = both.pull.receive();
  const batch = both.pull.receiveMany();
  const last = both.pull.receive();
  await both.push.sendMany(numbers(0, 4));
  assertEquals([texts([await first]), texts([await last]), texts(await batch)], [["0"], ["2"], ["1", "3"]]);
});

test("batches: every message once, ends when the socket is closed, and leaving the loop loses nothing", async () => {
  await using both = await pipeline("inproc://batches");
  await both.push.sendMany(numbers(0, 25));
  const sizes: number[] = [];
  for await (const batch of both.pull.batches(10)) {
    sizes.push(batch.length);
    if (sizes.length === 2) break;
  }
  assertEquals(sizes, [10, 10]);
  const iterator = both.pull.batches()[Symbol.asyncIterator]();
  assertEquals(texts((await iterator.next()).value!), numbers(20, 25));
  const waiting = iterator.next();
  await both.pull.close();
  assertEquals(await waiting, { done: true, value: undefined });
});

test("batches are fair-queued from all peers", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("inproc://fair");
  await using one = new Push();
  await using other = new Push();
  one.connect(endpoint);
  other.connect(endpoint);
  await pull.waitForPeers(2);
  await one.sendMany(["a", "a", "a"]);
  await other.sendMany(["b", "b", "b"]);
  assertEquals(texts(pull.tryReceiveMany(4)).sort(), ["a", "a", "b", "b"]);
});

test("a request and a reply are one message each, for any batch size", async () => {
  await using reply = new Reply();
  await using one = new Request();
  await using other = new Request();
  const endpoint = await reply.bind("inproc://one-at-a-time");
  one.connect(endpoint);
  other.connect(endpoint);
  await reply.waitForPeers(2);
  await one.send("1");
  await other.send("2");
  assertEquals(texts(await reply.receiveMany()), ["1"]);
  throwsWith("EFSM", () => reply.tryReceiveMany());
  await reply.send("first");
  assertEquals(texts(await reply.receiveMany()), ["2"]);
  assertEquals(texts(await one.receiveMany(5)), ["first"]);
});

test("batches of a Router have the routing ids of their peers, and a Subscriber's have matching messages only", async () => {
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "d" });
  dealer.connect(await router.bind("inproc://router-batches"));
  await dealer.waitForPeers(1);
  await dealer.sendMany(["x", "y"]);
  assertEquals(texts(await router.receiveMany()), ["d|x", "d|y"]);
  await router.sendMany([["d", "1"], ["nobody", "2"], ["d", "3"]]);
  assertEquals(texts(await dealer.receiveMany()), ["1", "3"]);

  await using pub = new Publisher();
  await using sub = new Subscriber();
  sub.connect(await pub.bind("inproc://sub-batches"));
  sub.subscribe("b");
  await pub.waitForSubscribers(1);
  await pub.sendMany(["a1", "b1", "c1", "b2"]);
  assertEquals(texts(sub.tryReceiveMany()), ["b1", "b2"]);
});

test("sendBuffered writes nothing before flush, and another send writes its messages as well", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ linger: 0 });
  push.connect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  await push.waitForPeers(1);
  for (const text of ["one", "two"]) assertEquals(push.sendBuffered(text), true);
  assertEquals([push.bufferedBytes, push.statistics().queued], [6, 2]);
  for (let i = 0; i < 3; i++) await turn();
  assertEquals([push.bufferedBytes, push.statistics().messagesSent], [6, 0]);
  push.flush();
  assertEquals([push.bufferedBytes, push.statistics().messagesSent], [0, 2]);
  assertEquals(await read(peer, 2), ["one", "two"]);
  await turn();
  push.sendBuffered("three");
  await push.send("four");
  assertEquals(await read(peer, 2), ["three", "four"]);
  assertEquals(push.bufferedBytes, 0);
});

test("sendBuffered is bounded: by the high-water mark, and 60 KiB are written without a flush", async () => {
  await using waiting = new Push({ sendHighWaterMark: 2, linger: 0 });
  waiting.connect("tcp://127.0.0.1:9");
  assertEquals([1, 2, 3].map((number) => waiting.sendBuffered(number)), [true, true, false]);

  await using both = await pipeline(ANY);
  for (let i = 0; i < 59; i++) both.push.sendBuffered(new Uint8Array(1024));
  assertEquals(both.push.statistics().messagesSent, 0);
  both.push.sendBuffered(new Uint8Array(1024));
  assertEquals(both.push.statistics().messagesSent, 60);
});

test("megabytes of buffered messages are all sent, in order: in one turn, and when the socket is closed", async () => {
  await using both = await pipeline(ANY, { sendHighWaterMark: 0, linger: -1 }, { receiveHighWaterMark: 0 });
  const count = 4000;
  for (let i = 0; i < count; i++) both.push.sendBuffered([`${i}`, new Uint8Array(1024)]);
  const closed = both.push.close();
  const received: string[] = [];
  while (received.length < count) {
    received.push(...(await both.pull.receiveMany()).map(([number]) => toText(number)));
  }
  assertEquals(received, numbers(0, count));
  assertEquals(await closed, 0);
});

test("a pending send has room when the buffered messages are written", async () => {
  await using both = await pipeline(ANY, { sendHighWaterMark: 3000 }, { receiveHighWaterMark: 0 });
  const big = new Uint8Array(1024);
  for (let round = 0; round < 5; round++) {
    while (both.push.sendBuffered(big));
    await both.push.whenWritable();
  }
});

test("buffered messages are sent when the socket is closed", async () => {
  await using both = await pipeline(ANY, { linger: -1 });
  both.push.sendBuffered("last words");
  const closed = both.push.close();
  assertEquals(await receiveAll(both.pull, 1), ["last words"]);
  assertEquals(await closed, 0);
});

test("sendBuffered and flush over inproc", async () => {
  await using both = await pipeline("inproc://gathered");
  both.push.sendBuffered("a");
  assertEquals(both.pull.readable, false);
  both.push.flush();
  assertEquals(texts(both.pull.tryReceiveMany()), ["a"]);
  throwsWith("ENOTSOCK", () => {
    void both.push.close();
    both.push.sendBuffered("b");
  });
});

test("a message that cannot be sent leaves no trace in the next one", async () => {
  await using left = new Pair();
  await using right = new Pair();
  right.connect(await left.bind("inproc://no-trace"));
  await right.waitForPeers(1);
  assertThrows(() => right.sendBuffered([] as never), TypeError);
  await right.send("written at once");
  assertEquals(texts(left.tryReceiveMany()), ["written at once"]);
});

test("flush of a socket without peers, or with a peer that does not read, does nothing", async () => {
  await using push = new Push({ linger: 0 });
  push.flush();
  assertEquals(push.bufferedBytes, 0);
  await using listener = await RawListener.bind();
  push.connect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  peer.pause();
  await push.waitForPeers(1);
  while (push.trySend(new Uint8Array(100_000)));
  const { bufferedBytes } = push;
  push.flush();
  assertEquals(push.bufferedBytes, bufferedBytes);
});

test("buffered messages are visible without a message from the peer", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer({ linger: 0 });
  dealer.connect(listener.endpoint);
  const peer = await listener.join({ type: "ROUTER" });
  await dealer.waitForPeers(1);
  dealer.sendBuffered("gathered");
  await peer.write(message("hello"));
  assertEquals(texts(await dealer.receiveMany()), ["hello"]);
  dealer.flush();
  assertEquals(await read(peer, 1), ["gathered"]);
});
