/**
 * The drop-in for zeromq.js where it decides for itself, and what depends on time: concurrent calls, turns, events, the
 * rule about ZAP handlers, `bindSync`, version 5. The rest, which must be as in zeromq.js, is in `reference_test.ts`.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { allEnded } from "../../src/zeromq/exit.ts";
import * as zmq from "../../src/zeromq/mod.ts";
import * as v5 from "../../src/zeromq/v5_compat.ts";
import { test as bareTest, type TestOptions } from "../support/harness.ts";

/** A test whose sockets have ended with it. */
function test(name: string, body: () => Promise<void>, options?: TestOptions): void {
  bareTest(
    `drop-in: ${name}`,
    async () => {
      await body();
      await allEnded();
    },
    options,
  );
}

// A shared context is never closed, and Deno permits no test to leave a port open: its ports are those of the file.
const shared = new zmq.Context();
const joined = zmq.Context.from(shared.share());

let names = 0;
const fresh = () => `inproc://api-${++names}`;
const texts = (frames: readonly Uint8Array[]) => frames.map(String);

/** Two Pairs that are connected. */
async function pairs(): Promise<[zmq.Pair, zmq.Pair]> {
  const [a, b] = [new zmq.Pair({ linger: 0 }), new zmq.Pair({ linger: 0 })];
  const endpoint = fresh();
  await a.bind(endpoint);
  b.connect(endpoint);
  return [a, b];
}

/** The first event of a type. */
function event<E extends zmq.EventType>(socket: zmq.Socket, type: E): Promise<zmq.EventOfType<E>> {
  return new Promise((resolve) => socket.events.on<E>(type, resolve));
}

test("concurrent sends and receives are served in order", async () => {
  const [a, b] = await pairs();
  const received = [a.receive(), a.receive(), a.receive()];
  await Promise.all(["1", "2", "3"].map((text) => b.send(text)));
  assertEquals((await Promise.all(received)).flatMap(texts), ["1", "2", "3"]);
  a.close();
  b.close();
});

test("a loop of sends and receives that never wait yields to the event loop", async () => {
  const [a, b] = await pairs();
  a.receiveHighWaterMark = b.sendHighWaterMark = 0;
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 1100; i++) await b.send("x");
  const [sending] = [turns];
  for (let i = 0; i < 1100; i++) await a.receive();
  counting = false;
  assert(sending >= 2 && turns - sending >= 2, `${sending} and ${turns - sending} turns`);
  await new Promise((resolve) => setImmediate(resolve));
  a.close();
  b.close();
});

test("a receive of a Request waits until a request is sent", async () => {
  const [request, reply] = [new zmq.Request(), new zmq.Reply()];
  const endpoint = fresh();
  await reply.bind(endpoint);
  request.connect(endpoint);
  const answer = request.receive();
  const early = reply.send("early");
  await request.send("question");
  assertEquals(texts(await reply.receive()), ["question"]);
  await early;
  assertEquals(texts(await answer), ["early"]);
  request.close();
  reply.close();
});

test("an iteration ends when the socket is closed", async () => {
  const [a, b] = await pairs();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const [text] of a) {
      seen.push(String(text));
      a.close();
    }
  })();
  await b.send("one");
  await reading;
  assertEquals(seen, ["one"]);
  b.close();
});

test("events of both sides, with libzmq's addresses", async () => {
  const [a, b] = [new zmq.Dealer({ linger: 0 }), new zmq.Dealer({ linger: 0 })];
  const handshakes = [event(a, "handshake"), event(b, "handshake")];
  const others = [event(a, "bind"), event(a, "accept"), event(b, "connect"), event(b, "connect:delay")];
  await a.bind("tcp://127.0.0.1:*");
  const address = a.lastEndpoint!;
  b.connect(address);
  for (const found of await Promise.all([...handshakes, ...others])) assertEquals(found, { type: found.type, address });
  const [gone, again] = [event(b, "disconnect"), event(b, "connect:retry")];
  const [closed, end] = [event(a, "close"), event(a, "end")];
  a.close();
  assertEquals(await gone, { type: "disconnect", address });
  assert((await again).interval >= 100);
  assertEquals(await closed, { type: "close", address });
  assertEquals(await end, { type: "end" });
  b.close();
});

test("an endpoint in use is reported as bind:error, without the scheme", async () => {
  const [a, b] = [new zmq.Dealer(), new zmq.Dealer()];
  await a.bind("tcp://127.0.0.1:*");
  const failed = event(b, "bind:error");
  await assertRejects(() => b.bind(a.lastEndpoint!));
  const { address, error } = await failed;
  assertEquals([`tcp://${address}`, error.code, error.message], [
    a.lastEndpoint,
    "EADDRINUSE",
    "Address already in use",
  ]);
  a.close();
  b.close();
});

test("inproc has no events but the end", async () => {
  const [a, b] = [new zmq.Pair(), new zmq.Pair()];
  const seen: zmq.Event[] = [];
  const endpoint = fresh();
  const reading = (async () => {
    for await (const found of a.events) seen.push(found);
  })();
  await a.bind(endpoint);
  b.connect(endpoint);
  await b.send("x");
  await a.receive();
  a.close();
  await reading;
  assertEquals(seen, [{ type: "end" }]);
  b.close();
});

/** A ZAP handler (RFC 27) that answers each request with a status. */
function zapHandler(status: string, requests: string[]): () => void {
  const handler = new zmq.Router({ linger: 0 });
  const run = async () => {
    await handler.bind("inproc://zeromq.zap.01");
    for await (const [path, delimiter, version, id, , , , mechanism] of handler) {
      requests.push(String(mechanism));
      await handler.send([path!, delimiter!, version!, id!, status, "", "", ""]);
    }
  };
  void run();
  return () => handler.close();
}

/** The result of a meeting for the client: `connected`, or the status of the rejection. */
async function meeting(server: zmq.Pair, client: zmq.Pair): Promise<unknown> {
  const result = Promise.race([
    event(client, "handshake").then(() => "connected"),
    event(server, "handshake:error:auth").then(({ error }) => [error.status, error.message]),
  ]);
  await server.bind("tcp://127.0.0.1:*");
  client.connect(server.lastEndpoint!);
  const found = await result;
  server.close();
  client.close();
  return found;
}

const linger = 0;
const plain = () =>
  [
    new zmq.Pair({ linger, plainServer: true, zapDomain: "d" }),
    new zmq.Pair({ linger, plainUsername: "u", plainPassword: "p" }),
  ] as const;
const curve = () => {
  const { publicKey, secretKey } = zmq.curveKeyPair();
  const client = zmq.curveKeyPair();
  return [
    new zmq.Pair({ linger, curveServer: true, curveSecretKey: secretKey }),
    new zmq.Pair({
      linger,
      curveServerKey: publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    }),
  ] as const;
};

test("a CURVE server without a ZAP handler accepts peers, a PLAIN server rejects them", async () => {
  assertEquals(await meeting(...curve()), "connected");
  assertEquals(await meeting(...plain()), [400, "Authentication failure"]);
});

test("a ZAP handler decides as long as it is bound, also for servers that were bound before", async () => {
  const requests: string[] = [];
  for (const make of [plain, curve]) {
    const stop = zapHandler("400", requests);
    assertEquals(await meeting(...make()), [400, "Authentication failure"]);
    stop();
  }
  const [server, client] = curve();
  const rejected = event(server, "handshake:error:auth");
  await server.bind("tcp://127.0.0.1:*");
  const stop = zapHandler("400", requests);
  client.connect(server.lastEndpoint!);
  await rejected;
  assertEquals([...new Set(requests)], ["PLAIN", "CURVE"]);
  stop();
  server.close();
  client.close();
});

test("mechanisms that differ are a protocol error with the code of zeromq.js", async () => {
  const [server, client] = [new zmq.Pair({ linger, plainServer: true }), new zmq.Pair({ linger, curveServer: true })];
  const failed = event(client, "handshake:error:protocol");
  await server.bind("tcp://127.0.0.1:*");
  client.connect(server.lastEndpoint!);
  const { error } = await failed;
  assertEquals([error.message, error.code], ["ZMTP protocol error", "ERR_ZMTP_MECHANISM_MISMATCH"]);
  server.close();
  client.close();
});

test("threads share a context by its port", async () => {
  const [a, b] = [new zmq.Pair({ context: shared, linger }), new zmq.Pair({ context: joined, linger })];
  const alone = new zmq.Pair({ linger });
  const endpoint = fresh();
  await a.bind(endpoint);
  b.connect(endpoint);
  await b.send("over there");
  assertEquals(texts(await a.receive()), ["over there"]);
  const other = new zmq.Pair({ context: joined, linger });
  await assertRejects(() => other.bind(endpoint), Error, "Address already in use");
  await alone.bind(endpoint);
  assertEquals([joined.maxSockets, joined.ioThreads, joined instanceof zmq.Context], [1023, 1, true]);
  for (const socket of [a, b, alone, other]) socket.close();
});

test("bindSync binds, knows its port at once and throws EADDRINUSE", async () => {
  const [a, b] = [new zmq.Pair({ linger }), new zmq.Pair({ linger })];
  a.bindSync("tcp://127.0.0.1:*");
  const endpoint = a.lastEndpoint!;
  b.connect(endpoint);
  await b.send("hello");
  assertEquals(texts(await a.receive()), ["hello"]);
  const other = new zmq.Pair({ linger });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  for (const taken of [endpoint, `tcp://127.0.0.1:${port}`]) {
    try {
      other.bindSync(taken);
      assert(false, `bound ${taken}`);
    } catch (error) {
      assertEquals([(error as zmq.ErrnoError).code, (error as zmq.ErrnoError).address], ["EADDRINUSE", taken]);
    }
  }
  server.close();
  await once(server, "close");
  await a.unbind(endpoint);
  await other.bind(endpoint);
  for (const socket of [a, b, other]) socket.close();
});

test("an option that is set while the socket is bound is a warning, unless it takes effect at once", async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error) => void warnings.push(message);
  const others = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", note);
  const socket = new zmq.Dealer();
  await socket.bind(fresh());
  socket.linger = 0;
  socket.sendHighWaterMark = 5;
  socket.backlog = 7;
  // Warnings are emitted in the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  for (const listener of others) process.on("warning", listener);
  assertEquals(warnings, ["Socket option will not take effect until next connect/bind."]);
  socket.close();
});

test("version 5: callbacks, events, options and frames in parts", async () => {
  const [server, client] = [v5.socket("rep", { linger: 0 }), v5.createSocket("req", { identity: "me", linger: 0 })];
  server.on("message", (...frames) => server.send(frames.map(String).reverse()));
  const bound = once(server, "bind");
  await new Promise<void>((resolve, reject) =>
    server.bind("tcp://127.0.0.1:*", (error) => error === undefined ? resolve() : reject(error))
  );
  assertEquals(await bound, ["tcp://127.0.0.1:*"]);
  client.monitor().connect(server.last_endpoint);
  const connected = once(client, "connect");
  const answer = once(client, "message");
  client.send("one", v5.ZMQ_SNDMORE);
  const sent = new Promise((resolve) => client.send("two", 0, resolve));
  assertEquals((await answer).map(String), ["two", "one"]);
  assertEquals(await sent, undefined);
  assertEquals((await connected)[1], server.getsockopt("last_endpoint"));
  assertEquals([client.identity, client.getsockopt(v5.ZMQ_TYPE), client.linger], ["me", v5.ZMQ_REQ, 0]);
  server.close();
  client.close();
  assertEquals([server.closed, client.closed], [true, true]);
});

test("version 5: Socket is called without new, also by constructors that were written before classes", async () => {
  function Counting(this: v5.Socket & { sent: number }, type: v5.SocketType) {
    v5.Socket.call(this, type);
    this.sent = 0;
  }
  Counting.prototype = Object.create(v5.Socket.prototype);
  Counting.prototype.constructor = Counting;
  Counting.prototype.send = function (this: { sent: number }, ...values: unknown[]) {
    this.sent++;
    return v5.Socket.prototype.send.apply(this, values as [string]);
  };
  const push = new (Counting as unknown as new (type: v5.SocketType) => v5.Socket & { sent: number })("push");
  const pull = v5.Socket("pull");
  class Derived extends v5.Socket {}
  const derived = new Derived("pair");
  for (const socket of [push, pull, derived]) assert(socket instanceof v5.Socket && socket instanceof EventEmitter);
  assertEquals([pull.constructor, v5.Socket.name, push.type, derived.type], [v5.Socket, "Socket", "push", "pair"]);
  const received = once(pull, "message");
  const endpoint = fresh();
  // Without an effect, as in libzmq: this type does not send it.
  pull.identity = "puller";
  pull.bindSync(endpoint);
  push.connect(endpoint);
  push.send(["job", "42"]);
  assertEquals([(await received).map(String), push.sent], [["job", "42"], 1]);
  assertThrows(() => v5.Socket("no" as v5.SocketType), Error, "Invalid socket type: no");
  for (const socket of [push, pull, derived]) socket.close();
});

test("version 5: publishing, pausing and a proxy", async () => {
  const [front, back] = [v5.socket("router"), v5.socket("dealer")];
  v5.proxy(front, back);
  const [worker, client] = [v5.socket("rep"), v5.socket("req")];
  const [first, second] = [fresh(), fresh()];
  front.bindSync(first);
  back.bindSync(second);
  worker.connect(second);
  client.connect(first);
  worker.on("message", (text) => worker.send(`${text}!`));
  client.pause();
  client.send("hello");
  const answer = once(client, "message");
  client.resume();
  assertEquals((await answer).map(String), ["hello!"]);
  for (const socket of [front, back, worker, client]) socket.close();

  const [pub, sub] = [v5.socket("xpub"), v5.socket("sub")];
  const endpoint = fresh();
  pub.bindSync(endpoint);
  sub.connect(endpoint);
  sub.subscribe("news");
  await once(pub, "message");
  const news = once(sub, "message");
  pub.send(["other", "x"]).send(["news", "today"]);
  assertEquals((await news).map(String), ["news", "today"]);
  for (const socket of [pub, sub]) socket.close();
});
