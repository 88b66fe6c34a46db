/**
 * The memory of frames besides their bytes: many small frames reach a high-water mark, in any unit.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { INBOX_OVERHEAD, QUEUE_OVERHEAD } from "../../../src/engine/pipe/high_water_marks.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { FRAME_COST, type Message } from "../../../src/base/message.ts";
import { test } from "../../support/harness.ts";
import { type Marks, PipeWatcher } from "../../support/pipe_watcher.ts";

const EMPTY = new Uint8Array(0);
const FRAMES = 65_536;
const MIB = 1024 * 1024;

function connected(marks: Marks) {
  const host = new PipeWatcher(marks);
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  return { host, pipe };
}

const message = (frames: number): Message => new Array<Uint8Array>(frames).fill(EMPTY);

/** Returns the number of messages of `frames` empty frames that arrive before the inbox is full. */
function arrive(pipe: PeerPipe, frames: number, most = 10_000): number {
  let messages = 1;
  while (pipe.arrived(message(frames)) && messages < most) messages++;
  return messages;
}

/** Returns the number of messages of `frames` empty frames that are queued before the queue is full. */
function send(pipe: PeerPipe, frames: number, most = 10_000): number {
  let messages = 0;
  while (messages < most && pipe.trySend(message(frames))) messages++;
  return messages;
}

const fits = (overhead: number, frames: number) => Math.ceil(Math.floor(overhead / FRAME_COST) / frames);

test("a high-water mark in messages applies to messages of any number of frames", () => {
  const { pipe } = connected({ receiveHighWaterMark: 1000, sendHighWaterMark: 1000 });
  assertEquals(arrive(pipe, FRAMES), fits(INBOX_OVERHEAD, FRAMES));
  assertEquals(send(pipe, FRAMES), fits(QUEUE_OVERHEAD, FRAMES));
});

test("messages of some hundred frames reach the high-water mark in messages as before", () => {
  const { pipe } = connected({ receiveHighWaterMark: 1000, sendHighWaterMark: 1000 });
  assertEquals([arrive(pipe, 300), send(pipe, 1300)], [1000, 1000]);
});

test("under a high-water mark in bytes frames may use as much besides them, and 1 MiB in any case", () => {
  for (const mark of [1, 100, MIB, 8 * MIB, 1024 * MIB]) {
    const { pipe } = connected({ receiveHighWaterMarkBytes: mark, sendHighWaterMarkBytes: mark });
    const least = Math.max(mark, MIB);
    assertEquals(arrive(pipe, 100), fits(Math.min(least, INBOX_OVERHEAD), 100), `${mark}`);
    assertEquals(send(pipe, 100, 20_000), fits(Math.min(least, QUEUE_OVERHEAD), 100), `${mark}`);
  }
});

test("without any high-water mark there is none for frames", () => {
  const { pipe } = connected({});
  assertEquals([arrive(pipe, 1000, 2000), send(pipe, 1000, 2000)], [2000, 2000]);
});

test("a message of more frames than the inbox may hold is received when it is the only one", () => {
  const { host, pipe } = connected({ receiveHighWaterMarkBytes: 1 });
  assertEquals(pipe.arrived(message(FRAMES)), false);
  assertEquals(pipe.tryReceive()!.length, FRAMES);
  assertEquals(host.told, ["readable", "resume"]);
  assertEquals(pipe.arrived(message(1)), true);
});

test("reading continues when half of the frames are received, not before", () => {
  const { host, pipe } = connected({ receiveHighWaterMark: 1000 });
  const count = arrive(pipe, FRAMES);
  const half = fits(INBOX_OVERHEAD, FRAMES) * FRAMES - INBOX_OVERHEAD / FRAME_COST / 2;
  let taken = 0;
  while (!host.told.includes("resume")) {
    pipe.tryReceive();
    taken += FRAMES;
  }
  assert(taken >= half && taken - FRAMES < half && taken < count * FRAMES, `${taken}`);
});

test("a queue full of frames has room when half of them are moved out, and counts returned ones", () => {
  const { host, pipe } = connected({ sendHighWaterMarkBytes: MIB });
  assertEquals(send(pipe, 1000), 6);
  let moved = 0;
  const sink = {
    full: false,
    get written() {
      return moved;
    },
    message: () => void (sink.full = ++moved % 3 === 0),
    run() {},
    first() {},
    subscription() {},
  };
  pipe.outbox.moveTo(sink);
  pipe.outbox.flushed();
  assertEquals([pipe.outbox.messages, host.told.includes("writable")], [3, false]);
  assertEquals(pipe.outbox.lost({ taken: 1 }), 0);
  assertEquals([pipe.outbox.messages, pipe.writable], [5, false]);
  sink.full = false;
  pipe.outbox.moveTo(sink);
  pipe.outbox.handedOver();
  pipe.outbox.flushed();
  assertEquals([pipe.outbox.messages, pipe.writable], [2, true]);
  assertEquals(send(pipe, 1000), 4);
});
