/**
 * Sending as users see it, over a pattern that the test opens and shuts.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { SendQueue } from "../../../src/engine/waits/send_queue.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import type { Message } from "../../../src/base/message.ts";
import type { Pattern } from "../../../src/routing/pattern.ts";
import { texts } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { SpyController } from "../../support/spy_signal.ts";
import { late, settle } from "../../support/socket_types.ts";

/** Takes `room` messages. */
class Gate implements Pattern {
  readonly queuesAhead = true;
  readonly sent: string[] = [];
  room: number;
  error: Error | undefined;

  constructor(room: number) {
    this.room = room;
  }

  attach(): undefined {}
  detach(): void {}
  pipeReadable(): void {}
  pipeWritable(): void {}

  canSend(): boolean {
    return this.room > 0;
  }

  trySend(message: Message): boolean {
    if (this.error !== undefined) throw this.error;
    if (this.room === 0) return false;
    this.room--;
    this.sent.push(texts(message)!.join());
    return true;
  }
}

/** Settings with this `sendTimeout`. */
const patience = (sendTimeout: number) => settle("PUSH", { sendTimeout });

const closed = () => new ZmqError("ENOTSOCK", "closed");

test("a send that is possible immediately completes immediately, without a promise of its own", async () => {
  const gate = new Gate(3);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const first = queue.send(["a", "b"]);
  assertEquals(gate.sent, ["a,b"]);
  assertStrictEquals(queue.send("c"), first);
  assertEquals([queue.trySend("d"), queue.trySend("e")], [true, false]);
  await first;
  gate.room = 1;
  assertEquals([gate.sent, queue.writable], [["a,b", "c", "d"], true]);
});

test("sends that must wait go out in the order of the calls, as room comes", async () => {
  const gate = new Gate(0);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const done: number[] = [];
  const sends = [1, 2, 3].map((n) => queue.send(`${n}`).then(() => done.push(n)));
  assertEquals(queue.trySend("no queue-jumping"), false);
  gate.room = 2;
  queue.pump();
  assertEquals(gate.sent, ["1", "2"]);
  gate.room = 5;
  assertEquals([queue.writable, queue.trySend("still none")], [false, false]);
  const last = queue.send("4");
  queue.pump();
  await Promise.all([...sends, last]);
  assertEquals([gate.sent, done], [["1", "2", "3", "4"], [1, 2, 3]]);
  assertEquals(queue.trySend("5"), true);
});

test("an invalid message is rejected before it is queued, and later sends are not affected", async () => {
  const gate = new Gate(1);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  await assertRejects(() => queue.send([]), TypeError, "at least one frame");
  await assertRejects(() => queue.send(undefined as never), TypeError, "undefined");
  assertThrows(() => queue.trySend([{} as never]), TypeError, "object");
  assertEquals(gate.sent, []);
  await queue.send("good");
  assertEquals(gate.sent, ["good"]);
});

test("the array of frames belongs to the caller again immediately, even if the send waits", async () => {
  const gate = new Gate(0);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const frames = ["a", "b"];
  const sent = queue.send(frames);
  frames[0] = "changed";
  frames.length = 1;
  gate.room = 1;
  queue.pump();
  await sent;
  assertEquals(gate.sent, ["a,b"]);
});

test("a send with a timeout fails with EAGAIN, and its message does not go out later", async () => {
  const gate = new Gate(0);
  for (const timeout of [0, 5]) {
    const queue = new SendQueue(gate, patience(timeout), systemClock, late);
    assertEquals((await assertRejects(() => queue.send("late"), ZmqError)).code, "EAGAIN");
    gate.room = 1;
    queue.pump();
    assertEquals([gate.sent, queue.writable, gate.room], [[], true, 1]);
    gate.room = 0;
  }
});

test("an aborted send removes its message, and the other sends continue", async () => {
  const gate = new Gate(0);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const controller = new SpyController();
  const first = queue.send("1");
  const second = assertRejects(() => queue.send("2", { signal: controller.signal }));
  const third = queue.send("3");
  assertEquals(controller.listeners, 1);
  controller.abort("no longer wanted");
  assertEquals(await second, "no longer wanted");
  assertEquals(controller.listeners, 0);
  gate.room = 9;
  queue.pump();
  await Promise.all([first, third]);
  assertEquals(gate.sent, ["1", "3"]);
  assertEquals(await assertRejects(() => queue.send("4", { signal: controller.signal })), "no longer wanted");
  assertEquals(gate.sent, ["1", "3"]);
});

test("a signal is listened to only while the send waits", async () => {
  const controller = new SpyController();
  const queue = new SendQueue(new Gate(1), patience(-1), systemClock, late);
  await queue.send("at once", { signal: controller.signal });
  assertEquals(controller.listeners, 0);
});

test("when the first waiting send is canceled, the next ones are attempted", async () => {
  // As with a mandatory ROUTER: the first waits for one peer, the second for another.
  class Picky extends Gate {
    override trySend(message: Message): boolean {
      return texts(message)![0] !== "blocked" && super.trySend(message);
    }
  }
  const gate = new Picky(9);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const controller = new AbortController();
  const blocked = assertRejects(() => queue.send("blocked", { signal: controller.signal }));
  const behind = queue.send("free");
  assertEquals(gate.sent, []);
  controller.abort();
  await Promise.all([blocked, behind]);
  assertEquals(gate.sent, ["free"]);
});

test("an error of the pattern is the send's error: immediately, and in line for that send alone", async () => {
  const gate = new Gate(0);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  gate.error = new ZmqError("EHOSTUNREACH", "nobody");
  assertStrictEquals(await assertRejects(() => queue.send("1")), gate.error);
  assertStrictEquals(assertThrows(() => queue.trySend("1")), gate.error);
  gate.error = undefined;
  const waiting = queue.send("2");
  gate.error = new ZmqError("EFSM", "not now");
  queue.pump();
  assertStrictEquals(await assertRejects(() => waiting), gate.error);
  gate.error = undefined;
  gate.room = 1;
  await queue.send("3");
  assertEquals(gate.sent, ["3"]);
});

test("a pump from inside a send, which a pipe with new room causes, sends nothing twice", async () => {
  class Echo extends Gate {
    again: () => void = () => {};

    override trySend(message: Message): boolean {
      this.again();
      return super.trySend(message);
    }
  }
  const gate = new Echo(0);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  gate.again = () => queue.pump();
  const sends = ["1", "2", "3"].map((text) => queue.send(text));
  gate.room = 9;
  queue.pump();
  await Promise.all(sends);
  assertEquals(gate.sent, ["1", "2", "3"]);
});

test("its owner is notified of each message sent immediately, and of no other", async () => {
  const gate = new Gate(2);
  let told = 0;
  const queue = new SendQueue(gate, patience(0), systemClock, late, () => told++);
  await queue.send("1");
  queue.trySend("2");
  queue.trySend("3");
  await assertRejects(() => queue.send("4"), ZmqError);
  assertEquals([told, gate.sent], [2, ["1", "2"]]);
});

test("close ends all waits and every later send with its error", async () => {
  const gate = new Gate(0);
  const queue = new SendQueue(gate, patience(60_000), systemClock, late);
  const waits = ["1", "2"].map((text) => assertRejects(() => queue.send(text), ZmqError, "closed"));
  queue.fail(closed);
  await Promise.all(waits);
  gate.room = 9;
  queue.pump();
  await assertRejects(() => queue.send("3"), ZmqError, "closed");
  assertThrows(() => queue.trySend("3"), ZmqError, "closed");
  assertEquals([gate.sent, queue.writable], [[], false]);
});

test("if messages are addressed to peers, a pending send does not block others, and is sent when possible", async () => {
  class Named extends Gate {
    readonly sendsByPeer = true;
    full = "full";

    override trySend(message: Message): boolean {
      return texts(message)![0] !== this.full && super.trySend(message);
    }
  }
  const gate = new Named(9);
  const queue = new SendQueue(gate, patience(-1), systemClock, late);
  const waiting = [queue.send(["full", "1"]), queue.send(["full", "2"])];
  await queue.send("at once");
  assertEquals([queue.trySend("too"), queue.trySend("full"), gate.sent], [true, false, ["at once", "too"]]);
  gate.room = 0;
  const delayed = queue.send("late");
  gate.room = 9;
  queue.pump();
  await delayed;
  assertEquals(gate.sent, ["at once", "too", "late"]);
  gate.full = "";
  queue.pump();
  await Promise.all(waiting);
  assertEquals(gate.sent.slice(3), ["full,1", "full,2"]);
});
