/**
 * One message for many subscribers of all kinds: each gets exactly the messages it subscribed to, in order, regardless
 * of the others.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, toText, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { command, frameV1, RawPeer } from "../support/raw_peer.ts";
import { numbers } from "./losses.ts";
import { ANY } from "./support.ts";

const COUNT = 3000;

/** Message number `i`: a topic of one of ten letters, a number, and now and then more than is shared. */
function published(i: number): string[] {
  return [`${"abcdefghij"[i % 10]}${i}`, i % 97 === 0 ? "L".repeat(20_000) : "s".repeat(i % 300)];
}

/** The numbers of the messages whose topic starts with one of these letters. */
function wanted(topics: string): string[] {
  return numbers(0, COUNT).filter((_, i) => topics === "" || topics.includes("abcdefghij"[i % 10]!));
}

for (const make of [Publisher, XPublisher]) {
  test(
    `${make.name}: subscribers of everything, of some and of few, over tcp, ipc and inproc, and of older versions`,
    async () => {
      await using pub = new make({ sendHighWaterMark: 0, linger: 0 });
      const endpoints = [
        await pub.bind(ANY),
        await pub.bind("ipc://*"),
        await pub.bind(`inproc://broadcast-${make.name}`),
      ];
      const subscribers: { topics: string; socket: Subscriber }[] = [];
      for (const endpoint of endpoints) {
        for (const topics of ["", "", "a", "bcdefghij", "aj"]) {
          const socket = new Subscriber({ receiveHighWaterMark: 0 });
          if (topics === "") socket.subscribe("");
          for (const topic of topics) socket.subscribe(topic);
          socket.connect(endpoint);
          subscribers.push({ topics, socket });
        }
      }
      await using old = await RawPeer.connect(endpoints[0]!);
      old.write(frameV1(0x7e, ""));
      await using raw = await RawPeer.join(endpoints[0]!, { type: "SUB" });
      raw.write(command("SUBSCRIBE"));
      await pub.waitForSubscribers(subscribers.length + 2);
      for (const topic of "aj") await pub.waitForSubscribers(3, { topic });

      for (let i = 0; i < COUNT; i++) await pub.send(published(i));

      const seen = async (socket: Subscriber, count: number) => {
        const all: string[] = [];
        while (all.length < count) {
          for (const [topic, body] of await socket.receiveMany()) {
            const number = toText(topic).slice(1);
            assertEquals([toText(topic), toText(body!)], published(Number(number)));
            all.push(number);
          }
        }
        return all;
      };
      for (const { topics, socket } of subscribers) {
        assertEquals(await seen(socket, wanted(topics).length), wanted(topics));
        await socket.close();
      }
      await old.read(10);
      for (let i = 0; i < COUNT; i++) {
        assertEquals(await raw.message(), published(i));
        assertEquals(await old.messageV1(), published(i));
      }
      assertEquals(pub.statistics().dropped, 0);
    },
    { timeout: 30_000 },
  );
}

test(
  "a subscriber that stops reading does not affect the others, and misses messages above its high-water mark",
  async () => {
    await using pub = new Publisher({ sendHighWaterMark: 100, linger: 0 });
    const endpoint = await pub.bind(ANY);
    await using stopped = await RawPeer.join(endpoint, { type: "SUB" });
    await stopped.write(command("SUBSCRIBE"));
    stopped.pause();
    await using sub = new Subscriber({ receiveHighWaterMark: 0 });
    sub.subscribe("");
    sub.connect(endpoint);
    await pub.waitForSubscribers(2);
    const body = "x".repeat(1000);
    let received = 0;
    for (let i = 0; i < 30_000; i++) {
      await pub.send([`${i}`, body]);
      // At the pace of the one that reads.
      if (i % 50 === 49) {
        while (received <= i) {
          for (const [number] of await sub.receiveMany()) assertEquals(toText(number), `${received++}`);
        }
      }
    }
    const { dropped, queued } = pub.statistics();
    assertEquals([dropped > 0, queued], [true, 100]);
    stopped.resume();
    let last = -1;
    for (let i = 0; i < 30_000 - dropped; i++) {
      const number = Number((await stopped.message())[0]);
      assertEquals(number > last, true);
      last = number;
    }
  },
  { timeout: 30_000 },
);
