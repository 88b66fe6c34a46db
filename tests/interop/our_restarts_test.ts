/**
 * A process of ours, on each of the three runtimes, is killed, and another takes its place on the same port: its
 * peers, in libzmq and on this runtime, continue to send, and stay subscribed.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";

const libzmq = new Peer("libzmq");
const RECONNECT = { reconnectInterval: 20 };

/** Opens a socket of libzmq, or of ours on this runtime. */
type Opener = (type: EndType, options: EndOptions) => Promise<End & AsyncDisposable>;

const SURVIVORS: readonly (readonly [name: string, open: Opener])[] = [
  ["libzmq's", (type, options) => libzmq.open(type, options)],
  ["our", (type, options) => Promise.resolve(new OurEnd(type, options))],
];

for (const runtime of ["deno", "bun", "node"] as const) {
  for (const [whose, open] of SURVIVORS) {
    test(`${runtime} is killed and replaced: ${whose} PUSH and SUB continue`, async () => {
      await using first = new Peer(runtime);
      await using second = new Peer(runtime);
      await using push = await open("PUSH", RECONNECT);
      await using subscriber = await open("SUB", RECONNECT);
      for (const topic of ["a", "b"]) await subscriber.subscribe(topic);
      const pull = await first.open("PULL");
      const publisher = await first.open("XPUB");
      const pullEndpoint = await pull.bind(ownEndpoint());
      const publisherEndpoint = await publisher.bind(ownEndpoint());
      await push.connect(pullEndpoint);
      await subscriber.connect(publisherEndpoint);
      await push.send(["before"]);
      assertEquals(texts(await pull.receive()), ["before"]);
      const topics = [await publisher.receive(), await publisher.receive()].map((message) => texts(message)[0]);
      assertEquals(topics.sort(), ["\x01a", "\x01b"]);

      // A SUB of libzmq subscribes again while it receives.
      const news = subscriber.receive();
      await first.kill();
      await Promise.all([push.seen("disconnect", 1), subscriber.seen("disconnect", 1)]);
      const messages = Array.from({ length: 100 }, (_, number) => [`${number}`]);
      for (const message of messages) await push.send(message);
      const nextPull = await second.open("PULL");
      const nextPublisher = await second.open("XPUB");
      await Promise.all([nextPull.bind(pullEndpoint), nextPublisher.bind(publisherEndpoint)]);
      assertEquals((await nextPull.receiveAll(messages.length)).map(texts), messages);
      const again = (await nextPublisher.receiveAll(2)).map((message) => texts(message)[0]);
      assertEquals(again.sort(), ["\x01a", "\x01b"]);
      await nextPublisher.send(["b", "news"]);
      assertEquals(texts(await news), ["b", "news"]);
    });
  }
}
