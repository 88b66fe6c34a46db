/**
 * Receiving as users see it, over a pattern that the test fills.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { ReceiveQueue } from "../../../src/engine/waits/receive_queue.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { type Message, toText } from "../../../src/base/message.ts";
import type { Pattern } from "../../../src/routing/pattern.ts";
import { message, texts } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { SpyController } from "../../support/spy_signal.ts";
import { late, settle } from "../../support/socket_types.ts";

/** Holds messages. */
class Store implements Pattern {
  readonly queuesAhead = true;
  readonly held: Message[] = [];
  error: ZmqError | undefined;

  attach(): undefined {}
  detach(): void {}
  pipeReadable(): void {}
  pipeWritable(): void {}

  hold(...list: string[]): void {
    for (const text of list) this.held.push(message(text));
  }

  tryReceive(): Message | undefined {
    return this.error === undefined ? this.held.shift() : undefined;
  }

  canReceive(): boolean {
    return this.error === undefined && this.held.length > 0;
  }

  receiveError(): ZmqError | undefined {
    return this.error;
  }
}

/** Settings with this `receiveTimeout`. */
const patience = (receiveTimeout: number) => settle("PULL", { receiveTimeout });

const closed = () => new ZmqError("ENOTSOCK", "closed");
const text = async (received: Promise<Message>) => texts(await received)!.join();

test("an available message is received immediately, in order", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  assertStrictEquals(queue.tryReceive(), undefined);
  store.hold("1", "2");
  assertEquals(texts(queue.tryReceive()), ["1"]);
  assertEquals(await text(queue.receive()), "2");
});

test("pending receives are served in the order of the calls, and a later one never overtakes them", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const receives = [queue.receive(), queue.receive(), queue.receive()];
  store.hold("1", "2");
  assertStrictEquals(queue.tryReceive(), undefined);
  queue.pump();
  store.hold("3", "4");
  queue.pump();
  assertEquals(await Promise.all(receives.map(text)), ["1", "2", "3"]);
  assertEquals(texts(queue.tryReceive()), ["4"]);
});

test("a receive that ends early loses no message: the next one gets it", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const controller = new SpyController();
  const first = assertRejects(() => queue.receive({ signal: controller.signal }));
  const second = queue.receive({ signal: new AbortController().signal });
  assertEquals(controller.listeners, 1);
  controller.abort("enough");
  assertEquals([await first, controller.listeners], ["enough", 0]);
  store.hold("1");
  queue.pump();
  assertEquals(await text(second), "1");
  assertEquals(await assertRejects(() => queue.receive({ signal: controller.signal })), "enough");
  store.hold("2");
  assertEquals(await assertRejects(() => queue.receive({ signal: controller.signal })), "enough");
  assertEquals(await text(queue.receive()), "2");
});

test("a pump from inside a receive, which a resumed connection causes, loses no message and keeps the order", async () => {
  class Echo extends Store {
    again: () => void = () => {};

    override tryReceive(): Message | undefined {
      const taken = super.tryReceive();
      this.again();
      return taken;
    }
  }
  const store = new Echo();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  store.again = () => queue.pump();
  const receives = [1, 2, 3].map(() => text(queue.receive()));
  store.hold("1", "2", "3", "4");
  queue.pump();
  assertEquals(await Promise.all(receives), ["1", "2", "3"]);
  assertEquals(texts(queue.tryReceive()), ["4"]);
});

test("a signal is listened to only while the receive waits", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const controller = new SpyController();
  store.hold("at once");
  await queue.receive({ signal: controller.signal });
  assertEquals(controller.listeners, 0);
  const waiting = queue.receive({ signal: controller.signal });
  store.hold("later");
  queue.pump();
  await waiting;
  assertEquals(controller.listeners, 0);
});

test("a receive with a timeout fails with EAGAIN, and takes no message afterwards", async () => {
  for (const timeout of [0, 5]) {
    const store = new Store();
    const queue = new ReceiveQueue(store, patience(timeout), systemClock, late);
    assertEquals((await assertRejects(() => queue.receive(), ZmqError)).code, "EAGAIN");
    store.hold("late");
    queue.pump();
    assertEquals(texts(queue.tryReceive()), ["late"]);
  }
});

test("if the pattern's state allows no receive, its error is immediate", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  store.error = new ZmqError("EFSM", "not now");
  assertStrictEquals(assertThrows(() => queue.tryReceive()), store.error);
  assertStrictEquals(await assertRejects(() => queue.receive()), store.error);
  store.error = undefined;
  store.hold("1");
  assertEquals(await text(queue.receive()), "1");
});

test("close ends all waits and every later receive with its error", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(60_000), systemClock, late);
  const waits = [1, 2].map(() => assertRejects(() => queue.receive(), ZmqError, "closed"));
  queue.fail(closed);
  await Promise.all(waits);
  store.hold("too late");
  queue.pump();
  await assertRejects(() => queue.receive(), ZmqError, "closed");
  assertThrows(() => queue.tryReceive(), ZmqError, "closed");
});

test("an iterator returns available and later messages, and ends when the queue is closed", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const seen: string[] = [];
  store.hold("1", "2");
  const iteration = (async () => {
    for await (const one of { [Symbol.asyncIterator]: () => queue.iterate() }) {
      seen.push(texts(one)!.join());
      if (seen.length === 2) {
        store.hold("3");
        queueMicrotask(() => queue.pump());
      }
      if (seen.length === 3) queueMicrotask(() => queue.fail(closed));
    }
  })();
  await iteration;
  assertEquals(seen, ["1", "2", "3"]);
  assertEquals(await queue.iterate().next(), { done: true, value: undefined });
});

test("an iterator's next calls are served in order, even if several wait", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const iterator = queue.iterate();
  const results = [iterator.next(), iterator.next(), iterator.next()];
  store.hold("1", "2");
  queue.pump();
  queue.fail(closed);
  const [first, second, last] = await Promise.all(results);
  assertEquals([first, second], [{ done: false, value: message("1") }, { done: false, value: message("2") }]);
  assertEquals(last, { done: true, value: undefined });
});

test("an iterator passes on a timeout and a state that allows no receive", async () => {
  const store = new Store();
  const iterator = new ReceiveQueue(store, patience(5), systemClock, late).iterate();
  assertEquals((await assertRejects(() => iterator.next(), ZmqError)).code, "EAGAIN");
  store.error = new ZmqError("EFSM", "not now");
  assertStrictEquals(await assertRejects(() => iterator.next()), store.error);
});

test("an iterator that is left takes nothing with it", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  store.hold("1", "2");
  for await (const one of { [Symbol.asyncIterator]: () => queue.iterate() }) {
    assertEquals(texts(one), ["1"]);
    break;
  }
  assertEquals(texts(queue.tryReceive()), ["2"]);
});

test("an iterator that is left while it waits ends its waits, and takes no message", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  const iterator = queue.iterate();
  const waiting = [iterator.next(), iterator.next()];
  const other = queue.receive();
  assertEquals(await iterator.return!(), { done: true, value: undefined });
  store.hold("1");
  queue.pump();
  assertEquals(await Promise.all(waiting), [{ done: true, value: undefined }, { done: true, value: undefined }]);
  assertEquals([await text(other), await iterator.next()], ["1", { done: true, value: undefined }]);
});

test("its owner is notified of each received message, immediate or pending, and of nothing else", async () => {
  const store = new Store();
  let told = 0;
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late, () => told++);
  queue.tryReceive();
  store.hold("1", "2");
  queue.tryReceive();
  await queue.receive();
  assertEquals(told, 2);
  const waiting = [queue.receive(), queue.receive(), queue.receive()];
  store.hold("3", "4");
  queue.pump();
  assertEquals(told, 4);
  store.hold("5");
  queue.pump();
  queue.pump();
  await Promise.all(waiting);
  assertEquals(told, 5);
});

test("receives that ask together are served in the order of the calls, also where one of them waits for a turn", async () => {
  const store = new Store();
  const queue = new ReceiveQueue(store, patience(-1), systemClock, late);
  store.hold(...Array.from({ length: 9000 }, (_, i) => `${i}`));
  const order: number[] = [];
  const asked = Array.from(
    { length: 10_000 },
    () => queue.receive().then(([text]) => order.push(Number(toText(text!)))),
  );
  store.hold(...Array.from({ length: 1000 }, (_, i) => `${9000 + i}`));
  queue.pump();
  await Promise.all(asked);
  assertEquals(order, Array.from({ length: 10_000 }, (_, i) => i));
});
