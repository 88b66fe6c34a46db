/**
 * Publishers that serve their subscribers on worker threads (`threads`): to programs and to peers they are one socket.
 *
 * Over 400 lines because everything that a publisher does is tested once more, over threads.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import {
  capability,
  Context,
  type ContextPort,
  curveKeyPair,
  Publisher,
  type PublisherOptions,
  Reply,
  type SocketEvent,
  Subscriber,
  type SubscriberOptions,
  toText,
  XPublisher,
  type XPublisherOptions,
  XSubscriber,
} from "../../mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { Peer } from "../support/peers/controller.ts";
import { handshakeError, nextEvent, numbers, rejectsWith, take, texts, throwsWith } from "./support.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const skipped = capability.reusePort === true
  ? {}
  : { skip: "threads cannot listen on one port on this runtime (capability.reusePort)" };
/** The machine may be busy, and every thread loads the library. */
const PATIENT = { timeout: 40_000, ...skipped };
const WITHOUT = capability.reusePort === true ? { skip: "this runtime has reusePort" } : {};

/** Starts threads, and keeps those that it has started. */
function starter(program = "publisher_thread_child.ts"): { workers: Worker[]; start: (port: ContextPort) => Worker } {
  const workers: Worker[] = [];
  const path = fileURLToPath(new URL(program, import.meta.url));
  return {
    workers,
    start(port) {
      const options = { workerData: port, transferList: [port as never] };
      // Without the gate Node has only tsx, which a worker does not inherit.
      const [made] = runtime === "node" ? nodeProgram(path) : [path];
      const worker = made === "--import"
        ? new Worker(`import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(path)})))`, {
          ...options,
          eval: true,
        })
        : new Worker(made!, options);
      workers.push(worker);
      return worker;
    },
  };
}

const threads = (count: number) => ({ count, start: starter().start });

/** Asks repeatedly, and lets the runtime do its work in between. */
async function soon(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Subscribers in as many threads as possible: the system spreads them by their ports. */
class Crowd implements AsyncDisposable {
  readonly all: Subscriber[] = [];

  constructor(
    endpoint: string,
    count: number,
    options: SubscriberOptions = {},
    topics: (i: number) => string[] = () => [""],
  ) {
    for (let i = 0; i < count; i++) {
      const subscriber = new Subscriber({ reconnectInterval: 5, ...options });
      subscriber.subscribe(...topics(i));
      subscriber.connect(endpoint);
      this.all.push(subscriber);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((subscriber) => subscriber.close({ linger: 0 })));
  }
}

test("threads: bind rejects with ENOTSUP where threads cannot share a port", async () => {
  await using publisher = new Publisher({ threads: threads(2) });
  const error = await rejectsWith("ENOTSUP", () => publisher.bind(ANY));
  assertStringIncludes(error.message, "capability.reusePort");
  // Everything else is as without threads.
  await using subscriber = new Subscriber();
  subscriber.subscribe("");
  publisher.threads = null;
  subscriber.connect(await publisher.bind(ANY));
  await publisher.waitForSubscribers(1);
  await publisher.send("hello");
  assertEquals(await take(subscriber, 1), ["hello"]);
}, WITHOUT);

test("threads: the option is checked", () => {
  const { start } = starter();
  for (const value of [1, "2", { count: 2 }, { count: "2", start }, { start }]) {
    assertThrows(() => new Publisher({ threads: value } as unknown as PublisherOptions), TypeError);
  }
  for (const count of [0, 65, 1.5]) {
    assertThrows(() => new Publisher({ threads: { count, start } }), RangeError, "threads.count");
  }
});

test(
  "threads: subscribers of all threads get the messages of their topics, once, and are counted as of one socket",
  async () => {
    await using publisher = new Publisher({ threads: threads(3) });
    const endpoint = await publisher.bind(ANY);
    assertEquals(publisher.endpoints.map(({ endpoint, state }) => [endpoint, state]), [[endpoint, "bound"]]);
    await using crowd = new Crowd(endpoint, 12, {}, (i) => ["all", `own ${i}.`, i % 2 === 0 ? "even" : "odd"]);
    await publisher.waitForSubscribers(12);
    await publisher.waitForSubscribers(12, { topic: "all" });
    await publisher.waitForSubscribers(6, { topic: "even" });
    await publisher.waitForPeers(12);
    assertEquals([publisher.subscriberCount, publisher.topicsCount, publisher.peerCount], [12, 15, 12]);
    assertEquals(publisher.endpoints[0]!.peers, 12);
    for (let i = 0; i < 50; i++) {
      await publisher.send(["all", `${i}`]);
      await publisher.send(["even", `${i}`]);
      await publisher.send("nobody has asked for it");
    }
    for (let i = 0; i < 12; i++) await publisher.send(`own ${i}.`);
    for (const [i, subscriber] of crowd.all.entries()) {
      const expected = numbers(50).flatMap((n) => i % 2 === 0 ? [`all|${n}`, `even|${n}`] : [`all|${n}`]);
      assertEquals(await take(subscriber, expected.length + 1), [...expected, `own ${i}.`]);
    }
    const { messagesSent, dropped, peers } = publisher.statistics();
    assert(messagesSent <= 12 + 12 * 50 + 6 * 50 && dropped === 0 && peers.length === 12);
    await soon(() => publisher.statistics().messagesSent === 12 + 12 * 50 + 6 * 50);
    await soon(() => publisher.peers.reduce((sum, peer) => sum + peer.messagesSent, 0) === 12 + 12 * 50 + 6 * 50);
    // Unsubscribing, and leaving.
    for (const subscriber of crowd.all) subscriber.unsubscribe("all");
    await soon(() => publisher.topicsCount === 14);
    for (const subscriber of crowd.all.slice(0, 5)) await subscriber.close();
    await soon(() => publisher.subscriberCount === 7 && publisher.peerCount === 7);
  },
  PATIENT,
);

test("threads: statistics stay when peers and threads have ended", async () => {
  const publisher = new Publisher({ threads: threads(2) });
  const crowd = new Crowd(await publisher.bind(ANY), 4);
  await publisher.waitForSubscribers(4);
  await publisher.send("x".repeat(10));
  for (const subscriber of crowd.all) await subscriber.receive();
  await crowd[Symbol.asyncDispose]();
  await publisher.close();
  const { messagesSent, bytesSent, peers } = publisher.statistics();
  assertEquals([messagesSent, bytesSent, peers.length], [4, 40, 0]);
}, PATIENT);

for (const verbosity of [null, "allSubs", "allSubsUnsubs"] as const) {
  test(`threads: an XPublisher with verbosity ${verbosity} receives the same as without threads`, async () => {
    const seen: string[][] = [];
    for (const options of [{}, { threads: threads(3) }]) {
      await using publisher = new XPublisher({ verbosity, ...options });
      const endpoint = await publisher.bind(ANY);
      const received: string[] = [];
      const done = (async () => {
        for await (const { type, topic } of publisher.subscriptions()) {
          received.push(`${type === "subscribe" ? "+" : "-"}${toText(topic)}`);
        }
      })();
      const all = Array.from({ length: 8 }, () => new XSubscriber());
      for (const subscriber of all) subscriber.connect(endpoint);
      await publisher.waitForPeers(8);
      // One after the other, so that there is one order.
      let marks = 0;
      const mark = async () => {
        const topic = `mark ${marks++}`;
        await all[0]!.send(`\x01${topic}`);
        await soon(() => received.includes(`+${topic}`));
      };
      for (const [i, subscriber] of all.entries()) {
        await subscriber.send("\x01all");
        await publisher.waitForSubscribers(i + 1, { topic: "all" });
      }
      await mark();
      for (const [i, subscriber] of all.entries()) {
        await subscriber.send("\x00all");
        await soon(() => (publisher.waitForSubscribers(0, { topic: "all" }), true));
        await subscriber.send(`\x01after ${i}`);
        await publisher.waitForSubscribers(1, { topic: `after ${i}` });
      }
      await mark();
      for (const subscriber of all) await subscriber.close();
      await soon(() => received.filter((text) => text.startsWith("-after")).length === 8);
      await publisher.close();
      await done;
      seen.push(received.filter((text) => !text.startsWith("-after") && !text.startsWith("-mark")).sort());
    }
    assertEquals(seen[1], seen[0]);
  }, PATIENT);
}

test(
  "threads: an XPublisher receives other messages of subscribers, and what it would send to one peer is ENOTSUP",
  async () => {
    await using publisher = new XPublisher({ threads: threads(2) });
    await using subscriber = new XSubscriber();
    subscriber.connect(await publisher.bind(ANY));
    await subscriber.send("\x01topic");
    const subscription = await publisher.receive();
    assertEquals(texts(subscription), ["\x01topic"]);
    await subscriber.send(["\x07", "to", "the user"]);
    assertEquals(texts(await publisher.receive()), ["\x07", "to", "the user"]);
    throwsWith("ENOTSUP", () => publisher.sendTo(subscription, "topic"));
    for (const option of ["manual", "manualLastValue"] as const) {
      await using other = new XPublisher({ [option]: true, threads: threads(1) } as XPublisherOptions);
      await rejectsWith("ENOTSUP", () => other.bind(ANY));
    }
  },
  PATIENT,
);

test("threads: with noDrop nothing is lost, and sending waits for a subscriber that takes nothing", async () => {
  await using publisher = new Publisher({ noDrop: true, sendHighWaterMark: 10, threads: threads(2) });
  await using crowd = new Crowd(await publisher.bind(ANY), 3, { receiveHighWaterMark: 10 });
  await publisher.waitForSubscribers(3);
  const body = (i: number) => `${i}`.padEnd(100_000);
  let sent = 0;
  let waits = false;
  const COUNT = 600;
  const sending = (async () => {
    for (; sent < COUNT; sent++) {
      const one = publisher.send(body(sent));
      const late = setTimeout(() => waits = true, 2000);
      await one;
      clearTimeout(late);
    }
  })();
  await soon(() => waits);
  assert(sent < COUNT, "there is no back-pressure");
  const taken = await Promise.all(crowd.all.map((subscriber) => take(subscriber, COUNT)));
  await sending;
  for (const bodies of taken) assertEquals(bodies.map((text) => text.trimEnd()), numbers(COUNT));
  assertEquals(publisher.statistics().dropped, 0);
}, PATIENT);

test("threads: a subscriber that takes nothing misses messages, and others do not", async () => {
  await using publisher = new Publisher({ sendHighWaterMark: 100, threads: threads(2) });
  const endpoint = await publisher.bind(ANY);
  await using slow = new Crowd(endpoint, 4, { receiveHighWaterMark: 1 });
  await using fast = new Crowd(endpoint, 4, { receiveHighWaterMark: 0 });
  await publisher.waitForSubscribers(8);
  const body = "x".repeat(50_000);
  for (let i = 0; i < 1000; i++) {
    await publisher.send([`${i}`, body]);
    // In step, so that only the slow ones have full queues.
    for (const subscriber of fast.all) assertEquals(toText((await subscriber.receive())[0]), `${i}`);
  }
  await soon(() => publisher.statistics().drops.highWaterMark > 0);
  for (const subscriber of slow.all) assertEquals(toText((await subscriber.receive())[0]), "0");
}, PATIENT);

test("threads: options that change while it is bound apply in all threads", async () => {
  await using publisher = new Publisher({ threads: threads(2) });
  const endpoint = await publisher.bind(ANY);
  publisher.maxTopics = 2;
  await using crowd = new Crowd(endpoint, 4, { reconnectInterval: 10_000 }, () => ["a", "b", "c"]);
  const reasons: string[] = [];
  publisher.events.on(
    "disconnect",
    ({ reason, error }) => reasons.push(`${reason} ${(error as { code?: string }).code}`),
  );
  await soon(() => reasons.length === 4);
  assertEquals(reasons, Array.from(reasons, () => "protocol EMSGSIZE"));
  assert(crowd.all.length === 4);
}, PATIENT);

test("threads: welcomeMessage, helloMessage, invertMatching and conflate are those of one socket", async () => {
  {
    await using publisher = new XPublisher({ welcomeMessage: "welcome", threads: threads(2) });
    await using crowd = new Crowd(await publisher.bind(ANY), 3);
    for (const subscriber of crowd.all) assertEquals(await take(subscriber, 1), ["welcome"]);
    await publisher.waitForSubscribers(3);
    await publisher.send("next");
    for (const subscriber of crowd.all) assertEquals(await take(subscriber, 1), ["next"]);
  }
  await using inverted = new Publisher({ invertMatching: true, threads: threads(2) });
  await using crowd = new Crowd(
    await inverted.bind(ANY),
    4,
    { invertMatching: true },
    (i) => [i % 2 === 0 ? "even" : "odd"],
  );
  await inverted.waitForSubscribers(4);
  await inverted.send("even");
  await inverted.send("odd");
  for (const [i, subscriber] of crowd.all.entries()) {
    assertEquals(await take(subscriber, 1), [i % 2 === 0 ? "odd" : "even"]);
  }
}, PATIENT);

test("threads: CURVE, and an authenticator in the thread of the socket", async () => {
  const [server, good, bad] = await Promise.all([curveKeyPair(), curveKeyPair(), curveKeyPair()]);
  const asked: string[] = [];
  await using publisher = new Publisher({
    curveServer: true,
    curveSecretKey: server.secretKey,
    authenticate({ publicKey, address, mechanism }) {
      asked.push(`${mechanism} ${address}`);
      return publicKey === good.publicKey && { userId: "ann", metadata: { "x-team": "blue" } };
    },
    threads: threads(2),
  });
  const endpoint = await publisher.bind(ANY);
  const client = { curveServerKey: server.publicKey, curveSecretKey: good.secretKey };
  await using crowd = new Crowd(endpoint, 4, client);
  await publisher.waitForSubscribers(4);
  await publisher.waitForPeers(4);
  await publisher.send("secret");
  for (const subscriber of crowd.all) assertEquals(await take(subscriber, 1), ["secret"]);
  assertEquals(publisher.peers.map(({ userId, mechanism }) => [userId, mechanism]), Array(4).fill(["ann", "curve"]));
  assertEquals(asked, Array(4).fill("CURVE 127.0.0.1"));
  const refused = handshakeError(publisher);
  await using stranger = new Crowd(endpoint, 1, {
    ...client,
    curveSecretKey: bad.secretKey,
    reconnectInterval: 10_000,
  });
  assertEquals((await refused).name, "ZmqError");
  assertEquals([publisher.peerCount, stranger.all.length], [4, 1]);
}, PATIENT);

test("threads: a ZAP handler of the context is asked in its own thread", async () => {
  const context = new Context();
  await using handler = new Reply({ context });
  await handler.bind("inproc://zeromq.zap.01");
  const requests: string[] = [];
  const answering = (async () => {
    for await (const [version, id, domain, , , mechanism, user] of handler) {
      requests.push(`${toText(domain!)} ${toText(mechanism!)} ${toText(user!)}`);
      const ok = toText(user!) === "ann";
      await handler.send([version, id!, ok ? "200" : "400", "", ok ? "ann" : "", ""]);
    }
  })();
  {
    await using publisher = new Publisher({ context, plainServer: true, zapDomain: "zone", threads: threads(2) });
    const endpoint = await publisher.bind(ANY);
    await using crowd = new Crowd(endpoint, 3, { plainUsername: "ann", plainPassword: "x" });
    await publisher.waitForSubscribers(3);
    await publisher.waitForPeers(3);
    const refused = nextEvent(publisher, "handshake:error:auth");
    await using other = new Crowd(endpoint, 1, { plainUsername: "bob", plainPassword: "x", reconnectInterval: 10_000 });
    assertEquals([(await refused).status, crowd.all.length, other.all.length], [400, 3, 1]);
    assertEquals(publisher.peers.map(({ userId }) => userId), ["ann", "ann", "ann"]);
  }
  assertEquals(requests.sort(), [...Array(3).fill("zone PLAIN ann"), "zone PLAIN bob"]);
  await handler.close();
  await answering;
}, PATIENT);

test("threads: events are those of one socket, and peers can be disconnected", async () => {
  const publisher = new Publisher({ threads: threads(2) });
  const events: SocketEvent[] = [];
  publisher.events.listen((event) => events.push(event));
  const count = (type: SocketEvent["type"]) => events.filter((event) => event.type === type).length;
  const endpoint = await publisher.bind(ANY);
  await using crowd = new Crowd(endpoint, 5, { reconnectInterval: 10_000 });
  await publisher.waitForSubscribers(5);
  // Events come over another port than subscriptions.
  await publisher.waitForPeers(5);
  assertEquals([count("bind"), count("accept"), count("handshake")], [1, 5, 5]);
  for (const event of events) assertEquals((event as { endpoint: string }).endpoint, endpoint);
  const [one, ...others] = publisher.peers;
  assertEquals(publisher.disconnectPeer(one!), 1);
  await soon(() => count("disconnect:local") === 1 && publisher.peerCount === 4);
  assertEquals(publisher.disconnectPeer(({ remote }) => remote === others[0]!.remote), 1);
  await soon(() => count("disconnect:local") === 2 && publisher.subscriberCount === 3);
  assertThrows(() => publisher.disconnectPeer({} as never), TypeError);
  await crowd.all.find((_, i) => i >= 0)!.close();
  await publisher.close();
  assertEquals(events.at(-1)!.type, "end");
  assertEquals([count("end"), count("close"), count("accept")], [1, 1, 5]);
  assertEquals(count("disconnect") + count("disconnect:local"), 5);
}, PATIENT);

test("threads: a port has one publisher; unbind sends what was sent before, and frees it", async () => {
  await using publisher = new Publisher({ threads: threads(2) });
  const endpoint = await publisher.bind(ANY);
  await using other = new Publisher({ threads: threads(1) });
  await using plain = new Publisher();
  for (const socket of [other, plain]) {
    const error = await rejectsWith("EADDRINUSE", () => socket.bind(endpoint));
    assertEquals(error.message, `Cannot bind Publisher to ${endpoint}: the address is in use`);
  }
  // A second endpoint, and one that is not tcp.
  const second = await publisher.bind(ANY);
  await publisher.bind("inproc://publisher-threads");
  await using crowd = new Crowd(endpoint, 4, { reconnectInterval: 10_000 });
  await using stays = new Crowd(second, 2);
  await using local = new Crowd("inproc://publisher-threads", 1);
  await publisher.waitForSubscribers(7);
  for (const text of numbers(500)) await publisher.send(text);
  await publisher.unbind(endpoint);
  for (const subscriber of crowd.all) assertEquals(await take(subscriber, 500), numbers(500));
  await soon(() => publisher.peerCount === 3);
  await plain.bind(endpoint);
  await publisher.send("after");
  for (const subscriber of [...stays.all, ...local.all]) {
    assertEquals(await take(subscriber, 501), [...numbers(500), "after"]);
  }
  await rejectsWith("ENOENT", () => publisher.unbind(endpoint));
}, PATIENT);

test("threads: close sends what is queued, within its linger", async () => {
  const publisher = new Publisher({ threads: threads(2), sendHighWaterMark: 0 });
  const { workers, start } = starter();
  publisher.threads = { count: 2, start };
  const crowd = new Crowd(await publisher.bind(ANY), 3, { receiveHighWaterMark: 0 });
  await publisher.waitForSubscribers(3);
  for (const text of numbers(3000)) await publisher.send(text);
  const ended = Promise.all(workers.map((worker) => new Promise((resolve) => worker.on("exit", resolve))));
  assertEquals(await publisher.close(), 0);
  await ended;
  for (const subscriber of crowd.all) assertEquals(await take(subscriber, 3000), numbers(3000));
  await crowd[Symbol.asyncDispose]();
}, PATIENT);

test("threads: close without linger ends at once, although a subscriber takes nothing", async () => {
  const publisher = new Publisher({ threads: threads(2), sendHighWaterMark: 0 });
  await using crowd = new Crowd(await publisher.bind(ANY), 2, { receiveHighWaterMark: 1 });
  await publisher.waitForSubscribers(2);
  const body = "x".repeat(100_000);
  for (let i = 0; i < 500; i++) await publisher.send(body);
  await publisher.close({ linger: 0 });
  await rejectsWith("ENOTSOCK", () => publisher.send("late"));
  assertEquals(crowd.all.length, 2);
}, PATIENT);

for (const how of ["throw", "terminate"]) {
  test(`threads: one that ends (${how}) is replaced, and its subscribers come back`, async () => {
    const { workers, start } = starter();
    await using publisher = new Publisher({ threads: { count: 2, start } });
    const endpoint = await publisher.bind(ANY);
    await using crowd = new Crowd(endpoint, 8);
    await publisher.waitForSubscribers(8);
    const lost: SocketEvent[] = [];
    publisher.events.on("disconnect", (event) => lost.push(event));
    const failed = nextEvent(publisher, "accept:error");
    if (how === "throw") workers[0]!.postMessage("throw");
    else await workers[0]!.terminate();
    const { error } = await failed;
    assertStringIncludes(error.message, "A thread of this socket has ended");
    assertEquals((error as { code?: string }).code, "ECONNRESET");
    if (how === "throw") assertStringIncludes(error.message, "thrown by the test");
    for (const event of lost) assertEquals((event as { reason?: string }).reason, "lost");
    await soon(() => workers.length === 3);
    await publisher.waitForSubscribers(8, { topic: "" });
    await soon(() => publisher.peerCount === 8);
    await publisher.send("again");
    for (const subscriber of crowd.all) assertEquals(await take(subscriber, 1), ["again"]);
  }, PATIENT);
}

test("threads: one that cannot start rejects bind with its error, and the next bind starts anew", async () => {
  const { start } = starter("publisher_thread_missing.ts");
  await using publisher = new Publisher({ threads: { count: 2, start } });
  await rejectsWith("EIO", () => publisher.bind(ANY));
  publisher.threads = {
    count: 1,
    start() {
      throw new Error("no more threads");
    },
  };
  assertStringIncludes((await rejectsWith("EIO", () => publisher.bind(ANY))).message, "no more threads");
  publisher.threads = threads(1);
  await using crowd = new Crowd(await publisher.bind(ANY), 1);
  await publisher.waitForSubscribers(1);
  await publisher.send("served");
  assertEquals(await take(crowd.all[0]!, 1), ["served"]);
}, PATIENT);

test("threads: subscribers of libzmq", async () => {
  await using publisher = new Publisher({ threads: threads(2) });
  const endpoint = await publisher.bind(ANY);
  const subscribers = await Promise.all(numbers(4).map(() => libzmq.open("SUB", {})));
  for (const [i, subscriber] of subscribers.entries()) {
    await subscriber.subscribe("all");
    await subscriber.subscribe(`own ${i}.`);
    await subscriber.connect(endpoint);
  }
  await publisher.waitForSubscribers(4, { topic: "all" });
  await publisher.waitForSubscribers(1, { topic: "own 3." });
  for (const text of numbers(100)) await publisher.send(["all", text]);
  for (let i = 0; i < 4; i++) await publisher.send(`own ${i}.`);
  for (const [i, subscriber] of subscribers.entries()) {
    const messages = await subscriber.receiveAll(101);
    assertEquals(messages.map(texts).map((frames) => frames.join("|")), [
      ...numbers(100).map((n) => `all|${n}`),
      `own ${i}.`,
    ]);
    await subscriber.close();
  }
  await soon(() => publisher.peerCount === 0 && publisher.topicsCount === 0);
}, PATIENT);

test("threads: close while bind starts them rejects bind, and leaves no thread", async () => {
  const { workers, start } = starter();
  const publisher = new Publisher({ threads: { count: 2, start } });
  const binding = rejectsWith("ENOTSOCK", () => publisher.bind(ANY));
  await soon(() => workers.length === 2);
  const ended = Promise.all(workers.map((worker) => new Promise((resolve) => worker.on("exit", resolve))));
  await publisher.close();
  await binding;
  await ended;
  const other = new Publisher({ threads: { count: 1, start } });
  const refused = rejectsWith("ENOTSOCK", () => other.bind("tcp://127.0.0.1:1"));
  await other.close();
  await refused;
  assertEquals(workers.length, 2);
}, PATIENT);

test("threads: the linger of close counts, whatever the option says", async () => {
  const publisher = new Publisher({ threads: threads(2), sendHighWaterMark: 0, linger: 0 });
  const crowd = new Crowd(await publisher.bind(ANY), 2, { receiveHighWaterMark: 0 });
  await publisher.waitForSubscribers(2);
  const body = "x".repeat(10_000);
  for (let i = 0; i < 2000; i++) await publisher.send(`${i} ${body}`);
  assertEquals(await publisher.close({ linger: -1 }), 0);
  for (const subscriber of crowd.all) {
    assertEquals((await take(subscriber, 2000)).map((text) => text.split(" ")[0]), numbers(2000));
  }
  await crowd[Symbol.asyncDispose]();
}, PATIENT);
