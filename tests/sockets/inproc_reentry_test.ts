/**
 * inproc connections are made inside `connect` and `bind`, so event listeners run inside these calls: they may close sockets,
 * send, connect and unbind.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Context, Dealer, Pair, Publisher, Pull, Push, Router, type Socket, Subscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { inproc } from "./every_transport/transport.ts";
import { take, turn } from "./support.ts";

/** More turns of the event loop than anything within this process takes. */
const SETTLED = 10;

/** Calls `act` once, inside the first event of this type. */
function once(socket: Socket, type: string, act: () => void): void {
  const stop = socket.events.listen((event) => {
    if (event.type !== type) return;
    stop();
    act();
  });
}

const CALLER_EVENTS = ["connect:delay", "connect", "handshake"] as const;
const BINDER_EVENTS = ["accept", "handshake"] as const;

for (const first of ["bind", "connect"] as const) {
  for (const closed of ["caller", "binder"] as const) {
    const places = [
      ...CALLER_EVENTS.map((type) => ["caller", type] as const),
      ...BINDER_EVENTS.map((type) => ["binder", type] as const),
      ...first === "connect" ? [["binder", "bind"] as const] : [],
    ];
    for (const [where, type] of places) {
      test(`inproc, ${first} first: the ${closed} closed inside "${type}" of the ${where} leaves nothing behind`, async () => {
        const context = new Context();
        const endpoint = inproc.endpoint();
        const binder = new Dealer({ context, linger: 0 });
        const caller = new Dealer({ context, linger: 0, reconnectInterval: -1 });
        let closing: Promise<number> | undefined;
        once(where === "caller" ? caller : binder, type, () => {
          closing = (closed === "caller" ? caller : binder).close();
        });
        if (first === "connect") caller.connect(endpoint);
        if (!binder.closed) await binder.bind(endpoint).catch(() => {});
        if (first === "bind") caller.connect(endpoint);
        await closing;
        assertEquals([closing !== undefined, context.sockets], [true, 1]);
        await turn(SETTLED);
        assertEquals([caller.peerCount, binder.peerCount], [0, 0]);
        // The other one still works, and so does the name.
        const left = closed === "caller" ? binder : caller;
        await using next = new Dealer({ context });
        const again = inproc.endpoint();
        next.connect(again);
        await left.bind(again);
        await next.send("next");
        assertEquals(await take(left, 1), ["next"]);
        await left.close();
      });
    }
  }
}

for (const first of ["bind", "connect"] as const) {
  for (const sender of ["caller", "binder"] as const) {
    test(`inproc, ${first} first: a message that the ${sender} sends inside its "handshake" arrives before the next one`, async () => {
      const endpoint = inproc.endpoint();
      await using binder = new Pair();
      await using caller = new Pair();
      const [from, to] = sender === "caller" ? [caller, binder] : [binder, caller];
      once(from, "handshake", () => from.trySend("inside"));
      if (first === "connect") caller.connect(endpoint);
      await binder.bind(endpoint);
      if (first === "bind") caller.connect(endpoint);
      assertEquals(from.trySend("next"), true);
      assertEquals([to.tryReceive(), to.tryReceive()].map((message) => message?.length), [1, 1]);
      from.trySend("last");
      assertEquals(await take(to, 1), ["last"]);
    });
  }
}

test("inproc: a name that is unbound inside its bind event connects no peer, until it is bound again", async () => {
  const endpoint = inproc.endpoint();
  await using push = new Push({ linger: 0 });
  await using pull = new Pull();
  push.connect(endpoint);
  await push.send("job");
  let unbound: Promise<void> | undefined;
  once(pull, "bind", () => unbound = pull.unbind(endpoint));
  await pull.bind(endpoint);
  await unbound;
  assertEquals([push.peerCount, pull.peerCount], [0, 0]);
  await pull.bind(endpoint);
  assertEquals([push.peerCount, pull.peerCount], [1, 1]);
  assertEquals(await take(pull, 1), ["job"]);
});

test("inproc: a socket that connects inside the accept of another one, and one that ends those after it", async () => {
  const context = new Context();
  const endpoint = inproc.endpoint();
  await using router = new Router({ context, mandatory: true });
  const waiting = ["a", "b", "c"].map((routingId) => new Dealer({ context, routingId }));
  const late = new Dealer({ context, routingId: "late" });
  for (const dealer of waiting) dealer.connect(endpoint);
  once(router, "accept", () => {
    late.connect(endpoint);
    waiting[1]!.disconnect(endpoint);
  });
  await router.bind(endpoint);
  assertEquals(router.peerCount, 3);
  for (const id of ["a", "c", "late"]) assertEquals(router.trySend([id, "hello"]), true);
  for (const dealer of [waiting[0]!, waiting[2]!, late]) assertEquals(await take(dealer, 1), ["hello"]);
  for (const dealer of [...waiting, late]) await dealer.close();
});

test("inproc: bind and connect in one turn, without a wait between them and the send", async () => {
  await using pub = new Publisher();
  await using sub = new Subscriber();
  const endpoint = inproc.endpoint();
  const bound = pub.bind(endpoint);
  sub.connect(endpoint);
  sub.subscribe("");
  assertEquals(pub.trySend("at once"), true);
  assertEquals(sub.tryReceive()?.length, 1);
  assertEquals(await bound, endpoint);
});

test("inproc: a name that is unbound and bound again immediately is connected again, with the messages queued meanwhile", async () => {
  await using push = new Push({ reconnectInterval: 1 });
  const endpoint = inproc.endpoint();
  push.connect(endpoint);
  for (let round = 0; round < 5; round++) {
    const pull = new Pull();
    await pull.bind(endpoint);
    await push.send(`${round}`);
    assertEquals(await take(pull, 1), [`${round}`]);
    await pull.close();
    assertEquals(push.peerCount, 0);
  }
  assertEquals(push.statistics().reconnects, 4);
});

test("inproc: a socket connected to itself, and two that connect to each other", async () => {
  await using alone = new Dealer();
  alone.connect(await alone.bind(inproc.endpoint()));
  assertEquals([alone.peerCount, alone.trySend("to myself")], [2, true]);
  assertEquals(await take(alone, 1), ["to myself"]);
  await using a = new Dealer();
  await using b = new Dealer();
  const [one, other] = [inproc.endpoint(), inproc.endpoint()];
  a.connect(other);
  b.connect(one);
  await a.bind(one);
  await b.bind(other);
  assertEquals([a.peerCount, b.peerCount], [2, 2]);
});
