/**
 * High-water marks over every transport: per peer, with nothing lost, and without blocking other peers. The buffers of
 * the operating system are unknown, so exact sums are tested for inproc only (`inproc_marks_test.ts`).
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  Dealer,
  type Message,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  Subscriber,
  toText,
  XPublisher,
} from "../../../mod.ts";
import { test } from "../../support/harness.ts";
import { fill, nextEvent, numbers, type Receiver, rejectsWith, take, until } from "../support.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { link, type Suite } from "./transport.ts";

/** Large, so that the operating system does not hold many. */
const BODY = new Uint8Array(128 * 1024).fill(98);
const MARK = 4;
/** More than all queues hold together: 256 MiB, all of which share the same memory. */
const LIMIT = 2000;
/** The timeout of a send that is to fail, in ms. If it were too short, the tests would prove less, but not fail. */
const TIMEOUT = 50;

/** The number of a message that ends with it and a body. */
function numberOf(message: Message): number {
  assertEquals(message.at(-1)!.length, BODY.length);
  return Number(toText(message.at(-2)!));
}

/** Receives `count` messages; fails unless they are numbered from 0 on. */
async function drain(socket: Receiver, count: number): Promise<void> {
  for (let i = 0; i < count; i++) assertEquals(numberOf(await socket.receive()), i);
}

export const marks: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: a sender is stopped by a peer that does not receive, and continues when it does`, async () => {
    for (const [make, makeReceiver] of [[Push, Pull], [Dealer, Dealer], [Dealer, Router], [Pair, Pair]] as const) {
      for (const binds of [true, false]) {
        await using sender = new make({ sendHighWaterMark: MARK, sendTimeout: TIMEOUT });
        await using receiver = new makeReceiver({ receiveHighWaterMark: MARK });
        await (binds ? link(transport, sender, receiver) : link(transport, receiver, sender));
        let sent = 0;
        const error = await rejectsWith("EAGAIN", async () => {
          for (; sent < LIMIT; sent++) await sender.send([`${sent}`, BODY]);
        });
        const begin = `Cannot send on ${make.name} within ${TIMEOUT} ms: no peer has room (1 peer, `;
        assert(error.message.startsWith(begin), error.message);
        assert(sent >= MARK, `${sent} messages were taken`);
        // The operating system may find room for more late.
        if (!transport.buffers) assertEquals([sender.writable, sender.trySend("full")], [false, false]);
        sender.sendTimeout = -1;
        const waiting = sender.send([`${sent}`, BODY]);
        await drain(receiver, sent + 1);
        await waiting;
        assertEquals(receiver.tryReceive(), undefined);
      }
    }
  });

  test(`${name}: a Router with mandatory is stopped in the same way, without it the rest is dropped`, async () => {
    for (const mandatory of [true, false]) {
      await using router = new Router({ mandatory, sendHighWaterMark: MARK });
      await using dealer = new Dealer({ routingId: "d", receiveHighWaterMark: MARK });
      await link(transport, router, dealer);
      let taken = 0;
      while (taken < LIMIT && router.trySend(["d", `${taken}`, BODY])) taken++;
      assertEquals(taken === LIMIT, !mandatory, `${taken} messages were taken`);
      const { dropped } = router.statistics();
      assertEquals(dropped > 0, !mandatory);
      await drain(dealer, taken - dropped);
      assertEquals(dealer.tryReceive(), undefined);
      // That the last ones were taken may be reported later.
      await until(() => router.statistics().queued === 0);
      assertEquals(router.trySend(["d", "0", BODY]), true);
      await drain(dealer, 1);
    }
  });

  test(`${name}: the high-water mark is per peer: a full one is skipped`, async () => {
    await using push = new Push({ sendHighWaterMark: MARK });
    await using slow = new Pull({ receiveHighWaterMark: MARK });
    await using quick = new Pull();
    await link(transport, push, slow, quick);
    const received: number[] = [];
    const receiving = (async () => {
      for await (const message of quick) received.push(numberOf(message));
    })();
    const count = 200;
    for (let i = 0; i < count; i++) await push.send([`${i}`, BODY]);
    // All are accepted though the slow one has received none.
    const rest = (async () => {
      for await (const message of slow) received.push(numberOf(message));
    })();
    await until(() => received.length === count);
    assertEquals(received.sort((a, b) => a - b).map(String), numbers(count));
    await Promise.all([slow.close(), quick.close(), receiving, rest]);
  });

  test(`${name}: a publisher drops messages for a full subscriber, whole ones, and for that one only`, async () => {
    for (const make of [Publisher, XPublisher]) {
      await using pub = new make({ sendHighWaterMark: MARK });
      await using slow = new Subscriber({ receiveHighWaterMark: MARK });
      await using quick = new Subscriber();
      for (const sub of [slow, quick]) sub.subscribe("");
      await link(transport, pub, slow, quick);
      await pub.waitForSubscribers(2);
      const count = 400;
      for (let i = 0; i < count; i++) {
        await pub.send([`${i}`, BODY]);
        assertEquals(numberOf(await quick.receive()), i);
      }
      const { dropped } = pub.statistics();
      assert(dropped > 0 && dropped <= count - MARK, `${dropped} were dropped`);
      const kept: number[] = [];
      while (kept.length < count - dropped) kept.push(numberOf(await slow.receive()));
      assertEquals(kept.slice(0, MARK), [0, 1, 2, 3]);
      assertEquals(kept, [...new Set(kept)].sort((a, b) => a - b));
      await until(() => pub.statistics().queued === 0);
      await pub.send("later");
      assertEquals([await take(slow, 1), await take(quick, 1)], [["later"], ["later"]]);
      assertEquals(pub.statistics().dropped, dropped);
    }
  });

  test(`${name}: with noDrop a publisher waits for the slowest subscriber to the message`, async () => {
    for (const make of [Publisher, XPublisher]) {
      await using pub = new make({ sendHighWaterMark: MARK, noDrop: true });
      await using slow = new Subscriber({ receiveHighWaterMark: MARK });
      await using other = new Subscriber();
      slow.subscribe("");
      other.subscribe("other");
      await link(transport, pub, slow, other);
      await pub.waitForSubscribers(2);
      let sent = 0;
      while (sent < LIMIT && pub.trySend([`${sent}`, BODY])) sent++;
      assert(sent >= MARK && sent < LIMIT, `${sent} messages were taken`);
      const waiting = pub.send([`${sent}`, BODY]);
      await drain(slow, sent + 1);
      await waiting;
      assertEquals([pub.statistics().dropped, other.tryReceive()], [0, undefined]);
    }
  });

  test(`${name}: a queue for an offline peer holds exactly the high-water mark, and a change applies immediately`, async () => {
    for (const make of [Push, Dealer, Pair]) {
      await using socket = new make({ sendHighWaterMark: 3, linger: 0 });
      socket.connect(await transport.deserted());
      assertEquals([socket.type, fill(socket)], [socket.type, 3]);
      const waiting = socket.send("waits");
      socket.sendHighWaterMark = 6;
      await waiting;
      assertEquals(fill(socket), 2);
      socket.sendHighWaterMark = 0;
      assertEquals(fill(socket, 100), 100);
    }
  });

  test(`${name}: a receiver that raises its high-water mark accepts more immediately`, async () => {
    await using push = new Push({ sendHighWaterMark: MARK });
    await using pull = new Pull({ receiveHighWaterMark: MARK });
    await link(transport, pull, push);
    let sent = 0;
    while (sent < LIMIT && push.trySend([`${sent}`, BODY])) sent++;
    const waiting = push.send([`${sent}`, BODY]);
    pull.receiveHighWaterMark = 0;
    await waiting;
    await until(() => pull.statistics().held === sent + 1);
    await drain(pull, sent + 1);
  });

  test(`${name}: high-water marks in bytes block a sender, too`, async () => {
    await using push = new Push({ sendHighWaterMark: 0, sendHighWaterMarkBytes: 3 * BODY.length });
    await using pull = new Pull({ receiveHighWaterMark: 0, receiveHighWaterMarkBytes: 3 * BODY.length });
    await link(transport, pull, push);
    let sent = 0;
    while (sent < LIMIT && push.trySend([`${sent}`, BODY])) sent++;
    assert(sent >= 3 && sent < LIMIT, `${sent} messages were taken`);
    const waiting = push.send([`${sent}`, BODY]);
    await drain(pull, sent + 1);
    await waiting;
  });

  test(`${name}: with conflate a receiver has only the last message, and a sender keeps only the last`, async () => {
    {
      await using push = new Push();
      await using pull = new Pull({ conflate: true });
      await link(transport, pull, push);
      for (const text of numbers(100)) await push.send(text);
      await until(() => pull.statistics().messagesReceived === 100);
      assertEquals(await take(pull, 1), ["99"]);
      assertEquals(pull.tryReceive(), undefined);
    }
    await using push = new Push({ conflate: true, reconnectInterval: 5 });
    await using pull = new Pull();
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    for (const text of numbers(100)) await push.send(text);
    const { queued, dropped } = push.statistics();
    assertEquals([queued, dropped], [1, 99]);
    const made = nextEvent(push, "handshake");
    await bindAgain(pull, endpoint);
    await made;
    // On Deno the READY of this side may still be in flight: until the message is written, the next one replaces it.
    await until(() => push.statistics().queued === 0);
    await push.send("next");
    assertEquals(await take(pull, 2), ["99", "next"]);
  });
};
