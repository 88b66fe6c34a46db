/**
 * A libzmq process is killed, and another one replaces it on the same port: the behavior of our sockets in between and
 * afterwards.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Pair, Push, Request, Router, Subscriber, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { text, texts } from "./frames.ts";
import { nextEvent } from "./next_event.ts";

const RECONNECT = { reconnectInterval: 20 };

test("messages that PUSH sends while its PULL is down arrive when it is back", async () => {
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  await using push = new Push(RECONNECT);
  const pull = await first.open("PULL");
  const endpoint = await pull.bind(ownEndpoint());
  push.connect(endpoint);
  await push.send("before");
  assertEquals(texts(await pull.receive()), ["before"]);

  const down = nextEvent(push, "disconnect");
  await first.kill();
  await down;
  const messages = Array.from({ length: 500 }, (_, number) => ["meanwhile", `${number}`]);
  for (const message of messages) await push.send(message);
  const back = await second.open("PULL");
  await back.bind(endpoint);
  assertEquals((await back.receiveAll(messages.length)).map(texts), messages);
  await push.send("after");
  assertEquals(texts(await back.receive()), ["after"]);
});

for (const type of ["SUB", "XSUB"] as const) {
  test(`${type} subscribes again, to its current topics`, async () => {
    await using first = new Peer("libzmq");
    await using second = new Peer("libzmq");
    const subscriber = type === "SUB" ? new Subscriber(RECONNECT) : new XSubscriber(RECONNECT);
    await using _closing = subscriber;
    const subscribe = async (topic: string) =>
      subscriber instanceof Subscriber ? subscriber.subscribe(topic) : await subscriber.send(`\x01${topic}`);
    const unsubscribe = async (topic: string) =>
      subscriber instanceof Subscriber ? subscriber.unsubscribe(topic) : await subscriber.send(`\x00${topic}`);
    const publisher = await first.open("XPUB");
    const endpoint = await publisher.bind(ownEndpoint());
    subscriber.connect(endpoint);
    for (const topic of ["a", "b", "c"]) await subscribe(topic);
    await unsubscribe("b");
    // In the order of the calls, also those before the handshake (subscription_order_test.ts asks libzmq's own).
    const asked = (await publisher.receiveAll(4)).map((message) => texts(message)[0]);
    assertEquals(asked, ["\x01a", "\x01b", "\x01c", "\x00b"]);

    const down = nextEvent(subscriber, "disconnect");
    await first.kill();
    await down;
    await unsubscribe("c");
    await subscribe("d");
    const back = await second.open("XPUB");
    await back.bind(endpoint);
    const again = (await back.receiveAll(4)).map((message) => texts(message)[0]);
    assertEquals(again, ["\x01a", "\x01c", "\x00c", "\x01d"]);
    for (const topic of ["b", "c", "d"]) await back.send([topic]);
    assertEquals(texts(await subscriber.receive()), ["d"]);
  });
}

test("REQ sends its requests to the restarted peer, also one made in between", async () => {
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  await using request = new Request(RECONNECT);
  const reply = await first.open("REP");
  const endpoint = await reply.bind(ownEndpoint());
  request.connect(endpoint);
  await request.send("before");
  await reply.send(await reply.receive());
  assertEquals(texts(await request.receive()), ["before"]);

  const down = nextEvent(request, "disconnect");
  await first.kill();
  await down;
  await request.send("in between");
  const back = await second.open("REP");
  await back.bind(endpoint);
  await back.send(await back.receive());
  assertEquals(texts(await request.receive()), ["in between"]);
  await request.send("after");
  await back.send(await back.receive());
  assertEquals(texts(await request.receive()), ["after"]);
});

test("a PUSH that is bound waits for the next PULL", async () => {
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  await using push = new Push();
  const endpoint = await push.bind("tcp://127.0.0.1:0");
  const pull = await first.open("PULL");
  await pull.connect(endpoint);
  await push.send("before");
  assertEquals(texts(await pull.receive()), ["before"]);

  const down = nextEvent(push, "disconnect");
  await first.kill();
  await down;
  assertEquals(push.trySend("nobody there"), false);
  const sent = push.send("waiting");
  const back = await second.open("PULL");
  await back.connect(endpoint);
  await sent;
  assertEquals(texts(await back.receive()), ["waiting"]);
});

test("a ROUTER knows a restarted DEALER by its id, and drops messages sent to it in between", async () => {
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  await using router = new Router();
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  const dealer = await first.open("DEALER", { routingId: "worker" });
  await dealer.connect(endpoint);
  await dealer.send(["ready"]);
  assertEquals(texts(await router.receive()), ["worker", "ready"]);

  const down = nextEvent(router, "disconnect");
  await first.kill();
  await down;
  await router.send(["worker", "dropped"]);
  const back = await second.open("DEALER", { routingId: "worker" });
  await back.connect(endpoint);
  await back.send(["ready again"]);
  assertEquals(texts(await router.receive()), ["worker", "ready again"]);
  await router.send(["worker", "job"]);
  assertEquals(await back.receive(), [text("job")]);
});

test("a bound PAIR accepts another peer when the first has disconnected", async () => {
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  await using pair = new Pair();
  const endpoint = await pair.bind("tcp://127.0.0.1:0");
  const peer = await first.open("PAIR");
  await peer.connect(endpoint);
  await peer.send(["first"]);
  assertEquals(texts(await pair.receive()), ["first"]);

  const down = nextEvent(pair, "disconnect");
  await first.kill();
  await down;
  const next = await second.open("PAIR");
  await next.connect(endpoint);
  await next.send(["second"]);
  assertEquals(texts(await pair.receive()), ["second"]);
  await pair.send("welcome");
  assertEquals(texts(await next.receive()), ["welcome"]);
});

test("a message that is too large for libzmq, which closes each connection without a reason, leads to a hint", async () => {
  await using peer = new Peer("libzmq");
  const pull = await peer.open("PULL", { maxMessageSize: 10 });
  await using push = new Push({ linger: 0, reconnectInterval: 1, reconnectMaxInterval: 10 });
  const hint = new Promise<string>((resolve) => {
    push.events.on("hint", ({ kind, message }) => kind === "closedByPeer" && resolve(message));
  });
  push.events.on("handshake", () => void push.trySend("longer than ten bytes"));
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  assertStringIncludes(await hint, "three times, and the peer closed each connection at once");
});
