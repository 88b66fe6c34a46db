/**
 * Events over every transport: their order and endpoints, also of incompatible socket types.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Context, Dealer, Pull, Push, type Socket, type SocketEvent, Subscriber, ZmqError } from "../../../mod.ts";
import { canTalk } from "../../interop/matrix.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import type { EndType } from "../../support/peers/end.ts";
import { openSocket } from "../../support/peers/our_end.ts";
import { type EventType, nextEvent, numbers, record, rejectsWith, take, until } from "../support.ts";
import { link, type Suite, type TestTransport } from "./transport.ts";

const TYPES: EndType[] = ["DEALER", "PAIR", "PUB", "PULL", "PUSH", "REP", "REQ", "ROUTER", "SUB", "XPUB", "XSUB"];

const types = (events: readonly SocketEvent[]) => events.map(({ type }) => type);

/** Closes the socket when it emits this event; resolves with all of its events. */
function closeOn(socket: Socket, type: EventType): Promise<string[]> {
  const told = record(socket);
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== type) return;
      stop();
      socket.close({ linger: 0 }).then(() => resolve(types(told)));
    });
  });
}

/** The bound side's name for a peer: over tcp and WebSocket its address, otherwise the endpoint. */
function remoteOf({ name }: TestTransport, endpoint: string): RegExp {
  return name === "tcp" || name === "ws" ? RegExp(`^${name}://127\\.0\\.0\\.1:\\d+$`) : RegExp(`^${endpoint}$`);
}

export const events: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: the life of a bound socket and of one that connects to it, in order`, async () => {
    const pull = new Pull({ metadata: { "X-Who": "the puller" } });
    const push = new Push({ metadata: { "X-Who": "the pusher" } });
    const here = record(pull);
    const there = record(push);
    const endpoint = await link(transport, pull, push);
    const lost = nextEvent(pull, "disconnect");
    await push.close();
    await lost;
    await pull.close();
    assertEquals(types(here), ["bind", "accept", "handshake", "disconnect", "close", "end"]);
    assertEquals(types(there), ["connect:delay", "connect", "handshake", "disconnect:local", "end"]);
    for (const event of [...here, ...there]) if ("endpoint" in event) assertEquals(event.endpoint, endpoint);

    const [, accept, handshake, disconnect] = here;
    assert(accept?.type === "accept" && handshake?.type === "handshake" && disconnect?.type === "disconnect");
    assertMatch(accept.remote, remoteOf(transport, endpoint));
    assertEquals([handshake.remote, disconnect.remote], [accept.remote, accept.remote]);
    const [, connect, greeted, gone] = there;
    assert(connect?.type === "connect" && greeted?.type === "handshake" && gone?.type === "disconnect:local");
    assertEquals([connect.remote, greeted.remote, gone.remote], [endpoint, endpoint, endpoint]);
    assertEquals(["error" in disconnect, "error" in gone], [false, false]);
    assertEquals([handshake.peerType, greeted.peerType], ["PUSH", "PULL"]);
    const { version } = transport;
    assertEquals([handshake.version, greeted.version], [version, version]);
    const told = (metadata: ReadonlyMap<string, Uint8Array>) =>
      [...metadata].map(([key, value]) => [key, new TextDecoder().decode(value)]);
    assertEquals(told(handshake.metadata), [["socket-type", "PUSH"], ["x-who", "the pusher"]]);
    assertEquals(told(greeted.metadata), [["socket-type", "PULL"], ["x-who", "the puller"]]);
  });

  test(`${name}: a routing id is reported with the other properties`, async () => {
    const [a, b] = [new Dealer({ routingId: "a" }), new Dealer()];
    const [here, there] = [nextEvent(a, "handshake"), nextEvent(b, "handshake")];
    await link(transport, a, b);
    assertEquals((await there).metadata.get("identity"), new TextEncoder().encode("a"));
    // An empty one is as good as none.
    assertEquals((await here).metadata.get("identity") ?? new Uint8Array(0), new Uint8Array(0));
    await a.close();
    await b.close();
  });

  test(`${name}: unbind reports the endpoint first, then its connections`, async () => {
    await using pull = new Pull();
    await using one = new Push({ linger: 0 });
    await using two = new Push({ linger: 0 });
    const endpoint = await link(transport, pull, one, two);
    const told = record(pull);
    const lost = [one, two].map((push) => nextEvent(push, "connect:retry"));
    await pull.unbind(endpoint);
    for (const event of await Promise.all(lost)) assertEquals([event.endpoint, event.error], [endpoint, undefined]);
    await pull.close();
    assertEquals(types(told), ["close", "disconnect:local", "disconnect:local", "end"]);
  });

  test(`${name}: each of several endpoints has events of its own`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    const told = record(pull);
    const made = record(push);
    const endpoints = [await pull.bind(transport.endpoint()), await pull.bind(transport.endpoint())];
    for (const endpoint of endpoints) {
      push.connect(endpoint);
      await pull.waitForPeers(endpoints.indexOf(endpoint) + 1);
    }
    await push.waitForPeers(2);
    const of = (events: SocketEvent[], type: EventType) =>
      events.filter((event) => event.type === type).map((event) => "endpoint" in event && event.endpoint);
    for (const type of ["bind", "accept", "handshake"] as const) assertEquals(of(told, type), endpoints);
    for (const type of ["connect:delay", "connect", "handshake"] as const) assertEquals(of(made, type), endpoints);
  });

  test(`${name}: an endpoint is connected as soon as it is bound`, async () => {
    await using push = new Push({ reconnectInterval: 5 });
    await using pull = new Pull();
    const told = record(push);
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    const made = nextEvent(push, "handshake");
    await bindAgain(pull, endpoint);
    await made;
    // Where names cannot be watched, some attempts fail first.
    const attempts = types(told).filter((type) => type === "connect:delay").length;
    if (transport.name === "inproc") assertEquals(attempts, 1);
    assertEquals(types(told), [
      ...Array.from({ length: attempts - 1 }, () => ["connect:delay", "connect:retry"]).flat(),
      "connect:delay",
      "connect",
      "handshake",
    ]);
  });

  test(`${name}: incompatible sockets report the failure on both sides, and retry with back-off`, async () => {
    const wrong = TYPES.flatMap((a, i) => TYPES.slice(i).filter((b) => !canTalk(a, b)).map((b) => [a, b] as const));
    assertEquals(wrong.length, 54);
    await Promise.all(wrong.map(async ([a, b]) => {
      await using binder = openSocket(a);
      await using caller = openSocket(b, { reconnectInterval: 1000, linger: 0 });
      const endpoint = await binder.bind(transport.endpoint());
      const errors = [binder, caller].map((socket) => nextEvent(socket, "handshake:error:protocol"));
      const retried = nextEvent(caller, "connect:retry");
      caller.connect(endpoint);
      for (const [i, event] of (await Promise.all(errors)).entries()) {
        assertEquals([event.endpoint, event.error.code], [endpoint, "EPROTO"]);
        assertMatch(event.error.message, RegExp(`\\b${i === 0 ? b : a}\\b`));
      }
      const { interval, error } = await retried;
      assert(interval >= 5000 && interval <= 10_000, `the next attempt follows after ${interval} ms`);
      assertEquals(error instanceof ZmqError && error.code, "EPROTO");
      assertEquals([binder.peerCount, caller.peerCount], [0, 0]);
    }));
  });

  test(`${name}: the rule that a wrong type violates is reported`, async () => {
    await using pull = new Pull();
    await using sub = new Subscriber();
    const errors = [pull, sub].map((socket) => nextEvent(socket, "handshake:error:protocol"));
    sub.connect(await pull.bind(transport.endpoint()));
    for (const { rule } of await Promise.all(errors)) assertEquals(rule, "INVALID_METADATA");
  });

  test(`${name}: a failed bind is reported, with its endpoint and error`, async () => {
    await using one = new Pull();
    await using other = new Pull();
    const endpoint = await one.bind(transport.endpoint());
    const told = record(other);
    const error = await rejectsWith("EADDRINUSE", () => other.bind(endpoint));
    assertEquals(told, [{ type: "bind:error", endpoint, error }]);
  });

  for (const type of ["bind", "accept", "handshake", "disconnect"] as const) {
    test(`${name}: a bound socket may be closed on ${type}: nothing is left, and \`end\` is last`, async () => {
      const context = new Context();
      const pull = new Pull({ context });
      const push = new Push({ context, linger: 0, reconnectInterval: -1 });
      const told = closeOn(pull, type);
      try {
        push.connect(await pull.bind(transport.endpoint()));
      } catch { /* Closed before `bind` told its endpoint. */ }
      if (type === "disconnect") {
        await pull.waitForPeers(1);
        await push.close();
      }
      assertEquals((await told).at(-1), "end");
      await push.close();
      assertEquals([pull.peerCount, push.peerCount, context.sockets], [0, 0, 0]);
    });
  }

  for (const type of ["connect:delay", "connect", "handshake", "disconnect", "connect:retry"] as const) {
    test(`${name}: a connecting socket may be closed on ${type}: nothing is left, and \`end\` is last`, async () => {
      const context = new Context();
      const pull = new Pull({ context });
      const push = new Push({ context });
      const told = closeOn(push, type);
      const endpoint = await pull.bind(transport.endpoint());
      push.connect(endpoint);
      if (type === "disconnect" || type === "connect:retry") {
        await push.waitForPeers(1);
        await pull.close();
      }
      const events = await told;
      assertEquals([events.at(-1), events.filter((event) => event === "end").length], ["end", 1]);
      await pull.close();
      assertEquals([pull.peerCount, push.peerCount, context.sockets], [0, 0, 0]);
    });
  }

  for (const type of ["connect", "handshake"] as const) {
    test(`${name}: an endpoint may be disconnected on ${type}, and queued messages still arrive`, async () => {
      for (const queued of [0, 3]) {
        await using push = new Push();
        await using pull = new Pull();
        const gone = nextEvent(push, "disconnect:local");
        push.events.listen((event) => {
          if (event.type === type) push.disconnect(event.endpoint);
        });
        // Over inproc, where a connection is made at once, the queue is there first.
        const endpoint = name === "inproc" ? transport.endpoint() : await pull.bind(transport.endpoint());
        push.connect(endpoint);
        for (const text of numbers(queued)) await push.send(text);
        if (name === "inproc") await pull.bind(endpoint);
        assertEquals(await take(pull, queued), numbers(queued));
        await gone;
        await until(() => pull.peerCount === 0);
        assertEquals([push.peerCount, push.trySend("nobody")], [0, false]);
      }
    });
  }

  for (const type of ["accept", "handshake"] as const) {
    test(`${name}: an endpoint may be unbound on ${type}: then it has no peers`, async () => {
      await using push = new Push();
      await using pull = new Pull();
      const unbound = new Promise<void>((resolve) => {
        push.events.listen((event) => {
          if (event.type === type) push.unbind(event.endpoint).then(resolve);
        });
      });
      const gone = nextEvent(pull, "connect:retry");
      pull.connect(await push.bind(transport.endpoint()));
      await unbound;
      await gone;
      await until(() => push.peerCount === 0);
      assertEquals([pull.peerCount, push.trySend("nobody")], [0, false]);
    });

    test(`${name}: the peer may be closed on ${type}: then there is none`, async () => {
      await using push = new Push();
      const pull = new Pull();
      const closed = new Promise<void>((resolve) => {
        push.events.listen((event) => {
          if (event.type === type) pull.close().then(() => resolve());
        });
      });
      const gone = nextEvent(push, type === "accept" ? "handshake:error:other" : "disconnect");
      pull.connect(await push.bind(transport.endpoint()));
      await closed;
      await gone;
      assertEquals([push.peerCount, push.statistics().peers, push.trySend("nobody")], [0, [], false]);
    });
  }

  test(`${name}: listeners may send from inside an event`, async () => {
    await using one = new Dealer();
    await using other = new Dealer();
    for (const [socket, text] of [[one, "from the binder"], [other, "from the caller"]] as const) {
      socket.events.listen(({ type }) => {
        if (type === "handshake") assertEquals(socket.trySend(text), true);
      });
    }
    await link(transport, one, other);
    assertEquals([await take(one, 1), await take(other, 1)], [["from the caller"], ["from the binder"]]);
  });
};
