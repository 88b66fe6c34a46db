/**
 * Broadcasts in a pipe: as runs for a peer that gets everything, as messages for all others.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Message, messageBytes } from "../../../src/base/message.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import type { PipeSink } from "../../../src/engine/pipe/contracts.ts";
import { Broadcast } from "../../../src/zmtp/broadcast.ts";
import { BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import type { Run } from "../../../src/engine/pipe/run.ts";
import { message } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { toHex } from "../../support/hex.ts";
import { type Marks, PipeWatcher } from "../../support/pipe_watcher.ts";
import { concat } from "@std/bytes";

/** Takes what is moved out, and writes down how it came. */
class Taker implements PipeSink {
  full = false;
  readonly how: string[] = [];
  readonly batch: BatchEncoder = new BatchEncoder(new SlabPool());
  bodies = 0;

  get written(): number {
    return this.batch.bytes;
  }

  message(one: Message): void {
    this.how.push("message");
    this.bodies += messageBytes(one);
    this.batch.addMessage(one);
  }

  run(run: Run): void {
    this.how.push(`run of ${run.messages}`);
    this.bodies += run.bytes;
    this.batch.addEncoded(run.encoded);
  }

  first(): void {}
  subscription(): void {}

  get hex(): string {
    return toHex(concat(this.batch.complete()));
  }
}

function drain(pipe: PeerPipe): Taker {
  const taker = new Taker();
  pipe.outbox.moveTo(taker);
  pipe.outbox.handedOver();
  pipe.outbox.flushed();
  return taker;
}

/** A pipe to a peer that takes runs, and has got everything for long. */
function warm(marks: Marks = {}, takesRuns = true, conflate = false) {
  const host = new PipeWatcher(marks);
  host.takesRuns = takesRuns;
  const pipe = new PeerPipe(host, conflate);
  pipe.connect(host);
  const broadcast = new Broadcast();
  const send = (one: Message, gets = true) => {
    broadcast.begin(one);
    if (gets) pipe.broadcast(broadcast);
    else broadcast.encode();
    broadcast.release();
  };
  for (let i = 0; i < 40; i++) {
    send(message(`warm ${i}`));
    drain(pipe);
  }
  return { host, pipe, send };
}

/** The bytes of messages on the wire. */
function wire(messages: readonly Message[]): string {
  const batch = new BatchEncoder(new SlabPool());
  for (const one of messages) batch.addMessage(one);
  return toHex(concat(batch.complete()));
}

test("a subscriber of every message gets them in one run, with the same bytes and counts", () => {
  const { pipe, send } = warm();
  const before = pipe.counters.snapshot();
  const messages = Array.from({ length: 100 }, (_, i) => message(`${i}`, "x".repeat(i)));
  for (const one of messages) send(one);
  assertEquals([pipe.outbox.messages, pipe.outbox.bytes], [
    100,
    messages.reduce((sum, one) => sum + messageBytes(one), 0),
  ]);
  const taker = drain(pipe);
  assertEquals([taker.how, taker.hex], [["run of 100"], wire(messages)]);
  const after = pipe.counters.snapshot();
  assertEquals([after.messagesSent - before.messagesSent, after.bytesSent - before.bytesSent], [100, taker.bodies]);
  assertEquals([pipe.outbox.messages, pipe.outbox.bytes, pipe.outbox.drained], [0, 0, true]);
});

test("a gap begins a new row of messages, and only the end of that is a run again", () => {
  const { pipe, send } = warm();
  const sent: Message[] = [];
  for (let i = 0; i < 60; i++) {
    const one = message(`${i}`);
    send(one, i !== 10);
    if (i !== 10) sent.push(one);
  }
  const taker = drain(pipe);
  assertEquals(taker.hex, wire(sent));
  assertEquals(taker.how, ["run of 10", ...Array(32).fill("message"), "run of 17"]);
});

test("a subscriber of few messages gets them as messages, which keep no slabs alive", () => {
  const { pipe, send } = warm();
  for (let i = 0; i < 200; i++) send(message(`${i}`), i % 3 === 0);
  // The first of them came without a gap.
  assertEquals(drain(pipe).how, ["run of 1", ...Array(66).fill("message")]);
});

test("other messages between broadcasts keep their place", () => {
  const { pipe, send } = warm();
  send(message("a"));
  send(message("b"));
  pipe.trySend(message("alone"));
  send(message("c"));
  send(message("d".repeat(20_000)));
  send(message("e"));
  const taker = drain(pipe);
  assertEquals(taker.how, ["run of 2", "message", "run of 1", "message", "run of 1"]);
  assertEquals(taker.hex, wire(["a", "b", "alone", "c", "d".repeat(20_000), "e"].map((text) => message(text))));
});

test("a run that was moved out does not grow", () => {
  const { pipe, send } = warm();
  send(message("a"));
  const taker = new Taker();
  pipe.outbox.moveTo(taker);
  send(message("b"));
  assertEquals([taker.how, taker.hex, pipe.outbox.messages], [["run of 1"], wire([message("a")]), 1]);
  pipe.outbox.handedOver();
  assertEquals(drain(pipe).hex, wire([message("b")]));
});

test("the high-water mark counts the messages of runs, and drops those above it", () => {
  const { host, pipe, send } = warm({ sendHighWaterMark: 10 });
  const sent = Array.from({ length: 15 }, (_, i) => message(`${i}`));
  for (const one of sent) send(one);
  assertEquals([pipe.outbox.messages, pipe.writable, pipe.counters.dropped], [10, false, 5]);
  host.told.length = 0;
  assertEquals(drain(pipe).hex, wire(sent.slice(0, 10)));
  assertEquals([host.told, pipe.writable], [["writable"], true]);
});

test("unfinished runs of a lost connection are returned, and count as dropped when the pipe closes", () => {
  const { pipe, send } = warm();
  send(message("a"));
  send(message("b"));
  pipe.trySend(message("c"));
  const before = pipe.counters.snapshot();
  pipe.outbox.moveTo(new Taker());
  assertEquals([pipe.outbox.lost({ taken: 0 }), pipe.outbox.messages, pipe.outbox.bytes], [0, 3, 3]);
  assertEquals(pipe.counters.snapshot(), before);
  assertEquals([pipe.drop(), pipe.counters.dropped], [3, 3]);
});

test("no runs for a peer that reads another encoding, nor where only the last message counts", () => {
  for (const [takesRuns, conflate] of [[false, false], [true, true]] as const) {
    const { pipe, send } = warm({}, takesRuns, conflate);
    for (let i = 0; i < 50; i++) send(message("x"));
    assertEquals(new Set(drain(pipe).how), new Set(["message"]));
  }
});
