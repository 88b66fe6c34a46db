/**
 * Routing ids between our sockets and libzmq's: chosen ones, automatic ones, and one that two peers have.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Dealer, Router, toText, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { bytes, text, texts } from "./frames.ts";
import { settle } from "./settle.ts";

const libzmq = new Peer("libzmq");

for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
  test(`our ROUTER knows a ${type} of libzmq by the id it chose`, async () => {
    await using router = new Router();
    await using peer = await libzmq.open(type, { routingId: "chosen" });
    await peer.connect(await router.bind("tcp://127.0.0.1:0"));
    await router.waitForPeers(1);
    if (type !== "ROUTER") {
      await peer.send(type === "REQ" ? ["question"] : ["", "question"]);
      assertEquals(texts(await router.receive()), ["chosen", "", "question"]);
    }
    await router.send(["chosen", "", "answer"]);
    assertEquals(texts(await peer.receive()).at(-1), "answer");
  });
}

test("our ROUTER generates ids for peers of libzmq that have none: 00 and four bytes, all different", async () => {
  await using router = new Router();
  await using first = await libzmq.open("DEALER");
  await using second = await libzmq.open("REQ");
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  for (const peer of [first, second]) {
    await peer.connect(endpoint);
    await peer.send(["hello"]);
  }
  const ids = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const [id, ...frames] = await router.receive();
    assertEquals([id.length, id[0]], [5, 0]);
    ids.add(`${id}`);
    await router.send([id, ...frames]);
  }
  assertEquals(ids.size, 2);
  assertEquals(texts(await first.receive()), ["hello"]);
  assertEquals(texts(await second.receive()), ["hello"]);
});

test("a ROUTER of libzmq knows our DEALER by its id, of 255 bytes too", async () => {
  const id = bytes(255).fill(0xff, 0, 1);
  await using router = await libzmq.open("ROUTER");
  await using dealer = new Dealer({ routingId: id });
  dealer.connect(await router.bind("tcp://127.0.0.1:0"));
  await dealer.send("hello");
  assertEquals(await router.receive(), [id, text("hello")]);
  await router.send([id, "back"]);
  assertEquals(texts(await dealer.receive()), ["back"]);
});

test("a ROUTER of libzmq generates an id for our DEALER", async () => {
  await using router = await libzmq.open("ROUTER");
  await using dealer = new Dealer();
  dealer.connect(await router.bind("tcp://127.0.0.1:0"));
  await dealer.send("hello");
  const [id, ...frames] = await router.receive();
  assertEquals([id!.length, id![0]], [5, 0]);
  await router.send([id!, ...frames]);
  assertEquals(texts(await dealer.receive()), ["hello"]);
});

test("our ROUTER leaves a second peer of libzmq with the same id connected, but does not read it", async () => {
  await using router = new Router();
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  await using first = await libzmq.open("DEALER", { routingId: "same" });
  await first.connect(endpoint);
  await router.waitForPeers(1);
  await using second = await libzmq.open("DEALER", { routingId: "same" });
  await second.connect(endpoint);
  await router.waitForPeers(2);

  for (const message of ["one", "two"]) await second.send([message]);
  await settle(libzmq);
  assertEquals(router.tryReceive(), undefined);
  await first.send(["heard"]);
  assertEquals(texts(await router.receive()), ["same", "heard"]);
  await router.send(["same", "to the first"]);
  assertEquals(texts(await first.receive()), ["to the first"]);
  assertEquals(router.peerCount, 2);
  assertEquals(router.tryReceive(), undefined);
});

test("a ROUTER of libzmq does the same with our DEALER", async () => {
  await using router = await libzmq.open("ROUTER");
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  await using first = new Dealer({ routingId: "same" });
  first.connect(endpoint);
  await first.send("hello");
  assertEquals(texts(await router.receive()), ["same", "hello"]);
  await using second = new Dealer({ routingId: "same", linger: 0 });
  second.connect(endpoint);
  await second.waitForPeers(1);
  await second.send("unheard");
  await first.send("heard");
  assertEquals(texts(await router.receive()), ["same", "heard"]);
  await router.send(["same", "to the first"]);
  assertEquals(texts(await first.receive()), ["to the first"]);
  assertEquals(second.peerCount, 1);
});

test("our mandatory ROUTER immediately detects the disconnect of a libzmq peer", async () => {
  await using router = new Router({ mandatory: true });
  await using dealer = await libzmq.open("DEALER", { routingId: "there" });
  await dealer.connect(await router.bind("tcp://127.0.0.1:0"));
  await router.waitForPeers(1);
  await router.send(["there", "hello"]);
  assertEquals((await dealer.receive()).map(toText), ["hello"]);
  const gone = new Promise<void>((resolve) => {
    router.events.listen((event) => event.type === "disconnect" && resolve());
  });
  await dealer.close();
  await gone;
  const error = await assertRejects(() => router.send(["there", "hello"]), ZmqError);
  assertEquals(error.code, "EHOSTUNREACH");
});
