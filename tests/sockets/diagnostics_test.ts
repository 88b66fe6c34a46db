/**
 * State of sockets: endpoints, peers, the open sockets of a context, and the output of `console.log`, as
 * docs/guide/diagnostics.md shows it.
 *
 * @module
 */

import { inspect } from "node:util";
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Authenticator,
  Context,
  curveKeyPair,
  Dealer,
  type EndpointStatus,
  Pair,
  Pull,
  Push,
  Router,
  type Socket,
  type SocketEvent,
  Stream,
  Subscriber,
  toText,
  ZmqError,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { greeting, message, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, record, turn, until } from "./support.ts";

const FAST = { reconnectInterval: 5, linger: 0 };

function only(socket: Socket): EndpointStatus {
  const [status, ...others] = socket.endpoints;
  assertEquals(others, []);
  return status!;
}

function since(status: { readonly since: number }, earliest: number): void {
  // Clocks of runtimes are rounded differently, and a busy machine may stop between two of them.
  assert(status.since >= earliest - 1000 && status.since <= Date.now() + 1000, `${status.since}`);
}

test("endpoints: none before, a bound one with its port and peers, none after", async () => {
  const began = Date.now();
  await using pull = new Pull();
  await using push = new Push(FAST);
  assertEquals(pull.endpoints, []);
  const binding = pull.bind(ANY);
  assertEquals([only(pull).kind, only(pull).state], ["bind", "binding"]);
  const endpoint = await binding;
  const bound = only(pull);
  assertEquals({ ...bound, since: 0 }, {
    endpoint,
    kind: "bind",
    state: "bound",
    since: 0,
    attempts: 0,
    nextAttempt: undefined,
    lastError: undefined,
    lastErrorTime: undefined,
    peer: undefined,
    peers: 0,
  });
  since(bound, began);
  push.connect(endpoint);
  await Promise.all([pull.waitForPeers(1), push.waitForPeers(1)]);
  assertEquals([only(pull).peers, bound.peers], [1, 0]);
  await pull.unbind(endpoint);
  assertEquals(pull.endpoints, []);
});

test("endpoints: a bind that fails leaves none", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using other = new Pull();
  await other.bind(endpoint).then(() => assert(false), (error) => assertEquals(error.code, "EADDRINUSE"));
  assertEquals(other.endpoints, []);
});

for (const where of [ANY, "ipc://*", "inproc://states"]) {
  test(`endpoints: the states of a connected one, ${where.split(":")[0]}`, async () => {
    const began = Date.now();
    const context = new Context();
    const pull = new Pull({ context });
    await using push = new Push({ ...FAST, context });
    const endpoint = await pull.bind(where);
    const states: string[] = [];
    push.events.listen(({ type }) => states.push(`${type} ${push.endpoints.map(({ state }) => state)}`));
    push.connect(endpoint);
    await push.waitForPeers(1);
    const connected = only(push);
    assertEquals([connected.kind, connected.state, connected.attempts, connected.peers], [
      "connect",
      "connected",
      1,
      1,
    ]);
    assertEquals([connected.peer?.peerType, connected.peer?.endpoint], ["PULL", endpoint]);
    since(connected, began);
    since(connected.peer!, began);
    const retry = nextEvent(push, "connect:retry");
    await pull.close();
    await retry;
    // Over inproc an attempt waits for the name, and cannot fail.
    const local = where.startsWith("inproc");
    await until(() => only(push).attempts > 1 && only(push).state === (local ? "connecting" : "waiting"));
    const later = only(push);
    assertEquals([later.peer, later.peers], [undefined, 0]);
    if (!local) assert(later.nextAttempt! >= later.since && later.lastError instanceof ZmqError);
    push.disconnect(endpoint);
    assertEquals(push.endpoints, []);
    assertEquals(states.slice(0, 2), ["connect:delay connecting", "connect handshake"]);
    assert(states.includes("connect:retry waiting"));
  });
}

test("endpoints: a refused connection is the last error, also while the next attempt is made", async () => {
  const endpoint = await deserted();
  await using push = new Push(FAST);
  const attempts: number[] = [];
  push.events.on("connect:retry", () => attempts.push(only(push).attempts));
  push.connect(endpoint);
  await until(() => attempts.length >= 3);
  assertEquals(attempts.slice(0, 3), [1, 2, 3]);
  const { lastError } = only(push);
  assertEquals((lastError as ZmqError).code, "ECONNREFUSED");
});

test("endpoints: both sides have the reason why a peer is rejected", async () => {
  await using pull = new Pull();
  await using subscriber = new Subscriber(FAST);
  const endpoint = await pull.bind(ANY);
  subscriber.connect(endpoint);
  await until(() => only(pull).lastError !== undefined && only(subscriber).lastError !== undefined);
  for (const socket of [pull, subscriber]) assertEquals((only(socket).lastError as ZmqError).code, "EPROTO");
});

test("endpoints: a disconnected one is closing until its queue is sent", async () => {
  await using listener = await RawListener.bind(ANY);
  await using push = new Push({ ...FAST, linger: -1 });
  push.connect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  await push.waitForPeers(1);
  peer.pause();
  const body = new Uint8Array(1 << 20);
  while (push.peers[0]!.queued === 0) {
    push.trySend(body);
    await turn();
  }
  push.disconnect(listener.endpoint);
  assertEquals(only(push).state, "closing");
  await push.close({ linger: 0 });
  assertEquals(push.endpoints, []);
});

test("peers: queues, mechanism, user id, routing id and address", async () => {
  const server = await curveKeyPair();
  const client = await curveKeyPair();
  const authenticate = new Authenticator().addUser("ann", "secret");
  await using plain = new Router({ plainServer: true, authenticate });
  await using ann = new Dealer({ ...FAST, plainUsername: "ann", plainPassword: "secret", routingId: "desk" });
  ann.connect(await plain.bind(ANY));
  await plain.waitForPeers(1);
  const [peer] = plain.peers;
  assertEquals([peer!.mechanism, peer!.userId, toText(peer!.routingId)], ["plain", "ann", "desk"]);
  assertMatch(peer!.address, /^127\./);
  const keys = { curvePublicKey: client.publicKey, curveSecretKey: client.secretKey };
  await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate: () => true });
  await using push = new Push({ ...FAST, ...keys, curveServerKey: server.publicKey });
  push.connect(await pull.bind(ANY));
  await push.send(["four", "five5"]);
  await until(() => pull.peers[0]?.held === 1);
  const [sender] = pull.peers;
  assertEquals([sender!.mechanism, sender!.held, sender!.heldBytes], ["curve", 1, 9]);
  assertEquals(pull.statistics().peers, [sender!]);
  await pull.receive();
  assertEquals([sender!.held, pull.peers[0]!.held, pull.peers[0]!.heldBytes], [1, 0, 0]);
});

test("peers: messages that wait to be sent are counted with their bytes", async () => {
  const context = new Context();
  await using pull = new Pull({ context, receiveHighWaterMark: 1 });
  await using push = new Push({ context, linger: 0 });
  await pull.bind("inproc://queues");
  push.connect("inproc://queues");
  await push.sendMany(["a", "bcd", "efghij"]);
  const [peer] = push.peers;
  assertEquals([peer!.queued, peer!.queuedBytes, peer!.mechanism], [2, 9, null]);
});

test("peers: a Stream has no mechanism", async () => {
  await using stream = new Stream();
  await using peer = await RawPeer.connect(await stream.bind(ANY));
  await stream.waitForPeers(1);
  assertEquals([stream.peers[0]!.mechanism, stream.peers[0]!.peerType], [null, ""]);
  await peer.end();
});

test("a context lists its open sockets, in the order of their creation", async () => {
  const context = new Context();
  const other = new Context();
  assertEquals(context.openSockets, []);
  const [push, pull, elsewhere] = [new Push({ context }), new Pull({ context }), new Pair({ context: other })];
  assertEquals(context.openSockets.length, context.sockets);
  assertStrictEquals(context.openSockets[0], push);
  assertStrictEquals(context.openSockets[1], pull);
  assert(push.id < pull.id && pull.id < elsewhere.id);
  assertEquals(other.openSockets.map(({ type, id }) => [type, id]), [["PAIR", elsewhere.id]]);
  await push.close();
  assertEquals(context.openSockets.map(({ type }) => type), ["PULL"]);
  await Promise.all([...context.openSockets, ...other.openSockets].map((socket) => socket.close()));
  assertEquals([context.openSockets, other.openSockets], [[], []]);
});

test("console.log of a socket: type, endpoints, peers and queue depths, and nothing secret", async () => {
  const context = new Context();
  await using pull = new Pull({ context, receiveHighWaterMark: 1 });
  await using push = new Push({ context, linger: 0 });
  assertEquals(inspect(push), `PUSH#${push.id} {}`);
  await pull.bind("inproc://shown");
  const endpoint = await pull.bind(ANY);
  push.connect("inproc://shown");
  await push.sendMany(["a", "bcd", "efghij"]);
  const time = /\d+\.\d s/g;
  assertEquals(
    inspect(push).replace(time, "0 s"),
    `PUSH#${push.id} {
  connect inproc://shown connected for 0 s
  peer PULL inproc://shown, connected for 0 s: 2 queued (9 bytes), 0 held (0 bytes)
}`,
  );
  assertEquals(
    inspect(pull).replace(time, "0 s"),
    `PULL#${pull.id} {
  bind inproc://shown bound for 0 s, 1 peer
  bind ${endpoint} bound for 0 s, 0 peers
  peer PUSH inproc://shown, connected for 0 s: 0 queued (0 bytes), 1 held (1 byte)
}`,
  );
  assertEquals(
    inspect(context),
    `Context {
  PULL#${pull.id} inproc://shown bound, ${endpoint} bound; 1 peer, 0 queued, 1 held
  PUSH#${push.id} inproc://shown connected; 1 peer, 2 queued, 0 held
}`,
  );
  const within =
    `PUSH#${push.id} { connect inproc://shown connected for 0 s; peer PULL inproc://shown, connected for 0 s: ` +
    "2 queued (9 bytes), 0 held (0 bytes) }";
  for (const around of [{ push }, { a: { push } }, [push], new Map([["key", push]]), new Set([push])]) {
    assert(inspect(around).replace(time, "0 s").includes(within), inspect(around));
  }
});

test("console.log of a socket: why it does not connect, peers' bytes escaped, no password, and a few lines only", async () => {
  const endpoint = await deserted();
  await using push = new Push({ ...FAST, plainUsername: "ann", plainPassword: "correct horse" });
  push.connect(endpoint);
  await nextEvent(push, "connect:retry");
  assertMatch(inspect(push), /connect tcp:\S+ waiting for .*attempts?, next in .*, last error: .*refused/);
  assert(!inspect(push).includes("horse"));
  await using router = new Router();
  const bound = await router.bind(ANY);
  const peers = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const peer = await RawPeer.connect(bound);
    peer.write(greeting(), ready("DEALER", `${i}\x1b[2J\n`));
    return peer;
  }));
  await router.waitForPeers(12);
  const shown = inspect(router);
  assert(!shown.includes("\x1b") && shown.includes("\\u{1b}[2J\\n"), shown);
  assertEquals(shown.split("\n").length, 12);
  assertMatch(shown, /… 4 more peers/);
  await Promise.all(peers.map((peer) => peer.end()));
});

test("console.log of a closed socket, of its class and of its prototype", async () => {
  const pull = new Pull();
  await pull.close();
  assertEquals(inspect(pull), `PULL#${pull.id} closed {}`);
  inspect(Pull);
  inspect(Pull.prototype);
  inspect(Object.getPrototypeOf(Object.getPrototypeOf(Pull.prototype)));
});

test("events.on: only events of its type, until it is stopped, beside listeners and iterators", async () => {
  await using pull = new Pull();
  const seen: string[] = [];
  const stop = pull.events.on("bind", ({ endpoint }) => seen.push(endpoint));
  const all = record(pull);
  const endpoint = await pull.bind(ANY);
  await pull.unbind(endpoint);
  stop();
  stop();
  await pull.bind(ANY);
  assertEquals(seen, [endpoint]);
  assertEquals(all.map(({ type }) => type), ["bind", "close", "bind"]);
});

test("events: a type that does not exist, and a listener that is not a function, are rejected", async () => {
  await using pull = new Pull();
  const meant = { Disconnect: "disconnect", "connect_retry": "connect:retry", handshakes: "handshake", "*": undefined };
  for (const [type, name] of Object.entries(meant)) {
    const error = assertThrows(
      () => pull.events.on(type as never, () => {}),
      TypeError,
      `has no event ${type}; it has bind, `,
    );
    assertEquals(/did you mean (.*)\?$/.exec(error.message)?.[1], name);
  }
  for (const type of [undefined, null, 5, {}, "toString", "__proto__"]) {
    assertThrows(() => pull.events.on(type as never, () => {}), TypeError, "has no event");
  }
  for (const listener of [undefined, null, "text", {}]) {
    assertThrows(() => pull.events.on("bind", listener as never), TypeError, "must be a function, not");
    assertThrows(() => pull.events.listen(listener as never), TypeError, "must be a function, not");
  }
  const all = [
    "bind",
    "bind:error",
    "close",
    "close:error",
    "accept",
    "accept:error",
    "accept:refused",
    "connect:delay",
  ];
  const more = ["connect", "connect:retry", "connect:end", "message:dropped", "handshake", "handshake:error:protocol"];
  const rest = [
    "handshake:error:auth",
    "handshake:error:other",
    "disconnect",
    "disconnect:local",
    "hint",
    "missed",
    "end",
  ];
  for (const type of [...all, ...more, ...rest] as SocketEvent["type"][]) pull.events.on(type, () => {})();
});

type Ended = Extract<SocketEvent, { readonly type: "disconnect" | "disconnect:local" }>;

/** Every way in which a connection ends, with the reason on the side that is asked. */
const ENDS: Readonly<Record<string, (pull: Pull, push: Push, endpoint: string) => readonly [Socket, unknown]>> = {
  "disconnect:local close": (_pull, push) => [push, push.close()],
  "disconnect:local disconnect": (_pull, push, endpoint) => [push, push.disconnect(endpoint)],
  "disconnect:local unbind": (pull, _push, endpoint) => [pull, pull.unbind(endpoint)],
  "disconnect:local disconnectPeer": (pull) => [pull, pull.disconnectPeer(() => true)],
  "disconnect peer": (pull, push, endpoint) => [pull, push.disconnect(endpoint)],
};
for (const where of [ANY, "inproc://reasons"]) {
  for (const [expected, end] of Object.entries(ENDS)) {
    test(`reason of a connection that ended, ${where.split(":")[0]}: ${expected}`, async () => {
      const context = new Context();
      await using pull = new Pull({ context });
      await using push = new Push({ ...FAST, context });
      const endpoint = await pull.bind(where);
      push.connect(endpoint);
      await Promise.all([pull.waitForPeers(1), push.waitForPeers(1)]);
      const ended: [Socket, Ended][] = [];
      for (const socket of [pull, push]) {
        for (const type of ["disconnect", "disconnect:local"] as const) {
          socket.events.on(type, (event) => ended.push([socket, event as Ended]));
        }
      }
      const [socket] = end(pull, push, endpoint);
      await until(() => ended.some(([of]) => of === socket));
      const [, event] = ended.find(([of]) => of === socket)!;
      assertEquals(`${event.type} ${event.reason}`, expected);
    });
  }
}

test("reason of a connection that ended: its handshake, the protocol, a heartbeat, a Stream's empty message", async () => {
  await using limited = new Router({ maxMessageSize: 5 });
  await using impatient = new Router({ heartbeatInterval: 20, heartbeatTimeout: 20 });
  const reason = async (router: Router, act: (peer: RawPeer) => unknown, handshake = true): Promise<string> => {
    await using peer = await RawPeer.connect(await router.bind(ANY));
    const met = nextEvent(router, "handshake");
    peer.write(greeting(), ready(handshake ? "DEALER" : "SUB"));
    const ended = nextEvent(router, "disconnect");
    if (handshake) await met;
    act(peer);
    return (await ended).reason;
  };
  assertEquals(await reason(limited, () => {}, false), "handshake");
  assertEquals(await reason(limited, (peer) => peer.write(message("too large"))), "protocol");
  assertEquals(await reason(impatient, () => {}), "timeout");
  await using stream = new Stream();
  await using peer = await RawPeer.connect(await stream.bind(ANY));
  const [id] = await stream.receive();
  const local = nextEvent(stream, "disconnect:local");
  await stream.send([id, ""]);
  assertEquals((await local).reason, "message");
  await peer.end();
});
