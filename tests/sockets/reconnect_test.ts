/**
 * Lost connections are reestablished, with back-off and jitter, and queued messages are sent then.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Request, type Socket, Subscriber, ZmqError } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { message, RawListener } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, take } from "./support.ts";

/** The intervals that a socket reports before its next attempts to connect. */
async function intervals(socket: Socket, endpoint: string, count: number): Promise<number[]> {
  const events = socket.events[Symbol.asyncIterator]();
  const told: number[] = [];
  (socket as Push).connect(endpoint);
  while (told.length < count) {
    const { value } = await events.next();
    if (value?.type === "connect:retry") told.push(value.interval);
  }
  await events.return!();
  return told;
}

test("reconnect: intervals are the first one with a random part, where they are not to grow", async () => {
  await using push = new Push({ reconnectInterval: 10 });
  const told = await intervals(push, await deserted(), 12);
  for (const interval of told) assert(interval >= 10 && interval <= 20, String(told));
  assert(new Set(told).size > 1, `no jitter: ${told}`);
});

test("reconnect: intervals double up to the longest, with jitter", async () => {
  await using push = new Push({ reconnectInterval: 4, reconnectMaxInterval: 32 });
  const told = await intervals(push, await deserted(), 10);
  for (const [i, interval] of told.entries()) {
    const full = Math.min(32, 4 * 2 ** i);
    assert(interval >= full / 2 && interval <= full, `interval ${i} of ${told}`);
  }
  assert(new Set(told.slice(3)).size > 1, `no jitter: ${told}`);
});

test("reconnect: a peer that fails every handshake does not reset the back-off, a good one does", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 2, reconnectMaxInterval: 64 });
  const events = push.events[Symbol.asyncIterator]();
  const nextInterval = async (): Promise<number> => {
    for (;;) {
      const { value } = await events.next();
      if (value?.type === "connect:retry") return value.interval;
    }
  };
  push.connect(listener.endpoint);
  let last = 0;
  for (let i = 0; i < 7; i++) {
    await (await listener.accept()).end();
    last = await nextInterval();
  }
  assert(last >= 32, `after 7 failures: ${last}`);
  await (await listener.join({ type: "PULL" })).end();
  const fresh = await nextInterval();
  assert(fresh <= 2, `after a success: ${fresh}`);
});

test("reconnect: messages queued while no peer is connected are sent once, in order, when the peer is back", async () => {
  await using push = new Push({ reconnectInterval: 10 });
  const first = new Pull();
  const endpoint = await first.bind(ANY);
  push.connect(endpoint);
  await push.send("before");
  assertEquals(await take(first, 1), ["before"]);
  const lost = nextEvent(push, "disconnect");
  await first.close();
  await lost;
  for (let i = 0; i < 100; i++) await push.send(String(i));
  await using second = new Pull();
  await bindAgain(second, endpoint);
  assertEquals(await take(second, 100), Array.from({ length: 100 }, (_, i) => String(i)));
});

test("reconnect: a Request can continue with a peer that was lost before the request", async () => {
  await using listener = await RawListener.bind();
  await using request = new Request({ reconnectInterval: 10 });
  request.connect(listener.endpoint);
  const lost = nextEvent(request, "disconnect");
  await (await listener.join({ type: "REP" })).end();
  await lost;
  await request.send("hello?");
  const peer = await listener.join({ type: "REP" });
  assertEquals(await peer.message(), ["", "hello?"]);
  peer.write(message("", "here"));
  assertEquals(await take(request, 1), ["here"]);
});

test("reconnect: subscriptions are sent again, each topic once, without those that were removed", async () => {
  await using listener = await RawListener.bind();
  await using sub = new Subscriber({ reconnectInterval: 10 });
  sub.subscribe("a", "a", "b", "c");
  sub.connect(listener.endpoint);
  const first = await listener.join({ type: "PUB" });
  const told = [await first.message(), await first.message(), await first.message()].flat();
  assertEquals(told.sort(), ["SUBSCRIBEa", "SUBSCRIBEb", "SUBSCRIBEc"]);
  sub.unsubscribe("b");
  assertEquals(await first.message(), ["CANCELb"]);
  await first.end();
  const second = await listener.join({ type: "PUB" });
  const again = [await second.message(), await second.message()].flat();
  assertEquals(again.sort(), ["SUBSCRIBEa", "SUBSCRIBEc"]);
  // Nothing more came before the answer to this.
  second.write(message("a is wanted"));
  await second.sync();
  assertEquals(await take(sub, 1), ["a is wanted"]);
});

test("reconnect: a lost Router is found again by the routing id of the Dealer that comes back", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer({ reconnectInterval: 10, routingId: "me" });
  dealer.connect(listener.endpoint);
  for (let i = 0; i < 3; i++) {
    const peer = await listener.accept();
    const { body } = await peer.handshake({ type: "ROUTER" });
    const told = new TextDecoder().decode(body);
    assert(told.includes("Identity\0\0\0\x02me"), told);
    await peer.end();
  }
});

test("reconnect: with reconnectInterval -1 a lost endpoint is released, and can be connected again", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer({ reconnectInterval: -1 });
  dealer.connect(listener.endpoint);
  const lost = nextEvent(dealer, "disconnect");
  await (await listener.join({ type: "ROUTER" })).end();
  await lost;
  // No queue is left that would swallow it.
  assertEquals(dealer.trySend("to nobody"), false);
  dealer.connect(listener.endpoint);
  await dealer.send("hello again");
  const peer = await listener.join({ type: "ROUTER" });
  assertEquals(await peer.message(), ["hello again"]);
});

test("reconnect: with reconnectInterval -1 a refused endpoint ends with an event that has the number of dropped messages", async () => {
  const unused = await RawListener.bind();
  const { endpoint } = unused;
  await unused[Symbol.asyncDispose]();
  await using push = new Push({ reconnectInterval: -1 });
  const given = nextEvent(push, "connect:end");
  push.connect(endpoint);
  for (const message of ["1", "2", "3"]) await push.send(message);
  const event = await given;
  assertEquals([event.endpoint, event.dropped], [endpoint, 3]);
  assertEquals(event.error instanceof ZmqError && event.error.code, "ECONNREFUSED");
  assertEquals(push.trySend("to nobody"), false);
});
