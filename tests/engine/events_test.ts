/**
 * Events: listeners and iterators side by side, bounds, the end, and every cell of the table in the header of `events.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { handshakeError } from "../../src/engine/connection_ends.ts";
import { EventHub, type SocketEvent } from "../../src/engine/events.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";
import { walkStates } from "../support/state_table.ts";

const bind = (n: number): SocketEvent => ({ type: "bind", endpoint: `tcp://127.0.0.1:${n}` });
const END: SocketEvent = { type: "end" };
const DONE = { done: true, value: undefined } as const;

test("every listener gets every event until it is removed", () => {
  const events = new EventHub();
  const heard: [string, SocketEvent][] = [];
  const stopA = events.listen((event) => heard.push(["a", event]));
  events.emit(bind(1));
  events.listen((event) => heard.push(["b", event]));
  events.emit(bind(2));
  stopA();
  stopA();
  events.emit(bind(3));
  assertEquals(heard, [["a", bind(1)], ["a", bind(2)], ["b", bind(2)], ["b", bind(3)]]);
});

test("an iterator has the events since its creation, and ends with the socket", async () => {
  const events = new EventHub();
  events.emit(bind(0));
  const iterator = events[Symbol.asyncIterator]();
  events.emit(bind(1));
  const waiting = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
  events.emit(bind(2));
  events.emit(END);
  assertEquals(await Promise.all(waiting), [
    { done: false, value: bind(1) },
    { done: false, value: bind(2) },
    { done: false, value: END },
    DONE,
  ]);
  assertEquals(await iterator.next(), DONE);
});

test("a for-await loop sees all events, the end last", async () => {
  const events = new EventHub();
  const seen: string[] = [];
  const loop = (async () => {
    for await (const event of events) seen.push(event.type);
  })();
  events.emit(bind(1));
  events.emit({ type: "disconnect", endpoint: "e", remote: "r", reason: "peer" });
  events.emit(END);
  await loop;
  assertEquals(seen, ["bind", "disconnect", "end"]);
});

test("events kept before the end are still returned after it", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  events.emit(bind(1));
  events.emit(END);
  events.emit(bind(2));
  assertEquals(await iterator.next(), { done: false, value: bind(1) });
  assertEquals(await iterator.next(), { done: false, value: END });
  assertEquals(await iterator.next(), DONE);
});

test("an iterator created after the end ends immediately", async () => {
  const events = new EventHub();
  events.emit(END);
  assertEquals(await events[Symbol.asyncIterator]().next(), DONE);
});

test("an unread iterator keeps the newest thousand events, and first reports how many it missed", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  for (let n = 0; n < 2500; n++) events.emit(bind(n));
  assertEquals(await iterator.next(), { done: false, value: { type: "missed", count: 1500 } });
  for (let n = 1500; n < 2500; n++) assertEquals(await iterator.next(), { done: false, value: bind(n) });
  const next = iterator.next();
  events.emit(bind(9));
  assertEquals(await next, { done: false, value: bind(9) });
  await iterator.return!();
});

test("a thousand events are kept without a loss, and each loss is reported once", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  for (let n = 0; n < 1000; n++) events.emit(bind(n));
  assertEquals(await iterator.next(), { done: false, value: bind(0) });
  events.emit(bind(1000));
  events.emit(bind(1001));
  assertEquals(await iterator.next(), { done: false, value: { type: "missed", count: 1 } });
  assertEquals(await iterator.next(), { done: false, value: bind(2) });
  for (let n = 0; n < 5; n++) events.emit(bind(n));
  assertEquals(await iterator.next(), { done: false, value: { type: "missed", count: 4 } });
  assertEquals(await iterator.next(), { done: false, value: bind(7) });
  await iterator.return!();
});

test("events missed before the end are reported after it, and a closed iterator reports nothing", async () => {
  const events = new EventHub();
  const [iterator, left] = [events[Symbol.asyncIterator](), events[Symbol.asyncIterator]()];
  for (let n = 0; n < 1001; n++) events.emit(bind(n));
  assertEquals(await left.return!(), DONE);
  assertEquals(await left.next(), DONE);
  events.emit(END);
  const types: string[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) types.push(next.value.type);
  assertEquals([types.length, types[0], types[1], types.at(-1)], [1001, "missed", "bind", "end"]);
});

test("a missed event is the iterator's own: listeners and other iterators do not get it", async () => {
  const events = new EventHub();
  const slow = events[Symbol.asyncIterator]();
  let heard = 0;
  events.listen((event) => {
    if (event.type !== "bind") throw new Error(event.type);
    heard++;
  });
  const quick = events[Symbol.asyncIterator]();
  for (let n = 0; n < 1100; n++) {
    events.emit(bind(n));
    assertEquals(await quick.next(), { done: false, value: bind(n) });
  }
  assertEquals([heard, (await slow.next()).value], [1100, { type: "missed", count: 100 }]);
});

test("a closed iterator ends its waits, keeps nothing and gets no more events", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  const waiting = iterator.next();
  assertEquals(await iterator.return!(), DONE);
  assertEquals(await waiting, DONE);
  events.emit(bind(1));
  assertEquals(await iterator.next(), DONE);
});

test("iterators do not take events from each other", async () => {
  const events = new EventHub();
  const [a, b] = [events[Symbol.asyncIterator](), events[Symbol.asyncIterator]()];
  events.emit(bind(1));
  events.emit(END);
  for (const iterator of [a, b]) {
    assertEquals(await iterator.next(), { done: false, value: bind(1) });
    assertEquals(await iterator.next(), { done: false, value: END });
  }
});

test("a listener may remove itself, or another one, while it is called", () => {
  const events = new EventHub();
  const heard: string[] = [];
  const stopA = events.listen(() => {
    heard.push("a");
    stopA();
    stopB();
  });
  const stopB = events.listen(() => heard.push("b"));
  events.listen(() => heard.push("c"));
  events.emit(bind(1));
  events.emit(bind(2));
  assertEquals(heard, ["a", "c", "c"]);
});

const [HERE, THERE] = ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"] as const;

test("a failed handshake is reported by its cause: the protocol, or another one", () => {
  const told = (error?: Error) => {
    const event = handshakeError(HERE, THERE, error);
    return [event.type, "error" in event ? event.error : undefined];
  };
  const [protocol, size, reset] = (["EPROTO", "EMSGSIZE", "ECONNRESET"] as const).map((code) =>
    new ZmqError(code, code)
  );
  assertEquals(told(protocol), ["handshake:error:protocol", protocol]);
  assertEquals(told(size), ["handshake:error:protocol", size]);
  assertEquals(told(reset), ["handshake:error:other", reset]);
  const plain = new Error("plain");
  assertEquals(told(plain), ["handshake:error:other", plain]);
  const [type, error] = told();
  assertEquals([type, error instanceof ZmqError && error.code], ["handshake:error:other", "ECONNRESET"]);
});

test("a failed handshake is reported with the violated rule, if it is known", () => {
  const ruleOf = (error: Error) => {
    const event = handshakeError(HERE, THERE, error);
    return event.type === "handshake:error:protocol" ? event.rule : event.type;
  };
  assertEquals(ruleOf(new ProtocolError("EPROTO", "MECHANISM_MISMATCH", "m")), "MECHANISM_MISMATCH");
  assertEquals(ruleOf(new ProtocolError("EMSGSIZE", "INVALID_METADATA", "m")), "INVALID_METADATA");
  assertEquals(ruleOf(new ZmqError("EPROTO", "m")), "UNSPECIFIED");
  assertEquals(ruleOf(new ZmqError("ETIMEDOUT", "m")), "handshake:error:other");
});

test("a handshake that an authenticator ended is reported with its status", () => {
  const error = new AuthError(400);
  const event = handshakeError(HERE, THERE, error);
  assertEquals([event.type, "status" in event && event.status, "error" in event && event.error === error], [
    "handshake:error:auth",
    400,
    true,
  ]);
});

test("a listener that is added during an event gets the next one only", () => {
  const events = new EventHub();
  const heard: SocketEvent[] = [];
  events.listen(() => {
    if (heard.length === 0) events.listen((event) => heard.push(event));
  });
  events.emit(bind(1));
  assertEquals(heard, []);
  events.emit(bind(2));
  assertEquals(heard, [bind(2)]);
});

/** An iterator, and its calls that are not answered. */
class Rig {
  /** Reasons to keep the process alive. */
  holds = 0;
  readonly hub = new EventHub({ take: () => void this.holds++, release: () => void this.holds-- });
  readonly iterator = this.hub[Symbol.asyncIterator]();
  readonly results: IteratorResult<SocketEvent, undefined>[] = [];
  waiting = 0;

  next(): void {
    this.waiting++;
    this.iterator.next().then((result) => {
      this.waiting--;
      this.results.push(result);
    });
  }

  /** The result of a call that is answered at once. */
  async ask(): Promise<IteratorResult<SocketEvent, undefined> | undefined> {
    const { length } = this.results;
    this.next();
    for (let i = 0; i < 4; i++) await Promise.resolve();
    return this.results[length];
  }
}

walkStates<Rig>("events", {
  path: "engine/events.ts",
  make: () => new Rig(),
  reach: {
    EMPTY: () => {},
    HOLDING: (rig) => rig.hub.emit(bind(1)),
    WAITING: (rig) => rig.next(),
    LAST: (rig) => rig.hub.emit(END),
    OVER: (rig) => void rig.iterator.return!(),
  },
  happen: {
    next: (rig) => rig.next(),
    event: (rig) => rig.hub.emit(bind(2)),
    end: (rig) => rig.hub.emit(END),
    return: (rig) => void rig.iterator.return!(),
  },
  async stateOf(rig) {
    for (let i = 0; i < 4; i++) await Promise.resolve();
    assertEquals(rig.holds, rig.waiting);
    if (rig.waiting > 0) return "WAITING";
    const first = await rig.ask();
    if (first === undefined) return "EMPTY";
    if (first.done) return "OVER";
    for (let result: IteratorResult<SocketEvent, undefined> = first;;) {
      if (!result.done && result.value.type === "end") return "LAST";
      const next = await rig.ask();
      if (next === undefined) return "HOLDING";
      result = next;
    }
  },
});
