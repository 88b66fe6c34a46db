/**
 * Errors that lead to the user's line: every public asynchronous method that can fail has the function that called it in the
 * stack of its error, on every runtime. The list of methods is read from the sources, so that a new one needs a case here.
 *
 * Over 400 lines because the frames, the text and the cause of one error belong together.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { fileURLToPath } from "node:url";
import {
  curveKeyPair,
  Dealer,
  poll,
  Publisher,
  Pull,
  Push,
  type Readable,
  Requester,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  ZmqError,
} from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { ANY, handshakeError, nextEvent, turn } from "./support.ts";

/** Methods whose promise rejects with no error of this library, or that cannot reject. */
const NEVER = ["close", "[Symbol.asyncDispose]", "listen", "run"];

/** The public asynchronous methods of a source file, by name. */
function methodsOf(path: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)), "utf8");
  const result = "(?:Promise|AsyncIterable|AsyncIterator|AsyncGenerator|AsyncIterableIterator)<";
  const found = text.matchAll(
    new RegExp(`^ {2}(?:async )?\\*?(\\[?[\\w.]+\\]?)(?:<[^(]*>)?\\((?:.*|\\n(?: {4}.*\\n)*  )\\): ${result}`, "gm"),
  );
  return [...found].map(([, name]) => name!).filter((name) => !NEVER.includes(name));
}

const SOURCES = ["socket", "sending", "receiving", "duplex", "publisher", "xpublisher"].map((name) =>
  `sockets/${name}.ts`
);
const METHODS = [...new Set([...SOURCES, "composites/requester.ts"].flatMap(methodsOf))].sort();

/** Resolves as soon as the call waits, and ends the wait by closing the socket. */
async function closing(socket: Socket, wait: () => Promise<unknown>): Promise<void> {
  const waiting = wait();
  const ended = socket.close({ linger: 0 });
  try {
    await waiting;
  } finally {
    await ended;
  }
}

async function next(socket: Socket & Readable, batches: boolean): Promise<void> {
  if (batches) { for await (const _ of socket.batches()); }
  else for await (const _ of socket);
}

/** Cases by method: each fails where it is called from a function of the name `theCaller`. */
const CASES: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
  bind: [
    async function theCaller() {
      await using pull = new Pull();
      await using other = new Pull();
      await other.bind(await pull.bind(ANY));
    },
    async function theCaller() {
      await using pull = new Pull();
      await pull.bind("tcp://nosuch0.invalid:5555");
    },
    async function theCaller() {
      await using pull = new Pull();
      await pull.bind("ipc:///no/such/directory/socket");
    },
    async function theCaller() {
      await using pull = new Pull();
      await using other = new Pull();
      await pull.bind("inproc://caller");
      await other.bind("inproc://caller");
    },
  ],
  unbind: [async function theCaller() {
    await using pull = new Pull();
    await pull.unbind("tcp://127.0.0.1:1");
  }],
  waitForPeers: [
    async function theCaller() {
      const pull = new Pull();
      await closing(pull, async function waits() {
        await pull.waitForPeers(1);
      });
    },
    async function theCaller() {
      await using requester = new Requester("tcp://127.0.0.1:1");
      await requester.waitForPeers(-1);
    },
  ],
  waitForSubscribers: [
    async function theCaller() {
      const socket = new Publisher();
      await closing(socket, () => socket.waitForSubscribers(1));
    },
    async function theCaller() {
      const socket = new XPublisher();
      await closing(socket, () => socket.waitForSubscribers(1));
    },
  ],
  subscriptions: [async function theCaller() {
    await using socket = new XPublisher({ receiveTimeout: 5 });
    for await (const _ of socket.subscriptions());
  }],
  send: [
    async function theCaller() {
      await using push = new Push({ sendTimeout: 5 });
      await push.send("late");
    },
    async function theCaller() {
      await using dealer = new Dealer({ sendTimeout: 0 });
      await dealer.send("late");
    },
    async function theCaller() {
      const push = new Push();
      await closing(push, () => push.send("late"));
    },
  ],
  sendMany: [async function theCaller() {
    await using push = new Push({ sendTimeout: 5 });
    await push.sendMany(["late"]);
  }],
  whenWritable: [async function theCaller() {
    const push = new Push();
    await closing(push, () => push.whenWritable());
  }],
  receive: [
    async function theCaller() {
      await using pull = new Pull({ receiveTimeout: 5 });
      await pull.receive();
    },
    async function theCaller() {
      await using pull = new Pull({ receiveTimeout: 0 });
      await pull.receive();
    },
    async function theCaller() {
      const pull = new Pull();
      await closing(pull, () => pull.receive());
    },
  ],
  receiveMany: [async function theCaller() {
    await using pull = new Pull({ receiveTimeout: 5 });
    await pull.receiveMany();
  }],
  whenReadable: [async function theCaller() {
    const pull = new Pull();
    await closing(pull, () => pull.whenReadable());
  }],
  batches: [async function theCaller() {
    await using pull = new Pull({ receiveTimeout: 5 });
    await next(pull, true);
  }],
  "[Symbol.asyncIterator]": [async function theCaller() {
    await using subscriber = new Subscriber({ receiveTimeout: 5 });
    await next(subscriber, false);
  }],
  request: [
    async function theCaller() {
      await using requester = new Requester("tcp://127.0.0.1:1", { timeout: 5 });
      await requester.request("hello");
    },
    async function theCaller() {
      await using router = new Router();
      await using requester = new Requester(await router.bind(ANY), { timeout: 50 });
      await requester.request("hello");
    },
    async function theCaller() {
      const requester = new Requester("tcp://127.0.0.1:1");
      const reply = requester.request("hello");
      void requester.close();
      await reply;
    },
  ],
};

test("every public asynchronous method has a case", () => {
  assertEquals(Object.keys(CASES).sort(), METHODS);
});

for (const [method, cases] of Object.entries(CASES)) {
  test(`errors of ${method} lead to its caller`, async () => {
    for (const [i, theCase] of cases.entries()) {
      const error = await theCase().then(() => undefined, (error: unknown) => error);
      assert(error instanceof Error, `${method} ${i} did not fail`);
      assertStringIncludes(error.stack ?? "", "theCaller", `${method} ${i}`);
    }
  });
}

test("errors of poll lead to its caller", async () => {
  async function theCaller(): Promise<void> {
    const pull = new Pull();
    await closing(pull, () => poll([pull]));
  }
  const error = await theCaller().then(() => undefined, (error: Error) => error);
  assertStringIncludes(error?.stack ?? "", "theCaller");
});

/** The error of a wait. */
async function errorOf(wait: () => Promise<unknown>): Promise<ZmqError> {
  const error = await wait().then(() => undefined, (error: unknown) => error);
  assert(error instanceof ZmqError, String(error));
  return error;
}

test("a timeout says on which socket, at which endpoint, and why: the last error of the connection is its cause", async () => {
  await using push = new Push({ sendTimeout: 5, immediate: true });
  assertEquals(
    (await errorOf(() => push.send("a"))).message,
    "Cannot send on Push within 5 ms: no peer is connected (call bind() or connect() first)",
  );
  const pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await pull.close();
  const retried = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  await retried;
  const error = await errorOf(() => push.send("a"));
  assertMatch(
    error.message,
    /^Cannot send on Push within 5 ms: no peer is connected \(tcp:\/\/127[\d.]+:\d+, last error: /,
  );
  assertEquals([error.endpoint, (error.cause as ZmqError).code], [endpoint, "ECONNREFUSED"]);
  const shown = JSON.parse(JSON.stringify(error)) as { cause: ZmqError };
  assertEquals([shown.cause.code, shown.cause.message], ["ECONNREFUSED", (error.cause as Error).message]);
  assertEquals({ ...shown, cause: undefined }, {
    ...{ name: "ZmqError", code: "EAGAIN", message: error.message, endpoint },
    cause: undefined,
  } as never);
});

test("no peer has room, and no message arrived although a peer is connected", async () => {
  await using pull = new Pull({ receiveTimeout: 5, receiveHighWaterMark: 1 });
  await using push = new Push({ sendTimeout: 5, sendHighWaterMark: 1 });
  push.connect(await pull.bind("inproc://room"));
  assertEquals(
    (await errorOf(() => pull.receive())).message,
    "Cannot receive on Pull within 5 ms: no message arrived (1 peer, inproc://room)",
  );
  const error = await errorOf(async () => {
    for (let i = 0; i < 10; i++) await push.send(`${i}`);
  });
  assertEquals(error.message, "Cannot send on Push within 5 ms: no peer has room (1 peer, inproc://room)");
  assertEquals(error.endpoint, "inproc://room");
});

test("the cause of a timeout is the answer of the authenticator, or says that the server key may be wrong", async () => {
  const { publicKey } = await curveKeyPair();
  const server = await curveKeyPair();
  await using denying = new Pull({ plainServer: true, authenticate: () => false });
  await using curve = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate: () => true });
  const cases = [
    [await denying.bind(ANY), { plainUsername: "ann", plainPassword: "x" }, /400/],
    [await curve.bind(ANY), { curveServerKey: publicKey }, /curveServerKey/],
  ] as const;
  for (const [endpoint, options, expected] of cases) {
    await using push = new Push({ sendTimeout: 5, immediate: true, ...options });
    const retried = nextEvent(push, "connect:retry");
    push.connect(endpoint);
    await retried;
    const error = await errorOf(() => push.send("a"));
    assertMatch(error.message, expected);
    assertEquals(error.cause instanceof ZmqError, true);
  }
});

test("an error of bind names the socket and the endpoint", async () => {
  await using pull = new Pull();
  await using other = new Router();
  const endpoint = await pull.bind(ANY);
  const { message, code } = await errorOf(() => other.bind(endpoint));
  assertEquals([message, code], [`Cannot bind Router to ${endpoint}: the address is in use`, "EADDRINUSE"]);
});

test("the cause of a timeout is the newest error that is still true: none from before the last success", async () => {
  const first = new Pull();
  const endpoint = await first.bind(ANY);
  await first.close();
  await using push = new Push({
    sendTimeout: 0,
    immediate: true,
    reconnectInterval: 5,
    linger: 0,
    sendHighWaterMark: 1,
  });
  const refused = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  await refused;
  await using pull = new Pull({ receiveTimeout: 0, receiveHighWaterMark: 1 });
  await bindAgain(pull, endpoint);
  await push.waitForPeers(1);
  assert(!inspect(push).includes("last error"), inspect(push));
  const fill = () =>
    errorOf(async () => {
      for (;;) await push.send(new Uint8Array(1 << 20));
    });
  const full = await fill();
  assertMatch(full.message, /^Cannot send on Push now: no peer has room \(1 peer, tcp:\S+\)$/);
  assertEquals([full.endpoint, full.cause], [endpoint, undefined]);
  // Another endpoint fails: that is why there is only one peer.
  push.reconnectInterval = 60_000;
  push.connect("tcp://no-such-host.invalid:1");
  await nextEvent(push, "connect:retry", (event) => event.endpoint.includes("invalid"));
  const both = await fill();
  assertMatch(both.message, /^Cannot send on Push now: no peer has room \(1 peer, 2 endpoints, last error: .*invalid/);
  assertEquals(both.endpoint, "tcp://no-such-host.invalid:1");
  push.disconnect("tcp://no-such-host.invalid:1");
  push.reconnectInterval = 5;
  const lost = nextEvent(push, "disconnect");
  const retried = nextEvent(push, "connect:retry");
  await pull.close();
  await lost;
  await retried;
  const error = await errorOf(() => push.send("x"));
  assertMatch((error.cause as Error).message, /closed by the peer|refused|reset/i);
});

test("a stranger at the port of a socket with peers is not named as the cause of its timeouts", async () => {
  await using pull = new Pull({ receiveTimeout: 0 });
  const endpoint = await pull.bind(ANY);
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  await pull.waitForPeers(1);
  const failed = handshakeError(pull);
  const stranger = await RawPeer.connect(endpoint);
  stranger.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  const error = await failed.then(() => errorOf(() => pull.receive()));
  assertMatch(error.message, /no message arrived \(1 peer, tcp:\S+\)$/);
  assertEquals([error.cause, error.endpoint], [undefined, endpoint]);
  await stranger.end();
});

test("the error of a sent request has the cause of the loss, also if the server is back", async () => {
  const clock = new VirtualClock();
  const context = contextOn(clock);
  const endpoint = "inproc://lost-server";
  const router = new Router({ context }).unref();
  await router.bind(endpoint);
  const requester = new Requester(endpoint, { context, timeout: 100, reconnectInterval: 5 }).unref();
  const ask = async (meanwhile: () => Promise<unknown>): Promise<ZmqError> => {
    const error = errorOf(() => requester.request("x"));
    await clock.settle();
    await meanwhile();
    await clock.advance(100);
    return await error;
  };
  const silent = await ask(() => router.receive());
  assertEquals(silent.message, `No reply to the request within 100 ms (Requester, 1 server, ${endpoint})`);
  assertEquals([silent.endpoint, silent.cause], [endpoint, undefined]);
  let back!: Router;
  const error = await ask(async () => {
    const closed = router.close({ linger: 0 });
    await clock.advance(1);
    await closed;
    back = new Router({ context }).unref();
    await back.bind(endpoint);
    await clock.advance(50);
    assertEquals(requester.peers.length, 1);
  });
  assertMatch(
    error.message,
    /^No reply to the request within 100 ms \(Requester, 1 server, inproc:.*, last error: .* closed by the peer/,
  );
  assertEquals([error.endpoint, (error.cause as ZmqError).code], [endpoint, "ECONNRESET"]);
  const closed = Promise.all([requester.close(), back.close({ linger: 0 })]);
  await clock.advance(1);
  await closed;
});

test("the cause of a timeout on a bound socket is a rejected peer, until another one is accepted", async () => {
  await using pull = new Pull({ receiveTimeout: 0 });
  const endpoint = await pull.bind(ANY);
  await using wrong = new Subscriber({ reconnectStop: ["handshakeFailed"], linger: 0 });
  const stopped = nextEvent(wrong, "connect:end");
  wrong.connect(endpoint);
  await Promise.all([stopped, nextEvent(pull, "disconnect")]);
  const error = await errorOf(() => pull.receive());
  assertMatch(error.message, /no peer is connected \(tcp:\S+, last error: The peer is a SUB/);
  assertMatch(inspect(pull), /last error \d+\.\d s ago: The peer is a SUB/);
  wrong.receiveTimeout = 0;
  const gone = await errorOf(() => wrong.receive());
  assertMatch(gone.message, /no peer is connected \(tcp:\S+, last error: The peer is a PULL/);
  await turn(5);
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  await pull.waitForPeers(1);
  const later = await errorOf(() => pull.receive());
  assertEquals([later.cause, later.endpoint], [undefined, endpoint]);
  assertMatch(later.message, /no message arrived \(1 peer, tcp:\S+\)$/);
});
