/**
 * Round-robin sending and fair-queued receiving, with peers that fill up, empty, connect and disconnect.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { FairQueue } from "../../src/routing/fair_queue.ts";
import { LoadBalancer } from "../../src/routing/load_balancer.ts";
import { PullPattern } from "../../src/routing/pull.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

const NOBODY = new PullPattern();
const pipesOf = (names: string) => [...names].map((name) => new FakePipe(NOBODY, name));

function balancer(names: string): { out: LoadBalancer; pipes: FakePipe[]; send: () => string } {
  const out = new LoadBalancer();
  const pipes = pipesOf(names);
  for (const pipe of pipes) out.add(pipe);
  return { out, pipes, send: () => (out.send(message("m")) as FakePipe | undefined)?.name ?? "-" };
}

const times = (count: number, fn: () => string) => Array.from({ length: count }, fn).join("");

test("messages go to one pipe after another", () => {
  const { send } = balancer("abc");
  assertEquals(times(7, send), "abcabca");
});

test("nothing is sent without pipes, or when all are full", () => {
  assertEquals(balancer("").send(), "-");
  const { pipes, send } = balancer("ab");
  for (const pipe of pipes) pipe.room = 2;
  assertEquals(times(6, send), "abab--");
});

test("a full pipe is skipped, and not asked again, until it has room", () => {
  const { out, pipes, send } = balancer("abc");
  pipes[1]!.room = 0;
  assertEquals(times(4, send), "acac");
  pipes[1]!.room = 1;
  assertEquals(times(2, send), "ac");
  out.activate(pipes[1]!);
  assertEquals([...times(3, send)].sort().join(""), "abc");
});

test("activating a pipe that is active or unknown changes nothing", () => {
  const { out, pipes, send } = balancer("ab");
  out.activate(pipes[0]!);
  out.activate(new FakePipe(NOBODY, "x"));
  assertEquals(times(4, send), "abab");
  for (const pipe of pipes) out.remove(pipe);
  out.activate(pipes[0]!);
  assertEquals(send(), "-");
});

test("an added pipe gets messages immediately, a removed one never again", () => {
  const { out, pipes, send } = balancer("ab");
  const late = new FakePipe(NOBODY, "c");
  out.add(late);
  assertEquals(times(3, send), "abc");
  out.remove(pipes[0]!);
  out.remove(pipes[0]!);
  assertEquals([...times(4, send)].sort().join(""), "bbcc");
  assertEquals(pipes[0]!.sent.length, 1);
});

test("removing a pipe at any position neither starves another pipe nor serves it twice", () => {
  for (let turns = 0; turns < 5; turns++) {
    for (let at = 0; at < 4; at++) {
      const { out, pipes, send } = balancer("abcd");
      times(turns, send);
      out.remove(pipes[at]!);
      const left = "abcd".replace(pipes[at]!.name, "");
      assertEquals([...times(3, send)].sort().join(""), left, `removed ${at} after ${turns}`);
      assertEquals([...times(3, send)].sort().join(""), left);
    }
  }
});

test("it is writable as long as any pipe has room, and reading this does not change the order", () => {
  assertEquals(balancer("").out.writable, false);
  const { out, pipes, send } = balancer("abc");
  assertEquals([out.writable, out.writable, send(), out.writable, send()], [true, true, "a", true, "b"]);
  pipes[2]!.room = 0;
  assertEquals([out.writable, times(4, send)], [true, "abab"]);
  for (const pipe of pipes) pipe.room = 0;
  assertEquals([out.writable, send()], [false, "-"]);
  pipes[1]!.room = 1;
  // Not notified yet: the pipe is not asked again before that.
  assertEquals(out.writable, false);
  out.activate(pipes[1]!);
  assertEquals([out.writable, pipes[1]!.sent.length, send(), out.writable], [true, 3, "b", false]);
});

test("asking whether it is writable does not change whose turn it is, wherever pipes are full", () => {
  for (let full = 0; full < 8; full++) {
    for (let turns = 0; turns < 3; turns++) {
      const orders = [true, false].map((asks) => {
        const { out, pipes, send } = balancer("abc");
        times(turns, send);
        for (const [i, pipe] of pipes.entries()) if ((full >> i) & 1) pipe.room = 0;
        return times(6, () => (asks && assertEquals(out.writable, full < 7), send()));
      });
      assertEquals(orders[0], orders[1], `full: ${full}, after ${turns}`);
    }
  }
});

test("property: no message is lost, sent twice or sent to a full or closed pipe, and shares are even", () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.constant("send" as const) },
    { weight: 1, arbitrary: fc.constant("ask" as const) },
    { weight: 1, arbitrary: fc.record({ fill: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ drain: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ add: fc.nat(5) }) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const out = new LoadBalancer();
    const all = pipesOf("abcdef");
    const there = new Set<FakePipe>();
    let sent = 0;
    for (const one of steps) {
      if (one === "send") {
        const open = [...there].filter((pipe) => pipe.room > 0);
        const pipe = out.send(message("m")) as FakePipe | undefined;
        assertEquals(pipe !== undefined, open.length > 0);
        if (pipe !== undefined) {
          assertEquals(open.includes(pipe), true);
          sent++;
        }
      } else if (one === "ask") {
        assertEquals(out.writable, [...there].some((pipe) => pipe.room > 0));
      } else if ("fill" in one) {
        all[one.fill]!.room = 0;
      } else if ("drain" in one) {
        all[one.drain]!.room = Infinity;
        out.activate(all[one.drain]!);
      } else if ("remove" in one) {
        out.remove(all[one.remove]!);
        there.delete(all[one.remove]!);
      } else if (!there.has(all[one.add]!)) {
        out.add(all[one.add]!);
        there.add(all[one.add]!);
      }
    }
    assertEquals(all.reduce((sum, pipe) => sum + pipe.sent.length, 0), sent);
    // Once the full pipes are known, a round serves each of the others exactly once.
    const open = [...there].filter((pipe) => pipe.room > 0);
    const round = () => open.map(() => (out.send(message("m")) as FakePipe).name).sort().join("");
    round();
    assertEquals(round(), open.map(({ name }) => name).sort().join(""));
  }));
});

/** A fair queue over pipes that notify it when they fill. */
function fairQueue(names: string): { queue: FairQueue; pipes: FakePipe[]; receive: () => string } {
  const queue = new FairQueue();
  const pattern = new PullPattern();
  pattern.pipeReadable = (pipe) => queue.activate(pipe);
  const pipes = [...names].map((name) => new FakePipe(pattern, name));
  return { queue, pipes, receive: () => texts(queue.receive())?.join() ?? "-" };
}

const fill = (pipe: FakePipe, count: number) => {
  for (let i = 0; i < count; i++) pipe.deliver([bytes(pipe.name)]);
};

test("messages are taken from one pipe after another, so that a busy peer does not starve a quiet one", () => {
  const { pipes: [a, b, c], receive } = fairQueue("abc");
  fill(a!, 5);
  fill(b!, 1);
  fill(c!, 2);
  assertEquals(times(9, receive), "abcacaaa-");
});

test("a pipe that fills again is queued behind the waiting ones", () => {
  const { pipes: [a, b], receive } = fairQueue("ab");
  fill(a!, 2);
  assertEquals(receive(), "a");
  fill(b!, 2);
  assertEquals(times(3, receive), "abb");
  fill(b!, 1);
  fill(a!, 1);
  assertEquals(times(3, receive), "ba-");
});

test("the pipe of the last message is known, also when others are asked or nothing is left", () => {
  const { queue, pipes: [a, b], receive } = fairQueue("ab");
  assertStrictEquals(queue.last, undefined);
  fill(a!, 2);
  fill(b!, 1);
  receive();
  assertStrictEquals(queue.last, a);
  assertEquals(queue.readable, true);
  assertStrictEquals(queue.last, a);
  receive();
  assertStrictEquals(queue.last, b);
  times(2, receive);
  assertEquals(queue.readable, false);
  assertStrictEquals(queue.last, a);
});

test("it is readable as long as any pipe holds a message, and reading this does not change the order", () => {
  const { queue, pipes: [a, b], receive } = fairQueue("ab");
  assertEquals(queue.readable, false);
  fill(a!, 2);
  fill(b!, 2);
  const seen = times(5, () => `${queue.readable ? "+" : "-"}${receive()}`);
  assertEquals(seen, "+a+b+a+b--");
  fill(b!, 1);
  assertEquals([queue.readable, receive(), queue.readable], [true, "b", false]);
});

test("a pipe that lost its messages meanwhile is skipped, and served when it fills again", () => {
  const { queue, pipes: [a, b], receive } = fairQueue("ab");
  fill(a!, 1);
  fill(b!, 1);
  a!.tryReceive();
  assertEquals(queue.readable, true);
  b!.tryReceive();
  assertEquals([queue.readable, receive()], [false, "-"]);
  fill(a!, 2);
  fill(b!, 1);
  assertEquals(times(4, receive), "aba-");
});

test("checking for messages while one is being received loses none of the messages of other pipes", () => {
  const { queue, pipes: [a, b], receive } = fairQueue("ab");
  // The last message of `a` is taken, its peer goes on and sends to `b`, whose owner asks.
  a!.onTaken = () => {
    a!.onTaken = () => {};
    fill(b!, 1);
    assertEquals(queue.readable, true);
  };
  fill(a!, 1);
  assertEquals(times(3, receive), "ab-");
});

test("a pipe that fills while it is being emptied is not listed twice", () => {
  const { queue, pipes: [a, b], receive } = fairQueue("ab");
  const tryReceive = a!.tryReceive.bind(a);
  let refills = 3;
  a!.tryReceive = () => {
    const taken = tryReceive();
    if (refills-- > 0) fill(a!, 1);
    return taken;
  };
  fill(a!, 1);
  fill(b!, 4);
  assertEquals([times(8, receive), queue.readable, receive()], ["abababab", false, "-"]);
});

test("property: every message is received once, in the order of its pipe, and no pipe waits longer than a round", () => {
  const step = fc.oneof(fc.nat(3), fc.constantFrom("receive" as const, "receive" as const, "ask" as const));
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const { queue, pipes, receive } = fairQueue("abcd");
    const waiting = pipes.map(() => [] as number[]);
    const passed = [0, 0, 0, 0];
    let serial = 0;
    const take = () => {
      const got = receive();
      if (got === "-") return assertEquals(waiting.flat(), []);
      const [name, number] = [got[0]!, Number(got.slice(1))];
      const from = "abcd".indexOf(name);
      assertStrictEquals(waiting[from]!.shift(), number);
      for (const i of passed.keys()) passed[i] = i === from || waiting[i]!.length === 0 ? 0 : passed[i]! + 1;
      assertEquals(passed.every((count) => count <= 2 * pipes.length), true);
    };
    for (const step of steps) {
      if (step === "receive") {
        take();
      } else if (step === "ask") {
        assertEquals(queue.readable, waiting.some((list) => list.length > 0));
      } else {
        waiting[step]!.push(serial);
        pipes[step]!.deliver([bytes(`${"abcd"[step]}${serial++}`)]);
      }
    }
    while (waiting.some((list) => list.length > 0)) take();
    assertEquals(receive(), "-");
  }));
});
