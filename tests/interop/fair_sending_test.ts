/**
 * One of our sockets that sends to 20 libzmq peers: exactly equal shares, or all to everyone.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Publisher, Push, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { CROWD, Crowd } from "./crowd.ts";

const libzmq = new Peer("libzmq");
const ROUNDS = 25;

/** Fails unless each got every 20th message, in order, and none two. */
function assertShares(shares: readonly (readonly Uint8Array[][])[]): void {
  const numbers = shares.map((share) => share.map((message) => Number(toText(message.at(-1)!))));
  const starts = numbers.map((share) => share[0]!);
  assertEquals([...starts].sort((a, b) => a - b), Array.from({ length: CROWD }, (_, index) => index));
  for (const [index, share] of numbers.entries()) {
    assertEquals(share, Array.from({ length: ROUNDS }, (_, round) => starts[index]! + round * CROWD));
  }
}

for (const binder of ["ours", "theirs"] as const) {
  test(`PUSH gives 20 PULL exactly equal shares: ${binder} binds`, async () => {
    await using push = new Push();
    await using crowd = await Crowd.open(libzmq, "PULL");
    if (binder === "ours") await crowd.connect(await push.bind("tcp://127.0.0.1:0"));
    else await crowd.each(async (pull) => push.connect(await pull.bind("tcp://127.0.0.1:0")));
    await push.waitForPeers(CROWD);
    for (let number = 0; number < ROUNDS * CROWD; number++) await push.send(["job", number]);
    assertShares(await crowd.each((pull) => pull.receiveAll(ROUNDS)));
  });
}

test("DEALER gives 20 DEALER exactly equal shares", async () => {
  await using dealer = new Dealer();
  await using crowd = await Crowd.open(libzmq, "DEALER");
  await crowd.connect(await dealer.bind("tcp://127.0.0.1:0"));
  await dealer.waitForPeers(CROWD);
  for (let number = 0; number < ROUNDS * CROWD; number++) await dealer.send(["job", number]);
  assertShares(await crowd.each((peer) => peer.receiveAll(ROUNDS)));
});

test("DEALER sends round-robin to 20 REP, and receives all replies", async () => {
  await using dealer = new Dealer();
  await using crowd = await Crowd.open(libzmq, "REP");
  await crowd.each(async (reply) => dealer.connect(await reply.bind("tcp://127.0.0.1:0")));
  await dealer.waitForPeers(CROWD);
  for (let number = 0; number < ROUNDS * CROWD; number++) await dealer.send(["", number]);
  const shares = crowd.each(async (reply) => {
    const share: Uint8Array[][] = [];
    while (share.length < ROUNDS) {
      const request = await reply.receive();
      share.push(request);
      await reply.send(request);
    }
    return share;
  });
  const replies = new Set<string>();
  while (replies.size < ROUNDS * CROWD) {
    const [delimiter, number] = await dealer.receive();
    assertEquals(delimiter.length, 0);
    replies.add(toText(number!));
  }
  assertShares(await shares);
});

test("PUB gives 20 SUB everything, in order", async () => {
  await using publisher = new Publisher();
  await using crowd = await Crowd.open(libzmq, "SUB");
  await crowd.each((subscriber) => subscriber.subscribe("all."));
  await crowd.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await publisher.waitForSubscribers(CROWD, { topic: "all." });
  const messages = Array.from({ length: 200 }, (_, number) => ["all.x", `${number}`]);
  for (const message of messages) {
    await publisher.send(["none.x", "not this"]);
    await publisher.send(message);
  }
  for (const received of await crowd.each((subscriber) => subscriber.receiveAll(200))) {
    assertEquals(received.map((message) => message.map(toText)), messages);
  }
});
