/**
 * The debug log of docs/guide/diagnostics.md: a line for each thing that a socket does, in plain words, and nothing
 * secret.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  Authenticator,
  Context,
  curveKeyPair,
  Dealer,
  debugLog,
  type DebugLogOptions,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XSubscriber,
} from "../../mod.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { test } from "../support/harness.ts";
import { greeting, message, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, turn, until } from "./support.ts";

const FAST = { reconnectInterval: 5, linger: 0 };

/** A log, without times, ports and numbers of sockets. */
class Log implements Disposable {
  readonly raw: string[] = [];
  readonly #stop: () => void;

  constructor(options: DebugLogOptions = {}) {
    this.#stop = debugLog({ ...options, write: (line) => this.raw.push(line) });
  }

  get lines(): string[] {
    return this.raw.map((line) =>
      line.replace(/^zmq \+\d+\.\d{3} s ([A-Z]+)#\d+ /, "$1 ").replace(/tcp:\/\/[\d.]+:\d+/g, "TCP")
        .replace(/127\.[\d.]+:\d+/g, "HOST").replace(/attempt in \d+ ms/, "attempt in N ms")
    );
  }

  /** Waits for a line. */
  async line(pattern: RegExp): Promise<void> {
    await until(() => this.lines.some((line) => pattern.test(line)));
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}

test("debug log: the life of two sockets over tcp", async () => {
  using log = new Log();
  const pull = new Pull();
  const push = new Push({ linger: 0 });
  push.connect(await pull.bind(ANY));
  await push.send(["hello", "\x1b[2J\n"]);
  await pull.receive();
  const lost = nextEvent(pull, "disconnect");
  await push.close();
  await lost;
  await pull.close();
  // On a busy machine the handshake may take the 5 s after which a hint follows.
  const of = (type: string) => log.lines.filter((line) => line.startsWith(type) && !line.startsWith(`${type} hints`));
  assertEquals(of("PUSH"), [
    "PUSH connection TCP: connecting",
    `PUSH messages: queued until a peer is connected: 2 frames, 10 bytes: "hello" "\\u{1b}[2J\\n"`,
    "PUSH connection TCP: connected, handshake follows",
    "PUSH handshake TCP: handshake complete: the peer is PULL, ZMTP 3.1",
    "PUSH close: close() was called: 0 message(s) to send",
    "PUSH connection TCP: the connection was closed by close()",
    "PUSH close: closed",
  ]);
  assertEquals(of("PULL"), [
    "PULL connection TCP: bound, accepts connections",
    "PULL connection TCP: connection accepted at TCP",
    "PULL handshake TCP: handshake complete: the peer is PUSH, ZMTP 3.1",
    `PULL messages TCP: received 2 frames, 10 bytes: "hello" "\\u{1b}[2J\\n"`,
    "PULL connection TCP: the peer closed the connection, or its process exited",
    "PULL close: close() was called: 0 message(s) to send",
    "PULL connection TCP: unbound",
    "PULL close: closed",
  ]);
});

test("debug log: each line begins with the time, the socket and its number", async () => {
  using log = new Log({ scopes: ["connection"] });
  await using pull = new Pull();
  await pull.bind("inproc://log");
  assertMatch(log.raw[0]!, new RegExp(`^zmq \\+\\d+\\.\\d{3} s PULL#${pull.id} connection inproc://log: bound`));
});

test("debug log: why there is no connection", async () => {
  using log = new Log({ scopes: ["connection", "handshake"] });
  await using push = new Push(FAST);
  push.connect(await deserted());
  await log.line(/^PUSH connection TCP: next attempt in N ms: .*refused/);
  await using pull = new Pull();
  await using subscriber = new Subscriber(FAST);
  subscriber.connect(await pull.bind(ANY));
  await log.line(/^PULL handshake TCP: handshake failed \(INVALID_METADATA\): .*SUB/);
  await log.line(/^SUB handshake TCP: handshake failed/);
});

test("debug log: subscriptions on both sides, and a message that no peer asked for", async () => {
  using log = new Log({ scopes: ["subscriptions", "drops"] });
  await using publisher = new Publisher();
  await using subscriber = new Subscriber(FAST);
  subscriber.connect(await publisher.bind(ANY));
  subscriber.subscribe("weather.");
  await publisher.send("nothing is connected");
  await publisher.waitForSubscribers(1);
  await publisher.send("news");
  subscriber.unsubscribe("weather.");
  await until(() => publisher.subscriberCount === 0);
  subscriber.subscribe("");
  await publisher.waitForSubscribers(1);
  const lines = log.lines;
  for (
    const line of [
      `SUB subscriptions: subscribes to "weather." as soon as a peer is connected`,
      `PUB drops: sent to no peer, no peer is connected: 1 frame, 20 bytes: "nothing is connected"`,
      `PUB subscriptions TCP: the peer subscribed to "weather."`,
      `PUB drops: sent to no peer, none of 1 peer(s) subscribed to it: 1 frame, 4 bytes: "news"`,
      `SUB subscriptions TCP: unsubscribes from "weather."`,
      `PUB subscriptions TCP: the peer unsubscribed from "weather."`,
      `SUB subscriptions TCP: subscribes to "" (everything)`,
      `PUB subscriptions TCP: the peer subscribed to "" (everything)`,
    ]
  ) assert(lines.includes(line), `${line} is not in ${lines.join("\n")}`);
});

test("debug log: a broadcast is logged for each subscriber, encoded once or not", async () => {
  using log = new Log({ scopes: ["messages"], frameBytes: 4 });
  await using publisher = new Publisher();
  await using one = new Subscriber(FAST);
  await using two = new XSubscriber(FAST);
  const endpoint = await publisher.bind(ANY);
  one.subscribe("");
  one.connect(endpoint);
  two.connect(endpoint);
  await two.send(new Uint8Array([1]));
  await publisher.waitForSubscribers(2);
  for (let i = 0; i < 40; i++) await publisher.send("abcdefgh");
  for (let i = 0; i < 40; i++) await Promise.all([one.receive(), two.receive()]);
  const sent = log.lines.filter((line) => line === `PUB messages TCP: sent: 1 frame, 8 bytes: "abcd"…`);
  const received = log.lines.filter((line) => /^X?SUB messages TCP: received 1 frame, 8 bytes: "abcd"…$/.test(line));
  assertEquals([sent.length, received.length], [80, 80]);
});

test("debug log: full queues, drops with the reason, and a send that waits", async () => {
  using log = new Log({ scopes: ["drops", "queues"] });
  const context = new Context();
  await using publisher = new Publisher({ context, sendHighWaterMark: 1 });
  await using subscriber = new Subscriber({ context, receiveHighWaterMark: 1 });
  await publisher.bind("inproc://slow");
  subscriber.subscribe("");
  subscriber.connect("inproc://slow");
  await publisher.waitForSubscribers(1);
  for (let i = 0; i < 5; i++) await publisher.send("x");
  await using push = new Push({ linger: 0 });
  const waiting = push.send("x").catch(() => {});
  await using router = new Router();
  await router.send(["nobody", "x"]);
  await push.close();
  await waiting;
  const lines = log.lines;
  for (
    const line of [
      "SUB queues inproc://slow: the queue of received messages is full: 1 message(s) wait for receive(), and reading from the peer " +
      "pauses (receiveHighWaterMark)",
      "PUB queues inproc://slow: the queue of messages to send is full: 1 message(s) wait (sendHighWaterMark)",
      "PUB drops inproc://slow: a message was dropped (highWaterMark): the queue of the peer is full (sendHighWaterMark)",
      "PUSH queues: send has to wait: no peer is connected",
      "ROUTER drops: a message was dropped (unroutable): no connected peer has this routing id",
    ]
  ) assert(lines.includes(line), `${line} is not in ${lines.join("\n")}`);
  assertEquals(lines.filter((line) => /PUB queues/.test(line)).length, 1);
});

test("debug log: messages that a Request and a Reply throw away", async () => {
  using log = new Log({ scopes: ["drops"] });
  await using reply = new Reply();
  await using dealer = new Dealer(FAST);
  dealer.connect(await reply.bind(ANY));
  await dealer.send("no delimiter");
  await log.line(/^REP drops TCP: a message was dropped \(noDelimiter\)/);
  await using router = new Router();
  await using request = new Request({ ...FAST, correlate: false });
  request.connect(await router.bind(ANY));
  await request.send("question");
  const [id] = await router.receive();
  for (let i = 0; i < 2; i++) await router.send([id, "", "answer"]);
  await request.receive();
  await log.line(/^REQ drops TCP: a message was dropped \(unexpectedReply\)/);
});

test("debug log: only the sockets that are asked for, also those that are open already", async () => {
  const context = new Context();
  await using pull = new Pull({ context });
  await using push = new Push({ context, linger: 0 });
  await pull.bind("inproc://filter");
  push.connect("inproc://filter");
  await push.send("before");
  using all = new Log({ scopes: ["messages"] });
  using byType = new Log({ scopes: ["messages"], sockets: ["PULL"] });
  using byNumber = new Log({ scopes: ["messages"], sockets: [`#${push.id}`] });
  using byBoth = new Log({ scopes: ["messages"], sockets: [`PULL#${push.id}`, `PUSH#${pull.id}`] });
  using bySocket = new Log({ scopes: ["messages"], sockets: [push] });
  await push.send("x");
  const [sent, received] = [
    'PUSH messages inproc://filter: sent: 1 frame, 1 bytes: "x"',
    'PULL messages inproc://filter: received 1 frame, 1 bytes: "x"',
  ];
  assertEquals([...all.lines].sort(), [received, sent]);
  assertEquals([byType.lines, byNumber.lines, byBoth.lines, bySocket.lines], [[received], [sent], [], [sent]]);
});

test("debug log: one that is off leaves nothing behind", async () => {
  const context = new Context();
  await using pull = new Pull({ context });
  await using push = new Push({ context, linger: 0 });
  await pull.bind("inproc://off");
  push.connect("inproc://off");
  const core = coreOf(push);
  const [pipe] = core.pipes;
  const methods = () => [Object.keys(core.pattern).includes("trySend"), Object.keys(pipe!).includes("trySend")];
  assertEquals(methods(), [false, false]);
  const first = new Log();
  const second = new Log();
  assertEquals(methods(), [true, true]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(methods(), [true, true]);
  await push.send("x");
  second[Symbol.dispose]();
  assertEquals(methods(), [false, false]);
  assertStrictEquals(pipe!.trySend, Object.getPrototypeOf(pipe).trySend);
  await push.send("y");
  assertEquals(first.lines, []);
  assertEquals(second.lines.length, 2);
  assert(!second.lines.some((line) => line.includes(`"y"`)));
});

test("debug log: no password and no key, also in requests to a ZAP handler, and with frames in full", async () => {
  using log = new Log({ frameBytes: 1_000_000 });
  const context = new Context();
  const server = await curveKeyPair();
  const client = await curveKeyPair();
  await using zap = new Router({ context });
  await zap.bind("inproc://zeromq.zap.01");
  const handling = (async () => {
    for await (const frames of zap) {
      const at = frames.findIndex((frame) => frame.length === 0);
      const [version, id] = frames.slice(at + 1);
      await zap.send([...frames.slice(0, at + 1), version!, id!, "200", "OK", "ann", ""]);
    }
  })();
  await using byZap = new Pull({ context, plainServer: true });
  await using sender = new Push({ ...FAST, context, plainUsername: "ann", plainPassword: "correct horse" });
  sender.connect(await byZap.bind(ANY));
  await sender.waitForPeers(1);
  const authenticate = new Authenticator().addUser("ann", "battery");
  await using plain = new Pull({ plainServer: true, authenticate });
  await using wrong = new Push({ ...FAST, plainUsername: "ann", plainPassword: "staple" });
  wrong.connect(await plain.bind(ANY));
  await nextEvent(plain, "handshake:error:auth");
  const keys = { curvePublicKey: client.publicKey, curveSecretKey: client.secretKey };
  await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate: () => true });
  await using push = new Push({ ...FAST, ...keys, curveServerKey: server.publicKey });
  push.connect(await pull.bind(ANY));
  await push.send("x");
  await pull.receive();
  await zap.close();
  await handling;
  const text = log.raw.join("\n");
  for (const secret of ["horse", "battery", "staple", server.secretKey, client.secretKey]) {
    assert(!text.includes(secret));
  }
  assertMatch(text, /ROUTER#\d+ messages inproc:\/\/zeromq\.zap\.01: received \d+ frames, \d+ bytes$/m);
});

test("debug log: requests to a ZAP handler are logged by their size, whenever the handler is bound, and however often", async () => {
  using log = new Log({ frameBytes: 1_000_000 });
  const context = new Context();
  const zap = "inproc://zeromq.zap.01";
  const request = ["", "1.0", "1", "", "127.0.0.1", "", "PLAIN", "ann", "correct horse"];
  await using early = new Dealer({ context, linger: 0 });
  early.connect(zap);
  await early.send(request);
  {
    await using handler = new Router({ context });
    await handler.bind(zap);
    using later = new Log({ frameBytes: 1_000_000 });
    const frames = await handler.receive();
    await handler.send([...frames.slice(0, 4), "200", "OK", "ann", ""]);
    await early.receive();
    await early.send(request);
    await handler.receive();
    await handler.unbind(zap);
    await early.send(request);
    assert(!later.raw.join().includes("horse"));
  }
  const text = log.raw.join("\n");
  assert(!text.includes("horse"), text);
  assertMatch(text, /DEALER#\d+ messages: queued until a peer is connected: 9 frames, \d+ bytes$/m);
});

test("debug log: text from a peer cannot break a line, nor fill the log", async () => {
  using log = new Log({ scopes: ["messages", "handshake", "subscriptions"], frameBytes: 10 });
  await using publisher = new Publisher();
  await using router = new Router();
  await using rawSub = await RawPeer.connect(await publisher.bind(ANY));
  rawSub.write(greeting(), ready("SUB"), message(`\x01${"\n".repeat(10_000)}`));
  await publisher.waitForSubscribers(1);
  await using raw = await RawPeer.connect(await router.bind(ANY));
  const frames = Array.from({ length: 100 }, () => new Uint8Array(100_000).fill(7));
  raw.write(greeting(), ready("DEALER\n"), message("x"));
  await nextEvent(router, "handshake:error:protocol");
  await using other = await RawPeer.connect(router.lastEndpoint!);
  other.write(greeting(), ready("DEALER"), message(...frames));
  await router.receive();
  for (const line of log.raw) {
    assert(line.length < 1200, `${line.length}`);
    assert(![..."\n\r\x07\x1b"].some((character) => line.includes(character)));
  }
  assert(log.lines.some((line) => line.endsWith("… 92 more")));
});

test("debug log: a write that sends over the logged socket, or throws, breaks nothing", async () => {
  const context = new Context();
  await using pull = new Pull({ context });
  await using push = new Push({ context, linger: 0 });
  await pull.bind("inproc://write");
  push.connect("inproc://write");
  const lines: string[] = [];
  const stop = debugLog({
    scopes: ["messages"],
    sockets: [push],
    write: (line) => {
      lines.push(line);
      push.trySend("a line was written");
    },
  });
  await push.send("x");
  stop();
  assertEquals(lines.length, 1);
  assertEquals(pull.tryReceiveMany().length, 2);
});

for (const where of ["inproc://own", ANY, "ipc://*"]) {
  test(`debug log: sent over a logged socket to this process it ends, ${where.split(":")[0]}`, async () => {
    const context = new Context();
    await using pull = new Pull({ context });
    await using push = new Push({ context, linger: 0 });
    await using one = new Pair({ context });
    await using two = new Pair({ context, linger: 0 });
    push.connect(await pull.bind(where));
    await Promise.all([push.waitForPeers(1), pull.waitForPeers(1)]);
    two.connect(await one.bind("inproc://pair-of-own"));
    const lines: string[] = [];
    using _log = {
      stop: debugLog({
        write: (line) => {
          lines.push(line);
          push.trySend(JSON.stringify({ line }));
        },
      }),
      [Symbol.dispose]() {
        this.stop();
      },
    };
    await two.send("of a program");
    await one.receive();
    // Each line arrives, and causes no other: the end of the stream of lines is that of the program's own work.
    for (let received = 0; received < lines.length; received++) await pull.receive();
    await turn();
    assertEquals(pull.tryReceiveMany(), []);
    assertEquals(lines.filter((line) => /PU(SH|LL)#/.test(line)), []);
    assertEquals(lines.filter((line) => line.includes("of a program")).length, 2);
  });
}

test("debug log: a message that looks like a line, but was not written, is logged", async () => {
  using log = new Log({ scopes: ["messages"] });
  const context = new Context();
  await using pull = new Pull({ context });
  await using push = new Push({ context, linger: 0 });
  push.connect(await pull.bind("inproc://hidden"));
  await push.send("zmq +0.001 s PUSH#1 messages: not from this log");
  assertEquals(log.lines.filter((line) => line.includes("not from this log")).length, 2);
});
