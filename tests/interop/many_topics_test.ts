/**
 * Very many topics between our sockets and libzmq's, which has no limit, and libzmq's reaction to a rejection.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Publisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { until } from "../sockets/support.ts";
import { texts } from "./frames.ts";
import { OurEnd } from "../support/peers/our_end.ts";

const libzmq = new Peer("libzmq");

const COUNT = 300_000;

/** The machine may be busy. */
const PATIENT = { timeout: 60_000 };

test("a SUB of libzmq with 300,000 topics gets matching messages from our PUB", async () => {
  await using publisher = new Publisher();
  // By default it drops subscriptions from the 1001st on when it connects.
  await using subscriber = await libzmq.open("SUB", { sendHighWaterMark: 0 });
  await subscriber.subscribeMany("topic/", COUNT);
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  let [before, most] = [0, 0];
  await until(() => {
    most = Math.max(most, publisher.topicsCount - before);
    before = publisher.topicsCount;
    return before === COUNT;
  });
  // The loop has its turns meanwhile: 8 ms of reading each.
  assert(most < COUNT / 4, `${most} topics came in one turn`);
  for (const i of ["not a topic", "topic/1", `topic/${COUNT - 1}`]) await publisher.send([i, "news"]);
  assertEquals((await subscriber.receiveAll(2)).map(texts), [["topic/1", "news"], [`topic/${COUNT - 1}`, "news"]]);
  assertEquals([publisher.topicsCount, publisher.peerCount], [COUNT, 1]);
}, PATIENT);

test("our SUB with 300,000 topics gets matching messages from a PUB of libzmq", async () => {
  await using publisher = await libzmq.open("PUB");
  await using subscriber = new OurEnd("SUB");
  await subscriber.subscribeMany("topic/", COUNT);
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await subscriber.subscribe("zz");
  const heard = subscriber.receive();
  let over = false;
  heard.then(() => over = true);
  while (!over) {
    await publisher.send(["zz"]);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(texts(await heard), ["zz"]);
  await publisher.send([`topic/${COUNT - 1}`, "news"]);
  for (let message = ["zz"]; message[0] === "zz";) {
    message = texts(await subscriber.receive());
    if (message[0] !== "zz") assertEquals(message, [`topic/${COUNT - 1}`, "news"]);
  }
}, PATIENT);

test("a SUB of libzmq ignores our ERROR: it reconnects repeatedly, and is served as soon as the limit allows", async () => {
  await using publisher = new Publisher({ maxTopics: 10 });
  const refusals: unknown[] = [];
  publisher.events.listen((event) => {
    if (event.type === "disconnect") refusals.push((event.error as { code?: string } | undefined)?.code);
  });
  await using subscriber = await libzmq.open("SUB", { reconnectInterval: 1 });
  await subscriber.subscribeMany("topic/", 20);
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  // It subscribes again only while it is used.
  const heard = subscriber.receive();
  await until(() => refusals.length >= 3);
  assertEquals(new Set(refusals), new Set(["EMSGSIZE"]));
  publisher.maxTopics = 20;
  await publisher.waitForSubscribers(1, { topic: "topic/19" });
  await publisher.send(["topic/19", "news"]);
  assertEquals(texts(await heard), ["topic/19", "news"]);
});
