/**
 * Interoperability with jszmq over WebSocket, in both roles: it speaks ZWS 2.0 without a security mechanism only.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Dealer, Pull, Push, Reply, Request, Router, Subscriber, XPublisher } from "../../mod.ts";
import { take } from "../sockets/support.ts";
import { runtime, test, type TestOptions } from "../support/harness.ts";

/** A socket of jszmq. */
interface Theirs {
  connect(endpoint: string): void;
  bindSync(endpoint: string, server: unknown): void;
  unbind(endpoint: string): void;
  disconnect(endpoint: string): void;
  subscribe(topic: string): void;
  send(message: unknown): void;
  on(event: "message", listener: (...frames: Uint8Array[]) => void): void;
}
type Name = "Dealer" | "Router" | "Pub" | "Sub" | "Push" | "Pull" | "Req" | "Rep";
type Package = Readonly<Record<Name, new () => Theirs>>;

/** The package, which tests must not need to compile and run where it is not installed. */
function load(): Package | undefined {
  try {
    return createRequire(import.meta.url)("jszmq") as Package;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

const jszmq = runtime === "node" ? load() : undefined;
const options: TestOptions = jszmq !== undefined ? {} : {
  skip: runtime === "node" ? "jszmq is not installed (npm ci)" : "jszmq runs on Node only; the bytes are the same",
};

/** The next messages of a socket of theirs, as text. */
function received(socket: Theirs, count: number): Promise<string[]> {
  const messages: string[] = [];
  return new Promise((resolve) =>
    socket.on("message", (...frames) => {
      messages.push(frames.map((frame) => new TextDecoder().decode(frame)).join("|"));
      if (messages.length === count) resolve(messages);
    })
  );
}

/** Connects one socket of theirs to `endpoint`. */
async function connecting(name: Name, endpoint: string, body: (socket: Theirs) => Promise<void>): Promise<void> {
  const socket = new jszmq![name]();
  socket.connect(endpoint);
  try {
    await body(socket);
  } finally {
    socket.disconnect(endpoint);
  }
}

/** Binds one socket of theirs. */
async function bound(name: Name, body: (socket: Theirs, endpoint: string) => Promise<void>): Promise<void> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
  const socket = new jszmq![name]();
  socket.bindSync(endpoint, server);
  try {
    await body(socket, endpoint);
  } finally {
    socket.unbind(endpoint);
    server.close();
  }
}

/** They accept every subprotocol, and speak only this one. */
const PLAIN = { protocols: ["ZWS2.0"] };
const LARGE = "x".repeat(200_000);

test("jszmq: PUSH to PULL, in both directions and roles", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("ws://127.0.0.1:0/path");
  await connecting("Push", endpoint, async (push) => {
    push.send("one");
    push.send(["two", "", "frames"]);
    push.send(LARGE);
    assertEquals(await take(pull, 3), ["one", "two||frames", LARGE]);
    assertEquals(pull.statistics().peers[0]!.version, "ZWS2.0");
  });
  await bound("Pull", async (theirs, endpoint) => {
    await using push = new Push();
    push.connect(endpoint, PLAIN);
    const messages = received(theirs, 3);
    await push.send("one");
    await push.send(["two", "", "frames"]);
    await push.send(LARGE);
    assertEquals(await messages, ["one", "two||frames", LARGE]);
  });
}, options);

test("jszmq: REQ and REP, in both directions", async () => {
  await using reply = new Reply();
  await connecting("Req", await reply.bind("ws://127.0.0.1:0"), async (request) => {
    const answers = received(request, 1);
    request.send("question");
    assertEquals(await take(reply, 1), ["question"]);
    await reply.send(["answer", "two"]);
    assertEquals(await answers, ["answer|two"]);
  });
  await bound("Rep", async (rep, endpoint) => {
    await using request = new Request();
    request.connect(endpoint, PLAIN);
    rep.on("message", (question) => rep.send(["re", question]));
    for (const question of ["first", "second"]) {
      await request.send(question);
      assertEquals(await take(request, 1), [`re|${question}`]);
    }
  });
}, options);

test("jszmq: ROUTER and DEALER, in both directions", async () => {
  await using router = new Router();
  await connecting("Dealer", await router.bind("ws://127.0.0.1:0"), async (dealer) => {
    const answers = received(dealer, 1);
    dealer.send("hello");
    const [id, text] = await router.receive();
    await router.send([id, "re", text]);
    assertEquals(await answers, ["re|hello"]);
  });
  await bound("Router", async (theirs, endpoint) => {
    await using dealer = new Dealer();
    dealer.connect(endpoint, PLAIN);
    theirs.on("message", (id, ...frames) => theirs.send([id, "re", ...frames]));
    await dealer.send(["a", "b"]);
    assertEquals(await take(dealer, 1), ["re|a|b"]);
  });
}, options);

test("jszmq: PUB and SUB, in both directions", async () => {
  await using publisher = new XPublisher();
  await connecting("Sub", await publisher.bind("ws://127.0.0.1:0"), async (sub) => {
    sub.subscribe("a");
    assertEquals(await take(publisher, 1), ["\x01a"]);
    const messages = received(sub, 2);
    for (const message of ["b1", "a1", "a2"]) await publisher.send(message);
    assertEquals(await messages, ["a1", "a2"]);
  });
  await bound("Pub", async (pub, endpoint) => {
    await using subscriber = new Subscriber();
    subscriber.subscribe("a");
    subscriber.connect(endpoint, PLAIN);
    // They have no event for a subscription: the first message that arrives shows it.
    let first: string[] | undefined;
    const arrived = take(subscriber, 1).then((messages) => first = messages);
    while (first === undefined) {
      pub.send("b0");
      pub.send("a0");
      await new Promise((resolve) => setImmediate(resolve));
    }
    await arrived;
    assertEquals(first, ["a0"]);
  });
}, options);
