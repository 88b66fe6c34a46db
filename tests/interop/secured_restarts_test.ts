/**
 * A libzmq process with CURVE or PLAIN is killed and another one replaces it: queued messages and subscriptions go over
 * the new connection, once.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { ADMISSION, AUTHENTICATE, CLIENT_OPTIONS, MECHANISMS, SERVER_OPTIONS } from "./secured.ts";

const RECONNECT = { reconnectInterval: 20 };

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: libzmq is killed and replaced, and our PUSH, SUB and bound PULL continue`, async () => {
    await using first = new Peer("libzmq");
    await using second = new Peer("libzmq");
    await Promise.all([first.admit(ADMISSION), second.admit(ADMISSION)]);
    const asClient = { ...CLIENT_OPTIONS[mechanism], ...RECONNECT };
    const asServer = SERVER_OPTIONS[mechanism];
    await using push = new OurEnd("PUSH", asClient);
    await using subscriber = new OurEnd("SUB", asClient);
    await using bound = new OurEnd("PULL", { ...asServer, ...AUTHENTICATE });
    const endpoint = await bound.bind("tcp://127.0.0.1:0");
    await subscriber.subscribe("a");

    const open = async (peer: Peer, pullAt: string, publisherAt: string) => {
      const pull = await peer.open("PULL", asServer);
      const publisher = await peer.open("XPUB", asServer);
      const ends = { pull, publisher, pushing: await peer.open("PUSH", asClient) };
      await ends.pushing.connect(endpoint);
      return { ...ends, at: [await pull.bind(pullAt), await publisher.bind(publisherAt)] as const };
    };
    const before = await open(first, ownEndpoint(), ownEndpoint());
    const [pullAt, publisherAt] = before.at;
    await push.connect(pullAt);
    await subscriber.connect(publisherAt);
    await push.send(["before"]);
    assertEquals(texts(await before.pull.receive()), ["before"]);
    assertEquals(texts(await before.publisher.receive()), ["\x01a"]);
    await before.pushing.send(["from the first"]);
    assertEquals(texts(await bound.receive()), ["from the first"]);

    await first.kill();
    await Promise.all([push, subscriber, bound].map((end) => end.seen("disconnect", 1)));
    const messages = Array.from({ length: 200 }, (_, number) => ["meanwhile", `${number}`]);
    for (const message of messages) await push.send(message);
    const after = await open(second, pullAt, publisherAt);
    assertEquals((await after.pull.receiveAll(messages.length)).map(texts), messages);
    await push.send(["after"]);
    assertEquals(texts(await after.pull.receive()), ["after"]);
    assertEquals(texts(await after.publisher.receive()), ["\x01a"]);
    await after.publisher.send(["a", "news"]);
    assertEquals(texts(await subscriber.receive()), ["a", "news"]);
    await after.pushing.send(["from the second"]);
    assertEquals(texts(await bound.receive()), ["from the second"]);
  }, { timeout: 20_000 });
}
