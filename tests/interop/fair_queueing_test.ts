/**
 * 20 libzmq peers that have all queued messages on one of our sockets: each gets its turn, a message at a time.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pull, Reply, Router, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { assertTurns, CROWD, Crowd } from "./crowd.ts";
import { settle } from "./settle.ts";

const libzmq = new Peer("libzmq");
const ROUNDS = 25;

/** Messages of one sender: its name, and a number. */
function numbered(name: string, before: readonly string[] = []): string[][] {
  return Array.from({ length: ROUNDS }, (_, number) => [...before, name, `${number}`]);
}

/** Fails unless each sender's messages arrived in order, and fair-queued among all senders. */
function assertFair(received: readonly (readonly [name: string, number: string])[]): void {
  assertTurns(received.map(([name]) => name), ROUNDS);
  const next = new Map<string, number>();
  for (const [name, number] of received) {
    assertEquals(number, `${next.get(name) ?? 0}`, name);
    next.set(name, Number(number) + 1);
  }
}

for (const binder of ["ours", "theirs"] as const) {
  test(`PULL receives fair-queued from 20 PUSH: ${binder} binds`, async () => {
    await using pull = new Pull();
    await using crowd = await Crowd.open(libzmq, "PUSH");
    if (binder === "ours") await crowd.connect(await pull.bind("tcp://127.0.0.1:0"));
    else await crowd.each(async (push) => pull.connect(await push.bind("tcp://127.0.0.1:0")));
    await pull.waitForPeers(CROWD);
    await crowd.each((push, name) => push.sendAll(numbered(name)));
    await settle(libzmq);

    // Only messages that have already arrived: no other can come between them.
    const received: [string, string][] = [];
    for (let message = pull.tryReceive(); message !== undefined; message = pull.tryReceive()) {
      received.push([toText(message[0]), toText(message[1]!)]);
    }
    assertFair(received);
  });
}

test("ROUTER receives fair-queued from 20 DEALER, and replies to each", async () => {
  await using router = new Router();
  await using crowd = await Crowd.open(libzmq, "DEALER", (name) => ({ routingId: name }));
  await crowd.connect(await router.bind("tcp://127.0.0.1:0"));
  await router.waitForPeers(CROWD);
  await crowd.each((dealer, name) => dealer.sendAll(numbered(name)));
  await settle(libzmq);

  const received: [string, string][] = [];
  for (let message = router.tryReceive(); message !== undefined; message = router.tryReceive()) {
    const [id, name, number] = message.map(toText);
    assertEquals(id, name);
    received.push([name!, number!]);
    await router.send(message);
  }
  assertFair(received);
  await crowd.each(async (dealer, name) => {
    const replies = await dealer.receiveAll(ROUNDS);
    assertEquals(replies.map((reply) => reply.map(toText)), numbered(name));
  });
});

test("REP serves 20 DEALER fair-queued, each with its own replies", async () => {
  await using reply = new Reply();
  await using crowd = await Crowd.open(libzmq, "DEALER");
  await crowd.connect(await reply.bind("tcp://127.0.0.1:0"));
  await reply.waitForPeers(CROWD);
  await crowd.each((dealer, name) => dealer.sendAll(numbered(name, [""])));
  await settle(libzmq);

  const received: [string, string][] = [];
  for (let request = reply.tryReceive(); request !== undefined; request = reply.tryReceive()) {
    const [name, number] = request.map(toText);
    received.push([name!, number!]);
    await reply.send(["to", ...request]);
    if (received.length === ROUNDS * CROWD) break;
  }
  assertFair(received);
  await crowd.each(async (dealer, name) => {
    const replies = await dealer.receiveAll(ROUNDS);
    assertEquals(replies.map((message) => message.map(toText)), numbered(name, ["", "to"]));
  });
});

test("REP serves 20 REQ that send requests repeatedly", async () => {
  await using reply = new Reply();
  await using crowd = await Crowd.open(libzmq, "REQ");
  await crowd.connect(await reply.bind("tcp://127.0.0.1:0"));
  const served = new Map<string, number>();
  const serving = (async () => {
    for await (const request of reply) {
      const name = toText(request[0]);
      served.set(name, (served.get(name) ?? 0) + 1);
      await reply.send(request);
    }
  })();
  await crowd.each(async (request, name) => {
    for (let number = 0; number < 5; number++) {
      await request.send([name, `${number}`]);
      assertEquals((await request.receive()).map(toText), [name, `${number}`]);
    }
  });
  await reply.close();
  await serving;
  assertEquals([...served.values()], Array(CROWD).fill(5));
});
