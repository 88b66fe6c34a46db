/**
 * Error replies, and messages to one subscriber, with peers of libzmq: error replies are ordinary messages, so a REP
 * sends them, and a REQ, a DEALER or a broker passes them on.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Requester, Router, RpcError, serve, toText, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { texts } from "./frames.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const ERROR_REPLY = ["\0zmq-error", "NOT_FOUND", "no such user"];

test("a REP of libzmq sends an error reply: a Requester rejects with it, and is not disturbed by others", async () => {
  await using rep = await libzmq.open("REP");
  await using requester = new Requester(await rep.bind(ANY), { timeout: 20_000 });
  const asked = requester.request("user 7").catch((error) => error);
  assertEquals(texts(await rep.receive()), ["user 7"]);
  await rep.send(ERROR_REPLY);
  const error = await asked;
  assert(error instanceof RpcError, error);
  assertEquals([error.code, error.message], ERROR_REPLY.slice(1));
  const again = requester.request("user 8");
  await rep.receive();
  await rep.send(["found"]);
  assertEquals((await again).map(toText), ["found"]);
});

for (const type of ["REQ", "DEALER"] as const) {
  test(`a ${type} of libzmq gets an error reply of serve as a message of three frames, and continues`, async () => {
    await using router = new Router();
    const endpoint = await router.bind(ANY);
    const serving = serve(router, ([body]) => {
      if (toText(body) === "good") return "fine";
      throw new RpcError("NOT_FOUND", "no such user");
    }, { errorReplies: true });
    await using client = await libzmq.open(type);
    await client.connect(endpoint);
    const envelope = type === "DEALER" ? ["id", ""] : [];
    await client.send([...envelope, "bad"]);
    assertEquals(texts(await client.receive()), [...envelope, ...ERROR_REPLY]);
    await client.send([...envelope, "good"]);
    assertEquals(texts(await client.receive()), [...envelope, "fine"]);
    await router.close();
    await serving;
  });
}

test("sendTo: only the SUB of libzmq that has just subscribed gets the last value", async () => {
  await using publisher = new XPublisher({ verbosity: "allSubs" });
  const endpoint = await publisher.bind(ANY);
  await using early = await libzmq.open("SUB");
  await using late = await libzmq.open("SUB");
  for (const [name, subscriber] of Object.entries({ early, late })) {
    await subscriber.connect(endpoint);
    await subscriber.subscribe("t");
    const subscription = await publisher.receive();
    assert(publisher.sendTo(subscription, ["t", `last value for ${name}`]));
  }
  await publisher.send(["t", "to all"]);
  for (const [name, subscriber] of Object.entries({ early, late })) {
    assertEquals(texts(await subscriber.receive()), ["t", `last value for ${name}`]);
    assertEquals(texts(await subscriber.receive()), ["t", "to all"]);
  }
});
