/**
 * Pending sends and receives over every transport: in order, with timeouts and signals; and readiness.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber, XPublisher } from "../../../mod.ts";
import { bindAgain } from "../../support/bind_again.ts";
import { test } from "../../support/harness.ts";
import { numbers, rejectsWith, rejectsWithReason, take, texts, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

const REASON = { why: "not an Error on purpose" };

export const waits: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: pending receives are served in order, and a later one never overtakes them`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    await link(transport, pull, push);
    const order: string[] = [];
    const receives = numbers(5).map((i) => pull.receive().then((message) => order.push(`${i}: ${texts(message)}`)));
    assertEquals([pull.readable, pull.tryReceive()], [false, undefined]);
    for (const text of numbers(6)) await push.send(text);
    await Promise.all(receives);
    assertEquals(order, numbers(5).map((i) => `${i}: ${i}`));
    assertEquals(await take(pull, 1), ["5"]);
  });

  test(`${name}: pending sends are served in order, and a later one never overtakes them`, async () => {
    for (const [make, makePeer] of [[Push, Pull], [Dealer, Dealer], [Pair, Pair], [Dealer, Router]] as const) {
      await using socket = new make();
      await using peer = new makePeer();
      const order: string[] = [];
      const sends = numbers(5).map((i) => socket.send(i).then(() => order.push(i)));
      assertEquals([socket.writable, socket.trySend("ahead")], [false, false]);
      await link(transport, socket, peer);
      await Promise.all(sends);
      assertEquals(order, numbers(5));
      assertEquals((await take(peer, 5)).map((text) => text.split("|").at(-1)), numbers(5));
    }
  });

  test(`${name}: a send that waits too long is EAGAIN and never arrives`, async () => {
    for (const sendTimeout of [0, 10]) {
      await using push = new Push({ sendTimeout });
      await using pull = new Pull();
      await rejectsWith("EAGAIN", () => push.send("late"));
      await link(transport, push, pull);
      await push.send("in time");
      assertEquals(await take(pull, 1), ["in time"]);
      assertEquals(push.statistics().messagesSent, 1);
    }
  });

  test(`${name}: a receive that waits too long is EAGAIN and loses nothing`, async () => {
    for (const receiveTimeout of [0, 10]) {
      await using pull = new Pull({ receiveTimeout });
      await using push = new Push();
      await link(transport, pull, push);
      await rejectsWith("EAGAIN", () => pull.receive());
      await push.send("a");
      await pull.whenReadable();
      assertEquals(await take(pull, 1), ["a"]);
    }
  });

  test(`${name}: an aborted send is canceled, the others are sent`, async () => {
    await using push = new Push();
    await using pull = new Pull();
    const controllers = numbers(5).map(() => new AbortController());
    const sends = controllers.map(({ signal }, i) => push.send(`${i}`, { signal }));
    const failed = [rejectsWithReason(REASON, sends[3]!), rejectsWithReason(REASON, sends[0]!)];
    controllers[3]!.abort(REASON);
    controllers[0]!.abort(REASON);
    await Promise.all(failed);
    await link(transport, push, pull);
    await Promise.all([sends[1], sends[2], sends[4]]);
    // Too late: these are sent.
    for (const controller of controllers) controller.abort(REASON);
    await rejectsWithReason(REASON, push.send("not sent", { signal: AbortSignal.abort(REASON) }));
    await push.send("end");
    assertEquals(await take(pull, 4), ["1", "2", "4", "end"]);
  });

  test(`${name}: an aborted receive passes its message on to the next in line`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    await link(transport, pull, push);
    const controller = new AbortController();
    const first = pull.receive({ signal: controller.signal });
    const second = take(pull, 1);
    controller.abort(REASON);
    await rejectsWithReason(REASON, first);
    await push.send("a");
    await push.send("b");
    assertEquals([await second, await take(pull, 1)], [["a"], ["b"]]);
    await push.send("c");
    await rejectsWithReason(REASON, pull.receive({ signal: AbortSignal.abort(REASON) }));
    assertEquals(await take(pull, 1), ["c"]);
  });

  test(`${name}: every wait can be aborted, and ends with the socket`, async () => {
    const pull = new Pull();
    const push = new Push();
    const pub = new Publisher();
    await pull.bind(transport.endpoint());
    await push.bind(transport.endpoint());
    await pub.bind(transport.endpoint());
    const kinds: ((options?: { signal: AbortSignal }) => Promise<unknown>)[] = [
      (options) => pull.receive(options),
      (options) => pull.whenReadable(options),
      (options) => pull.waitForPeers(1, options),
      (options) => push.send("x", options),
      (options) => push.whenWritable(options),
      (options) => pub.waitForSubscribers(1, options),
    ];
    for (const wait of kinds) {
      const controller = new AbortController();
      const given = rejectsWithReason(REASON, wait({ signal: controller.signal }));
      controller.abort(REASON);
      await given;
      await rejectsWithReason(REASON, wait({ signal: AbortSignal.abort(REASON) }));
    }
    const ended = kinds.map((wait) => rejectsWith("ENOTSOCK", () => wait()));
    for (const socket of [pull, push, pub]) await socket.close();
    await Promise.all(ended);
    for (const wait of kinds) await rejectsWith("ENOTSOCK", () => wait());
  });

  test(`${name}: readable and whenReadable report a message, until it is received`, async () => {
    for (const [make, makePeer] of [[Pull, Push], [Pair, Pair], [Router, Dealer], [Dealer, Dealer]] as const) {
      await using socket = new make();
      await using peer = new makePeer();
      await link(transport, socket, peer);
      assertEquals([socket.readable, socket.tryReceive()], [false, undefined]);
      const waits = [socket.whenReadable(), socket.whenReadable()];
      await peer.send("hello");
      await Promise.all(waits);
      assertEquals(socket.readable, true);
      await socket.whenReadable();
      assertEquals(socket.tryReceive()?.length, socket instanceof Router ? 2 : 1);
      assertEquals(socket.readable, false);
    }
  });

  test(`${name}: a Subscriber is readable only for matching messages`, async () => {
    await using pub = new XPublisher();
    await using sub = new Subscriber();
    await link(transport, pub, sub);
    sub.subscribe("a");
    await pub.waitForSubscribers(1);
    sub.unsubscribe("a");
    sub.subscribe("b");
    // The publisher may not have received it yet: the subscriber drops messages that match no subscription.
    await pub.send("a");
    await pub.waitForSubscribers(1, { topic: "b" });
    const wait = sub.whenReadable();
    await pub.send("b");
    await wait;
    assertEquals(await take(sub, 1), ["b"]);
    assertEquals(sub.readable, false);
  });

  test(`${name}: writable and whenWritable report room: of a peer, and after a full queue`, async () => {
    await using push = new Push({ sendHighWaterMark: 4 });
    await using pull = new Pull({ receiveHighWaterMark: 4 });
    assertEquals(push.writable, false);
    const peer = push.whenWritable();
    await link(transport, push, pull);
    await peer;
    assertEquals(push.writable, true);
    await push.whenWritable();
    const body = new Uint8Array(256 * 1024);
    let sent = 0;
    let received = 0;
    const room = async () => {
      while (push.trySend(body)) sent++;
      assertEquals(push.writable, false);
      await push.whenWritable();
    };
    // Bytes that the operating system takes can make room as well.
    while (sent <= 200) {
      const waiting = room();
      for (; received < sent; received++) await pull.receive();
      await waiting;
      assertEquals(push.writable, true);
    }
    assertEquals(push.trySend("room"), true);
  });

  test(`${name}: a Request and a Reply are alternately readable and writable`, async () => {
    await using reply = new Reply();
    await using request = new Request();
    await link(transport, reply, request);
    const state = () => [request.writable, request.readable, reply.writable, reply.readable];
    for (const round of numbers(2)) {
      assertEquals(state(), [true, false, false, false]);
      const asked = reply.whenReadable();
      await request.send(round);
      await asked;
      assertEquals(state(), [false, false, false, true]);
      await reply.receive();
      assertEquals(state(), [false, false, true, false]);
      const answered = request.whenReadable();
      await reply.send(round);
      await answered;
      assertEquals(state(), [false, true, false, false]);
      await request.receive();
    }
  });

  test(`${name}: with immediate there is room only while there is a peer`, async () => {
    await using push = new Push({ immediate: true, reconnectInterval: 5 });
    await using pull = new Pull();
    const endpoint = await transport.deserted();
    push.connect(endpoint);
    assertEquals([push.writable, push.trySend("early")], [false, false]);
    const sent = push.send("in line");
    await bindAgain(pull, endpoint);
    await sent;
    assertEquals(await take(pull, 1), ["in line"]);
    await pull.unbind(endpoint);
    await until(() => push.peerCount === 0);
    assertEquals([push.writable, push.trySend("late")], [false, false]);
  });

  test(`${name}: iterations and receives share the messages, and leaving one loses none`, async () => {
    await using pull = new Pull();
    await using push = new Push();
    await link(transport, pull, push);
    const seen: string[] = [];
    const iterate = async () => {
      for await (const message of pull) if (seen.push(...texts(message)) >= 50) return;
    };
    const loops = [iterate(), iterate()];
    for (const text of numbers(100)) await push.send(text);
    await Promise.all(loops);
    const rest = await take(pull, 100 - seen.length);
    assertEquals([...seen, ...rest].sort(), numbers(100).sort());
  });
};
