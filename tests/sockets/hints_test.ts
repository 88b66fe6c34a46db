/**
 * Hints: what is nearly always a mistake is reported once per socket, kind and endpoint, and nothing else is.
 *
 * Over 400 lines because there is a case for each kind, and each of its causes.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Context,
  Dealer,
  type HintKind,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Requester,
  Router,
  type Socket,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { handshakeError } from "../../src/engine/connection_ends.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import type { ConnectionLimit } from "../../src/engine/refusals.ts";
import { hintText } from "../../src/engine/hints/hint_table.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { command, greeting, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { ANY, type EventOf, nextEvent, take, turn } from "./support.ts";

/** Gathers the hints of a socket. */
function hintsOf(socket: Pick<Socket, "events">): EventOf<"hint">[] {
  const hints: EventOf<"hint">[] = [];
  socket.events.listen((event) => {
    if (event.type === "hint") hints.push(event);
  });
  return hints;
}

/** Kinds and messages. */
const told = (hints: EventOf<"hint">[]) => hints.map(({ kind, message }) => `${kind}: ${message}`);

/** A test in virtual time; its sockets must be unref'd. */
function timed(name: string, body: (clock: VirtualClock, context: Context) => Promise<void>): void {
  test(`hints: ${name}`, async () => {
    const clock = new VirtualClock();
    await body(clock, contextOn(clock));
    assertEquals(clock.pending, 0, "no timer is left");
  });
}

async function closeAll(clock: VirtualClock, ...sockets: (Socket | Requester)[]): Promise<void> {
  const closed = Promise.all(
    sockets.map((socket) => socket instanceof Requester ? socket.close() : socket.close({ linger: 0 })),
  );
  await clock.advance(1);
  await closed;
}

timed("notConnected after 5 s, with the last error and the messages that wait, once", async (clock, context) => {
  const transport = new PlayedTransport();
  transport.refuse();
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  push.connect(transport.endpoint);
  await push.send("one");
  await push.send("two");
  await clock.advance(4999);
  assertEquals(hints, []);
  await clock.advance(1);
  const [hint] = hints;
  assertEquals([hint!.kind, hint!.endpoint], ["notConnected", transport.endpoint]);
  assertMatch(
    hint!.message,
    /^PUSH has not connected to .* for 5 s \(.*\); 2 of its messages wait: .*check host and port/,
  );
  assert(hint!.error !== undefined && hint!.message.includes(hint!.error.message));
  push.connect(transport.endpoint);
  await clock.advance(60_000);
  assertEquals(hints.length, 1);
  await closeAll(clock, push);
});

timed("notConnected for each endpoint, once, also when they fail at the same time", async (clock, context) => {
  const [one, other] = [new PlayedTransport(), new PlayedTransport()];
  one.refuse("ECONNREFUSED");
  other.refuse("ENOTFOUND");
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  for (const { endpoint } of [one, other, one]) push.connect(endpoint);
  await clock.advance(5000);
  push.connect("inproc://later");
  await clock.advance(120_000);
  assertEquals(hints.map(({ kind, endpoint }) => [kind, endpoint]), [
    ["notConnected", one.endpoint],
    ["notConnected", other.endpoint],
    ["notConnected", "inproc://later"],
  ]);
  assertMatch(hints[1]!.message, /check the name of the host/);
  await closeAll(clock, push);
});

timed("notConnected over inproc; not for what was connected or disconnected by then", async (clock, context) => {
  const [bound, late] = [new Pull({ context }).unref(), new Pull({ context }).unref()];
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  await bound.bind("inproc://bound");
  push.connect("inproc://bound");
  push.connect("inproc://late");
  push.connect("inproc://left");
  await clock.advance(3000);
  push.connect("inproc://never");
  await late.bind("inproc://late");
  push.disconnect("inproc://left");
  await clock.advance(4999);
  assertEquals(hints, []);
  await clock.advance(1);
  assertEquals(told(hints), [
    "notConnected: PUSH has not connected to inproc://never for 5 s: bind the name, in the same Context of the same copy of this library; other threads need context.share()",
  ]);
  await closeAll(clock, push, bound, late);
});

timed("a connection that is lost later causes no hint", async (clock, context) => {
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  const pull = new Pull({ context }).unref();
  await pull.bind("inproc://comes-and-goes");
  push.connect("inproc://comes-and-goes");
  await clock.settle();
  assertEquals([push.peerCount, clock.pending], [1, 0], "connected at once: nothing is left to check");
  await closeAll(clock, pull);
  await clock.advance(60_000);
  assertEquals(hints, []);
  await closeAll(clock, push);
});

for (const call of ["send", "receive"] as const) {
  timed(`notUsed: ${call}() on a socket that is neither bound nor connected`, async (clock, context) => {
    const socket = new Dealer({ context }).unref();
    const hints = hintsOf(socket);
    const waiting = (call === "send" ? socket.send("x") : socket.receive()).catch((error) => error.code);
    await clock.advance(5000);
    assertEquals(told(hints), [
      `notUsed: DEALER has waited for 5 s to ${call}, and is neither bound nor connected: call bind() or connect()`,
    ]);
    await closeAll(clock, socket);
    assertEquals(await waiting, "ENOTSOCK");
  });
}

timed("a for await loop on a socket that is not bound", async (clock, context) => {
  const pull = new Pull({ context }).unref();
  const hints = hintsOf(pull);
  const loop = pull[Symbol.asyncIterator]().next();
  await clock.advance(5000);
  assertEquals(hints.map(({ kind }) => kind), ["notUsed"]);
  await closeAll(clock, pull);
  assertEquals((await loop).done, true);
});

timed(
  "noPeerYet: a send that waits for the first peer; not a server that waits for clients",
  async (clock, context) => {
    const [push, reply] = [new Push({ context }).unref(), new Reply({ context }).unref()];
    const [hints, none] = [hintsOf(push), hintsOf(reply)];
    await push.bind("inproc://jobs");
    await reply.bind("inproc://server");
    const received = reply.receive().catch((error) => error.code);
    await clock.advance(100_000);
    assertEquals([hints, none], [[], []]);
    const sent = push.send("job").catch((error) => error.code);
    await clock.advance(4999);
    assertEquals(hints, []);
    await clock.advance(1);
    assertEquals(told(hints), [
      "noPeerYet: PUSH sends, but no peer has ever connected; the message waits: check that the peers connect to this endpoint",
    ]);
    assertEquals(none, []);
    await closeAll(clock, push, reply);
    assertEquals([await sent, await received], ["ENOTSOCK", "ENOTSOCK"]);
  },
);

timed("noPeerYet is not reported if a peer comes within 5 s, or came before", async (clock, context) => {
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  await push.bind("inproc://late-worker");
  const sent = push.send("job");
  await clock.advance(4999);
  const pull = new Pull({ context }).unref();
  pull.connect("inproc://late-worker");
  await clock.settle();
  await sent;
  assertEquals(await take(pull, 1), ["job"]);
  await closeAll(clock, pull);
  const again = push.send("job").catch((error) => error.code);
  await clock.advance(60_000);
  assertEquals(hints, []);
  await closeAll(clock, push);
  assertEquals(await again, "ENOTSOCK");
});

timed("notSubscribed after 5 s of a connection, unless topics come", async (clock, context) => {
  const publisher = new Publisher({ context }).unref();
  await publisher.bind("inproc://news");
  const make = () => new Subscriber({ context }).unref();
  const [deaf, late, subscribed, inverted, raw] = [
    make(),
    make(),
    make(),
    new Subscriber({ context, invertMatching: true }).unref(),
    new XSubscriber({ context }).unref(),
  ];
  const sockets = [deaf, late, subscribed, inverted, raw];
  const hints = sockets.map(hintsOf);
  subscribed.subscribe("");
  for (const socket of sockets) socket.connect("inproc://news");
  await clock.advance(4999);
  late.subscribe("x");
  await clock.advance(1);
  assertEquals(hints.map(told), [
    ['notSubscribed: SUB has been connected to inproc://news for 5 s without a subscription, and receives nothing: call subscribe(topic), or subscribe("") for every message'],
    [],
    [],
    [],
    [],
  ]);
  await clock.advance(60_000);
  assertEquals(hints.flat().length, 1);
  await closeAll(clock, publisher, ...sockets);
});

test("hints: a Publisher that sends before its first peer; later messages without a peer cause no hint", async () => {
  const context = new Context();
  await using unbound = new Publisher({ context });
  await using early = new XPublisher({ context });
  await using later = new Publisher({ context });
  const hints = [unbound, early, later].map(hintsOf);
  await unbound.send("a");
  await early.bind("inproc://early");
  await early.send("a");
  await early.send("b");
  await later.bind("inproc://later");
  const subscriber = new Subscriber({ context });
  subscriber.connect("inproc://later");
  await later.waitForPeers(1);
  await subscriber.close();
  while (later.peerCount > 0) await turn();
  await later.send("a");
  await turn();
  const [atUnbound, atBound] = [
    "noPeerYet: PUB sent a message before it was bound or connected; it was dropped: call bind() or connect(), and await waitForSubscribers() or waitForPeers() before the first send",
    "noPeerYet: XPUB sent a message before any peer connected; it was dropped: await waitForSubscribers() or waitForPeers() before the first send",
  ];
  assertEquals(hints.map(told), [[atUnbound], [atBound], []]);
});

for (const options of [{}, { invertMatching: true }]) {
  test(`hints: a Publisher that sends while bind() or connect() is in progress, ${JSON.stringify(options)}`, async () => {
    await using binding = new Publisher({ ...options, context: new Context() });
    await using connecting = new Publisher({ ...options, linger: 0, context: new Context() });
    const hints = [binding, connecting].map(hintsOf);
    const bound = binding.bind(ANY);
    connecting.connect("inproc://nobody");
    await Promise.all([binding.send("a"), connecting.send("a")]);
    await bound;
    await turn();
    assertEquals(
      hints.map(told),
      [binding, connecting].map(() => [
        "noPeerYet: PUB sent a message before any peer connected; it was dropped: await waitForSubscribers() or waitForPeers() before the first send",
      ]),
    );
  });
}

/** Two sockets that must not talk, and the hints of both. */
async function meet(binder: Socket, connecter: Socket): Promise<[EventOf<"hint">, EventOf<"hint">]> {
  const both = Promise.all([nextEvent(binder, "hint"), nextEvent(connecter, "hint")]);
  connecter.connect(await binder.bind(ANY));
  const hints = await both;
  await Promise.all([binder.close({ linger: 0 }), connecter.close({ linger: 0 })]);
  return hints;
}

const PLAIN = { plainUsername: "ann", plainPassword: "wrong" };
const SERVER = { plainServer: true, authenticate: () => false };
const REFUSALS: readonly (readonly [string, () => Socket, () => Socket, RegExp, RegExp])[] = [
  [
    "socket types",
    () => new Reply(),
    () => new Push(),
    /peer is a PUSH.*types that fit/,
    /peer is a REP.*types that fit/,
  ],
  ["mechanisms", () => new Router(SERVER), () => new Dealer(), /"NULL".*same security/, /"PLAIN".*same security/],
  ["a wrong password", () => new Router(SERVER), () => new Dealer(PLAIN), /rejected.*password/, /denied.*password/],
];
for (const [what, makeBinder, makeConnecter, atBinder, atConnecter] of REFUSALS) {
  test(`hints: a peer is rejected because of ${what}, and both sides know why`, async () => {
    const hints = await meet(makeBinder(), makeConnecter());
    assertEquals(hints.map(({ kind }) => kind), ["handshakeFailed", "handshakeFailed"]);
    assertMatch(hints[0].message, atBinder);
    assertMatch(hints[1].message, atConnecter);
    for (const { error, message } of hints) assert(message.includes(error!.message));
  });
}

for (const where of [ANY, "inproc://pair"]) {
  test(`hints: ${where.split(":")[0]}: a second Pair is rejected, and both sides know why and what to do`, async () => {
    const context = new Context();
    await using bound = new Pair({ context });
    await using first = new Pair({ context });
    await using second = new Pair({ context, linger: 0 });
    const both = Promise.all([nextEvent(bound, "hint"), nextEvent(second, "hint")]);
    const gone = nextEvent(second, "disconnect");
    const endpoint = await bound.bind(where);
    first.connect(endpoint);
    await bound.waitForPeers(1);
    second.connect(endpoint);
    for (const { kind, message, error } of await both) {
      assertEquals(kind, "handshakeFailed");
      assertMatch(message, /^PAIR and a peer at .* cannot talk: .*Cannot accept another peer on Pair: it has one peer/);
      assertMatch(message, /: close the other Pair, or use Dealer and Router for several peers$/);
      assert(error !== undefined);
    }
    const { reason, error } = await gone;
    assertEquals(reason, where === ANY ? "rejected" : "handshake");
    assertMatch(error!.message, /Cannot accept another peer on Pair/);
    assertEquals([bound.peerCount, first.peerCount], [1, 1]);
  });
}

test("hints: a peer that reports an error after the handshake rejects this socket, whichever side connected", async () => {
  await using listener = await RawListener.bind();
  await using connecter = new Subscriber({ linger: 0, reconnectInterval: 60_000 });
  await using binder = new Subscriber();
  const both = [connecter, binder].map((each) =>
    Promise.all([nextEvent(each, "hint"), nextEvent(each, "disconnect")] as const)
  );
  connecter.connect(listener.endpoint);
  await using accepted = await listener.accept();
  await using joined = await RawPeer.connect(await binder.bind(ANY));
  for (const peer of [accepted, joined]) {
    peer.write(greeting(), ready("PUB"), command("ERROR", "\x04full"));
  }
  for (const [{ kind, message }, { reason }] of await Promise.all(both)) {
    assertEquals([kind, reason], ["handshakeFailed", "rejected"]);
    assertMatch(message, /^SUB and a peer at .* cannot talk: The peer reported an error: full: the peer rejects /);
    assert(!/curve|ZeroMQ/i.test(message), message);
  }
});

/** A socket whose peer, on links in memory, completes the handshake and then does what the test says. */
function played(clock: VirtualClock, socket: Socket, type: string) {
  const transport = new PlayedTransport();
  const links: FakeLink[] = [];
  transport.onConnect = () => {
    const link = new FakeLink();
    links.push(link);
    return link;
  };
  let next = 0;
  const connected = async () => {
    // The back-off, and the turns that a connect takes; the greeting is written when the link is started.
    while ((links[next]?.writes.length ?? 0) === 0) await clock.advance(1);
    links[next++]!.arrive(greeting(), ready(type));
    await clock.advance(0);
  };
  const closed = async (error?: Error) => {
    await links[next - 1]!.lose(error);
    await clock.advance(0);
  };
  const begin = async () => {
    socket.connect(transport.endpoint);
    await connected();
  };
  return { transport, connected, closed, begin };
}

for (
  const [socketType, peerType] of [["PAIR", "PAIR", /a PAIR of libzmq/], [
    "PUSH",
    "PULL",
    /log of the peer/,
  ]] as const
) {
  for (const error of [undefined, new Error("reset")]) {
    timed(
      `closedByPeer: ${socketType}, three connections in a row that the peer ${error ? "breaks off" : "closes"}`,
      async (clock, context) => {
        const socket = (socketType === "PAIR" ? new Pair({ context }) : new Push({ context })).unref();
        const hints = hintsOf(socket);
        const { transport, begin, closed, connected } = played(clock, socket, peerType);
        await begin();
        await socket.send("waits");
        for (let i = 0; i < 2; i++) {
          await closed(error);
          await connected();
        }
        assertEquals(hints, []);
        await clock.advance(4999);
        await closed(error);
        assertEquals(hints.map(({ kind, endpoint }) => [kind, endpoint]), [["closedByPeer", transport.endpoint]]);
        assertMatch(hints[0]!.message, /three times, and the peer closed each connection at once/);
        assertMatch(hints[0]!.message, /see the log of the peer: .*ZMQ_MAXMSGSIZE$/);
        for (let i = 0; i < 5; i++) {
          await connected();
          await closed(error);
        }
        assertEquals(hints.length, 1);
        await closeAll(clock, socket);
      },
    );
  }
}

timed("closedByPeer: not for connections that lasted, a peer that was away, or a local end", async (clock, context) => {
  const push = new Push({ context }).unref();
  const hints = hintsOf(push);
  const { transport, begin, closed, connected } = played(clock, push, "PULL");
  const { onConnect } = transport;
  await begin();
  for (let i = 0; i < 10; i++) {
    // Every third one lasts, or is preceded by a failed attempt, or ended by this side.
    if (i % 3 === 0) await clock.advance(5000);
    if (i % 3 === 1) {
      transport.refuse();
      await closed();
      await clock.advance(1000);
      transport.onConnect = onConnect;
      await connected();
    }
    if (i % 3 === 2) {
      push.disconnect(transport.endpoint);
      await clock.advance(1);
      await begin();
    }
    await closed();
    await connected();
  }
  assertEquals(told(hints), []);
  await closeAll(clock, push);
});

timed(
  "connections over a limit: once per limit, and again after a minute with their number",
  async (clock, context) => {
    const pull = new Pull({ context, maxConnections: 1, handshakeInterval: 0 }).unref();
    const hints = hintsOf(pull);
    const link = () => new FakeLink();
    pull.attach(link());
    for (let i = 0; i < 3; i++) pull.attach(link());
    await clock.advance(30_000);
    assertEquals(hints.map(({ kind }) => kind), ["connectionLimit"]);
    assertMatch(
      hints[0]!.message,
      /^PULL refused a connection at .*: maxConnections is reached: raise maxConnections, /,
    );
    await clock.advance(30_000);
    for (let i = 0; i < 4; i++) pull.attach(link());
    await clock.advance(1000);
    assertEquals(hints.length, 2);
    // Two were reported together within the minute.
    assertMatch(hints[1]!.message, /^PULL refused 3 connections .*: maxConnections is reached: raise maxConnections, /);
    await clock.advance(60_000);
    pull.maxConnections = 0;
    pull.maxConnectionsPerAddress = 1;
    pull.attach(link());
    await clock.advance(1000);
    assertMatch(hints[2]!.message, /^PULL refused a connection .*: maxConnectionsPerAddress is reached: .*raise /);
    await closeAll(clock, pull);
  },
);

for (const limit of Object.keys(new Pull().statistics().refusals) as ConnectionLimit[]) {
  test(`hints: a connection refused because of ${limit} names the option and the endpoint`, async () => {
    await using pull = new Pull();
    const hints = hintsOf(pull);
    coreOf(pull).connections.arrivals.refused(limit, "tcp://127.0.0.1:1", "tcp://127.0.0.1:2");
    await turn();
    assertEquals(hints.map(({ kind, endpoint }) => [kind, endpoint]), [["connectionLimit", "tcp://127.0.0.1:1"]]);
    const [, problem, cure] = /^(.*?) is reached: (.*)$/.exec(hints[0]!.message)!;
    assertEquals(problem, `PULL refused a connection at tcp://127.0.0.1:1: ${limit}`);
    assert(cure!.includes(limit), cure);
  });
}

test("hints: a peer in its handshake that makes room for another one names maxHandshakes", async () => {
  await using pull = new Pull({ maxHandshakes: 1 });
  const hints = hintsOf(pull);
  const failed = nextEvent(pull, "handshake:error:other");
  for (let i = 0; i < 2; i++) pull.attach(new FakeLink());
  await failed;
  await turn();
  assertEquals(hints.map(({ kind }) => kind), ["connectionLimit"]);
  assertMatch(hints[0]!.message, /^PULL refused a connection.*: maxHandshakes is reached: .*raise maxHandshakes/);
});

timed("a socket that only connects gets the hint of its endpoint, and none about a bind", async (clock, context) => {
  const transport = new PlayedTransport();
  transport.refuse();
  const requester = new Requester(transport.endpoint, { context, timeout: -1 }).unref();
  const sockets = [Dealer, Push].map((Type) => new Type({ context, immediate: true }).unref());
  const all = [requester, ...sockets];
  const hints = all.map(hintsOf);
  const calls = [requester.request("x"), ...sockets.map((socket) => socket.send("x"))].map((call) =>
    call.catch((error) => error.code)
  );
  for (const socket of sockets) socket.connect(transport.endpoint);
  await clock.advance(60_000);
  assertEquals(hints.map((each) => each.map(({ kind }) => kind)), all.map(() => ["notConnected"]));
  await closeAll(clock, ...all);
  assertEquals(await Promise.all(calls), all.map(() => "ENOTSOCK"));
});

timed("noPeerYet of a socket whose only endpoint was disconnected names no endpoint", async (clock, context) => {
  const dealer = new Dealer({ context, immediate: true }).unref();
  const hints = hintsOf(dealer);
  dealer.connect("inproc://left");
  dealer.disconnect("inproc://left");
  const sent = dealer.send("x").catch((error) => error.code);
  await clock.advance(60_000);
  assertEquals(told(hints), [
    "noPeerYet: DEALER sends, but no peer has ever connected; the message waits: it has no endpoint now: call bind() or connect()",
  ]);
  await closeAll(clock, dealer);
  assertEquals(await sent, "ENOTSOCK");
});

timed(
  "peers that are rejected: once for each reason, and again after a minute with their number",
  async (clock, context) => {
    const pull = new Pull({ context }).unref();
    const hints = hintsOf(pull);
    const error = (text: string) =>
      new ProtocolError("EPROTO", text === "m" ? "MECHANISM_MISMATCH" : "INVALID_METADATA", text);
    const reject = async (text: string, endpoint = "tcp://127.0.0.1:1") => {
      coreOf(pull).emit(handshakeError(endpoint, "tcp://127.0.0.1:2", error(text)));
      await clock.settle();
    };
    for (let i = 0; i < 100; i++) await reject("a stranger");
    await reject("m");
    assertEquals(hints.map(({ error }) => error!.message), ["a stranger", "m"]);
    await clock.advance(59_999);
    await reject("a stranger");
    assertEquals(hints.length, 2);
    await clock.advance(1);
    await reject("the real one");
    assertEquals(hints.length, 3);
    assertMatch(hints[2]!.message, /cannot talk: the real one \(100 more times since the last hint\): /);
    // Each endpoint that it connects has a hint of its own, once.
    for (const name of ["one", "other", "one"]) pull.connect(`inproc://${name}`);
    for (let i = 0; i < 3; i++) {
      for (const name of ["one", "other"]) await reject(name, `inproc://${name}`);
      await clock.advance(60_000);
    }
    const failed = hints.slice(3).filter(({ kind }) => kind === "handshakeFailed");
    assertEquals(failed.map(({ endpoint }) => endpoint), ["inproc://one", "inproc://other"]);
    await closeAll(clock, pull);
  },
);

test("hints: a port check that connects and closes causes no hint", async () => {
  await using pull = new Pull();
  const hints = hintsOf(pull);
  const endpoint = await pull.bind(ANY);
  for (let i = 0; i < 2; i++) {
    const gone = nextEvent(pull, "disconnect");
    const peer = await RawPeer.connect(endpoint);
    await peer.end();
    await gone;
  }
  await turn();
  assertEquals(hints, []);
});

/** Provokes drops over inproc: each twice, of which one is reported. */
const DROPS: Readonly<
  Record<string, { kind: HintKind; socket: string; provoke: (context: Context) => Promise<Socket[]> }>
> = {
  "a Publisher with a slow subscriber": {
    kind: "highWaterMark",
    socket: "PUB",
    async provoke(context) {
      const pub = new Publisher({ context, sendHighWaterMark: 1 });
      const sub = new Subscriber({ context, receiveHighWaterMark: 1 });
      sub.subscribe("");
      sub.connect(await pub.bind("inproc://slow"));
      await pub.waitForSubscribers(1);
      watchDrops(pub);
      for (let i = 0; i < 10; i++) await pub.send("x");
      return [pub, sub];
    },
  },
  "an XPublisher with a slow subscriber": {
    kind: "highWaterMark",
    socket: "XPUB",
    async provoke(context) {
      const pub = new XPublisher({ context, sendHighWaterMark: 1 });
      const sub = new XSubscriber({ context, receiveHighWaterMark: 1 });
      sub.connect(await pub.bind("inproc://slow"));
      await sub.send("\x01");
      await pub.waitForSubscribers(1);
      watchDrops(pub);
      for (let i = 0; i < 10; i++) await pub.send("x");
      return [pub, sub];
    },
  },
  "a Router with a slow peer": {
    kind: "highWaterMark",
    socket: "ROUTER",
    async provoke(context) {
      const router = new Router({ context, sendHighWaterMark: 1 });
      const dealer = new Dealer({ context, routingId: "d", receiveHighWaterMark: 1 });
      dealer.connect(await router.bind("inproc://slow"));
      await router.waitForPeers(1);
      watchDrops(router);
      for (let i = 0; i < 10; i++) await router.send(["d", "x"]);
      return [router, dealer];
    },
  },
  "a Router without that peer": {
    kind: "unroutable",
    socket: "ROUTER",
    async provoke(context) {
      const router = new Router({ context });
      watchDrops(router);
      for (let i = 0; i < 2; i++) await router.send(["nobody", "x"]);
      return [router];
    },
  },
  "an XSubscriber without peers": {
    kind: "noPeer",
    socket: "XSUB",
    async provoke(context) {
      const xsub = new XSubscriber({ context });
      watchDrops(xsub);
      for (let i = 0; i < 2; i++) await xsub.send("x");
      return [xsub];
    },
  },
  "a Reply whose client has gone": {
    kind: "noPeer",
    socket: "REP",
    async provoke(context) {
      const reply = new Reply({ context });
      const endpoint = await reply.bind("inproc://reply");
      watchDrops(reply);
      for (let i = 0; i < 2; i++) {
        const request = new Request({ context });
        request.connect(endpoint);
        await request.send("x");
        await reply.receive();
        await request.close({ linger: 0 });
        while (reply.peerCount > 0) await turn();
        await reply.send("y");
      }
      return [reply];
    },
  },
  "a Reply and a Dealer without delimiter": {
    kind: "noDelimiter",
    socket: "REP",
    async provoke(context) {
      const [reply, dealer] = [new Reply({ context }), new Dealer({ context })];
      watchDrops(reply);
      dealer.connect(await reply.bind("inproc://reply"));
      for (let i = 0; i < 2; i++) await dealer.send("no delimiter");
      return [reply, dealer];
    },
  },
  "a Request and a reply without delimiter": {
    kind: "noDelimiter",
    socket: "REQ",
    async provoke(context) {
      const [request, router] = [new Request({ context }), new Router({ context })];
      request.connect(await router.bind("inproc://router"));
      watchDrops(request);
      await request.send("x");
      const [id] = await router.receive();
      await router.send([id, "no delimiter"]);
      return [request, router];
    },
  },
  "a Request and a second reply": {
    kind: "unexpectedReply",
    socket: "REQ",
    async provoke(context) {
      const [request, router] = [new Request({ context }), new Router({ context })];
      request.connect(await router.bind("inproc://router"));
      watchDrops(request);
      for (let i = 0; i < 2; i++) {
        await request.send("x");
        const message = await router.receive();
        await router.send(message);
        await request.receive();
        await router.send(message);
      }
      return [request, router];
    },
  },
  "a Publisher that is sent a message": {
    kind: "unexpectedMessage",
    socket: "PUB",
    async provoke(context) {
      const [pub, xsub] = [new Publisher({ context }), new XSubscriber({ context })];
      xsub.connect(await pub.bind("inproc://pub"));
      watchDrops(pub);
      await pub.waitForPeers(1);
      for (let i = 0; i < 2; i++) await xsub.send("hello");
      return [pub, xsub];
    },
  },
  "two peers with one routing id": {
    kind: "refusedPeer",
    socket: "ROUTER",
    async provoke(context) {
      const router = new Router({ context });
      const endpoint = await router.bind("inproc://router");
      const dealers = [1, 2].map(() => new Dealer({ context, routingId: "same" }));
      watchDrops(router);
      for (const dealer of dealers) dealer.connect(endpoint);
      await router.waitForPeers(2);
      for (let i = 0; i < 2; i++) await dealers[1]!.send("unheard");
      return [router, ...dealers];
    },
  },
};

let dropHints: EventOf<"hint">[] = [];
function watchDrops(socket: Socket): void {
  dropHints = hintsOf(socket);
}

for (const [what, { kind, socket, provoke }] of Object.entries(DROPS)) {
  test(`hints: ${what}: ${kind}, counted each time and reported once`, async () => {
    const sockets = await provoke(new Context());
    while (dropHints.length === 0) await turn();
    await turn();
    assertEquals(dropHints.map((hint) => hint.kind), [kind]);
    assert(dropHints[0]!.message.startsWith(`${socket} dropped a `), dropHints[0]!.message);
    const { dropped, drops } = sockets[0]!.statistics();
    assertEquals([dropped > 0, drops[kind as "noPeer"]], [true, dropped]);
    assertEquals(dropped, Object.values(drops).reduce((sum, count) => sum + count));
    await Promise.all(sockets.map((each) => each.close({ linger: 0 })));
  });
}

test("hints: none for usual work, for conflated and closed messages, and after close()", async () => {
  const context = new Context();
  const [pair, peer] = [new Pair({ context }), new Pair({ context, linger: 0 })];
  const hints = [pair, peer].map(hintsOf).flat();
  peer.connect(await pair.bind("inproc://pair"));
  await pair.send("a");
  await peer.send("b");
  assertEquals([toText((await peer.receive())[0]), toText((await pair.receive())[0])], ["a", "b"]);
  await pair.send("never received");
  const waiting = pair.receive().catch((error) => error.code);
  await Promise.all([pair.close(), peer.close()]);
  assertEquals([await waiting, hints], ["ENOTSOCK", []]);
});

/** The type checker makes sure that no kind is missing. */
const KINDS: Readonly<Record<HintKind, true>> = {
  notConnected: true,
  handshakeFailed: true,
  closedByPeer: true,
  notUsed: true,
  noPeerYet: true,
  notSubscribed: true,
  connectionLimit: true,
  highWaterMark: true,
  unroutable: true,
  noPeer: true,
  noDelimiter: true,
  unexpectedReply: true,
  unexpectedMessage: true,
  refusedPeer: true,
  tooLarge: true,
};

test("hints: its page has each kind, and each has a sentence", () => {
  const page = readFileSync(new URL("../../docs/guide/hints.md", import.meta.url), "utf8");
  assertEquals([...page.matchAll(/^\| `(\w+)` /gm)].map(([, kind]) => kind), Object.keys(KINDS));
  for (const kind of Object.keys(KINDS) as HintKind[]) {
    const text = hintText(kind, { socket: "PUSH", endpoint: "tcp://\x1b[2J:1" });
    assertMatch(text, /^PUSH .*: .+[^.:]$/);
    assert(!text.includes("\x1b"), "text of peers is escaped");
  }
});

test("hints: a listener that closes the socket, in the middle of a drop", async () => {
  const router = new Router({ context: new Context() });
  const closed = new Promise<number>((resolve) => {
    router.events.listen(({ type }) => type === "hint" && resolve(router.close()));
  });
  await router.send(["nobody", "x"]);
  assertEquals(await closed, 0);
});
