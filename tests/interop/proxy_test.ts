/**
 * Brokers between this library and libzmq: ours with libzmq's clients on both sides, libzmq's with ours.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { assert, assertEquals } from "@std/assert";
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
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer, type PeerEnd, PeerError } from "../support/peers/controller.ts";
import type { EndType } from "../support/peers/end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { texts } from "./frames.ts";
import { nextEvent } from "./next_event.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";

const libzmq = new Peer("libzmq");
const TCP = "tcp://127.0.0.1:0";
const CLASSES = { DEALER: Dealer, PAIR: Pair, REP: Reply, ROUTER: Router } as const;

/** Makes sockets of libzmq that are connected to an endpoint. */
async function connected(type: EndType, endpoint: string, count: number, peer: Peer = libzmq): Promise<PeerEnd[]> {
  const ends = await Promise.all(Array.from({ length: count }, () => peer.open(type)));
  for (const end of ends) await end.connect(endpoint);
  return ends;
}

async function closeAll(ends: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(ends.map((end) => end[Symbol.asyncDispose]()));
}

/** Receives `count` messages, each as text; the frames of one are joined by "|". */
async function take(end: { receive(): Promise<Uint8Array[]> }, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await end.receive()).join("|"));
  return taken;
}

test("our forwarder between libzmq's publishers and subscribers: several topics, unsubscribed one by one", async () => {
  await using xsub = new XSubscriber();
  await using xpub = new XPublisher();
  const [front, back] = [await xsub.bind(TCP), await xpub.bind(TCP)];
  const proxy = new Proxy(xsub, xpub);
  const running = proxy.run();
  const pubs = await connected("PUB", front, 2);
  const subs = await connected("SUB", back, 3);
  await xsub.waitForPeers(2);
  const wants = [["a", "all"], ["b", "all"], ["a", "b", "all"]];
  for (const [i, sub] of subs.entries()) {
    // When the last one has arrived, the others have too.
    for (const topic of [...wants[i]!, `mark ${i}`]) await sub.subscribe(topic);
    for (const pub of pubs) await publishUntilHeard(pub, sub, `mark ${i}`);
  }
  for (const [i, pub] of pubs.entries()) {
    for (const topic of ["a", "b", "none", "all"]) await pub.send([topic, `from ${i}`]);
  }
  for (const [i, sub] of subs.entries()) {
    const expected = wants[i]!.flatMap((topic) => [`${topic}|from 0`, `${topic}|from 1`]);
    assertEquals((await take(sub, expected.length)).sort(), expected.sort());
  }

  // One of two unsubscribes from "a": it is still sent. Both unsubscribe from "b": the publishers are notified, and
  // stop sending it.
  for (const [i, topics] of [[0, ["a"]], [1, ["b"]], [2, ["b"]]] as const) {
    for (const topic of topics) await subs[i]!.unsubscribe(topic);
    await subs[i]!.subscribe(`later ${i}`);
    for (const pub of pubs) await publishUntilHeard(pub, subs[i]!, `later ${i}`);
  }
  const before = proxy.statistics().front.messagesReceived;
  for (const topic of ["a", "b", "b", "b", "all"]) await pubs[0]!.send([topic, "again"]);
  assertEquals(await take(subs[0]!, 1), ["all|again"]);
  assertEquals(await take(subs[1]!, 1), ["all|again"]);
  assertEquals(await take(subs[2]!, 2), ["a|again", "all|again"]);
  assertEquals(proxy.statistics().front.messagesReceived - before, 2);

  // The subscriptions of a disconnected subscriber are removed.
  await subs[2]!.close();
  await subs[0]!.subscribe("last");
  await publishUntilHeard(pubs[0]!, subs[0]!, "last");
  assertEquals(proxy.statistics().dropped, 0);
  proxy.terminate();
  await running;
  await closeAll([...pubs, ...subs]);
});

test("our queue between libzmq's REQ and REP: several of each, every request gets its reply", async () => {
  await using router = new Router();
  await using dealer = new Dealer();
  const [front, back] = [await router.bind(TCP), await dealer.bind(TCP)];
  const proxy = new Proxy(router, dealer);
  const running = proxy.run();
  const workers = await connected("REP", back, 3);
  await dealer.waitForPeers(3);
  const clients = await connected("REQ", front, 4);
  const served = workers.map(() => 0);
  const rounds = 30;
  const working = workers.map(async (worker, i) => {
    for (; served[i]! < rounds * clients.length / workers.length; served[i]!++) {
      await worker.send(["reply", "", ...texts(await worker.receive())]);
    }
  });
  await Promise.all(clients.map(async (client, i) => {
    for (let n = 0; n < rounds; n++) {
      await client.send([`${i}`, "", `${n}`]);
      assertEquals(await take(client, 1), [`reply||${i}||${n}`]);
    }
  }));
  await Promise.all(working);
  const { front: { messagesReceived, messagesSent }, dropped } = proxy.statistics();
  assertEquals([messagesReceived, messagesSent, dropped], [rounds * 4, rounds * 4, 0]);
  proxy.terminate();
  await running;
  await closeAll([...clients, ...workers]);
});

/** Answers requests until the socket is closed. */
async function serve(worker: PeerEnd): Promise<void> {
  try {
    for (;;) await worker.send([...texts(await worker.receive()), "done"]);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
  }
}

/** Asks from all clients at once, many times; fails unless each gets its replies. */
async function askAll(clients: readonly PeerEnd[]): Promise<void> {
  await Promise.all(clients.map(async (client, i) => {
    for (let n = 0; n < 20; n++) {
      await client.send([`${i}.${n}`]);
      assertEquals(await take(client, 1), [`${i}.${n}|done`]);
    }
  }));
}

test(
  "our queue: killed workers and clients, with or without a request in flight, do not affect others",
  async () => {
    await using router = new Router();
    await using dealer = new Dealer();
    const [front, back] = [await router.bind(TCP), await dealer.bind(TCP)];
    const proxy = new Proxy(router, dealer);
    const running = proxy.run();
    await using others = new Peer("libzmq");
    const workers = await connected("REP", back, 2);
    const [doomed] = await connected("REP", back, 1, others) as [PeerEnd];
    await dealer.waitForPeers(3);
    const serving = workers.map(serve);
    const clients = await connected("REQ", front, 4);
    await router.waitForPeers(4);

    // One at a time, until the one that is to die has a request.
    const held = doomed.receive().then(texts);
    let asked = 0;
    for (; asked < 3; asked++) {
      await clients[asked]!.send([`${asked}`]);
      const answer = await Promise.race([take(clients[asked]!, 1), held]);
      if (answer[0] === `${asked}`) break;
      assertEquals(answer, [`${asked}|done`]);
    }
    assert(asked < 3, "a worker got no turn");
    let gone = nextEvent(dealer, "disconnect");
    await others.kill();
    await gone;
    // A client whose request was lost with it sends it again, with a new socket.
    clients.push(...await connected("REQ", front, 1));
    const [mourner] = clients.splice(asked, 1);
    await mourner!.close();
    await askAll(clients);

    // A worker that dies idle, and a client that dies while its request is with a worker.
    await using more = new Peer("libzmq");
    await connected("REP", back, 1, more);
    await dealer.waitForPeers(3);
    gone = nextEvent(dealer, "disconnect");
    await more.kill();
    await gone;
    await askAll(clients);
    await closeAll(workers);
    await Promise.all(serving);

    await using last = new Peer("libzmq");
    const [patient] = await connected("REQ", front, 1, last) as [PeerEnd];
    const worker = new Reply();
    worker.connect(back);
    await patient.send(["for nobody"]);
    assertEquals(await take(worker, 1), ["for nobody"]);
    gone = nextEvent(router, "disconnect");
    await last.kill();
    await gone;
    await worker.send("too late");
    await clients[0]!.send(["for somebody"]);
    assertEquals(await take(worker, 1), ["for somebody"]);
    await worker.send("in time");
    assertEquals(await take(clients[0]!, 1), ["in time"]);
    await worker.close();
    proxy.terminate();
    await running;
    await closeAll(clients);
  },
  { timeout: 30_000 },
);

/** A broker of libzmq in a process of its own, with what it is bound to. */
async function libzmqBroker(front: EndType, back: EndType): Promise<{ broker: Peer; endpoints: [string, string] }> {
  const broker = new Peer("libzmq");
  const sides = [await broker.open(front), await broker.open(back)] as const;
  const endpoints: [string, string] = [await sides[0].bind(TCP), await sides[1].bind(TCP)];
  await broker.proxy(...sides);
  return { broker, endpoints };
}

test("libzmq's forwarder with our publishers and subscribers", async () => {
  const { broker, endpoints: [front, back] } = await libzmqBroker("XSUB", "XPUB");
  await using _broker = broker;
  const pubs = [new Publisher(), new XPublisher()];
  const subs = [new Subscriber(), new Subscriber()];
  for (const pub of pubs) pub.connect(front);
  for (const [i, sub] of subs.entries()) {
    sub.connect(back);
    sub.subscribe("both", `${i}`);
  }
  for (const pub of pubs) for (const topic of ["both", "0", "1"]) await pub.waitForSubscribers(1, { topic });
  for (const pub of pubs) for (const topic of ["0", "1", "none", "both"]) await pub.send([topic, "news"]);
  assertEquals((await take(subs[0]!, 4)).sort(), ["0|news", "0|news", "both|news", "both|news"]);
  assertEquals((await take(subs[1]!, 4)).sort(), ["1|news", "1|news", "both|news", "both|news"]);
  subs[0]!.unsubscribe("0");
  subs[0]!.subscribe("mark");
  await pubs[0]!.waitForSubscribers(1, { topic: "mark" });
  for (const topic of ["0", "mark"]) await pubs[0]!.send(topic);
  assertEquals(await take(subs[0]!, 1), ["mark"]);
  for (const socket of [...pubs, ...subs]) await socket.close();
});

test("libzmq's queue with our clients and workers, among its own", async () => {
  const { broker, endpoints: [front, back] } = await libzmqBroker("ROUTER", "DEALER");
  await using _broker = broker;
  const workers = [new Reply(), new Reply()];
  const serving = workers.map(async (worker) => {
    worker.connect(back);
    for await (const request of worker) await worker.send([...request, "done"]);
  });
  const theirs = await connected("REP", back, 1);
  serving.push(...theirs.map(serve));
  const clients = Array.from({ length: 4 }, () => new Request());
  await Promise.all(clients.map(async (client, i) => {
    client.connect(front);
    for (let n = 0; n < 30; n++) {
      await client.send([`${i}`, `${n}`]);
      assertEquals(await take(client, 1), [`${i}|${n}|done`]);
    }
  }));
  await closeAll([...workers, ...theirs, ...clients]);
  await Promise.all(serving);
});

test("libzmq's streamer with our Push and Pull, and ours behind it", async () => {
  const { broker, endpoints: [front, back] } = await libzmqBroker("PULL", "PUSH");
  await using _broker = broker;
  const context = new Context();
  await using source = new Push({ context });
  await using pull = new Pull({ context });
  await using push = new Push({ context });
  await using sink = new Pull({ context });
  source.connect(front);
  pull.connect(back);
  sink.connect(await push.bind("inproc://behind"));
  const proxy = new Proxy(pull, push);
  const running = proxy.run();
  const count = 20_000;
  const sending = (async () => {
    for (let i = 0; i < count; i++) if (!source.trySend([`${i}`, "body"])) await source.send([`${i}`, "body"]);
  })();
  for (let i = 0; i < count; i++) {
    const [number, body] = sink.tryReceive() ?? await sink.receive();
    if (toText(number) !== `${i}` || body!.length !== 4) assertEquals(toText(number), `${i}`);
  }
  await sending;
  proxy.terminate();
  await running;
}, { timeout: 30_000 });

// One socket as both sides.

const ECHOES: readonly (readonly [echo: EndType, client: EndType, message: readonly string[]])[] = [
  ["REP", "REQ", ["question"]],
  ["REP", "DEALER", ["", "question"]],
  ["DEALER", "DEALER", ["question", "more"]],
  ["ROUTER", "DEALER", ["question", "more"]],
  ["ROUTER", "REQ", ["question", "more"]],
  ["PAIR", "PAIR", ["question", "more"]],
];

for (const [echo, type, message] of ECHOES) {
  test(`our proxy with one ${echo} on both sides echoes the messages of a ${type} of libzmq`, async () => {
    await using client = await libzmq.open(type);
    await using socket = new CLASSES[echo as keyof typeof CLASSES]();
    const proxy = new Proxy(socket, socket);
    const running = proxy.run();
    await client.connect(await socket.bind(TCP));
    for (let round = 0; round < 5; round++) {
      await client.send(message);
      assertEquals(await take(client, 1), [message.join("|")]);
    }
    proxy.terminate();
    await running;
  });
}

/** zmq_proxy with one socket as both sides. zeromq.js ends by a segmentation fault when it is asked for that. */
const PYTHON_ECHO = `
import json, os, sys, threading, zmq
context = zmq.Context()
for echo, kind, message in json.loads(sys.argv[1]):
    socket = context.socket(getattr(zmq, echo))
    endpoint = "inproc://" + echo + kind
    socket.bind(endpoint)
    client = context.socket(getattr(zmq, kind))
    client.rcvtimeo = client.sndtimeo = 5000
    client.connect(endpoint)
    threading.Thread(target=zmq.proxy, args=(socket, socket), daemon=True).start()
    for _ in range(5):
        client.send_multipart([frame.encode() for frame in message])
        assert [frame.decode() for frame in client.recv_multipart()] == message, (echo, kind)
    print(echo, kind, flush=True)
os._exit(0)
`;

const { command, missing } = pythonZmq();

test("libzmq itself: a proxy with one socket on both sides echoes", async () => {
  const child = spawn(command, ["-c", PYTHON_ECHO, JSON.stringify(ECHOES)], { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([readAll(child.stdout), once(child, "close")]);
  assertEquals([code, output], [0, ECHOES.map(([echo, type]) => `${echo} ${type}\n`).join("")]);
}, missing === undefined ? {} : { skip: missing });

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let output = "";
  for await (const chunk of stream) output += new TextDecoder().decode(chunk);
  return output;
}
