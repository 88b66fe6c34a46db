/**
 * Peers that are replaced, over every transport: queues are kept, subscriptions are sent again, received messages stay.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, record, take, texts, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

/** Large, so that the operating system does not hold many. */
const BODY = new Uint8Array(256 * 1024);

/** Closes a peer; resolves when the socket knows. */
async function lose(socket: Socket, peer: Socket): Promise<void> {
  const lost = nextEvent(socket, "disconnect");
  await peer.close();
  await lost;
}

export const reconnects: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: messages queued while the peer is offline go to the next one, once and in order`, async () => {
    for (const [make, makePeer] of [[Push, Pull], [Dealer, Router], [Dealer, Dealer], [Pair, Pair]] as const) {
      await using socket = new make({ reconnectInterval: 5 });
      const first = new makePeer();
      const endpoint = await link(transport, first, socket);
      await socket.send("before");
      assertEquals((await first.receive()).length, first instanceof Router ? 2 : 1);
      await lose(socket, first);
      for (const text of numbers(100)) await socket.send(text);
      assertEquals([socket.peerCount, socket.statistics().queued], [0, 100]);
      await using second = new makePeer();
      await bindAgain(second, endpoint);
      assertEquals((await take(second, 100)).map((text) => text.split("|").at(-1)), numbers(100));
      const { reconnects, messagesSent, dropped } = socket.statistics();
      assertEquals([reconnects, messagesSent, dropped], [1, 101, 0]);
    }
  });

  test(`${name}: a loss is reported before the attempts that follow it`, async () => {
    await using push = new Push({ reconnectInterval: 5 });
    const first = new Pull();
    const events = record(push);
    const endpoint = await link(transport, first, push);
    await lose(push, first);
    await using second = new Pull();
    const made = nextEvent(push, "handshake");
    await bindAgain(second, endpoint);
    await made;
    // Over tcp and ipc it may have tried again too early, and then it may have been connected for a moment.
    const types = events.map(({ type }) => type).filter((type) => !type.startsWith("connect:"));
    const tooEarly = (i: number) => types[i] === "connect" && types[i + 1] === "handshake:error:other";
    const rest = types.filter((_, i) => !tooEarly(i) && !tooEarly(i - 1));
    assertEquals(rest, ["connect", "handshake", "disconnect", "connect", "handshake"]);
    const start = events.findIndex(({ type }) => type === "disconnect");
    const [lost, retry, delay] = events.slice(start);
    assert(lost?.type === "disconnect" && retry?.type === "connect:retry" && delay?.type === "connect:delay");
    assertEquals([lost.endpoint, retry.endpoint, delay.endpoint], [endpoint, endpoint, endpoint]);
    assertEquals(["error" in lost, retry.interval >= 5 && retry.interval <= 10], [false, true]);
  });

  test(`${name}: subscriptions are sent again to a publisher that restarts, without those that were removed`, async () => {
    for (const makePublisher of [Publisher, XPublisher]) {
      await using sub = new Subscriber({ reconnectInterval: 5 });
      await using xsub = new XSubscriber({ reconnectInterval: 5 });
      const first = new makePublisher();
      const endpoint = await link(transport, first, sub, xsub);
      sub.subscribe("a", "a", "b", "c");
      for (const topic of ["\x01c", "\x01d", "\x01e"]) await xsub.send(topic);
      await first.waitForSubscribers(2, { topic: "c" });
      sub.unsubscribe("b");
      await xsub.send("\x00d");
      const lost = nextEvent(xsub, "disconnect");
      await lose(sub, first);
      await lost;
      sub.unsubscribe("a");
      sub.subscribe("late");
      await using second = new makePublisher();
      await bindAgain(second, endpoint);
      await Promise.all([
        second.waitForSubscribers(1, { topic: "late" }),
        second.waitForSubscribers(2, { topic: "c" }),
        second.waitForSubscribers(1, { topic: "e" }),
      ]);
      assertEquals(second.topicsCount, 4);
      for (const topic of ["a1", "b1", "c1", "d1", "e1", "late1"]) await second.send(topic);
      assertEquals([await take(sub, 3), await take(xsub, 2)], [["a1", "c1", "late1"], ["c1", "e1"]]);
    }
  });

  test(`${name}: a publisher removes the topics of disconnected subscribers, and an XPublisher reports them`, async () => {
    await using xpub = new XPublisher();
    const stays = new Subscriber();
    const goes = new Subscriber();
    stays.subscribe("both");
    goes.subscribe("both", "own");
    await link(transport, xpub, stays, goes);
    await xpub.waitForSubscribers(2, { topic: "both" });
    await xpub.waitForSubscribers(1, { topic: "own" });
    assertEquals((await take(xpub, 2)).sort(), ["\x01both", "\x01own"]);
    await lose(xpub, goes);
    assertEquals(await take(xpub, 1), ["\x00own"]);
    assertEquals([xpub.subscriberCount, xpub.topicsCount], [1, 1]);
    await lose(xpub, stays);
    assertEquals(await take(xpub, 1), ["\x00both"]);
    assertEquals([xpub.subscriberCount, xpub.topicsCount], [0, 0]);
  });

  test(`${name}: messages that arrived before a peer disconnected can still be received`, async () => {
    await using pull = new Pull();
    for (const binds of [true, false]) {
      const push = new Push();
      await (binds ? link(transport, push, pull) : link(transport, pull, push));
      for (const text of numbers(100)) await push.send(text);
      await lose(pull, push);
      assertEquals([pull.peerCount, pull.statistics().held], [0, 100]);
      assertEquals(await take(pull, 100), numbers(100));
    }
  });

  test(`${name}: a bound socket drops and counts the queue of a peer that disconnects`, async () => {
    await using push = new Push({ sendHighWaterMark: 50 });
    const pull = new Pull({ receiveHighWaterMark: 1 });
    await link(transport, push, pull);
    let sent = 0;
    while (push.trySend(BODY)) sent++;
    await lose(push, pull);
    const { messagesSent, dropped, queued } = push.statistics();
    assertEquals(queued, 0);
    if (!transport.buffers) assertEquals(messagesSent + dropped, sent);
    // Messages that the connection still held count as sent, and as dropped as well.
    else assert(messagesSent <= sent && messagesSent + dropped >= sent, `${messagesSent} + ${dropped} of ${sent}`);
    assertEquals(push.trySend("nobody"), false);
  });

  test(`${name}: with immediate the queue is dropped with the connection, and sends wait for the next`, async () => {
    await using push = new Push({ immediate: true, reconnectInterval: 5, sendHighWaterMark: 50 });
    const first = new Pull({ receiveHighWaterMark: 1 });
    const endpoint = await link(transport, first, push);
    while (push.trySend(BODY));
    await lose(push, first);
    assertEquals([push.statistics().queued, push.trySend("nobody")], [0, false]);
    const sent = push.send("to the next");
    await using second = new Pull();
    await bindAgain(second, endpoint);
    await sent;
    assertEquals(await take(second, 1), ["to the next"]);
  });

  test(`${name}: with reconnectInterval -1 a socket does not reconnect to a lost endpoint, and can connect again`, async () => {
    await using dealer = new Dealer({ reconnectInterval: -1 });
    await using router = new Router();
    const endpoint = await link(transport, router, dealer);
    const given = nextEvent(dealer, "connect:end");
    await router.unbind(endpoint);
    const event = await given;
    assertEquals([event.endpoint, event.dropped], [endpoint, 0]);
    assertEquals(event.error instanceof ZmqError && event.error.code, "ECONNRESET");
    assertEquals(dealer.trySend("to nobody"), false);
    await bindAgain(router, endpoint);
    dealer.connect(endpoint);
    await dealer.send("again");
    assertEquals(texts(await router.receive())[1], "again");
  });

  test(`${name}: with reconnectStop a socket stops reconnecting after a failed handshake`, async () => {
    await using sub = new Subscriber({ reconnectStop: ["handshakeFailed"] });
    await using pull = new Pull();
    const given = nextEvent(sub, "connect:end");
    sub.connect(await pull.bind(transport.endpoint()));
    const { error } = await given;
    assertEquals(error instanceof ZmqError && error.code, "EPROTO");
  });

  test(`${name}: hello is the first message of each connection, hiccup and disconnect messages report its loss`, async () => {
    await using push = new Push({ helloMessage: "hello", reconnectInterval: 5 });
    await using dealer = new Dealer({ hiccupMessage: "hiccup", reconnectInterval: 5 });
    await using other = new Dealer({ disconnectMessage: "gone" });
    const pull = new Pull();
    const first = await link(transport, pull, push);
    await push.send("a");
    assertEquals(await take(pull, 2), ["hello", "a"]);
    await lose(push, pull);
    await push.send("b");
    await using next = new Pull();
    await bindAgain(next, first);
    assertEquals(await take(next, 2), ["hello", "b"]);

    const endpoint = await link(transport, other, dealer);
    await dealer.send("before");
    await until(() => other.statistics().held === 1);
    await other.unbind(endpoint);
    assertEquals(await take(dealer, 1), ["hiccup"]);
    // The side that ends a connection gets no report of a loss.
    assertEquals(await take(other, 1), ["before"]);
    await bindAgain(other, endpoint);
    await other.waitForPeers(1);
    await dealer.close();
    assertEquals(await take(other, 1), ["gone"]);
  });

  test(`${name}: a Request that lost its peer before the request continues with the next`, async () => {
    await using request = new Request({ reconnectInterval: 5 });
    const first = new Reply();
    const endpoint = await link(transport, first, request);
    await lose(request, first);
    await request.send("hello?");
    await using second = new Reply();
    await bindAgain(second, endpoint);
    assertEquals(await take(second, 1), ["hello?"]);
    await second.send("here");
    assertEquals(await take(request, 1), ["here"]);
  });

  test(`${name}: peers that connect and disconnect under traffic get each message at most once, and in order`, async () => {
    await using push = new Push({ reconnectInterval: 1, sendHighWaterMark: 20 });
    let endpoint = await transport.deserted();
    push.connect(endpoint);
    let sent = 0;
    let going = true;
    const sending = (async () => {
      while (going) await push.send([`${sent++}`, BODY]);
    })();
    let last = -1;
    for (let round = 0; round < 10; round++) {
      const pull = new Pull({ receiveHighWaterMark: 5 });
      endpoint = await bindAgain(pull, endpoint);
      for (let i = 0; i < 50; i++) {
        const number = Number(toText((await pull.receive())[0]));
        assert(number > last, `${number} after ${last}`);
        last = number;
      }
      await pull.close();
    }
    going = false;
    const end = new Pull();
    await bindAgain(end, endpoint);
    await sending;
    while (last < sent - 1) last = Number(toText((await end.receive())[0]));
    await end.close();
    assertEquals(push.statistics().reconnects, 10);
  });
};
