/**
 * Router over every transport: ids that are generated, chosen, or chosen twice; unknown ids.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Dealer, Reply, Request, Router, toText, type ZmqError } from "../../../mod.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, rejectsWith, take, throwsWith, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

const BODY = new Uint8Array(256 * 1024);
/** More of these than the operating system holds for a peer that does not read. */
const FLOOD = 200;

export const routingIds: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: a Router generates ids of five bytes that start with a zero, another for each peer`, async () => {
    await using router = new Router();
    const dealers = [new Dealer(), new Dealer(), new Dealer()];
    await link(transport, router, ...dealers);
    const ids = new Map<string, Uint8Array>();
    for (const [i, dealer] of dealers.entries()) {
      await dealer.send(`${i}`);
      const [id, number] = await router.receive();
      assertEquals([id.length, id[0], toText(number)], [5, 0, `${i}`]);
      ids.set(`${i}`, id);
    }
    assertEquals(new Set([...ids.values()].map(String)).size, 3);
    for (const [i, dealer] of dealers.entries()) {
      await router.send([ids.get(`${i}`)!, `to ${i}`]);
      assertEquals(await take(dealer, 1), [`to ${i}`]);
      await dealer.close();
    }
  });

  test(`${name}: a Router knows a peer by the id that the peer chose, whichever side binds`, async () => {
    for (const binds of [true, false]) {
      await using router = new Router();
      await using dealer = new Dealer({ routingId: Uint8Array.of(255, 0, 1) });
      await using request = new Request({ routingId: "r".repeat(255) });
      for (const peer of [dealer, request]) {
        await (binds ? link(transport, router, peer) : link(transport, peer, router));
      }
      await router.waitForPeers(2);
      await dealer.send("from the dealer");
      assertEquals((await router.receive())[0], Uint8Array.of(255, 0, 1));
      await request.send("from the request");
      assertEquals(await take(router, 1), [`${"r".repeat(255)}||from the request`]);
      await router.send([Uint8Array.of(255, 0, 1), "back"]);
      await router.send(["r".repeat(255), "", "back, too"]);
      assertEquals([await take(dealer, 1), await take(request, 1)], [["back"], ["back, too"]]);
    }
  });

  test(`${name}: a Router that connects may assign the id of its peer, in place of the peer's own`, async () => {
    await using router = new Router({ mandatory: true });
    await using dealer = new Dealer({ routingId: "own" });
    const endpoint = await dealer.bind(transport.endpoint());
    router.connect(endpoint, { routingId: "assigned" });
    await router.waitForPeers(1);
    throwsWith("EHOSTUNREACH", () => router.trySend(["own", "lost"]));
    await router.send(["assigned", "hello"]);
    assertEquals(await take(dealer, 1), ["hello"]);
    await dealer.send("back");
    assertEquals(await take(router, 1), ["assigned|back"]);
    const other = await transport.deserted();
    throwsWith("EADDRINUSE", () => router.connect(other, { routingId: "assigned" }));
  });

  test(`${name}: a routing id is sent by Dealer, Request and Router, not by Reply`, async () => {
    const pairs = [
      [new Dealer(), new Dealer({ routingId: "id" }), "id"],
      [new Reply(), new Request({ routingId: "id" }), "id"],
      [new Dealer(), new Router({ routingId: "id" }), "id"],
      [new Dealer(), new Reply({ routingId: "id" }), ""],
    ] as const;
    for (const [socket, peer, id] of pairs) {
      await link(transport, socket, peer);
      assertEquals([peer.type, toText(socket.statistics().peers[0]!.routingId)], [peer.type, id]);
      await peer.close();
      await socket.close();
    }
  });

  test(`${name}: two Routers talk by their ids`, async () => {
    await using a = new Router({ routingId: "a" });
    await using b = new Router({ routingId: "b" });
    await link(transport, a, b);
    await a.send(["b", "hello"]);
    assertEquals(await take(b, 1), ["a|hello"]);
    await b.send(["a", "hello", "too"]);
    assertEquals(await take(a, 1), ["b|hello|too"]);
  });

  test(`${name}: a second peer with the same id is ignored, and the first continues`, async () => {
    await using router = new Router();
    await using first = new Dealer({ routingId: "same" });
    await using second = new Dealer({ routingId: "same" });
    const endpoint = await link(transport, router, first);
    second.connect(endpoint);
    await router.waitForPeers(2);
    await second.send("not heard");
    await until(() => router.statistics().drops.refusedPeer === 1);
    assertEquals([router.tryReceive(), router.readable], [undefined, false]);
    await first.send("heard");
    assertEquals(await take(router, 1), ["same|heard"]);
    await router.send(["same", "to the first"]);
    assertEquals(await take(first, 1), ["to the first"]);
    assertEquals(second.statistics().messagesReceived, 0);
  });

  test(`${name}: with handover a second peer takes the id, and the first stays connected and is ignored`, async () => {
    await using router = new Router({ handover: true });
    await using first = new Dealer({ routingId: "same", reconnectInterval: 1 });
    await using second = new Dealer({ routingId: "same" });
    const endpoint = await link(transport, router, first);
    const told: string[] = [];
    for (const socket of [router, first]) socket.events.listen(({ type }) => type !== "hint" && told.push(type));
    second.connect(endpoint);
    await router.waitForPeers(2);
    for (let round = 0; round < 20; round++) {
      await first.send("unheard");
      await second.send(`${round}`);
      assertEquals(await take(router, 1), [`same|${round}`]);
      await router.send(["same", `to ${round}`]);
      assertEquals(await take(second, 1), [`to ${round}`]);
    }
    await until(() => router.statistics().dropped === 20);
    assertEquals([told, router.peerCount, first.tryReceive()], [["accept", "handshake"], 2, undefined]);
  });

  test(`${name}: a peer that reconnects with its id can be addressed again`, async () => {
    await using router = new Router({ mandatory: true });
    const endpoint = await router.bind(transport.endpoint());
    for (const round of numbers(3)) {
      const dealer = new Dealer({ routingId: "me" });
      dealer.connect(endpoint);
      await dealer.send(["hello", round]);
      assertEquals(await take(router, 1), [`me|hello|${round}`]);
      await router.send(["me", round]);
      assertEquals(await take(dealer, 1), [round]);
      const lost = nextEvent(router, "disconnect");
      await dealer.close();
      await lost;
      await rejectsWith("EHOSTUNREACH", () => router.send(["me", "gone"]));
    }
  });

  test(`${name}: without mandatory a message to an unknown id is dropped and counted; with it that is EHOSTUNREACH`, async () => {
    await using router = new Router();
    await using dealer = new Dealer({ routingId: "d" });
    await link(transport, router, dealer);
    await router.send(["nobody", "x"]);
    assertEquals(router.trySend([new Uint8Array(0), "x"]), true);
    // Only an address.
    await router.send(["d"] as never);
    await router.send(["d", "first"]);
    assertEquals(await take(dealer, 1), ["first"]);
    assertEquals([router.statistics().dropped, router.statistics().messagesSent], [3, 1]);
    router.mandatory = true;
    await rejectsWith("EHOSTUNREACH", () => router.send(["nobody", "x"]));
    throwsWith("EHOSTUNREACH", () => router.trySend(["nobody", "x"]));
    await router.send(["d", "second"]);
    assertEquals(await take(dealer, 1), ["second"]);
  });

  test(`${name}: with mandatory, sends that wait for a full peer do not block others, and fail when it disconnects`, async () => {
    await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
    await using full = new Dealer({ routingId: "full", receiveHighWaterMark: 2 });
    await using free = new Dealer({ routingId: "free" });
    await link(transport, router, full, free);
    const sends = Array.from({ length: FLOOD }, () => router.send(["full", BODY]));
    const settled = Promise.allSettled(sends);
    await router.send(["free", "at once"]);
    assertEquals(await take(free, 1), ["at once"]);
    await full.close();
    const failed = (await settled).filter((outcome) => outcome.status === "rejected");
    assert(failed.length > 1, `${failed.length} sends were waiting`);
    for (const { reason } of failed) assertEquals((reason as ZmqError).code, "EHOSTUNREACH");
  });

  test(`${name}: a probe makes a peer known to a Router before its first message`, async () => {
    for (const make of [Dealer, Request, Router]) {
      await using router = new Router();
      await using peer = new make({ probeRouter: true, routingId: "me" });
      await link(transport, router, peer);
      assertEquals(await take(router, 1), ["me|"]);
      assertEquals(router.tryReceive(), undefined);
    }
  });

  test(`${name}: with notify a Router receives connects and disconnects`, async () => {
    await using router = new Router({ notify: "both" });
    const dealer = new Dealer({ routingId: "d" });
    await link(transport, router, dealer);
    assertEquals(await take(router, 1), ["d|"]);
    await dealer.send("between");
    await dealer.close();
    assertEquals(await take(router, 2), ["d|between", "d|"]);
  });

  test(`${name}: a Router's received frames belong to the user: changing the id has no effect`, async () => {
    await using router = new Router();
    await using dealer = new Dealer({ routingId: "name" });
    await link(transport, router, dealer);
    await dealer.send("1");
    const [id] = await router.receive();
    id.fill(0);
    await dealer.send("2");
    const [again] = await router.receive();
    assertNotEquals(id, again);
    assertEquals([toText(again), dealer.routingId], ["name", new TextEncoder().encode("name")]);
  });

  test(`${name}: an envelope goes through any number of hops and comes back`, async () => {
    await using front = new Router();
    await using back = new Dealer();
    await using reply = new Reply();
    await using request = new Request();
    await link(transport, front, request);
    await link(transport, reply, back);
    await request.send(["question", ""]);
    await back.send(await front.receive());
    assertEquals(await take(reply, 1), ["question|"]);
    await reply.send(["", "answer"]);
    const returned = await back.receive();
    assert(returned.length === 4);
    await front.send(returned);
    assertEquals(await take(request, 1), ["|answer"]);
  });
};
