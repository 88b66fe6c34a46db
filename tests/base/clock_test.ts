// A process of its own: it replaces the timers of the process.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { assert, assertEquals } from "@std/assert";
import { LONGEST_TIMER, microtask, systemClock, type Timer } from "../../src/base/clock.ts";
import { isFake, UnfakedTimer } from "../../src/base/fake_timers.ts";
import { messageTurn } from "../../src/base/message_turn.ts";
import { Hold } from "../../src/transport/hold.ts";
import { test } from "../support/harness.ts";

const after = (ms: number) => new Promise<void>((resolve) => void systemClock.timer(ms, resolve));

test("clock: time does not go back, and a timer is not early", async () => {
  const before = systemClock.now();
  await after(20);
  // Runtimes round a timer's time down to whole ms.
  assert(systemClock.now() - before >= 19);
});

test("clock: a canceled timer does not call, and canceling one that has called does nothing", async () => {
  let calls = 0;
  const early = systemClock.timer(1, () => calls++);
  early.cancel();
  early.cancel();
  const done = await new Promise<Timer>((resolve) => {
    const timer = systemClock.timer(2, () => resolve(timer));
  });
  done.cancel();
  assertEquals(calls, 0);
});

test("clock: turns come in order, after all promises of the current turn", async () => {
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    systemClock.turn(() => order.push("turn"));
    systemClock.turn(resolve);
  });
  microtask(() => order.push("microtask"));
  await Promise.resolve().then(() => {}).then(() => order.push("promises"));
  await done;
  assertEquals(order, ["microtask", "promises", "turn"]);
});

test("clock: random numbers are at least 0 and less than 1", () => {
  for (let i = 0; i < 100; i++) assert(systemClock.random() >= 0 && systemClock.random() < 1);
});

test("clock: the longest timer does not fire immediately", async () => {
  let fired = false;
  const timer = systemClock.timer(LONGEST_TIMER, () => fired = true);
  await after(5);
  assertEquals(fired, false);
  timer.cancel();
});

test("clock: the process is held and released repeatedly", () => {
  const hold = new Hold();
  hold.release();
  hold.hold();
  hold.hold();
  hold.release();
  hold.release();
});

/** As `node:test` makes its fakes. */
class MockTimers {
  readonly fake = this.#createTimer.bind(this);

  #createTimer(): void {}
}

test("fake timers are recognized by their properties", () => {
  assertEquals([setTimeout, queueMicrotask, Math.random].map(isFake), [false, false, false]);
  assertEquals(isFake(Object.assign(() => {}, { clock: {} })), true);
  assertEquals(isFake(Object.assign(() => {}, { _isMockFunction: true })), true);
  assertEquals(isFake(new MockTimers().fake), true);
  // As polyfills and test environments do.
  assertEquals([setTimeout, queueMicrotask].map((real) => isFake(real.bind(globalThis))), [false, false]);
});

test("a wait without fake timers ends in time, or is canceled", async () => {
  assert(UnfakedTimer.possible);
  const started = systemClock.now();
  let calls = 0;
  const timer = new UnfakedTimer(1, () => calls++);
  timer.cancel();
  timer.cancel();
  await new Promise<void>((resolve) => void new UnfakedTimer(20, resolve));
  assert(systemClock.now() - started >= 19);
  assertEquals(calls, 0);
});

/** `turn` as it is where there is no `setImmediate`. */
function withoutImmediate(): { turn: (callback: () => void) => void; close(): void } {
  const channels: [MessageChannel, MessageChannel] = [new MessageChannel(), new MessageChannel()];
  return {
    turn: messageTurn(channels),
    close: () => channels.forEach(({ port1, port2 }) => [port1, port2].forEach((port) => port.close())),
  };
}

test("turns by messages come in order, each after all promises, and one that throws does not affect others", async () => {
  const thrown: (() => void)[] = [];
  const ports = [0, 1].map(() => ({ onmessage: null as (() => void) | null }));
  const sent: number[] = [];
  const [first, second] = ports.map((port1, i) => ({ port1, port2: { postMessage: () => void sent.push(i) } }));
  const turn = messageTurn([first!, second!]);
  const order: string[] = [];
  const boom = () => {
    order.push("boom");
    turn(() => order.push("last"));
    throw new Error("boom");
  };
  for (const callback of [() => order.push("first"), boom, () => order.push("second")]) turn(callback);
  const deliver = () => ports[sent.at(-1)!]!.onmessage!();
  try {
    deliver();
  } catch (error) {
    thrown.push(() => {
      throw error;
    });
  }
  assertEquals([order, sent, thrown.length], [["first", "boom"], [0, 1], 1]);
  deliver();
  assertEquals([order, sent], [["first", "boom", "second", "last"], [0, 1]]);

  const real = withoutImmediate();
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    real.turn(() => {
      seen.push("turn");
      Promise.resolve().then(() => seen.push("promise"));
      real.turn(() => seen.push("next turn"));
      real.turn(resolve);
    });
    seen.push("now");
  });
  real.close();
  assertEquals(seen, ["now", "turn", "promise", "next turn"]);
});

test("turns by messages do not starve sockets and timers", async () => {
  const { turn, close } = withoutImmediate();
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(client, "connect");
  let over = false;
  let turns = 0;
  const busy = () => {
    if (over) return;
    turns++;
    for (const started = performance.now(); performance.now() - started < 0.2;);
    turn(busy);
  };
  turn(busy);
  const ECHOES = 10;
  try {
    for (let i = 0; i < ECHOES; i++) {
      const echo = once(client, "data");
      client.write("x");
      await echo;
      await after(1);
    }
    // One channel alone would give a thousand turns on Node, and all of them on Bun, before sockets are looked at.
    assert(turns < ECHOES * 400, `${turns} turns for ${ECHOES} echoes`);
  } finally {
    over = true;
    client.destroy();
    server.close();
    await once(server, "close");
    close();
  }
});
