/**
 * Endpoints: any number of them, on either side, in any order, and repeatedly.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, type Socket, Subscriber } from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, rejectsWith, take, throwsWith, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

export const endpoints: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: connect before bind, and messages sent meanwhile arrive in order`, async () => {
    for (const [make, makeReceiver] of [[Push, Pull], [Dealer, Router], [Pair, Pair]] as const) {
      await using receiver = new makeReceiver();
      await using sender = new make({ reconnectInterval: 5 });
      const endpoint = await transport.deserted();
      sender.connect(endpoint);
      for (const text of numbers(100)) await sender.send(text);
      assertEquals([sender.peerCount, sender.statistics().queued], [0, 100]);
      await bindAgain(receiver, endpoint);
      const received = await take(receiver, 100);
      assertEquals(received.map((text) => text.split("|").at(-1)), numbers(100));
      assertEquals(sender.statistics().queued, 0);
    }
  });

  test(`${name}: a request that was sent before its peer was bound is answered`, async () => {
    await using reply = new Reply();
    await using request = new Request({ reconnectInterval: 5 });
    const endpoint = await transport.deserted();
    request.connect(endpoint);
    await request.send("anybody?");
    await bindAgain(reply, endpoint);
    assertEquals(await take(reply, 1), ["anybody?"]);
    await reply.send("I");
    assertEquals(await take(request, 1), ["I"]);
  });

  test(`${name}: a subscriber may connect before its publisher is bound, and the other way round`, async () => {
    await using pub = new Publisher();
    await using sub = new Subscriber({ reconnectInterval: 5 });
    const first = await transport.deserted();
    sub.subscribe("a");
    sub.connect(first);
    await bindAgain(pub, first);
    await pub.waitForSubscribers(1);
    await pub.send("a1");
    assertEquals(await take(sub, 1), ["a1"]);

    await using early = new Publisher({ reconnectInterval: 5 });
    const second = await transport.deserted();
    early.connect(second);
    await bindAgain(sub, second);
    await early.waitForSubscribers(1, { topic: "a" });
    await early.send("a2");
    assertEquals(await take(sub, 1), ["a2"]);
  });

  test(`${name}: a socket binds and connects any number of endpoints at the same time`, async () => {
    await using middle = new Pull();
    const pushes = [new Push(), new Push(), new Push(), new Push()];
    for (const push of pushes.slice(0, 2)) push.connect(await middle.bind(transport.endpoint()));
    for (const push of pushes.slice(2)) middle.connect(await push.bind(transport.endpoint()));
    await middle.waitForPeers(4);
    for (const [i, push] of pushes.entries()) await push.send(`from ${i}`);
    assertEquals((await take(middle, 4)).sort(), ["from 0", "from 1", "from 2", "from 3"]);
    for (const push of pushes) await push.close();
  });

  test(`${name}: a socket may be its own peer`, async () => {
    await using dealer = new Dealer();
    dealer.connect(await dealer.bind(transport.endpoint()));
    await dealer.waitForPeers(2);
    await dealer.send("to");
    await dealer.send("from");
    assertEquals((await take(dealer, 2)).sort(), ["from", "to"]);
  });

  test(`${name}: a second connect to an endpoint does nothing for Dealer, Subscriber, Publisher and Request`, async () => {
    for (
      const [make, makePeer] of [[Dealer, Router], [Subscriber, Publisher], [Publisher, Subscriber], [
        Request,
        Reply,
      ]] as const
    ) {
      await using socket = new make();
      await using first = new makePeer();
      await using second = new makePeer();
      const endpoint = await first.bind(transport.endpoint());
      socket.connect(endpoint);
      socket.connect(endpoint);
      await first.waitForPeers(1);
      // A second connection to the first endpoint would be established before a later one.
      socket.connect(await second.bind(transport.endpoint()));
      await Promise.all([second.waitForPeers(1), socket.waitForPeers(2)]);
      assertEquals([socket.type, socket.peerCount, first.peerCount], [socket.type, 2, 1]);
    }
  });

  test(`${name}: a second connect to an endpoint is a second connection for Push, and refused by Pair`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    const endpoint = await pull.bind(transport.endpoint());
    push.connect(endpoint);
    push.connect(endpoint);
    await pull.waitForPeers(2);
    await using pair = new Pair();
    pair.connect(await transport.deserted());
    const other = await transport.deserted();
    throwsWith("EADDRINUSE", () => pair.connect(other));
  });

  test(`${name}: an endpoint that is bound already is EADDRINUSE, for its own socket and for others`, async () => {
    await using one = new Pull();
    await using other = new Pull();
    const endpoint = await one.bind(transport.endpoint());
    const told = nextEvent(other, "bind:error");
    const error = await rejectsWith("EADDRINUSE", () => other.bind(endpoint));
    const event = await told;
    assertEquals([event.endpoint, event.error === error], [endpoint, true]);
    await rejectsWith("EADDRINUSE", () => one.bind(endpoint));
    await using push = new Push();
    push.connect(endpoint);
    await push.send("still there");
    assertEquals(await take(one, 1), ["still there"]);
  });

  test(`${name}: an endpoint that is not bound, or not connected, is ENOENT`, async () => {
    await using one = new Pull();
    await using other = new Pull();
    const endpoint = await one.bind(transport.endpoint());
    await rejectsWith("ENOENT", () => other.unbind(endpoint));
    throwsWith("ENOENT", () => one.disconnect(endpoint));
    await one.unbind(endpoint);
    await rejectsWith("ENOENT", () => one.unbind(endpoint));
    other.connect(endpoint);
    other.disconnect(endpoint);
    throwsWith("ENOENT", () => other.disconnect(endpoint));
  });

  test(`${name}: unbind sends queued messages, ends accepted connections, and frees the endpoint`, async () => {
    await using push = new Push({ sendHighWaterMark: 0 });
    await using pull = new Pull({ receiveHighWaterMark: 5, reconnectInterval: 5 });
    await using next = new Push();
    const endpoint = await link(transport, push, pull);
    for (const text of numbers(1000)) await push.send(text);
    const lost = nextEvent(pull, "disconnect");
    await push.unbind(endpoint);
    assertEquals(push.trySend("nobody is left"), false);
    assertEquals(await take(pull, 1000), numbers(1000));
    await lost;
    await bindAgain(next, endpoint);
    await next.send("from the next");
    assertEquals(await take(pull, 1), ["from the next"]);
  });

  test(`${name}: unbind keeps received messages, and other endpoints continue`, async () => {
    await using pull = new Pull();
    await using here = new Push();
    await using there = new Push();
    const endpoint = await link(transport, pull, here);
    there.connect(await pull.bind(transport.endpoint()));
    await pull.waitForPeers(2);
    for (const text of ["1", "2", "3"]) await here.send(text);
    await until(() => pull.statistics().held === 3);
    const lost = nextEvent(pull, "disconnect:local");
    await pull.unbind(endpoint);
    await lost;
    assertEquals([pull.peerCount, pull.statistics().held], [1, 3]);
    await there.send("4");
    assertEquals((await take(pull, 4)).sort(), ["1", "2", "3", "4"]);
  });

  test(`${name}: messages sent while an endpoint is unbound wait until it is bound again`, async () => {
    await using pull = new Pull();
    await using push = new Push({ reconnectInterval: 5 });
    const endpoint = await link(transport, pull, push);
    for (const round of ["a", "b", "c"]) {
      const lost = nextEvent(push, "disconnect");
      await pull.unbind(endpoint);
      await lost;
      for (const text of numbers(10)) await push.send([round, text]);
      await bindAgain(pull, endpoint);
      assertEquals(await take(pull, 10), numbers(10).map((text) => `${round}|${text}`));
    }
    assertEquals(push.statistics().reconnects, 3);
  });

  test(`${name}: disconnect sends queued messages, then closes the connection without reconnecting`, async () => {
    await using push = new Push({ sendHighWaterMark: 0, reconnectInterval: 5 });
    await using pull = new Pull({ receiveHighWaterMark: 5 });
    const endpoint = await link(transport, pull, push);
    for (const text of numbers(1000)) await push.send(text);
    const lost = nextEvent(pull, "disconnect");
    push.disconnect(endpoint);
    assertEquals(push.trySend("nobody is left"), false);
    assertEquals(await take(pull, 1000), numbers(1000));
    await lost;
    throwsWith("ENOENT", () => push.disconnect(endpoint));
    // No further connection is in progress.
    assertEquals([pull.peerCount, push.peerCount], [0, 0]);
    push.connect(endpoint);
    await push.send("again");
    assertEquals(await take(pull, 1), ["again"]);
  });

  test(`${name}: disconnect before the peer is bound still sends queued messages, then closes`, async () => {
    await using pull = new Pull();
    await using push = new Push({ reconnectInterval: 5, linger: -1 });
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    for (const text of numbers(10)) await push.send(text);
    push.disconnect(endpoint);
    const lost = nextEvent(pull, "disconnect");
    await bindAgain(pull, endpoint);
    assertEquals(await take(pull, 10), numbers(10));
    await lost;
    assertEquals([pull.peerCount, push.statistics().queued], [0, 0]);
  });

  test(`${name}: disconnect leaves messages to the endpoints that are left`, async () => {
    await using left = new Pull();
    await using other = new Pull();
    await using push = new Push();
    const endpoint = await left.bind(transport.endpoint());
    push.connect(endpoint);
    push.connect(await other.bind(transport.endpoint()));
    await push.waitForPeers(2);
    const lost = nextEvent(left, "disconnect");
    push.disconnect(endpoint);
    for (const text of numbers(10)) await push.send(text);
    assertEquals(await take(other, 10), numbers(10));
    await lost;
    assertEquals([push.peerCount, left.statistics().messagesReceived], [1, 0]);
  });

  test(`${name}: lastEndpoint is the one that was bound or connected last`, async () => {
    const here: Socket = new Pull();
    const there: Socket = new Pull();
    assertEquals(here.lastEndpoint, null);
    const first = await here.bind(transport.endpoint());
    assertEquals(here.lastEndpoint, first);
    const second = await there.bind(transport.endpoint());
    here.connect(second);
    assertEquals(here.lastEndpoint, second);
    await here.close();
    await there.close();
  });
};
