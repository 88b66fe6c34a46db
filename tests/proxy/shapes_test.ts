/**
 * Proxies of all shapes: forwarder, queue, streamer and others, between transports; and invalid ones.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Context,
  Dealer,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Stream,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { ANY, numbers, RunningProxy, sendNumbers, take, takeNumbers, texts } from "./support.ts";

/** Where the two sides of a proxy are bound. */
const SIDES = [
  [ANY, ANY],
  [ANY, "ipc://*"],
  ["ipc://*", "inproc://back"],
  ["inproc://front", ANY],
  ["inproc://front", "inproc://back"],
] as const;

const schemes = (sides: readonly string[]) => sides.map((side) => side.split(":")[0]).join(" and ");

/** Closes all, at the same time. */
async function closeAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}

for (const sides of SIDES) {
  test(`forwarder: topics go to the publishers, messages to the subscribers, over ${schemes(sides)}`, async () => {
    const context = new Context();
    await using xsub = new XSubscriber({ context });
    await using xpub = new XPublisher({ context });
    const [front, back] = [await xsub.bind(sides[0]), await xpub.bind(sides[1])];
    await using proxy = new RunningProxy(xsub, xpub);
    const pubs = [new Publisher({ context }), new Publisher({ context })];
    const subs = [new Subscriber({ context }), new Subscriber({ context })];
    for (const pub of pubs) pub.connect(front);
    for (const [i, sub] of subs.entries()) {
      sub.connect(back);
      sub.subscribe(`${i}`, "both");
    }
    for (const pub of pubs) for (const topic of ["0", "1", "both"]) await pub.waitForSubscribers(1, { topic });
    await xpub.waitForSubscribers(2, { topic: "both" });
    for (const pub of pubs) for (const topic of ["0", "1", "both", "none"]) await pub.send([topic, "news"]);
    assertEquals((await take(subs[0]!, 4)).sort(), ["0|news", "0|news", "both|news", "both|news"]);
    assertEquals((await take(subs[1]!, 4)).sort(), ["1|news", "1|news", "both|news", "both|news"]);

    // Unsubscribed by one of two, then by both.
    subs[0]!.unsubscribe("both", "0");
    subs[1]!.subscribe("mark");
    for (const pub of pubs) await pub.waitForSubscribers(1, { topic: "mark" });
    // The cancel of subs[0] has reached the XPUB when what it asks for next has.
    subs[0]!.subscribe("mark");
    await xpub.waitForSubscribers(2, { topic: "mark" });
    for (const topic of ["0", "both", "mark"]) await pubs[0]!.send(topic);
    assertEquals(await take(subs[0]!, 1), ["mark"]);
    assertEquals(await take(subs[1]!, 2), ["both", "mark"]);
    assertEquals(proxy.statistics().dropped, 0);
    await closeAll([...pubs, ...subs]);
  });

  test(`queue: requests are distributed round-robin, replies are routed back, over ${schemes(sides)}`, async () => {
    const context = new Context();
    await using router = new Router({ context });
    await using dealer = new Dealer({ context });
    const [front, back] = [await router.bind(sides[0]), await dealer.bind(sides[1])];
    await using _proxy = new RunningProxy(router, dealer);
    const served = [0, 0, 0];
    const workers = served.map(() => new Reply({ context }));
    const working = workers.map(async (worker, i) => {
      worker.connect(back);
      for await (const request of worker) {
        served[i]!++;
        await worker.send(["reply to", ...request]);
      }
    });
    await dealer.waitForPeers(3);
    const clients = Array.from({ length: 4 }, () => new Request({ context }));
    await Promise.all(clients.map(async (client, i) => {
      client.connect(front);
      for (let n = 0; n < 30; n++) {
        await client.send([`client ${i}`, `${n}`]);
        assertEquals(texts(await client.receive()), ["reply to", `client ${i}`, `${n}`]);
      }
    }));
    assertEquals(served, [40, 40, 40]);
    await closeAll([...clients, ...workers]);
    await Promise.all(working);
  });

  test(`streamer: all messages arrive in order, over ${schemes(sides)}`, async () => {
    const context = new Context();
    await using pull = new Pull({ context });
    await using push = new Push({ context });
    await using source = new Push({ context });
    await using sink = new Pull({ context });
    source.connect(await pull.bind(sides[0]));
    sink.connect(await push.bind(sides[1]));
    await using proxy = new RunningProxy(pull, push);
    await Promise.all([sendNumbers(source, 3000), takeNumbers(sink, 3000)]);
    assertEquals(proxy.statistics().front.messagesReceived, 3000);
  });
}

test("streamer: it does not matter which of the two is the front", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using source = new Push();
  await using sink = new Pull();
  source.connect(await pull.bind(ANY));
  sink.connect(await push.bind(ANY));
  await using proxy = new RunningProxy(push, pull);
  await Promise.all([sendNumbers(source, 100), takeNumbers(sink, 100)]);
  const { front, back } = proxy.statistics();
  assertEquals([front.messagesReceived, front.messagesSent], [0, 100]);
  assertEquals([back.messagesReceived, back.messagesSent], [100, 0]);
});

test("a queue of queues: proxies in a row", async () => {
  const context = new Context();
  const hops = Array.from({ length: 4 }, () => ({ router: new Router({ context }), dealer: new Dealer({ context }) }));
  for (const [i, hop] of hops.entries()) {
    await hop.router.bind(`inproc://hop-${i}`);
    if (i > 0) hops[i - 1]!.dealer.connect(`inproc://hop-${i}`);
  }
  await using reply = new Reply({ context });
  hops.at(-1)!.dealer.connect(await reply.bind(ANY));
  const proxies = hops.map(({ router, dealer }) => new RunningProxy(router, dealer));
  await using request = new Request({ context });
  request.connect("inproc://hop-0");
  for (const text of numbers(50)) {
    await request.send(text);
    assertEquals(await take(reply, 1), [text]);
    await reply.send([text, "done"]);
    assertEquals(await take(request, 1), [`${text}|done`]);
  }
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await closeAll(hops.flatMap(({ router, dealer }) => [router, dealer]));
});

test("a socket on both sides echoes its messages", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  await using proxy = new RunningProxy(router, router);
  const clients = Array.from({ length: 3 }, () => new Request());
  await Promise.all(clients.map(async (client, i) => {
    client.connect(endpoint);
    for (let n = 0; n < 20; n++) {
      await client.send(`${i}.${n}`);
      assertEquals(await take(client, 1), [`${i}.${n}`]);
    }
  }));
  const { front, back } = proxy.statistics();
  assertEquals([front.messagesReceived, front.messagesSent], [60, 0]);
  assertEquals([back.messagesReceived, back.messagesSent], [0, 60]);
  await closeAll(clients);
});

test("a Reply that is its own other side echoes, with capture and control, whole messages of any number of frames", async () => {
  await using reply = new Reply();
  await using capture = new Pair();
  await using captured = new Pair();
  captured.connect(await capture.bind("inproc://capture-of-echo"));
  const endpoint = await reply.bind(ANY);
  await using proxy = new RunningProxy(reply, reply, { capture });
  const clients = Array.from({ length: 3 }, () => new Request());
  for (const client of clients) client.connect(endpoint);
  for (let n = 0; n < 20; n++) {
    if (n === 10) proxy.pause();
    const answers = clients.map(async (client, i) => {
      await client.send([`${i}.${n}`, "", "more"]);
      return await take(client, 1);
    });
    if (n === 10) proxy.resume();
    assertEquals(await Promise.all(answers), clients.map((_, i) => [`${i}.${n}||more`]));
    assertEquals((await take(captured, 3)).sort(), clients.map((_, i) => `${i}.${n}||more`));
  }
  const { front, back, dropped } = proxy.statistics();
  assertEquals([front.messagesReceived, back.messagesSent, dropped], [60, 60, 0]);
  // A message that arrives while it is paused waits, and is echoed later.
  proxy.pause();
  await clients[0]!.send("later");
  assertEquals(reply.statistics().peers.length, 3);
  proxy.resume();
  assertEquals(await take(clients[0]!, 1), ["later"]);
  await closeAll(clients);
});

test("a Reply that is its own other side waits for a capture that has no peer, and takes nothing before", async () => {
  await using reply = new Reply();
  await using capture = new Push();
  await using request = new Request();
  request.connect(await reply.bind("inproc://echo-without-capture"));
  await using proxy = new RunningProxy(reply, reply, { capture });
  await request.send("question");
  await reply.whenReadable();
  assertEquals([proxy.statistics().front.messagesReceived, reply.statistics().held], [0, 1]);
  await using pull = new Pull();
  pull.connect(await capture.bind("inproc://late-capture"));
  assertEquals([await take(request, 1), await take(pull, 1)], [["question"], ["question"]]);
});

test("pairs, dealers, and streams of raw bytes can be the sides of a proxy", async () => {
  {
    const [front, back, left, right] = [new Pair(), new Pair(), new Pair(), new Pair()];
    left.connect(await front.bind(ANY));
    right.connect(await back.bind("inproc://pair"));
    await using _proxy = new RunningProxy(front, back);
    await Promise.all([left, right].map((end) => sendNumbers(end, 500)));
    await Promise.all([left, right].map((end) => takeNumbers(end, 500)));
    await closeAll([front, back, left, right]);
  }
  {
    await using echo = new Stream({ notify: false });
    await using peer = await NetPeer.connect(await echo.bind(ANY));
    await using _proxy = new RunningProxy(echo, echo);
    await peer.write("around and around");
    assertEquals(await peer.text(17), "around and around");
  }
});

test("a Subscriber and a Publisher: one way", async () => {
  await using sub = new Subscriber();
  await using pub = new Publisher();
  await using source = new Publisher();
  await using sink = new Subscriber();
  sub.connect(await source.bind(ANY));
  sink.connect(await pub.bind(ANY));
  sub.subscribe("");
  sink.subscribe("a");
  await Promise.all([source.waitForSubscribers(1), pub.waitForSubscribers(1)]);
  await using _proxy = new RunningProxy(sub, pub);
  for (const topic of ["b", "a1", "c", "a2"]) await source.send(topic);
  assertEquals(await take(sink, 2), ["a1", "a2"]);
});

test("a Reply and a Request: alternately", async () => {
  await using front = new Reply();
  await using back = new Request();
  await using client = new Request();
  await using worker = new Reply();
  client.connect(await front.bind(ANY));
  worker.connect(await back.bind(ANY));
  await using _proxy = new RunningProxy(front, back);
  for (const text of numbers(20)) {
    await client.send(text);
    assertEquals(await take(worker, 1), [text]);
    await worker.send([text, "done"]);
    assertEquals(await take(client, 1), [`${text}|done`]);
  }
});

test("a Reply and a Dealer, a Dealer and a Request: no send or receive in the wrong state", async () => {
  const shapes = [[new Request(), new Reply(), new Dealer(), new Dealer()], [
    new Dealer(),
    new Dealer(),
    new Request(),
    new Reply(),
  ]] as const;
  for (const [client, front, back, worker] of shapes) {
    client.connect(await front.bind(ANY));
    worker.connect(await back.bind(ANY));
    await using proxy = new RunningProxy(front, back);
    for (const text of numbers(5)) {
      await client.send(text);
      assertEquals(await proxy.during(take(worker, 1)), [text]);
      await worker.send([text, "done"]);
      assertEquals(await proxy.during(take(client, 1)), [`${text}|done`]);
    }
  }
  await closeAll(shapes.flat());
});

test("multipart messages stay whole while several peers send simultaneously", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using sink = new Pull();
  const endpoint = await pull.bind(ANY);
  sink.connect(await push.bind(ANY));
  await using _proxy = new RunningProxy(pull, push);
  const count = 200;
  const sources = Array.from({ length: 5 }, () => new Push());
  const sending = sources.map(async (source, i) => {
    source.connect(endpoint);
    for (let n = 0; n < count; n++) {
      // From one frame to many, some of them large, some empty.
      const frames = Array.from(
        { length: 1 + (n + i) % 7 },
        (_, f) => f % 3 === 2 ? "" : "x".repeat((n * 977) % 20_000),
      );
      await source.send([`${i}`, `${n}`, ...frames]);
    }
  });
  const next = sources.map(() => 0);
  for (let received = 0; received < count * sources.length; received++) {
    const [i, n, ...frames] = (await sink.receive()).map(toText);
    assertEquals(Number(n), next[Number(i)]!++);
    const lengths = frames.map((frame) => frame.length);
    const expected = Array.from(
      { length: 1 + (Number(n) + Number(i)) % 7 },
      (_, f) => f % 3 === 2 ? 0 : (Number(n) * 977) % 20_000,
    );
    assertEquals(lengths, expected);
  }
  await Promise.all(sending);
  await closeAll(sources);
});

test("invalid arguments of a proxy are a TypeError with the reason", async () => {
  const [pull, push, sub, pub] = [new Pull(), new Push(), new Subscriber(), new Publisher()];
  for (const [front, back] of [[pull, pull], [push, push], [pull, sub], [push, pub]] as const) {
    const error = assertThrows(() => new Proxy(front, back), TypeError);
    assertEquals(
      error.message,
      `Cannot create a proxy: nothing can be forwarded between ${front.type} and ${back.type}`,
    );
  }
  for (const wrong of [undefined, null, "pull", {}, 7]) {
    assertThrows(() => new Proxy(wrong as unknown as Pull, push), TypeError, "Cannot create a proxy: pass two sockets");
    assertThrows(() => new Proxy(pull, wrong as unknown as Push), TypeError, "Cannot create a proxy: pass two sockets");
    if (wrong === undefined) continue;

    const capture = wrong as unknown as Push;
    assertThrows(() => new Proxy(pull, push, { capture }), TypeError, "Cannot create a proxy: pass two sockets");
  }
  const capture = sub as unknown as Push;
  assertThrows(() => new Proxy(pull, push, { capture }), TypeError, "capture socket");
  assert(new Proxy(pull, push) instanceof Proxy);
  await closeAll([pull, push, sub, pub]);
});
