/**
 * Many peers on one socket: round-robin sending and fair-queued receiving.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../../mod.ts";
import { assertTurns, CROWD, names } from "../../interop/crowd.ts";
import { test } from "../../support/harness.ts";
import { numbers, take, until } from "../support.ts";
import { link, type Suite, type TestTransport } from "./transport.ts";

const ROUNDS = 10;

/** Binds one socket and connects a crowd to it, or the other way round. */
async function gather(
  transport: TestTransport,
  socket: Socket,
  crowd: readonly Socket[],
  binds: boolean,
): Promise<void> {
  if (binds) await link(transport, socket, ...crowd);
  else for (const one of crowd) await link(transport, one, socket);
  await socket.waitForPeers(CROWD);
}

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}

export const turns: Suite = (transport) => {
  for (const binds of [true, false]) {
    const how = `${transport.name}: ${binds ? "bound" : "connected"}`;

    test(`${how}: a message is received from each of ${CROWD} peers, fair-queued`, async () => {
      for (const [make, makePeer] of [[Pull, Push], [Dealer, Dealer], [Router, Dealer]] as const) {
        await using receiver = new make();
        const crowd = names().map(() => new makePeer());
        await gather(transport, receiver, crowd, binds);
        for (const [i, name] of names().entries()) for (const n of numbers(ROUNDS)) await crowd[i]!.send([name, n]);
        await until(() => receiver.statistics().held === CROWD * ROUNDS);
        const received = (await take(receiver, CROWD * ROUNDS)).map((text) => text.split("|").slice(-2));
        assertTurns(received.map(([name]) => name!), ROUNDS);
        for (const name of names()) {
          assertEquals(received.filter(([from]) => from === name).map(([, number]) => number), numbers(ROUNDS));
        }
        await closeAll(crowd);
      }
    });

    test(`${how}: messages of ${CROWD} publishers are received fair-queued`, async () => {
      for (const [make, makePeer] of [[Subscriber, Publisher], [XSubscriber, XPublisher]] as const) {
        await using receiver = new make();
        const crowd = names().map(() => new makePeer());
        await gather(transport, receiver, crowd, binds);
        if (receiver instanceof Subscriber) receiver.subscribe("");
        else await receiver.send(Uint8Array.of(1));
        for (const [i, name] of names().entries()) {
          await crowd[i]!.waitForSubscribers(1);
          for (let n = 0; n < ROUNDS; n++) await crowd[i]!.send(name);
        }
        await until(() => receiver.statistics().held === CROWD * ROUNDS);
        assertTurns(await take(receiver, CROWD * ROUNDS), ROUNDS);
        await closeAll(crowd);
      }
    });

    test(`${how}: a message is sent to each of ${CROWD} peers, round-robin`, async () => {
      for (const [make, makePeer] of [[Push, Pull], [Dealer, Dealer], [Dealer, Router]] as const) {
        await using sender = new make();
        const crowd = names().map(() => new makePeer());
        await gather(transport, sender, crowd, binds);
        for (const n of numbers(CROWD * ROUNDS)) await sender.send(n);
        const firsts: number[] = [];
        for (const peer of crowd) {
          const got = (await take(peer, ROUNDS)).map((text) => Number(text.split("|").at(-1)));
          assertEquals(got, Array.from({ length: ROUNDS }, (_, round) => got[0]! + round * CROWD));
          firsts.push(got[0]!);
        }
        assertEquals(firsts.sort((a, b) => a - b), Array.from({ length: CROWD }, (_, i) => i));
        await closeAll(crowd);
      }
    });

    test(`${how}: a Request asks each of ${CROWD} peers, round-robin`, async () => {
      await using request = new Request();
      const crowd = names().map(() => new Reply());
      await gather(transport, request, crowd, binds);
      const serving = crowd.map(async (reply, i) => {
        for await (const _ of reply) await reply.send(names()[i]!);
      });
      const answers: string[] = [];
      for (let i = 0; i < CROWD * ROUNDS; i++) {
        await request.send("who?");
        answers.push(...await take(request, 1));
      }
      assertTurns(answers, ROUNDS);
      await closeAll(crowd);
      await Promise.all(serving);
    });

    test(`${how}: a Reply serves ${CROWD} peers, each with its own answers`, async () => {
      const reply = new Reply();
      const crowd = names().map(() => new Request());
      await gather(transport, reply, crowd, binds);
      const serving = (async () => {
        for await (const [question] of reply) await reply.send(["re", question]);
      })();
      await Promise.all(crowd.map(async (request, i) => {
        for (const number of numbers(ROUNDS)) {
          await request.send(`${i}/${number}`);
          assertEquals(await take(request, 1), [`re|${i}/${number}`]);
        }
      }));
      await reply.close();
      await serving;
      await closeAll(crowd);
    });

    test(`${how}: a publisher sends each of ${CROWD} subscribers all messages of its own topic and of the common one`, async () => {
      for (const make of [Publisher, XPublisher]) {
        await using pub = new make();
        const crowd = names().map(() => new Subscriber());
        for (const [i, sub] of crowd.entries()) sub.subscribe(`own ${i}.`, "all");
        await gather(transport, pub, crowd, binds);
        await pub.waitForSubscribers(CROWD, { topic: "all" });
        for (const i of crowd.keys()) await pub.waitForSubscribers(1, { topic: `own ${i}.` });
        for (const i of crowd.keys()) await pub.send([`own ${i}.`, "news"]);
        await pub.send("all");
        for (const [i, sub] of crowd.entries()) assertEquals(await take(sub, 2), [`own ${i}.|news`, "all"]);
        await closeAll(crowd);
      }
    });
  }
};
