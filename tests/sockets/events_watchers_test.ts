/**
 * Listeners and iterators of a socket's events: any number of them, without effect on each other or on the socket.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { Pull, Push, type Socket, type SocketEvent, type SocketStatistics } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { ANY, Child, type EventType, take } from "./support.ts";

/** All events up to the end. */
async function all(socket: Socket): Promise<SocketEvent[]> {
  const events: SocketEvent[] = [];
  for await (const event of socket.events) events.push(event);
  return events;
}

/** One event each. */
function happen(socket: Socket, times: number): void {
  for (let i = 0; i < times; i++) socket.attach(new FakeLink());
}

/** Counts events by type. */
function tally(events: readonly SocketEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

test("any number of listeners and iterators see the same events, in the same order", async () => {
  const pull = new Pull();
  const heard: SocketEvent[][] = Array.from({ length: 20 }, () => []);
  for (const list of heard) pull.events.listen((event) => list.push(event));
  const iterated = Array.from({ length: 20 }, () => all(pull));
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  await push.send("hello");
  await take(pull, 1);
  await pull.close();
  const [first] = heard;
  assertEquals(first!.map(({ type }) => type), ["bind", "accept", "handshake", "close", "disconnect:local", "end"]);
  for (const list of [...heard, ...await Promise.all(iterated)]) {
    assertEquals(list.length, first!.length);
    for (const [i, event] of list.entries()) assertStrictEquals(event, first![i]);
  }
});

test("listeners are called immediately, in the order in which they were added", async () => {
  await using pull = new Pull();
  const calls: string[] = [];
  for (const name of ["a", "b", "c"]) pull.events.listen(({ type }) => calls.push(`${name} ${type}`));
  happen(pull, 1);
  assertEquals(calls, ["a accept", "b accept", "c accept"]);
});

test("a listener may remove itself or another one during an event", async () => {
  await using pull = new Pull();
  const calls: string[] = [];
  const stopFirst = pull.events.listen(() => {
    calls.push("first");
    stopFirst();
    stopThird();
  });
  pull.events.listen(() => calls.push("second"));
  const stopThird = pull.events.listen(() => calls.push("third"));
  happen(pull, 2);
  assertEquals(calls, ["first", "second", "second"]);
});

test("a listener that is added again during an event gets the next event, not the same one again", async () => {
  await using pull = new Pull();
  let calls = 0;
  const once = () => {
    const stop = pull.events.listen(() => {
      stop();
      // So that a test that fails has an end.
      if (++calls < 100) once();
    });
  };
  once();
  happen(pull, 1);
  assertEquals(calls, 1);
  happen(pull, 2);
  assertEquals(calls, 3);
});

test("an iterator that is created during an event begins with the next one", async () => {
  await using pull = new Pull();
  let iterator: AsyncIterator<SocketEvent, undefined> | undefined;
  pull.events.listen(() => iterator ??= pull.events[Symbol.asyncIterator]());
  happen(pull, 1);
  const endpoint = await pull.bind(ANY);
  assertEquals(await iterator!.next(), { done: false, value: { type: "bind", endpoint } });
  await iterator!.return!();
});

test("a listener that throws: the error is uncaught, other listeners and the socket continue", async () => {
  await using child = new Child("throwing_listener_child.ts");
  const lines: string[] = [];
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
  assertEquals(await child.exit(), 0);
  const types = ["bind", "accept", "handshake", "disconnect", "close", "end"];
  assertEquals(lines.filter((line) => !line.startsWith("uncaught: ")), [
    "received: hello",
    `the other listener: ${types.join(" ")}`,
  ]);
  assertEquals(lines.filter((line) => line.startsWith("uncaught: ")), types.map((type) => `uncaught: ${type}`));
}, { timeout: 30_000 });

test("iterators: several pending nexts get one event each, in order; the end resolves the rest", async () => {
  const pull = new Pull();
  const iterator = pull.events[Symbol.asyncIterator]();
  const nexts = Array.from({ length: 5 }, () => iterator.next());
  await pull.bind("inproc://nexts");
  await pull.close();
  const results = await Promise.all(nexts);
  assertEquals(results.map(({ done, value }) => done ? "done" : value.type), ["bind", "close", "end", "done", "done"]);
  assertEquals(await iterator.next(), { done: true, value: undefined });
});

test("an iterator that is left: its waiting next ends, it holds nothing more, and the others continue", async () => {
  await using pull = new Pull();
  const left = pull.events[Symbol.asyncIterator]();
  const stays = pull.events[Symbol.asyncIterator]();
  const waiting = left.next();
  assertEquals(await left.return!(), { done: true, value: undefined });
  assertEquals(await waiting, { done: true, value: undefined });
  happen(pull, 3);
  assertEquals(await left.next(), { done: true, value: undefined });
  assertEquals((await stays.next()).value?.type, "accept");
  await stays.return!();
  // Its queued events are dropped, too, and leaving it twice does no harm.
  assertEquals(await stays.next(), { done: true, value: undefined });
  await stays.return!();
});

test("a loop that is left by break, return or throw ends its iteration alone", async () => {
  const pull = new Pull();
  const whole = all(pull);
  const loops = [
    (async () => {
      for await (const _event of pull.events) break;
    })(),
    (async () => {
      for await (const { type } of pull.events) return type;
    })(),
    (async () => {
      for await (const { type } of pull.events) throw new Error(type);
    })().catch((error: Error) => error.message),
  ];
  happen(pull, 2);
  assertEquals(await Promise.all(loops), [undefined, "accept", "accept"]);
  await pull.close();
  assertEquals(tally(await whole), { "accept": 2, "disconnect:local": 2, "end": 1 });
});

test("missed: exactly as many as there was no room for, each time anew, in the place of those that are missing", async () => {
  const pull = new Pull();
  const iterator = pull.events[Symbol.asyncIterator]();
  const types = async (count: number) => {
    const list: EventType[] = [];
    for (let i = 0; i < count; i++) list.push((await iterator.next()).value!.type);
    return list;
  };
  happen(pull, 1000);
  // Nothing is missed yet.
  assertEquals(new Set(await types(1000)), new Set(["accept"]));
  happen(pull, 1001);
  assertEquals((await iterator.next()).value, { type: "missed", count: 1 });
  assertEquals(new Set(await types(500)), new Set(["accept"]));
  happen(pull, 777);
  assertEquals((await iterator.next()).value, { type: "missed", count: 277 });
  assertEquals(new Set(await types(1000)), new Set(["accept"]));
  // One that waits misses nothing.
  const next = iterator.next();
  happen(pull, 1001);
  assertEquals((await next).value?.type, "accept");
  assertEquals(new Set(await types(1000)), new Set(["accept"]));
  await iterator.return!();
  await pull.close();
});

test("missed: a slow iterator does not make another one miss events; listeners never miss any", async () => {
  const pull = new Pull();
  const late = pull.events[Symbol.asyncIterator]();
  const prompt: SocketEvent[] = [];
  const loop = (async () => {
    for await (const event of pull.events) if (prompt.push(event) === 1800) break;
  })();
  const heard: SocketEvent[] = [];
  const stop = pull.events.listen((event) => heard.push(event));
  for (let i = 0; i < 3; i++) {
    happen(pull, 600);
    await turn();
  }
  stop();
  await loop;
  assertEquals([tally(heard), tally(prompt)], [{ accept: 1800 }, { accept: 1800 }]);
  assertEquals((await late.next()).value, { type: "missed", count: 800 });
  await late.return!();
  await pull.close();
});

/** The part that is equal in two runs, without the ports. */
function essence({ peers, ...sums }: SocketStatistics) {
  return { ...sums, peers: peers.map(({ endpoint: _endpoint, remote: _remote, ...rest }) => rest) };
}

test("a socket without listeners behaves like one with listeners", async () => {
  const runs = [];
  for (const watched of [false, true]) {
    const pull = new Pull({ receiveHighWaterMark: 3 });
    const push = new Push({ reconnectInterval: 1 });
    const watching: Promise<unknown>[] = [];
    for (const socket of watched ? [pull, push] : []) {
      watching.push(all(socket));
      socket.events.listen(() => {});
      // Never read.
      socket.events[Symbol.asyncIterator]();
    }
    const endpoint = await pull.bind(ANY);
    push.connect(endpoint);
    await push.waitForPeers(1);
    for (let i = 0; i < 10; i++) await push.send([`${i}`, "body"]);
    const received = await take(pull, 10);
    await pull.unbind(endpoint);
    await push.waitForPeers(0);
    const closed = [];
    const statistics = [essence(pull.statistics())];
    for (const socket of [pull, push]) closed.push(await socket.close());
    statistics.push(essence(push.statistics()));
    await Promise.all(watching);
    runs.push({ received, closed, statistics });
  }
  assertEquals(runs[0], runs[1]);
});
