/**
 * Closing over every transport: accepted messages arrive, unsent messages are counted, nothing is left.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  Context,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, rejectsWith, take, throwsWith, turn } from "../support.ts";
import { link, type Suite } from "./transport.ts";

const ALL = [Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber, XPublisher, XSubscriber];

export const closing: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: messages accepted before close arrive, though the peer begins to receive after it`, async () => {
    for (const binds of [true, false]) {
      await using pull = new Pull();
      const push = new Push({ sendHighWaterMark: 0 });
      await (binds ? link(transport, push, pull) : link(transport, pull, push));
      // More than the peer's high-water mark.
      for (const text of numbers(3000)) assert(push.trySend(text));
      const closed = push.close();
      assertEquals([await take(pull, 3000), await closed], [numbers(3000), 0]);
    }
  });

  test(`${name}: messages accepted before close arrive, though the connection is not made yet`, async () => {
    await using pull = new Pull();
    const push = new Push({ sendHighWaterMark: 0 });
    push.connect(await pull.bind(transport.endpoint()));
    for (const text of numbers(3000)) assert(push.trySend(text));
    const closed = push.close();
    assertEquals([await take(pull, 3000), await closed], [numbers(3000), 0]);
  });

  test(`${name}: large messages that are not read immediately arrive, too`, async () => {
    await using pull = new Pull({ receiveHighWaterMark: 2 });
    const push = new Push();
    await link(transport, pull, push);
    const body = new Uint8Array(1 << 20).fill(7);
    for (const text of numbers(20)) await push.send([text, body]);
    const closed = push.close({ linger: -1 });
    for (const text of numbers(20)) {
      const [number, received] = await pull.receive();
      assertEquals([toText(number), received!.length, received!.at(-1)], [text, body.length, 7]);
    }
    assertEquals(await closed, 0);
  });

  test(`${name}: the last message of every type that sends arrives`, async () => {
    const dealer = new Dealer({ routingId: "d" });
    const request = new Request();
    const [pair, xsub] = [new Pair(), new XSubscriber()];
    const [sub, xpub] = [new Subscriber(), new XPublisher()];
    {
      await using router = new Router();
      await using reply = new Reply();
      await using other = new Pair();
      await using pub = new Publisher();
      await using up = new XSubscriber();
      await link(transport, router, dealer);
      await link(transport, reply, request);
      await link(transport, other, pair);
      await link(transport, pub, sub, xsub);
      await link(transport, up, xpub);
      sub.subscribe("");
      await xsub.send("\x01");
      await request.send("question");
      await reply.receive();
      await pub.waitForSubscribers(2);
      await router.send(["d", "from the router"]);
      await reply.send("from the reply");
      await other.send("from the pair");
      await pub.send("from the publisher");
      await up.send("from the subscriber");
    }
    const last = [dealer, request, pair, sub, xsub, xpub].map((socket) => take(socket, 1));
    assertEquals((await Promise.all(last)).flat(), [
      "from the router",
      "from the reply",
      "from the pair",
      "from the publisher",
      "from the publisher",
      "from the subscriber",
    ]);
    for (const socket of [dealer, request, pair, sub, xsub, xpub]) await socket.close();
  });

  test(`${name}: linger 0 immediately drops messages queued without a peer`, async () => {
    for (const make of [Push, Dealer, Pair]) {
      for (const [options, argument] of [[{ linger: 0 }, undefined], [{}, { linger: 0 }]] as const) {
        const socket = new make(options);
        socket.connect(await transport.deserted());
        for (const text of numbers(7)) await socket.send(text);
        assertEquals([await socket.close(argument), socket.statistics().queued], [7, 0]);
      }
    }
  });

  test(`${name}: linger in ms drops the messages of all endpoints that were not read in time`, async () => {
    const push = new Push({ linger: 20, reconnectInterval: 5 });
    push.connect(await transport.deserted());
    push.connect(await transport.deserted());
    for (const text of numbers(5)) await push.send(text);
    assertEquals(await push.close(), 5);
  });

  test(`${name}: linger in ms holds for an endpoint that is disconnected`, async () => {
    const pair = new Pair({ linger: 20, reconnectInterval: 5 });
    const endpoint = await transport.deserted();
    pair.connect(endpoint);
    await pair.send("lost");
    pair.disconnect(endpoint);
    assertEquals(await pair.close({ linger: -1 }), 1);
  });

  test(`${name}: linger -1 waits for the peer, however late it comes`, async () => {
    const push = new Push({ reconnectInterval: 5, linger: -1 });
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    for (const text of numbers(10)) await push.send(text);
    const closed = push.close();
    await turn(10);
    await using pull = new Pull();
    await bindAgain(pull, endpoint);
    assertEquals([await take(pull, 10), await closed], [numbers(10), 0]);
  });

  test(`${name}: sends that wait are not accepted, and so not counted`, async () => {
    const push = new Push({ sendHighWaterMark: 1 });
    push.connect(await transport.deserted());
    const sends = Promise.allSettled([push.send("queued"), push.send("waits"), push.send("waits")]);
    assertEquals(await push.close({ linger: 0 }), 1);
    assertEquals((await sends).map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  });

  test(`${name}: close is done once, and refuses everything from then on`, async () => {
    const pair = new Pair();
    const endpoint = await pair.bind(transport.endpoint());
    const other = await transport.deserted();
    const closed = pair.close();
    assertStrictEquals(pair.close({ linger: 0 }), closed);
    assertEquals([pair.closed, await closed], [true, 0]);
    await rejectsWith("ENOTSOCK", () => pair.send("x"));
    throwsWith("ENOTSOCK", () => pair.tryReceive());
    await rejectsWith("ENOTSOCK", () => pair.bind(other));
    await rejectsWith("ENOTSOCK", () => pair.unbind(endpoint));
    throwsWith("ENOTSOCK", () => pair.connect(other));
    throwsWith("ENOTSOCK", () => pair.disconnect(other));
    assertEquals([pair.readable, pair.writable, pair.peerCount], [false, false, 0]);
  });

  test(`${name}: close frees the endpoint, and its peers see the end`, async () => {
    const pull = new Pull();
    await using push = new Push({ reconnectInterval: 5 });
    const endpoint = await link(transport, pull, push);
    const lost = nextEvent(push, "disconnect");
    await pull.close();
    await lost;
    await using next = new Pull();
    assertEquals(await bindAgain(next, endpoint), endpoint);
    await push.send("to the next");
    assertEquals(await take(next, 1), ["to the next"]);
  });

  test(`${name}: a context counts its sockets until they are closed, in any state`, async () => {
    const context = new Context();
    const never = await transport.deserted();
    for (const make of ALL) {
      const sockets = [new make({ context }), new make({ context }), new make({ context })];
      await sockets[0]!.bind(transport.endpoint());
      sockets[1]!.connect(never);
      assertEquals(context.sockets, 3);
      for (const socket of sockets) assertEquals(await socket.close(), 0);
      assertEquals([make.name, context.sockets], [make.name, 0]);
    }
  });

  test(`${name}: close while a connection is being made leaves nothing of it`, async () => {
    const context = new Context();
    await using pull = new Pull({ context });
    const endpoint = await pull.bind(transport.endpoint());
    for (let turns = 0; turns < 15; turns++) {
      const push = new Push({ context });
      push.connect(endpoint);
      await turn(turns);
      assertEquals(await push.close(), 0);
      assertEquals(context.sockets, 1);
    }
  });

  test(`${name}: close while a bind is in progress makes the bind fail, and \`end\` is the last event`, async () => {
    const context = new Context();
    const pull = new Pull({ context });
    const events: string[] = [];
    pull.events.listen(({ type }) => type !== "hint" && events.push(type));
    const endpoint = await transport.deserted();
    const bound = rejectsWith("ENOTSOCK", () => pull.bind(endpoint));
    await pull.close();
    await bound;
    assertEquals([events.at(-1), context.sockets], ["end", 0]);
    await using next = new Pull({ context });
    assertEquals(await bindAgain(next, endpoint), endpoint);
  });

  test(`${name}: both sockets may be closed at the same time, with messages in flight`, async () => {
    const context = new Context();
    for (const binds of [true, false]) {
      const pair = new Pair({ context });
      const other = new Pair({ context });
      await (binds ? link(transport, pair, other) : link(transport, other, pair));
      for (const text of numbers(100)) {
        await pair.send(text);
        await other.send(text);
      }
      await Promise.all([pair.close(), other.close()]);
      assertEquals(context.sockets, 0);
    }
  });
};
