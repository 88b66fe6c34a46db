/**
 * `unbind` of our sockets and of libzmq's.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { bindAgain } from "../support/bind_again.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { settle } from "./settle.ts";
import { testBoth } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const RECONNECT = { reconnectInterval: 20 };

testBoth(libzmq, "after unbind nobody can connect, until the endpoint is bound again", async (open) => {
  await using pull = await open("PULL");
  await using push = await libzmq.open("PUSH", RECONNECT);
  const endpoint = await pull.bind(ownEndpoint());
  await pull.unbind(endpoint);
  await push.connect(endpoint);
  await push.seen("connect:retry", 2);
  await bindAgain(pull, endpoint);
  await push.send(["here again"]);
  assertEquals(texts(await pull.receive()), ["here again"]);
});

testBoth(libzmq, "after unbind another socket can bind the endpoint", async (open) => {
  await using pull = await open("PULL");
  await using next = await open("PULL");
  await using push = await libzmq.open("PUSH");
  const endpoint = await pull.bind(ownEndpoint());
  await pull.unbind(endpoint);
  await pull.seen("close", 1);
  await bindAgain(next, endpoint);
  await push.connect(endpoint);
  await push.send(["to the next"]);
  assertEquals(texts(await next.receive()), ["to the next"]);
});

testBoth(libzmq, "unbind leaves other endpoints and their connections alone", async (open) => {
  await using pull = await open("PULL");
  await using push = await libzmq.open("PUSH");
  const gone = await pull.bind(ownEndpoint());
  await push.connect(await pull.bind("tcp://127.0.0.1:0"));
  await push.send(["before"]);
  assertEquals(texts(await pull.receive()), ["before"]);
  await pull.unbind(gone);
  await pull.seen("close", 1);
  await push.send(["after"]);
  assertEquals(texts(await pull.receive()), ["after"]);
});

testBoth(libzmq, "what has arrived before unbind is received after it", async (open) => {
  await using pull = await open("PULL");
  await using push = await libzmq.open("PUSH");
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  await push.connect(endpoint);
  await push.seen("handshake", 1);
  await push.sendAll([["first"], ["second"]]);
  await settle(libzmq);
  await pull.unbind(endpoint);
  assertEquals(texts(await pull.receive()), ["first"]);
  assertEquals(texts(await pull.receive()), ["second"]);
});

testBoth(
  libzmq,
  "unbind closes the connections that came in; their peers send on when it is bound again",
  async (open) => {
    await using pull = await open("PULL");
    await using push = await libzmq.open("PUSH", RECONNECT);
    const endpoint = await pull.bind(ownEndpoint());
    await push.connect(endpoint);
    await push.send(["before"]);
    assertEquals(texts(await pull.receive()), ["before"]);
    await pull.unbind(endpoint);
    // libzmq closes them while its user is in one of its functions.
    const next = pull.receive();
    await push.seen("disconnect", 1);
    await push.send(["after"]);
    await bindAgain(pull, endpoint);
    assertEquals(texts(await next), ["after"]);
  },
);

testBoth(libzmq, "after unbind a ROUTER does not know who came in there", async (open) => {
  await using router = await open("ROUTER", { mandatory: true });
  await using dealer = await libzmq.open("DEALER", { routingId: "asker" });
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  await dealer.connect(endpoint);
  await dealer.send(["question"]);
  assertEquals(texts(await router.receive()), ["asker", "question"]);
  await router.unbind(endpoint);
  await router.seen("close", 1);
  const error = await assertRejects(() => router.send(["asker", "answer"])) as Error & { code?: string };
  assertEquals(error.code, "EHOSTUNREACH");
});

test("unlike libzmq, this library sends queued messages after unbind", async () => {
  const messages = new Numbered(65_536);
  const count = 400;
  await using push = new OurEnd("PUSH", { linger: -1 });
  await using pull = await libzmq.open("PULL", { receiveHighWaterMark: 1 });
  const endpoint = await push.bind("tcp://127.0.0.1:0");
  await pull.connect(endpoint);
  await push.seen("handshake", 1);
  for (let number = 0; number < count; number++) await push.send(messages.message(number));
  await push.unbind(endpoint);
  await pull.drain(65_536, 0, count);
  await pull.seen("disconnect", 1);
});

testBoth(libzmq, "unbind of an endpoint that is not bound fails", async (open) => {
  await using pull = await open("PULL");
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  await pull.unbind(endpoint);
  const error = await assertRejects(() => pull.unbind(endpoint)) as Error & { code?: string };
  assertEquals(error.code, "ENOENT");
});
