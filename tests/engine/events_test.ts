/**
 * Events: listeners and iterators side by side, bounds, and the end.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { EventHub, lossEvent, type SocketEvent } from "../../src/engine/events.ts";
import { ZmqError } from "../../src/errors.ts";
import { test } from "../support/harness.ts";

const bind = (n: number): SocketEvent => ({ type: "bind", endpoint: `tcp://127.0.0.1:${n}` });
const END: SocketEvent = { type: "end" };
const DONE = { done: true, value: undefined } as const;

test("every listener hears every event until it is taken away", () => {
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

test("an iterator has what happens from its making on, and ends with the socket", async () => {
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
  events.emit({ type: "disconnect", endpoint: "e", remote: "r" });
  events.emit(END);
  await loop;
  assertEquals(seen, ["bind", "disconnect", "end"]);
});

test("what was held before the end is still given after it", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  events.emit(bind(1));
  events.emit(END);
  events.emit(bind(2));
  assertEquals(await iterator.next(), { done: false, value: bind(1) });
  assertEquals(await iterator.next(), { done: false, value: END });
  assertEquals(await iterator.next(), DONE);
});

test("an iterator made after the end is at its end", async () => {
  const events = new EventHub();
  events.emit(END);
  assertEquals(await events[Symbol.asyncIterator]().next(), DONE);
});

test("an iterator that nobody reads holds the newest thousand events", async () => {
  const events = new EventHub();
  const iterator = events[Symbol.asyncIterator]();
  for (let n = 0; n < 2500; n++) events.emit(bind(n));
  for (let n = 1500; n < 2500; n++) assertEquals(await iterator.next(), { done: false, value: bind(n) });
  const next = iterator.next();
  events.emit(bind(9));
  assertEquals(await next, { done: false, value: bind(9) });
  await iterator.return!();
});

test("an iterator that is left ends its waits, holds nothing and hears nothing more", async () => {
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

test("a listener may take itself away, or another, while it is called", () => {
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

test("a connection that is gone is told of by how far it came and why", () => {
  const told = (handshaken: boolean, error?: Error) => {
    const event = lossEvent("tcp://127.0.0.1:1", "tcp://127.0.0.1:2", handshaken, error);
    return [event.type, "error" in event ? event.error : undefined];
  };
  const [protocol, size, reset] = (["EPROTO", "EMSGSIZE", "ECONNRESET"] as const).map((code) =>
    new ZmqError(code, code)
  );
  assertEquals(told(true), ["disconnect", undefined]);
  assertEquals(told(true, protocol), ["disconnect", protocol]);
  assertEquals(told(false, protocol), ["handshake:error:protocol", protocol]);
  assertEquals(told(false, size), ["handshake:error:protocol", size]);
  assertEquals(told(false, reset), ["handshake:error:other", reset]);
  const plain = new Error("plain");
  assertEquals(told(false, plain), ["handshake:error:other", plain]);
  const [type, error] = told(false);
  assertEquals([type, error instanceof ZmqError && error.code], ["handshake:error:other", "ECONNRESET"]);
});
