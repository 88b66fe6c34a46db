/**
 * Statistics over every transport: sent, received, dropped and queued messages, in total and per peer.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  type QueueStatistics,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
} from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { NOTHING } from "../counts.ts";
import { nextEvent, numbers, take, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

/** The counts alone, without what is 0. */
function counts(socket: Socket | QueueStatistics): Partial<Record<keyof QueueStatistics, number>> {
  const all = Object.entries("statistics" in socket ? socket.statistics() : socket);
  // Without what a peer's statistics say besides: since when it is connected, and the bytes of its queues.
  return Object.fromEntries(all.filter(([name, value]) => name in NOTHING && typeof value === "number" && value !== 0));
}

export const statistics: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: sent and received messages and bytes are counted, and those that wait`, async () => {
    await using push = new Push({ reconnectInterval: 5 });
    await using pull = new Pull();
    assertEquals([counts(push), push.statistics().peers], [{}, []]);
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    await push.send("12345");
    await push.send(["1", "", "23"]);
    assertEquals([counts(push), push.statistics().peers], [{ queued: 2 }, []]);
    await bindAgain(pull, endpoint);
    await until(() => pull.statistics().held === 2);
    assertEquals(counts(push), { messagesSent: 2, bytesSent: 8 });
    assertEquals(counts(pull), { messagesReceived: 2, bytesReceived: 8, held: 2 });
    await pull.receive();
    assertEquals(counts(pull), { messagesReceived: 2, bytesReceived: 8, held: 1 });
    await pull.receive();
    assertEquals(counts(pull), { messagesReceived: 2, bytesReceived: 8 });
  });

  test(`${name}: each peer is listed with its own counts and with the properties that it sent`, async () => {
    await using router = new Router();
    await using a = new Dealer({ routingId: "a", metadata: { "X-Name": "first" } });
    await using b = new Dealer();
    const endpoint = await link(transport, router, a);
    b.connect(endpoint);
    await Promise.all([router.waitForPeers(2), b.waitForPeers(1)]);
    for (const text of numbers(3)) await a.send(text);
    await b.send("12345");
    await router.send(["a", "answer"]);
    await take(a, 1);
    await until(() => router.statistics().held === 4);
    const { peers } = router.statistics();
    assertEquals(peers.map((peer) => [peer.endpoint, peer.peerType, peer.version]), [
      [endpoint, "DEALER", transport.version],
      [endpoint, "DEALER", transport.version],
    ]);
    const [first, second] = [peers[0]!, peers[1]!];
    const addressed = transport.name === "tcp" || transport.name === "ws";
    if (!addressed) assertEquals([first.remote, second.remote], [endpoint, endpoint]);
    else for (const { remote } of peers) assertMatch(remote, /^(?:tcp|ws):\/\/127\.0\.0\.1:\d+$/);
    assertEquals([first.routingId, second.routingId.length], [new TextEncoder().encode("a"), 5]);
    assertEquals(first.metadata.get("x-name"), new TextEncoder().encode("first"));
    assertEquals(counts(first), {
      messagesSent: 1,
      bytesSent: 6,
      messagesReceived: 3,
      bytesReceived: 3,
      held: 3,
    });
    assertEquals(counts(second), { messagesReceived: 1, bytesReceived: 5, held: 1 });
    assertEquals(counts(router), {
      messagesSent: 1,
      bytesSent: 6,
      messagesReceived: 4,
      bytesReceived: 8,
      held: 4,
    });
  });

  test(`${name}: the counts of a disconnected peer stay in the sum, and its unread messages count as queued`, async () => {
    await using pull = new Pull();
    const endpoint = await pull.bind(transport.endpoint());
    for (const round of [1, 2, 3]) {
      const push = new Push();
      push.connect(endpoint);
      for (const text of numbers(10)) await push.send(text);
      await push.close();
      await until(() => pull.statistics().messagesReceived === 10 * round && pull.peerCount === 0);
      assertEquals(pull.statistics().peers, []);
      assertEquals(counts(pull), { messagesReceived: 10 * round, bytesReceived: 10 * round, held: 10 * round });
    }
    await take(pull, 30);
    assertEquals(counts(pull), { messagesReceived: 30, bytesReceived: 30 });
  });

  test(`${name}: counts of a peer that reconnects continue where its queue does, with the number of reconnects`, async () => {
    await using push = new Push({ reconnectInterval: 5 });
    await using pull = new Pull();
    const endpoint = await link(transport, pull, push);
    await push.send("1");
    await until(() => pull.statistics().held === 1);
    for (const reconnects of [1, 2]) {
      const lost = nextEvent(push, "disconnect");
      await pull.unbind(endpoint);
      await lost;
      assertEquals([push.statistics().peers, push.statistics().reconnects], [[], reconnects - 1]);
      await push.send("1");
      await bindAgain(pull, endpoint);
      await Promise.all([push.waitForPeers(1), pull.waitForPeers(1)]);
      await until(() => pull.statistics().messagesReceived === 1 + reconnects);
      const expected = { messagesSent: 1 + reconnects, bytesSent: 1 + reconnects, reconnects };
      assertEquals([counts(push), push.statistics().peers.map(counts)], [expected, [expected]]);
    }
    assertEquals(pull.statistics().peers.map(counts), [{ messagesReceived: 1, bytesReceived: 1, held: 1 }]);
  });

  test(`${name}: a publisher counts a message per subscriber, and none without subscribers`, async () => {
    for (const make of [Publisher, XPublisher]) {
      await using pub = new make();
      await using all = new Subscriber();
      await using some = new Subscriber();
      all.subscribe("");
      some.subscribe("b");
      await link(transport, pub, all, some);
      await pub.waitForSubscribers(2);
      for (const topic of ["a", "b", "c"]) await pub.send(topic);
      assertEquals([await take(all, 3), await take(some, 1)], [["a", "b", "c"], ["b"]]);
      const { messagesSent, bytesSent, dropped } = pub.statistics();
      assertEquals([messagesSent, bytesSent, dropped], [4, 4, 0]);
      assertEquals(pub.statistics().peers.map((peer) => peer.messagesSent).sort(), [1, 3]);
    }
  });

  test(`${name}: asking whether there is a message changes no count`, async () => {
    await using pub = new Publisher();
    await using sub = new Subscriber();
    sub.subscribe("");
    await link(transport, pub, sub);
    await pub.waitForSubscribers(1);
    await using pull = new Pull();
    await using push = new Push();
    await link(transport, pull, push);
    for (const [sender, receiver] of [[push, pull], [pub, sub]] as const) {
      await sender.send("1");
      await sender.send("2");
      await until(() => receiver.statistics().held === 2);
      assertEquals(receiver.readable, true);
      await receiver.whenReadable();
      assertEquals(counts(receiver), { messagesReceived: 2, bytesReceived: 2, held: 2 });
      assertEquals(await take(receiver, 2), ["1", "2"]);
      assertEquals([receiver.readable, receiver.statistics().held], [false, 0]);
    }
  });

  test(`${name}: messages dropped by disconnect or close are counted as dropped`, async () => {
    const push = new Push({ linger: 0, reconnectInterval: 5 });
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    for (const text of numbers(7)) await push.send(text);
    push.disconnect(endpoint);
    await until(() => push.statistics().dropped === 7);
    assertEquals(counts(push), { dropped: 7 });
    push.connect(endpoint);
    for (const text of numbers(3)) await push.send(text);
    assertEquals(await push.close(), 3);
    assertEquals(counts(push), { dropped: 10 });
  });

  test(`${name}: peerCount and waitForPeers follow connects and disconnects`, async () => {
    await using pull = new Pull();
    const endpoint = await pull.bind(transport.endpoint());
    const reached: number[] = [];
    const waits = [2, 1, 3].map((count) => pull.waitForPeers(count).then(() => reached.push(count)));
    const pushes = [new Push(), new Push(), new Push()];
    for (const [i, push] of pushes.entries()) {
      push.connect(endpoint);
      await pull.waitForPeers(i + 1);
      assertEquals(pull.peerCount, i + 1);
    }
    await Promise.all(waits);
    assertEquals(reached, [1, 2, 3]);
    for (const [i, push] of pushes.entries()) {
      const lost = nextEvent(pull, "disconnect");
      await push.close();
      await lost;
      assertEquals([pull.peerCount, pull.statistics().peers.length], [2 - i, 2 - i]);
    }
  });
};
