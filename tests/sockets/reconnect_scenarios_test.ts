/**
 * The loss of a peer: the socket detects it and reconnects, pending sends and receives continue, and the state of the
 * old connection is dropped. `reconnect_trouble_test.ts` has repeated losses and incompatible peers,
 * `reconnect_marks_test.ts` has high-water marks.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, frame, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { LEAVES, lose, numbers, read } from "./losses.ts";
import { ANY, type EventType, type Receiver, rejectsWith, take, throwsWith, turn } from "./support.ts";

const OPTIONS = { reconnectInterval: 2, linger: 0 };

/** Every socket type, with a type that it can talk to. */
const EVERY: readonly (readonly [make: () => Socket, peer: string])[] = [
  [() => new Push(OPTIONS), "PULL"],
  [() => new Pull(OPTIONS), "PUSH"],
  [() => new Dealer(OPTIONS), "ROUTER"],
  [() => new Router(OPTIONS), "DEALER"],
  [() => new Request(OPTIONS), "REP"],
  [() => new Reply(OPTIONS), "REQ"],
  [() => new Publisher(OPTIONS), "SUB"],
  [() => new Subscriber(OPTIONS), "PUB"],
  [() => new XPublisher(OPTIONS), "XSUB"],
  [() => new XSubscriber(OPTIONS), "XPUB"],
  [() => new Pair(OPTIONS), "PAIR"],
];

/** Sockets that queue for an endpoint, whichever peer it has. */
const SENDERS: readonly (readonly [make: () => Push | Dealer | Pair, peer: string])[] = [
  [() => new Push(OPTIONS), "PULL"],
  [() => new Dealer(OPTIONS), "ROUTER"],
  [() => new Pair(OPTIONS), "PAIR"],
];

/** Those that receive without having asked. */
interface ReceiverCase {
  readonly make: () => Socket & Receiver;
  readonly peer: string;
  /** Frames that a peer puts before a message. */
  readonly before?: string;
  /** The text that `take` shows before a message of the peer named `peer`. */
  readonly shown?: string;
}

const RECEIVERS: readonly ReceiverCase[] = [
  { make: () => new Pull(OPTIONS), peer: "PUSH" },
  { make: () => new Dealer(OPTIONS), peer: "ROUTER" },
  { make: () => new Pair(OPTIONS), peer: "PAIR" },
  { make: () => new Router(OPTIONS), peer: "DEALER", shown: "peer|" },
  { make: () => new Reply(OPTIONS), peer: "REQ", before: "" },
  { make: () => new XSubscriber(OPTIONS), peer: "PUB" },
  { make: () => new XPublisher(OPTIONS), peer: "XSUB" },
  {
    make: () => {
      const sub = new Subscriber(OPTIONS);
      sub.subscribe("");
      return sub;
    },
    peer: "PUB",
  },
];

/** Notes the names of all events. */
function record(socket: Socket): EventType[] {
  const seen: EventType[] = [];
  socket.events.listen(({ type }) => type !== "hint" && seen.push(type));
  return seen;
}

for (const [make, type] of EVERY) {
  test(`loss: a ${make().type} detects it, and reconnects`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    const events = record(socket);
    socket.connect(listener.endpoint);
    for (const leave of LEAVES) {
      const peer = await listener.join({ type });
      await socket.waitForPeers(1);
      await lose(socket, peer, leave);
      assertEquals(socket.peerCount, 0);
    }
    await listener.join({ type });
    await socket.waitForPeers(1);
    const round = ["connect:delay", "connect", "handshake", "disconnect", "connect:retry"];
    assertEquals(events, [...round, ...round, "connect:delay", "connect", "handshake"]);
  });

  test(`loss: a ${make().type} that is bound notices it, and takes the next peer`, async () => {
    await using socket = make();
    const endpoint = await socket.bind(ANY);
    const events = record(socket);
    for (const leave of LEAVES) {
      const peer = await RawPeer.join(endpoint, { type });
      await socket.waitForPeers(1);
      await lose(socket, peer, leave);
      assertEquals(socket.peerCount, 0);
    }
    await using _peer = await RawPeer.join(endpoint, { type });
    await socket.waitForPeers(1);
    const round = ["accept", "handshake", "disconnect"];
    assertEquals(events, [...round, ...round, "accept", "handshake"]);
  });
}

for (const [make, type] of SENDERS) {
  test(`send: messages that a ${make().type} queues while its peer is offline are sent once, in order`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    for (const text of numbers(0, 10)) await socket.send(text);
    assertEquals(await read(first, 10), numbers(0, 10));
    // The first of them is sent the moment the loss is reported.
    const stop = socket.events.listen((event) => {
      if (event.type === "disconnect") assert(socket.trySend("10"));
    });
    await lose(socket, first);
    stop();
    for (const text of numbers(11, 100)) await socket.send(text);
    const second = await listener.join({ type });
    for (const text of numbers(100, 110)) await socket.send(text);
    assertEquals(await read(second, 100), numbers(10, 110));
    await second.sync();
  });

  test(`send: a ${make().type} that never stops sending loses only messages in flight`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    for (const text of numbers(0, 10)) await socket.send(text);
    assertEquals(await read(first, 10), numbers(0, 10));
    let next = 10;
    let atLoss: number | undefined;
    socket.events.listen(({ type }) => {
      if (type === "disconnect") atLoss ??= next;
    });
    const leaving = first.end();
    for (; atLoss === undefined; await turn()) await socket.send(`${next++}`);
    await leaving;
    for (const end = next + 50; next < end;) await socket.send(`${next++}`);
    const second = await listener.join({ type });
    const from = Number((await second.message())[0]);
    assert(from >= 10 && from <= atLoss, `${from} came first; ${atLoss} and all later ones were sent after the loss`);
    assertEquals(await read(second, next - from - 1), numbers(from + 1, next));
    await second.sync();
  });
}

for (const { make, peer: type, before, shown = "" } of RECEIVERS) {
  const wire = (text: string) => before === undefined ? message(text) : message(before, text);
  const introduction = { type, identity: "peer" };

  test(`receive: one that waits on a ${make().type} survives a loss`, async () => {
    await using listener = await RawListener.bind();
    await using dialing = make();
    await using bound = make();
    const endpoint = await bound.bind(ANY);
    dialing.connect(listener.endpoint);
    for (
      const [socket, join] of [
        [dialing, () => listener.join(introduction)],
        [bound, () => RawPeer.join(endpoint, introduction)],
      ] as const
    ) {
      const waiting = take(socket, 1);
      for (const leave of LEAVES) {
        const peer = await join();
        await socket.waitForPeers(1);
        await lose(socket, peer, leave);
      }
      await using peer = await join();
      peer.write(wire("at last"));
      assertEquals(await waiting, [`${shown}at last`]);
    }
  });

  test(`state: a ${make().type} drops a truncated message, and keeps complete ones`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    socket.connect(listener.endpoint);
    const first = await listener.join(introduction);
    first.write(wire("whole"), ...before === undefined ? [] : [frame(1, before)], frame(1, "half"));
    await lose(socket, first);
    const second = await listener.join(introduction);
    second.write(wire("next"), wire("last"));
    const taken: string[] = [];
    while (taken.length < 3) {
      taken.push(...await take(socket, 1));
      if (socket instanceof Reply) await socket.send("thanks");
    }
    assertEquals(taken, ["whole", "next", "last"].map((text) => shown + text));
  });
}

test("state: a Request that lost its peer after asking stays waiting, and does not ask again", async () => {
  await using listener = await RawListener.bind();
  const request = new Request(OPTIONS);
  request.connect(listener.endpoint);
  await request.send("question");
  const waiting = request.receive();
  for (const leave of LEAVES) {
    const peer = await listener.join({ type: "REP" });
    if (leave === LEAVES[0]) assertEquals(await peer.message(), ["", "question"]);
    await peer.sync();
    await lose(request, peer, leave);
    await rejectsWith("EFSM", () => request.send("another"));
    throwsWith("EFSM", () => request.trySend("another"));
  }
  const last = await listener.join({ type: "REP" });
  await last.sync();
  const ended = rejectsWith("ENOTSOCK", () => waiting);
  await request.close();
  await ended;
});

test("state: a Reply whose client disconnected serves the next client, which gets its own reply only", async () => {
  await using reply = new Reply();
  const endpoint = await reply.bind(ANY);
  const first = await RawPeer.join(endpoint, { type: "REQ" });
  first.write(message("", "first"));
  assertEquals(await take(reply, 1), ["first"]);
  await lose(reply, first);
  await using second = await RawPeer.join(endpoint, { type: "REQ" });
  await reply.waitForPeers(1);
  await reply.send("to nobody");
  second.write(message("", "second"));
  assertEquals(await take(reply, 1), ["second"]);
  await reply.send("to the second");
  assertEquals(await second.message(), ["", "to the second"]);
  await second.sync();
});

for (const make of [() => new Subscriber(OPTIONS), () => new XSubscriber(OPTIONS)]) {
  test(`state: a ${make().type} sends its current subscriptions to the next publisher`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    const want = (wanted: boolean, topic: string) => {
      if (socket instanceof XSubscriber) socket.trySend(bytes(wanted ? 1 : 0, topic));
      else if (wanted) socket.subscribe(topic);
      else socket.unsubscribe(topic);
    };
    want(true, "a");
    want(true, "b");
    socket.connect(listener.endpoint);
    const first = await listener.join({ type: "PUB" });
    assertEquals(await read(first, 2), ["SUBSCRIBEa", "SUBSCRIBEb"]);
    await lose(socket, first);
    want(false, "a");
    want(true, "c");
    const second = await listener.join({ type: "PUB" });
    // As libzmq: what it wanted when the connection was lost, then what was called since.
    assertEquals(await read(second, 4), ["SUBSCRIBEa", "SUBSCRIBEb", "CANCELa", "SUBSCRIBEc"]);
    await second.sync();
  });
}

for (const make of [() => new Publisher(OPTIONS), () => new XPublisher(OPTIONS)]) {
  test(`state: a ${make().type} removes the subscriptions of a lost subscriber`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make();
    socket.connect(listener.endpoint);
    const first = await listener.join({ type: "SUB" });
    first.write(message("\x01old"));
    await first.sync();
    assertEquals(socket.subscriberCount, 1);
    await lose(socket, first);
    assertEquals(socket.subscriberCount, 0);
    if (socket instanceof XPublisher) assertEquals(await take(socket, 2), ["\x01old", "\x00old"]);
    const second = await listener.join({ type: "SUB" });
    second.write(message("\x01new"));
    await second.sync();
    for (const topic of ["old", "new"]) await socket.send(topic);
    assertEquals(await second.message(), ["new"]);
  });
}

test("state: a Router knows the connected peers, by their current ids", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ ...OPTIONS, mandatory: true });
  router.connect(listener.endpoint);
  for (const identity of ["a", "b", "a"]) {
    const peer = await listener.join({ type: "DEALER", identity });
    await router.waitForPeers(1);
    const other = identity === "a" ? "b" : "a";
    await rejectsWith("EHOSTUNREACH", () => router.send([other, "to one who is gone"]));
    await router.send([identity, "hello"]);
    assertEquals(await peer.message(), ["hello"]);
    await peer.sync();
    await lose(router, peer);
    await rejectsWith("EHOSTUNREACH", () => router.send([identity, "to nobody"]));
  }
});
