/**
 * Messages over inproc: exactly as many as both high-water marks allow, in order, by the hundred thousand, and until
 * the end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  toText,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { inproc, link } from "./every_transport/transport.ts";
import { fill, numbers, rejectsWith, rejectsWithReason, take, throwsWith, turn } from "./support.ts";

const MANY = 100_000;
const WAITING = 10_000;
/** More than any mark of a test that counts. */
const LIMIT = 300;

// High-water marks: the sums are libzmq's.

test("inproc: the high-water mark is the sum of both sides, and unlimited if one side is unlimited", async () => {
  const sums = [[3, 2, 5], [1, 1, 2], [5, 1, 6], [1, 5, 6], [0, 2, LIMIT], [3, 0, LIMIT]] as const;
  for (const [send, receive, sum] of sums) {
    for (const [make, makePeer] of [[Push, Pull], [Dealer, Router], [Dealer, Dealer], [Pair, Pair]] as const) {
      for (const binds of [true, false]) {
        await using sender = new make({ sendHighWaterMark: send, linger: 0 });
        await using receiver = new makePeer({ receiveHighWaterMark: receive });
        await (binds ? link(inproc, sender, receiver) : link(inproc, receiver, sender));
        assertEquals([send, receive, fill(sender, LIMIT)], [send, receive, sum]);
        const { queued } = sender.statistics();
        assertEquals([queued + receiver.statistics().held, sender.writable], [sum, sum === LIMIT]);
        const received = (await take(receiver, sum)).map((text) => text.split("|").at(-1));
        assertEquals(received, numbers(sum));
        // As many fit again.
        assertEquals([receiver.tryReceive(), fill(sender, LIMIT)], [undefined, sum]);
      }
    }
  }
});

test("inproc: by default that is 2000 messages", async () => {
  await using push = new Push();
  await using pull = new Pull();
  await link(inproc, push, pull);
  assertEquals(fill(push), 2000);
});

test("inproc: the receiver's high-water mark is added when the name is bound", async () => {
  await using push = new Push({ sendHighWaterMark: 3, linger: 0 });
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  const endpoint = inproc.endpoint();
  push.connect(endpoint);
  assertEquals(fill(push), 3);
  await pull.bind(endpoint);
  await push.waitForPeers(1);
  await push.whenWritable();
  assertEquals(fill(push), 2);
});

test("inproc: the high-water marks of a Router with mandatory are per peer", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 3 });
  await using small = new Dealer({ routingId: "small", receiveHighWaterMark: 2 });
  await using large = new Dealer({ routingId: "large", receiveHighWaterMark: 7 });
  await link(inproc, router, small, large);
  for (const [id, sum] of [["small", 5], ["large", 10]] as const) {
    assertEquals(fill({ trySend: (text) => router.trySend([id, text]) }), sum);
  }
  throwsWith("EHOSTUNREACH", () => router.trySend(["none", "x"]));
});

test("inproc: without mandatory a Router drops exactly the messages above the high-water mark, and a publisher too", async () => {
  await using router = new Router({ sendHighWaterMark: 3 });
  await using dealer = new Dealer({ routingId: "d", receiveHighWaterMark: 2 });
  await link(inproc, router, dealer);
  for (const text of numbers(20)) await router.send(["d", text]);
  assertEquals(await take(dealer, 5), numbers(5));
  assertEquals([dealer.tryReceive(), router.statistics().dropped], [undefined, 15]);

  await using pub = new Publisher({ sendHighWaterMark: 3 });
  await using slow = new Subscriber({ receiveHighWaterMark: 2 });
  await using quick = new Subscriber({ receiveHighWaterMark: 0 });
  for (const sub of [slow, quick]) sub.subscribe("");
  await link(inproc, pub, slow, quick);
  for (const text of numbers(20)) await pub.send(text);
  assertEquals([await take(slow, 5), await take(quick, 20)], [numbers(5), numbers(20)]);
  assertEquals([slow.tryReceive(), pub.statistics().dropped], [undefined, 15]);
});

test("inproc: a full queue has room again when half of it is free, on the side with the larger high-water mark", async () => {
  for (const [send, receive] of [[6, 2], [1, 6]] as const) {
    await using push = new Push({ sendHighWaterMark: send });
    await using pull = new Pull({ receiveHighWaterMark: receive });
    await link(inproc, push, pull);
    assertEquals(fill(push), send + receive);
    const waiting = push.whenWritable();
    const writable: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      await take(pull, 1);
      writable.push(push.writable);
    }
    assertEquals([send, writable], [send, [false, false, true]]);
    await waiting;
  }
});

test("inproc: raised high-water marks apply immediately, on both sides", async () => {
  await using push = new Push({ sendHighWaterMark: 2 });
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  await link(inproc, push, pull);
  assertEquals(fill(push), 4);
  pull.receiveHighWaterMark = 5;
  await push.whenWritable();
  assertEquals([pull.statistics().held, fill(push)], [4, 3]);
  push.sendHighWaterMark = 4;
  assertEquals(fill(push), 2);
  pull.receiveHighWaterMark = 0;
  assertEquals(fill(push, 100), 100);
  pull.receiveHighWaterMark = 1;
  assertEquals(fill(push), 4);
});

// The end.

test("inproc: all accepted messages reach the peer on close, beyond its high-water mark, for either binding side", async () => {
  for (const binds of [true, false]) {
    for (const linger of [0, 5000, -1]) {
      await using pull = new Pull({ receiveHighWaterMark: 2 });
      const push = new Push({ sendHighWaterMark: 0, linger });
      await (binds ? link(inproc, push, pull) : link(inproc, pull, push));
      assertEquals(fill(push, 1000), 1000);
      assertEquals([await push.close(), pull.statistics().held], [0, 1000]);
      assertEquals(await take(pull, 1000), numbers(1000));
    }
  }
});

test("inproc: all accepted messages reach the peer on disconnect and unbind, for every type that sends", async () => {
  for (const [make, makePeer] of [[Push, Pull], [Dealer, Router], [Pair, Pair]] as const) {
    await using receiver = new makePeer({ receiveHighWaterMark: 2 });
    await using sender = new make({ sendHighWaterMark: 100, linger: 0 });
    const there = await link(inproc, receiver, sender);
    assertEquals(fill(sender), 102);
    sender.disconnect(there);
    assertEquals(receiver.statistics().held, 102);
    await take(receiver, 102);
    await turn();
    const here = await link(inproc, sender, receiver);
    assertEquals(fill(sender), 102);
    await sender.unbind(here);
    assertEquals(receiver.statistics().held, 102);
    await take(receiver, 102);
  }
});

test("inproc: messages that the closing side has not received stay in the sender's queue", async () => {
  await using push = new Push({ sendHighWaterMark: 10, reconnectInterval: 1 });
  const first = new Pull({ receiveHighWaterMark: 2 });
  const endpoint = await link(inproc, first, push);
  assertEquals(fill(push), 12);
  await first.close();
  assertEquals(push.statistics().queued, 10);
  await using second = new Pull();
  await second.bind(endpoint);
  assertEquals(await take(second, 10), numbers(12).slice(2));
});

// Waits.

test("inproc: aborts and timeouts of pending sends cancel only these", async () => {
  await using push = new Push({ sendHighWaterMark: 1 });
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await link(inproc, push, pull);
  assertEquals(fill(push), 2);
  const controller = new AbortController();
  const reason = new Error("enough");
  const taken = ["2", "3", "4"].map((text, i) => push.send(text, i === 1 ? { signal: controller.signal } : {}));
  push.sendTimeout = 1;
  const late = rejectsWith("EAGAIN", () => push.send("5"));
  const given = rejectsWithReason(reason, taken[1]!);
  controller.abort(reason);
  await Promise.all([given, late]);
  assertEquals(await take(pull, 4), ["0", "1", "2", "4"]);
  await Promise.all([taken[0], taken[2]]);
  assertEquals(pull.tryReceive(), undefined);
});

test("inproc: aborts and timeouts of waiting receives lose nothing", async () => {
  await using push = new Push();
  await using pull = new Pull({ receiveTimeout: 1 });
  await link(inproc, push, pull);
  await rejectsWith("EAGAIN", () => pull.receive());
  pull.receiveTimeout = -1;
  const controller = new AbortController();
  const reason = new Error("enough");
  const first = rejectsWithReason(reason, pull.receive({ signal: controller.signal }));
  const second = take(pull, 1);
  controller.abort(reason);
  await push.send("a");
  assertEquals(await second, ["a"]);
  await first;
});

test("inproc: random sends, receives, aborts and losses: each accepted message once, and in order", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("send" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant("receive" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constantFrom("abortSend", "abortReceive", "rebind", "turn") }),
  );
  const marks = fc.integer({ min: 1, max: 4 });
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), marks, marks, randomRun), {
    numRuns: 60,
  });
});

type Step = { readonly do: string; readonly count?: number };

async function randomRun(steps: readonly Step[], send: number, receive: number): Promise<void> {
  const push = new Push({ sendHighWaterMark: send, reconnectInterval: 1, linger: -1 });
  const pull = new Pull({ receiveHighWaterMark: receive });
  const endpoint = inproc.endpoint();
  push.connect(endpoint);
  await pull.bind(endpoint);
  let [sending, receiving] = [new AbortController(), new AbortController()];
  const accepted: string[] = [];
  const received: string[] = [];
  const waits: Promise<unknown>[] = [];
  const receives: Promise<string[]>[] = [];
  let number = 0;
  for (const { do: what, count = 0 } of steps) {
    for (let i = 0; i < count; i++) {
      const text = `${number++}`;
      if (what === "send") {
        waits.push(push.send(text, { signal: sending.signal }).then(() => accepted.push(text), () => {}));
      } else {
        receives.push(pull.receive({ signal: receiving.signal }).then(([got]) => [toText(got)], () => []));
      }
    }
    if (what === "abortSend") {
      sending.abort();
      sending = new AbortController();
    } else if (what === "abortReceive") {
      receiving.abort();
      receiving = new AbortController();
    } else if (what === "rebind") {
      await pull.unbind(endpoint);
      await pull.bind(endpoint);
    } else if (what === "turn") await turn();
  }
  receiving.abort();
  received.push(...(await Promise.all(receives)).flat());
  const rest = (async () => {
    for await (const [got] of pull) received.push(toText(got));
  })();
  await push.waitForPeers(1);
  await push.send("last");
  await push.close();
  while (received.at(-1) !== "last") await turn();
  await pull.close();
  await Promise.all([...waits, rest]);
  // Messages of several connections are received fair-queued.
  const order = steps.some(({ do: what }) => what === "rebind")
    ? (texts: string[]) => texts.toSorted()
    : (texts: string[]) => texts;
  // Calls are served in their order, which is that of the numbers. One that waited resolves a microtask later than it is served,
  // perhaps after a later one that did not.
  accepted.sort((a, b) => Number(a) - Number(b));
  assertEquals(order(received), order([...accepted, "last"]));
}

// Load.

test("inproc: 100,000 messages sent without waiting, received one after the other", async () => {
  await using push = new Push({ sendHighWaterMark: 0 });
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await link(inproc, push, pull);
  assertEquals(fill(push, MANY), MANY);
  for (let i = 0; i < MANY; i++) {
    const message = pull.tryReceive();
    if (toText(message![0]) !== `${i}`) throw new Error(`${message} instead of ${i}`);
  }
  assertEquals(pull.tryReceive(), undefined);
});

test("inproc: 10,000 receives that wait, served by as many sends", async () => {
  await using push = new Push();
  await using pull = new Pull();
  await link(inproc, push, pull);
  const receives = Array.from({ length: WAITING }, () => pull.receive());
  for (let i = 0; i < WAITING; i++) await push.send(`${i}`);
  const received = await Promise.all(receives);
  assertEquals(received.findIndex((message, i) => toText(message[0]) !== `${i}`), -1);
});

test("inproc: 10,000 sends that wait, made as one after the other is received", async () => {
  await using push = new Push({ sendHighWaterMark: 1 });
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await link(inproc, push, pull);
  const sends = Array.from({ length: WAITING }, (_, i) => push.send(`${i}`));
  for (let i = 0; i < WAITING; i++) {
    const [text] = await pull.receive();
    if (toText(text) !== `${i}`) throw new Error(`${toText(text)} instead of ${i}`);
  }
  await Promise.all(sends);
});

test("inproc: 100,000 messages both ways at the same time, and timers fire meanwhile", async () => {
  await using one = new Pair();
  await using other = new Pair();
  await link(inproc, one, other);
  let done = 0;
  const alive = timerFires(() => done === 4);
  await Promise.all([one, other].flatMap((socket) => [
    (async () => {
      for (let i = 0; i < MANY; i++) await socket.send(`${i}`);
      done++;
    })(),
    (async () => {
      for (let i = 0; i < MANY; i++) {
        const [text] = await socket.receive();
        if (toText(text) !== `${i}`) throw new Error(`${toText(text)} instead of ${i}`);
      }
      done++;
    })(),
  ]));
  assertEquals(await alive, true);
}, { timeout: 30_000 });

test("inproc: 50,000 requests and replies, and timers fire meanwhile", async () => {
  await using request = new Request();
  const reply = new Reply();
  await link(inproc, reply, request);
  const serving = (async () => {
    for await (const [text] of reply) await reply.send(text);
  })();
  let done = false;
  const alive = timerFires(() => done);
  for (let i = 0; i < MANY / 2; i++) {
    await request.send(`${i}`);
    const [text] = await request.receive();
    if (toText(text) !== `${i}`) throw new Error(`${toText(text)} instead of ${i}`);
  }
  done = true;
  await reply.close();
  await serving;
  assertEquals(await alive, true);
}, { timeout: 30_000 });

/** Returns whether a timer of 0 ms fires before something is over. */
function timerFires(over: () => boolean): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(!over()), 0));
}

test("inproc: a chain of 100 sockets passes 1,000 messages on", async () => {
  const first = new Push();
  const last = new Pull();
  const sockets: Socket[] = [first, last];
  const relays: Promise<void>[] = [];
  let from: Push = first;
  for (let hop = 0; hop < 100; hop++) {
    const pull = new Pull();
    const push = new Push();
    await link(inproc, pull, from);
    relays.push((async () => {
      for await (const message of pull) await push.send(message);
    })());
    sockets.push(pull, push);
    from = push;
  }
  await link(inproc, last, from);
  for (const text of numbers(1000)) await first.send(text);
  assertEquals(await take(last, 1000), numbers(1000));
  for (const socket of sockets) assert(await socket.close() === 0);
  await Promise.all(relays);
});
