/**
 * The other limits of a pipe: high-water marks in bytes, high-water marks that are changed while it exists, and keeping
 * only the last message.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { HighWaterMarks } from "../../../src/engine/pipe/high_water_marks.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { bytes, message, texts } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { drain, type Marks, PipeWatcher } from "../../support/pipe_watcher.ts";
import { settle } from "../../support/socket_types.ts";

/** A connected pipe with these high-water marks. */
function connected(marks: Marks, conflate = false): { host: PipeWatcher; pipe: PeerPipe } {
  const host = new PipeWatcher(marks);
  const pipe = new PeerPipe(host, conflate);
  pipe.connect(host);
  host.told.length = 0;
  return { host, pipe };
}

const x = (length: number) => "x".repeat(length);

/** Takes one message. */
const take = (pipe: PeerPipe) => texts(pipe.tryReceive())?.join("|");

/** Sends texts; returns which were taken. */
const send = (pipe: PeerPipe, ...list: string[]) => list.map((text) => pipe.trySend(message(text)));

/** Messages arrive; returns after which of them there is still room. */
const arrive = (pipe: PeerPipe, ...list: string[]) => list.map((text) => pipe.arrived(message(text)));

/** Its notifications, without those of the number of queued bytes. */
const told = (host: PipeWatcher) => host.told.filter((one) => !one.startsWith("queued"));

test("a high-water mark of 0 means no limit, and all high-water marks follow the options", () => {
  const settings = settle("PAIR", { sendHighWaterMark: 0, receiveHighWaterMarkBytes: 7 });
  const marks = new HighWaterMarks(settings);
  assertEquals({ ...marks }, {
    sendMessages: Infinity,
    sendBytes: Infinity,
    receiveMessages: 1000,
    receiveBytes: 7,
    sendFrames: Infinity,
    receiveFrames: 5461,
  });
  Object.assign(settings, { sendHighWaterMark: 3, sendHighWaterMarkBytes: 4, receiveHighWaterMark: 5 });
  settings.receiveHighWaterMarkBytes = 0;
  marks.update(settings);
  assertEquals({ ...marks }, {
    sendMessages: 3,
    sendBytes: 4,
    receiveMessages: 5,
    receiveBytes: Infinity,
    sendFrames: 5461,
    receiveFrames: 349_525,
  });
});

test("a high-water mark in bytes allows one message above it, all frames counted, and then none", () => {
  const { host, pipe } = connected({ sendHighWaterMarkBytes: 10 });
  assertEquals(pipe.trySend(message(x(3), x(3), x(3))), true);
  assertEquals([pipe.writable, ...send(pipe, x(100))], [true, true]);
  assertEquals([...send(pipe, ""), pipe.writable, pipe.outbox.messages], [false, false, 2]);
  assertEquals(told(host), ["flush"]);
});

test("a message exactly at the high-water mark in bytes fills the pipe", () => {
  const { pipe } = connected({ sendHighWaterMarkBytes: 10 });
  assertEquals(send(pipe, x(10), ""), [true, false]);
});

test("messages without bytes never reach a high-water mark in bytes", () => {
  const { pipe } = connected({ sendHighWaterMarkBytes: 1, receiveHighWaterMarkBytes: 1 });
  assertEquals(send(pipe, ...new Array(5000).fill("")).includes(false), false);
  assertEquals(arrive(pipe, ...new Array(5000).fill("")).includes(false), false);
});

test("room in bytes is reported when half of the high-water mark is free", () => {
  const { host, pipe } = connected({ sendHighWaterMarkBytes: 10 });
  send(pipe, x(5), x(4), x(1), "refused");
  drain(pipe, 1);
  assertEquals([told(host), pipe.writable], [["flush", "writable"], true]);
  const { host: other, pipe: fuller } = connected({ sendHighWaterMarkBytes: 10 });
  send(fuller, x(4), x(6), "refused");
  drain(fuller, 1);
  assertEquals([told(other), fuller.writable], [["flush"], false]);
  drain(fuller);
  assertEquals([told(other), fuller.writable], [["flush", "writable"], true]);
});

test("with both high-water marks the first that is reached counts, and half of each must be free", () => {
  const { host, pipe } = connected({ sendHighWaterMark: 4, sendHighWaterMarkBytes: 10 });
  assertEquals(send(pipe, "", "", "", "", ""), [true, true, true, true, false]);
  drain(pipe);
  assertEquals(send(pipe, x(1), x(9), "refused"), [true, true, false]);
  drain(pipe, 1);
  // One message of four is left, but nine bytes of ten.
  assertEquals(told(host), ["flush", "writable", "flush"]);
  drain(pipe);
  assertEquals(told(host), ["flush", "writable", "flush", "writable"]);
});

test("the inbox is full at its high-water mark in bytes, and has room when half of it is free", () => {
  const { host, pipe } = connected({ receiveHighWaterMarkBytes: 10 });
  assertEquals(arrive(pipe, x(4), x(4), x(50)), [true, true, false]);
  assertEquals([take(pipe), take(pipe), told(host)], [x(4), x(4), ["readable"]]);
  assertEquals([take(pipe), told(host), pipe.inbox.hasRoom()], [x(50), ["readable", "resume"], true]);
  assertEquals(arrive(pipe, x(5), x(5)), [true, false]);
  assertEquals([take(pipe), told(host)], [x(5), ["readable", "resume", "readable", "resume"]]);
});

test("the inbox needs half of both high-water marks free", () => {
  const { host, pipe } = connected({ receiveHighWaterMark: 4, receiveHighWaterMarkBytes: 10 });
  assertEquals(arrive(pipe, "", "", "", x(6)), [true, true, true, false]);
  for (let i = 0; i < 3; i++) take(pipe);
  assertEquals(told(host), ["readable"]);
  take(pipe);
  assertEquals(told(host), ["readable", "resume"]);
});

test("delivered messages count towards the inbox's high-water mark, though they are accepted", () => {
  const { pipe } = connected({ receiveHighWaterMarkBytes: 10 });
  pipe.deliver(message(x(6)));
  pipe.deliver(message(x(6)));
  assertEquals([pipe.inbox.hasRoom(), pipe.inbox.length], [false, 2]);
});

test("raising a high-water mark resumes pending sends, immediately and in every unit", () => {
  for (
    const [before, after] of [
      [{ sendHighWaterMark: 2 }, { sendHighWaterMark: 3 }],
      [{ sendHighWaterMark: 2 }, { sendHighWaterMark: 0 }],
      [{ sendHighWaterMarkBytes: 2 }, { sendHighWaterMarkBytes: 3 }],
      [{ sendHighWaterMarkBytes: 2 }, { sendHighWaterMarkBytes: 0 }],
    ]
  ) {
    const { host, pipe } = connected(before!);
    assertEquals(send(pipe, "1", "2", "3"), [true, true, false]);
    host.change(pipe, after!);
    assertEquals([told(host), pipe.writable], [["flush", "writable"], true]);
    host.change(pipe, {});
    assertEquals(told(host), ["flush", "writable"]);
  }
});

test("raising a high-water mark too little resumes none", () => {
  const { host, pipe } = connected({ sendHighWaterMark: 2, sendHighWaterMarkBytes: 4 });
  assertEquals(send(pipe, "12", "34", "56"), [true, true, false]);
  host.change(pipe, { sendHighWaterMark: 5, sendHighWaterMarkBytes: 4 });
  assertEquals([told(host), pipe.writable], [["flush"], false]);
  host.change(pipe, { sendHighWaterMark: 5, sendHighWaterMarkBytes: 5 });
  assertEquals([told(host), pipe.writable], [["flush", "writable"], true]);
});

test("a lowered high-water mark counts from the next message on, and drops nothing", () => {
  const { host, pipe } = connected({ sendHighWaterMark: 10, receiveHighWaterMark: 10 });
  send(pipe, "1", "2", "3");
  arrive(pipe, "a", "b", "c");
  host.change(pipe, { sendHighWaterMark: 2, receiveHighWaterMark: 2 });
  assertEquals([pipe.outbox.messages, pipe.inbox.length, ...send(pipe, "4"), ...arrive(pipe, "d")], [
    3,
    3,
    false,
    false,
  ]);
  assertEquals([take(pipe), take(pipe), take(pipe), take(pipe)], ["a", "b", "c", "d"]);
  assertEquals(drain(pipe), ["1", "2", "3"]);
  assertEquals(told(host), ["readable", "flush", "resume", "writable"]);
});

test("raising a high-water mark resumes reading, immediately and in every unit", () => {
  for (
    const [before, after] of [
      [{ receiveHighWaterMark: 2 }, { receiveHighWaterMark: 3 }],
      [{ receiveHighWaterMark: 2 }, { receiveHighWaterMark: 0 }],
      [{ receiveHighWaterMarkBytes: 2 }, { receiveHighWaterMarkBytes: 3 }],
      [{ receiveHighWaterMarkBytes: 2 }, { receiveHighWaterMarkBytes: 0 }],
    ]
  ) {
    const { host, pipe } = connected(before!);
    assertEquals(arrive(pipe, "1", "2"), [true, false]);
    host.change(pipe, after!);
    assertEquals(told(host), ["readable", "resume"]);
    assertEquals([take(pipe), take(pipe), told(host).length], ["1", "2", 2]);
  }
});

test("a receive high-water mark that is raised too little resumes only when half of the new one is free", () => {
  const { host, pipe } = connected({ receiveHighWaterMark: 4 });
  for (let i = 0; i < 4; i++) pipe.deliver(message("1"));
  for (let i = 0; i < 6; i++) pipe.deliver(message("2"));
  assertEquals(pipe.inbox.hasRoom(), false);
  host.change(pipe, { receiveHighWaterMark: 8 });
  for (let i = 0; i < 5; i++) take(pipe);
  assertEquals([told(host), pipe.inbox.length], [["readable"], 5]);
  take(pipe);
  assertEquals(told(host), ["readable", "resume"]);
});

test("a high-water mark in bytes that is set later counts queued bytes, and one that is removed does not count", () => {
  const { host, pipe } = connected({});
  assertEquals(arrive(pipe, x(6), x(4)), [true, true]);
  host.change(pipe, { receiveHighWaterMarkBytes: 11 });
  assertEquals([pipe.inbox.hasRoom(), ...arrive(pipe, x(1))], [true, false]);
  assertEquals([take(pipe), take(pipe), told(host)], [x(6), x(4), ["readable", "resume"]]);
  host.change(pipe, {});
  assertEquals(arrive(pipe, x(100), x(100)), [true, true]);
  assertEquals([take(pipe), take(pipe), take(pipe)], [x(1), x(100), x(100)]);
  host.change(pipe, { receiveHighWaterMarkBytes: 2 });
  assertEquals([take(pipe), ...arrive(pipe, x(1), x(1))], [undefined, true, false]);
});

test("a buffer that was transferred while it was held leaves nothing behind that would count", () => {
  // A peer of this process hands over its own buffers.
  const { host, pipe } = connected({ receiveHighWaterMarkBytes: 10, sendHighWaterMarkBytes: 10 });
  for (let i = 0; i < 3; i++) {
    const frame = bytes(x(10));
    assertEquals(pipe.arrived([frame]), false);
    structuredClone(frame.buffer, { transfer: [frame.buffer as ArrayBuffer] });
    assertEquals(take(pipe), "");
    assertEquals(told(host).at(-1), "resume");
  }
  for (let i = 0; i < 3; i++) {
    const frame = bytes(x(10));
    assertEquals(pipe.trySend([frame]), true);
    structuredClone(frame.buffer, { transfer: [frame.buffer as ArrayBuffer] });
    assertEquals([drain(pipe), pipe.writable], [[], true]);
  }
  assertEquals(pipe.counters.dropped, 3);
});

test("conflate keeps the last message to send, with all its frames, regardless of the high-water marks", () => {
  const { host, pipe } = connected({ sendHighWaterMark: 1, sendHighWaterMarkBytes: 1 }, true);
  assertEquals([pipe.trySend(message("a", "b")), pipe.writable, pipe.trySend(message("c", "de"))], [true, true, true]);
  assertEquals([pipe.outbox.messages, pipe.counters.dropped, host.told], [1, 1, ["queued 2", "queued 3"]]);
  assertEquals(drain(pipe), ["c|de"]);
  assertEquals([send(pipe, "f"), drain(pipe), pipe.counters.dropped], [[true], ["f"], 1]);
  assertEquals(told(host), []);
});

test("conflate keeps the last message to send also while there is no connection", () => {
  const pipe = new PeerPipe(new PipeWatcher({ sendHighWaterMark: 1 }), true);
  send(pipe, "1", "2", "3");
  assertEquals([drain(pipe), pipe.counters.dropped], [["3"], 2]);
});

test("conflate keeps the last message to receive, with all its frames, and never stops reading", () => {
  const { host, pipe } = connected({ receiveHighWaterMark: 1, receiveHighWaterMarkBytes: 1 }, true);
  assertEquals(arrive(pipe, "1", "2", "3"), [true, true, true]);
  assertEquals([pipe.arrived(message("4", "5")), pipe.inbox.length, pipe.inbox.hasRoom()], [true, 1, true]);
  assertEquals([take(pipe), take(pipe), pipe.readable], ["4|5", undefined, false]);
  assertEquals([arrive(pipe, "6"), take(pipe)], [[true], "6"]);
  assertEquals(host.told.includes("resume"), false);
});
