/**
 * A pipe by itself: its two queues, their marks, and what stays when its connection changes or it is closed.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { type PipeConnection, type PipeHost, WirePipe } from "../../src/engine/wire_pipe.ts";
import { DealerPattern } from "../../src/routing/dealer.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import { PushPattern } from "../../src/routing/push.ts";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

/** Keeps what a pipe tells its socket and its connection. */
class Watcher implements PipeHost, PipeConnection {
  readonly pattern: Pattern;
  readonly told: string[] = [];
  /** What `flush` does. */
  onFlush: () => void = () => {};

  constructor(pattern: Pattern = new DealerPattern()) {
    this.pattern = pattern;
  }

  pipeReadable(): void {
    this.told.push("readable");
  }
  pipeWritable(): void {
    this.told.push("writable");
  }
  queued(bytes: number): void {
    this.told.push(`queued ${bytes}`);
  }
  subscription(cancel: boolean, topic: Uint8Array): Uint8Array {
    return new Uint8Array([cancel ? 0 : 1, ...topic]);
  }
  sendFrame(frame: Uint8Array): void {
    this.told.push(`frame ${frame}`);
  }
  flush(): void {
    this.told.push("flush");
    this.onFlush();
  }
  resumeReading(): void {
    this.told.push("resume");
  }
  fail(error: Error): void {
    this.told.push(error.message);
  }
}

/** Empties a pipe's out queue, as a connection does, and returns the messages' bytes. */
function drain(pipe: WirePipe): string {
  const batch = new BatchEncoder(new SlabPool());
  pipe.encode(batch, Infinity);
  const hex = toHex(concat([...batch.finish()]));
  pipe.flushed();
  return hex;
}

test("messages queue without a connection up to the high-water mark, counted whole", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 2, 10);
  assertEquals([1, 2, 3].map(() => pipe.trySend(message("a", "b", "c"))), [true, true, false]);
  assertEquals([pipe.queued, host.told], [2, []]);
  assertEquals(drain(pipe), "01016101016200 0163".replace(" ", "").repeat(2));
  assertEquals(host.told, ["writable"]);
});

test("a connection is told how many bytes are queued", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 0, 0);
  pipe.connect(host);
  pipe.trySend(message("abc"));
  pipe.trySend(message("de", "f", ""));
  drain(pipe);
  pipe.trySend(message("g"));
  assertEquals(host.told, ["queued 3", "queued 6", "queued 1"]);
});

test("encode stops at its limit, with whole messages", () => {
  const pipe = new WirePipe(new Watcher(), 0, 0);
  for (let i = 0; i < 10; i++) pipe.trySend(message("12345678"));
  const batch = new BatchEncoder(new SlabPool());
  assertEquals([pipe.encode(batch, 25), batch.bytes, pipe.queued], [3, 30, 7]);
  assertEquals([pipe.encode(batch, 25), pipe.encode(batch, 31), pipe.queued], [0, 1, 6]);
});

test("a full pipe asks its connection to flush before it refuses", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 1, 10);
  pipe.connect(host);
  pipe.trySend(message("1"));
  host.onFlush = () => void drain(pipe);
  assertEquals(pipe.trySend(message("2")), true);
  host.onFlush = () => {};
  assertEquals([pipe.trySend(message("3")), pipe.trySend(message("4"))], [false, false]);
  assertEquals(host.told, ["queued 1", "flush", "queued 1", "flush"]);
  drain(pipe);
  drain(pipe);
  assertEquals(host.told.slice(4), ["writable"]);
});

test("room is told of when half of the mark is free, and only to a socket that waits for it", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 4, 10);
  for (let i = 0; i < 5; i++) pipe.trySend(message("123"));
  const batch = new BatchEncoder(new SlabPool());
  pipe.encode(batch, 1);
  pipe.flushed();
  assertEquals([pipe.queued, host.told], [3, []]);
  pipe.encode(batch, batch.bytes + 1);
  pipe.flushed();
  assertEquals([pipe.queued, host.told], [2, ["writable"]]);
  pipe.encode(batch, Infinity);
  pipe.flushed();
  assertEquals(host.told, ["writable"]);
});

test("the inbox tells when it is full, and its connection when half of it is free", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 10, 4);
  pipe.connect(host);
  assertEquals([1, 2, 3, 4].map((n) => pipe.arrived(message(`${n}`))), [true, true, true, false]);
  const taken = [1, 2, 3, 4, 5].map(() => texts(pipe.tryReceive())?.join());
  assertEquals([taken, host.told], [["1", "2", "3", "4", undefined], ["readable", "resume"]]);
});

test("messages that the pattern drops fill nothing", () => {
  const host = new Watcher(new PushPattern());
  const pipe = new WirePipe(host, 10, 1);
  assertEquals([pipe.arrived(message("1")), pipe.arrived(message("2")), pipe.readable], [true, true, false]);
  assertEquals(host.told, []);
});

test("a delivered message goes behind those that came, whatever the mark says", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 10, 1);
  pipe.arrived(message("came"));
  pipe.deliver(message("delivered"));
  assertEquals([texts(pipe.tryReceive()), texts(pipe.tryReceive())], [["came"], ["delivered"]]);
  assertEquals(host.told, ["readable"]);
});

test("what is queued both ways outlives the connection, and the next one takes it on", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 10, 2);
  pipe.connect(host);
  pipe.trySend(message("out"));
  pipe.arrived(message("in 1"));
  pipe.arrived(message("in 2"));
  pipe.disconnect();
  pipe.subscribe(false, new Uint8Array(3));
  pipe.reject(new Error("to nobody"));
  assertEquals([pipe.trySend(message("out")), host.told], [true, ["queued 3", "readable"]]);
  const next = new Watcher();
  pipe.connect(next);
  pipe.subscribe(true, new Uint8Array(3));
  pipe.reject(new Error("reason"));
  assertEquals([texts(pipe.tryReceive()), texts(pipe.tryReceive())], [["in 1"], ["in 2"]]);
  // The frame of the subscription goes behind what was queued before it.
  assertEquals(drain(pipe), "00036f7574".repeat(2) + "00000000");
  pipe.subscribe(false, new Uint8Array(1));
  // The new connection was never stopped, so it is not resumed.
  assertEquals(next.told, ["reason", "frame 1,0"]);
});

test("a closed pipe takes nothing more, tells how much it gave up, and what came in can still be read", () => {
  const host = new Watcher();
  const pipe = new WirePipe(host, 10, 10);
  for (const text of ["1", "2", "3"]) pipe.trySend(message(text));
  pipe.arrived(message("in"));
  assertEquals([pipe.close(), pipe.close()], [3, 0]);
  assertEquals([pipe.trySend(message("4")), pipe.queued, drain(pipe)], [false, 0, ""]);
  assertEquals(pipe.arrived(message("late")), true);
  assertEquals([texts(pipe.tryReceive()), pipe.readable], [["in"], false]);
});
