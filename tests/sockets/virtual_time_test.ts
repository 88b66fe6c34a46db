/**
 * Sockets of a context with its own clock: every wait uses it, and none uses the runtime's.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Dealer,
  poll,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Requester,
  Router,
  XPublisher,
} from "../../mod.ts";
import { ZmqError } from "../../mod.ts";
import { systemClock } from "../../src/base/clock.ts";
import { clockOf, contextOn } from "../../src/engine/context.ts";
import { Context } from "../../mod.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { memoryLinks } from "../support/memory_link.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { take } from "./support.ts";

/** The current state of a promise. */
function watch<T>(promise: Promise<T>): { readonly promise: Promise<T>; state: "pending" | "resolved" | "rejected" } {
  const watched = { promise, state: "pending" as "pending" | "resolved" | "rejected" };
  promise.then(() => watched.state = "resolved", () => watched.state = "rejected");
  return watched;
}

/** Counts what is asked of the runtime's clock. */
function spySystemClock(): { readonly asked: string[]; restore(): void } {
  const asked: string[] = [];
  const original = { ...systemClock };
  for (const name of ["now", "timer", "turn", "random"] as const) {
    (systemClock as unknown as Record<string, unknown>)[name] = (...args: never[]) => {
      // Except the turn by which the virtual clock itself waits for promises, and the timer that keeps the process
      // alive.
      if (!/virtual_clock|process_hold/.test(new Error().stack!)) asked.push(name);
      return (original[name] as (...args: never[]) => unknown)(...args);
    };
  }
  return { asked, restore: () => void Object.assign(systemClock, original) };
}

/** A test whose sockets share a virtual clock; in the end the runtime's was not asked for anything, and no timer is left. */
function virtualTest(name: string, body: (clock: VirtualClock, context: Context) => Promise<void>): void {
  test(`virtual time: ${name}`, async () => {
    const clock = new VirtualClock();
    const system = spySystemClock();
    try {
      await body(clock, contextOn(clock));
      await clock.advance(60_000);
      assertEquals([system.asked, clock.pending], [[], 0]);
    } finally {
      system.restore();
    }
  });
}

/** Closes sockets, which may need time to pass. */
async function close(clock: VirtualClock, ...sockets: { close(): Promise<unknown> }[]): Promise<void> {
  const closed = Promise.all(sockets.map((socket) => socket.close()));
  await clock.advance(10_000);
  await closed;
}

virtualTest("a timeout of receive, send and poll is over to the millisecond", async (clock, context) => {
  const pull = new Pull({ context, receiveTimeout: 86_400_000 }).unref();
  const push = new Push({ context, sendTimeout: 1000 }).unref();
  const received = watch(pull.receive());
  const sent = watch(push.send("nobody"));
  const polled = watch(poll([pull], { timeout: 500 }));
  await clock.advance(499);
  assertEquals([received.state, sent.state, polled.state], ["pending", "pending", "pending"]);
  await clock.advance(1);
  assertEquals([await polled.promise, sent.state], [[], "pending"]);
  await clock.advance(499);
  assertEquals(sent.state, "pending");
  await clock.advance(1);
  await assertRejects(() => sent.promise, ZmqError, "within 1000 ms");
  await clock.advance(86_400_000 - 1001);
  assertEquals(received.state, "pending");
  await clock.advance(1);
  await assertRejects(() => received.promise, ZmqError, "within 86400000 ms");
  await close(clock, pull, push);
});

virtualTest("close gives up after linger", async (clock, context) => {
  const push = new Push({ context, linger: 5000 }).unref();
  push.connect("inproc://nobody");
  await push.send("lost");
  const closed = watch(push.close());
  await clock.advance(4999);
  assertEquals(closed.state, "pending");
  await clock.advance(1);
  assertEquals(await closed.promise, 1);
});

virtualTest("attempts to connect come back after the intervals that chance gives", async (clock, context) => {
  const transport = new PlayedTransport();
  transport.refuse();
  const push = new Push({ context, reconnectInterval: 1000, reconnectMaxInterval: 60_000 }).unref();
  const intervals: number[] = [];
  push.events.listen((event) => event.type === "connect:retry" && intervals.push(event.interval));
  push.connect(transport.endpoint);
  await clock.settle();
  for (let attempt = 1; attempt < 9; attempt++) {
    assertEquals([transport.connects.length, intervals.length], [attempt, attempt]);
    await clock.advance(intervals.at(-1)! - 1);
    assertEquals(transport.connects.length, attempt);
    await clock.advance(1);
  }
  // Another clock with the same seed deals the same intervals.
  const chance = new VirtualClock();
  assertEquals(
    intervals,
    [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000].map((interval) => {
      return Math.round(interval * (0.5 + 0.5 * chance.random()));
    }),
  );
  await close(clock, push);
});

virtualTest("an attempt to connect is given up after connectTimeout", async (clock, context) => {
  const transport = new PlayedTransport();
  const push = new Push({ context, connectTimeout: 3000, reconnectInterval: 1000 }).unref();
  push.connect(transport.endpoint);
  await clock.advance(2999);
  assertEquals(transport.connects[0]!.options.signal!.aborted, false);
  await clock.advance(1);
  assertEquals(transport.connects[0]!.options.signal!.aborted, true);
  await clock.advance(2000);
  assertEquals(transport.connects.length, 2);
  await close(clock, push);
});

virtualTest("a mute peer has handshakeInterval", async (clock, context) => {
  const pull = new Pull({ context, handshakeInterval: 30_000 }).unref();
  const errors: unknown[] = [];
  pull.events.listen((event) => event.type === "handshake:error:other" && errors.push((event.error as ZmqError).code));
  const link = new FakeLink();
  pull.attach(link);
  await clock.advance(29_999);
  assertEquals([errors, link.aborts.length], [[], 0]);
  await clock.advance(1);
  assertEquals([errors, link.aborts.length], [["ETIMEDOUT"], 1]);
  await close(clock, pull);
});

virtualTest(
  "heartbeats keep a connection for a day, and find in time that the network is gone",
  async (clock, context) => {
    const options = { context, heartbeatInterval: 60_000, heartbeatTimeout: 20_000 };
    const [dealer, router] = [new Dealer({ ...options, routingId: "d" }).unref(), new Router(options).unref()];
    const ends: number[] = [];
    for (const socket of [dealer, router]) {
      socket.events.listen(({ type }) => type.startsWith("disconnect") && ends.push(clock.now()));
    }
    const network = { clock, dark: false };
    const links = memoryLinks("here", "there", network);
    dealer.attach(links[0]);
    router.attach(links[1]);
    await clock.advance(86_400_000);
    assertEquals([dealer.peerCount, router.peerCount, ends], [1, 1, []]);
    await dealer.send("a day later");
    await clock.settle();
    assertEquals(router.tryReceive()!.length, 2);
    network.dark = true;
    const from = clock.now();
    await clock.advance(79_999);
    await clock.advance(1);
    assertEquals([dealer.peerCount, router.peerCount, ends.length], [0, 0, 2]);
    assert(ends.every((at) => at - from >= 20_000 && at - from <= 80_000), `${ends} after ${from}`);
    await close(clock, dealer, router);
  },
);

virtualTest("close waits for a peer that has gone dark as long as linger", async (clock, context) => {
  const push = new Push({ context, linger: 7000 }).unref();
  const pull = new Pull({ context }).unref();
  const network = { clock, dark: false };
  const links = memoryLinks("here", "there", network);
  push.attach(links[0]);
  pull.attach(links[1]);
  await clock.settle();
  await push.send("read or not");
  network.dark = true;
  const closed = watch(push.close());
  await clock.advance(6999);
  assertEquals(closed.state, "pending");
  await clock.advance(1001);
  assertEquals(closed.state, "resolved");
  await close(clock, pull);
});

virtualTest("a requester without a server waits its whole timeout, once", async (clock, context) => {
  const transport = new PlayedTransport();
  const requester = new Requester(transport.endpoint, { context, timeout: 1000, retries: 2 }).unref();
  const reply = watch(requester.request("anybody?"));
  await clock.advance(999);
  assertEquals(reply.state, "pending");
  await clock.advance(1);
  await assertRejects(
    () => reply.promise,
    ZmqError,
    "Cannot send the request within 1000 ms: no server is connected",
  );
  await close(clock, requester);
});

for (const retries of [0, 1, 2, 4]) {
  virtualTest(`a requester with ${retries} retries: all attempts within one timeout`, async (clock, context) => {
    const router = new Router({ context }).unref();
    const endpoint = await router.bind("inproc://silent");
    const requester = new Requester(endpoint, { context, timeout: 1000, ...retries > 0 && { retries } }).unref();
    await clock.settle();
    const reply = watch(requester.request("anybody?"));
    const arrivals: number[] = [];
    for (let time = 0; time < 1000; time++) {
      while (router.tryReceive() !== undefined) arrivals.push(time);
      await clock.advance(1);
      assertEquals(reply.state, time < 999 ? "pending" : "rejected");
    }
    assertEquals(arrivals, Array.from({ length: retries + 1 }, (_, i) => Math.ceil(i * 1000 / (retries + 1))));
    const attempts = retries === 0 ? "the request" : `any of ${retries + 1} attempts`;
    await assertRejects(() => reply.promise, ZmqError, `No reply to ${attempts} within 1000 ms`);
    await close(clock, requester, router);
  });
}

virtualTest("a requester whose server comes late sends once, however many retries were due", async (clock, context) => {
  const requester = new Requester("inproc://late", { context, timeout: 1000, retries: 9 }).unref();
  const reply = watch(requester.request("hello"));
  await clock.advance(750);
  const router = new Router({ context }).unref();
  await router.bind("inproc://late");
  await clock.settle();
  const first = await router.receive();
  assertEquals(router.tryReceive(), undefined);
  await router.send(first);
  await clock.settle();
  assertEquals(reply.state, "resolved");
  await close(clock, requester, router);
});

virtualTest("a proxy, publishers and a loop that never waits go on by its turns", async (clock, context) => {
  const [front, back] = [new Router({ context }).unref(), new Dealer({ context }).unref()];
  const [request, reply] = [new Request({ context }).unref(), new Reply({ context }).unref()];
  const [publisher, xpublisher] = [new Publisher({ context }).unref(), new XPublisher({ context }).unref()];
  const [push, pull] = [new Push({ context, sendHighWaterMark: 0 }).unref(), new Pull({ context }).unref()];
  request.connect(await front.bind("inproc://front"));
  reply.connect(await back.bind("inproc://back"));
  push.connect(await pull.bind("inproc://loop"));
  const proxy = new Proxy(front, back);
  const running = proxy.run();
  const answering = (async () => {
    for (let i = 0; i < 3; i++) await reply.send(await reply.receive());
  })();
  const asking = (async () => {
    for (let i = 0; i < 3; i++) {
      await request.send(`${i}`);
      assertEquals(await take(request, 1), [`${i}`]);
    }
  })();
  const loop = (async () => {
    for (let i = 0; i < 10_000; i++) await push.send("many");
  })();
  const taking = take(pull, 10_000);
  const all = watch(Promise.all([answering, asking, loop, taking]));
  for (let i = 0; i < 100 && all.state === "pending"; i++) await clock.settle();
  await all.promise;
  proxy.terminate();
  await running;
  await close(clock, front, back, request, reply, publisher, xpublisher, push, pull);
});

test("contexts without a clock of their own share the one of the runtime, and its counts", () => {
  assert(clockOf(new Context()) === clockOf(new Context()));
});
