/**
 * Request and Reply over every transport: strict alternation, replies of the asked peer only, and replies without a
 * request.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Reply, Request, Router } from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, rejectsWith, take, throwsWith, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

export const requests: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: a call in the wrong state is EFSM on both sides, and does not change the state`, async () => {
    await using reply = new Reply();
    await using request = new Request();
    await link(transport, reply, request);
    await rejectsWith("EFSM", () => request.receive());
    throwsWith("EFSM", () => request.tryReceive());
    await rejectsWith("EFSM", () => reply.send("to whom?"));
    throwsWith("EFSM", () => reply.trySend("to whom?"));
    for (const round of ["1", "2"]) {
      await request.send(round);
      await rejectsWith("EFSM", () => request.send("another"));
      throwsWith("EFSM", () => request.trySend("another"));
      assertEquals(await take(reply, 1), [round]);
      await rejectsWith("EFSM", () => reply.receive());
      throwsWith("EFSM", () => reply.tryReceive());
      await reply.send(`re ${round}`);
      await rejectsWith("EFSM", () => reply.send("twice"));
      assertEquals(await take(request, 1), [`re ${round}`]);
      await rejectsWith("EFSM", () => request.receive());
    }
  });

  test(`${name}: a Reply whose receives wait together serves one request after the other`, async () => {
    await using reply = new Reply();
    const clients = [new Request(), new Request(), new Request()];
    const receives = clients.map(() => reply.receive());
    await link(transport, reply, ...clients);
    for (const [i, client] of clients.entries()) await client.send(`${i}`);
    for (const receive of receives) await reply.send(["re", ...await receive]);
    for (const [i, client] of clients.entries()) {
      assertEquals(await take(client, 1), [`re|${i}`]);
      await client.close();
    }
  });

  test(`${name}: only the peer that got the request can reply, only once, and never without a request`, async () => {
    await using asked = new Router();
    await using stranger = new Router();
    await using request = new Request({ routingId: "r" });
    await link(transport, asked, request);
    await asked.send(["r", "", "before any question"]);
    await until(() => request.statistics().messagesReceived === 1);
    await request.send("question");
    assertEquals(await take(asked, 1), ["r||question"]);
    await link(transport, stranger, request);
    await stranger.send(["r", "", "from a stranger"]);
    await until(() => request.statistics().messagesReceived === 2);
    await asked.send(["r", "", "answer"]);
    await asked.send(["r", "", "again"]);
    await until(() => request.statistics().messagesReceived === 4);
    assertEquals(await take(request, 1), ["answer"]);
    throwsWith("EFSM", () => request.tryReceive());
    // The next answer is not the one that came too late.
    await request.send("second question");
    await until(() => asked.readable || stranger.readable);
    const [router, other] = asked.readable ? [asked, stranger] : [stranger, asked];
    assertEquals(await take(router, 1), ["r||second question"]);
    assertEquals(other.readable, false);
    await router.send(["r", "", "second answer"]);
    assertEquals(await take(request, 1), ["second answer"]);
  });

  test(`${name}: a reply without a delimiter disconnects the peer`, async () => {
    await using router = new Router();
    await using request = new Request({ routingId: "r", reconnectInterval: 1 });
    await link(transport, router, request);
    const lost = nextEvent(request, "disconnect");
    const told = nextEvent(router, "disconnect");
    await router.send(["r", "no delimiter"]);
    assertEquals((await lost).error?.message, "Cannot accept a reply on Request: it has no empty delimiter frame");
    await told;
    const back = nextEvent(request, "handshake");
    await back;
    await request.send("once more");
    assertEquals(await take(router, 1), ["r||once more"]);
  });

  test(`${name}: a Reply ignores messages that are not requests, and drops replies to disconnected peers`, async () => {
    await using reply = new Reply();
    const endpoint = await reply.bind(transport.endpoint());
    {
      await using dealer = new Dealer();
      dealer.connect(endpoint);
      for (const message of ["no delimiter", ["a", ""], ["", "and gone"]]) await dealer.send(message);
      assertEquals(await take(reply, 1), ["and gone"]);
    }
    await until(() => reply.peerCount === 0);
    await reply.send("nobody hears");
    await using request = new Request();
    request.connect(endpoint);
    await request.send("next");
    assertEquals(await take(reply, 1), ["next"]);
  });

  test(`${name}: a reply to a disconnected peer is counted as dropped`, async () => {
    await using reply = new Reply();
    const request = new Request();
    await link(transport, reply, request);
    await request.send("and gone");
    assertEquals(await take(reply, 1), ["and gone"]);
    await request.close();
    await until(() => reply.peerCount === 0);
    await reply.send("nobody hears");
    assertEquals(reply.statistics().dropped, 1);
  });

  test(`${name}: a request waits for a peer, and one that is lost with its peer may be followed when relaxed`, async () => {
    await using request = new Request({ relaxed: true, correlate: true, reconnectInterval: 5 });
    const waiting = request.send("first");
    const first = new Reply();
    const endpoint = await link(transport, first, request);
    await waiting;
    assertEquals(await take(first, 1), ["first"]);
    const lost = nextEvent(request, "disconnect");
    await first.close();
    await lost;
    await request.send("second");
    await using second = new Reply();
    await bindAgain(second, endpoint);
    assertEquals(await take(second, 1), ["second"]);
    await second.send("answer");
    assertEquals(await take(request, 1), ["answer"]);
  });

  test(`${name}: correlated requests take only the reply to the last one`, async () => {
    await using router = new Router();
    await using request = new Request({ relaxed: true, correlate: true });
    await link(transport, router, request);
    const envelopes: Uint8Array[][] = [];
    for (const number of numbers(3)) {
      await request.send(number);
      envelopes.push((await router.receive()).slice(0, -1));
    }
    for (const [i, envelope] of envelopes.entries()) await router.send([...envelope, `to ${i}`]);
    assertEquals(await take(request, 1), ["to 2"]);
    assertEquals(request.statistics().messagesReceived, 3);
  });

  test(`${name}: a Dealer has many requests in flight at a Reply, and the replies arrive in order`, async () => {
    await using dealer = new Dealer();
    const reply = new Reply();
    await link(transport, reply, dealer);
    const serving = (async () => {
      for await (const request of reply) await reply.send(request);
    })();
    for (const number of numbers(500)) await dealer.send(["tag", "", number]);
    assertEquals(await take(dealer, 500), numbers(500).map((number) => `tag||${number}`));
    await reply.close();
    await serving;
  });
};
