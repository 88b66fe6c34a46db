/**
 * Incoming bytes of a connection: messages, answers to PINGs, and back-pressure while messages are not received.
 *
 * @module
 */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { concat } from "@std/bytes";
import { ZmqError } from "../../../src/base/errors.ts";
import { PublishPattern } from "../../../src/routing/publish.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { ConnectionRig, turn } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { toHex } from "../../support/hex.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
import { peerHandshake } from "../../support/session_recorder.ts";
import { LIBZMQ } from "../../zmtp/vectors.ts";

const framed = (...list: string[]) => concat(list.map((text) => encodeFrame(0, bytes(text))));
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

test("the signature is sent at the start, the rest up to READY at the peer's greeting, and the owner gets the peer", async () => {
  const rig = new ConnectionRig();
  rig.connection.start();
  assertEquals(rig.link.hex, toHex(LIBZMQ.signature));
  rig.link.arrive(LIBZMQ.greeting);
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer));
  assertEquals([rig.connection.handshaken, rig.peers.length], [false, 0]);
  rig.link.arrive(LIBZMQ.readyRouter);
  assertEquals([rig.connection.handshaken, rig.peers.map(({ socketType }) => socketType)], [true, ["ROUTER"]]);
  assertEquals([rig.connection.remote, rig.connection.endpoint], ["tcp://192.0.2.1:9", "tcp://127.0.0.1:5555"]);
  await rig.end();
});

test("messages arrive in order, and the first in an empty pipe is reported", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.arrive(framed("1", "2"), LIBZMQ.messageMultipart);
  assertEquals(rig.readable, 1);
  assertEquals(rig.received(), ["1", "2", "one,,three"]);
  rig.link.arrive(framed("3"));
  assertEquals([rig.readable, rig.received()], [2, ["3"]]);
  await rig.end();
});

test("a full inbox pauses the link within a chunk, a half empty one resumes it, and nothing is lost", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 10 });
  rig.link.arrive(framed(...numbers(0, 9)));
  assertEquals(rig.link.paused, false);
  rig.link.arrive(framed(...numbers(9, 33)));
  assertEquals(rig.link.paused, true);
  const taken: string[] = [];
  const take = (count: number) => {
    for (let i = 0; i < count; i++) taken.push(new TextDecoder().decode(rig.pipe.tryReceive()![0]));
  };
  // The link stays paused while the rest of the chunk fills the inbox again.
  take(24);
  assertEquals(rig.link.paused, true);
  take(1);
  assertEquals(rig.link.paused, false);
  rig.link.arrive(framed("33"));
  assertEquals([...taken, ...rig.received()], numbers(0, 34));
  await rig.end();
});

test("messages that arrived can be received after a reset, also behind a full inbox", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 2 });
  rig.link.arrive(framed(...numbers(0, 9)));
  assertEquals(rig.link.paused, true);
  await rig.link.lose(new Error("reset"), 0);
  assertEquals([rig.received(), rig.closed.length, rig.endings], [numbers(0, 9), 1, 1]);
  await turn();
});

test("peers that connect, send and reset do not fill an inbox that is not emptied: what they lose is counted", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 2 });
  rig.link.arrive(framed(...numbers(0, 9)));
  await rig.link.lose(new Error("reset"), 0);
  for (let again = 1; again <= 3; again++) {
    const next = rig.next();
    next.connection.start();
    next.link.arrive(concat([peerHandshake("DEALER"), framed(...numbers(0, 5))]));
    await next.link.lose(new Error("reset"), 0);
    assertEquals([rig.pipe.inbox.length, rig.pipe.counters.drops.snapshot().lost], [9, 5 * again]);
  }
  const last = rig.next();
  last.connection.start();
  last.link.arrive(concat([peerHandshake("DEALER"), framed(...numbers(9, 20))]));
  // Once there was room, all that this connection brought counts as received.
  assertEquals(Array.from({ length: 8 }, () => rig.pipe.tryReceive()!.length), Array.from({ length: 8 }, () => 1));
  await last.link.lose(new Error("reset"), 0);
  assertEquals(rig.received(), numbers(8, 20));
  assertEquals(rig.pipe.counters.drops.total, 15);
  await turn();
});

test("after a reset, what takes several turns to read is read before the connection ends", async () => {
  const played = new PlayedTurns();
  const rig = await ConnectionRig.ready({ receiveMark: 2, readTurns: played.turns });
  const flood = Array.from({ length: 5000 }, () => LIBZMQ.ping);
  rig.link.arrive(concat([framed("0", "1", "2"), ...flood, framed("3"), ...flood, framed("4")]));
  assertEquals(rig.link.paused, true);
  rig.send("unsent");
  const written = rig.link.writes.length;
  await rig.link.lose(new Error("reset"), 0);
  for (let turns = 0; rig.closed.length === 0; turns++) {
    assertLess(turns, 100);
    assertEquals(rig.link.writes.length, written, "nothing is written to a link that is lost");
    played.next();
  }
  assertEquals([rig.received(), rig.endings, rig.closed[0]?.message], [numbers(0, 5), 1, "reset"]);
  await turn();
});

for (const how of ["drop", "fail"] as const) {
  test(`${how} ends a connection that reads what had arrived before a reset`, async () => {
    const played = new PlayedTurns();
    const rig = await ConnectionRig.ready({ receiveMark: 2, readTurns: played.turns });
    const flood = Array.from({ length: 5000 }, () => LIBZMQ.ping);
    rig.link.arrive(concat([framed("0", "1", "2"), ...flood, framed("3")]));
    await rig.link.lose(new Error("reset"), 0);
    assertEquals(rig.closed.length, 0);
    if (how === "drop") rig.connection.drop();
    else rig.connection.fail(new ZmqError("EPROTO", "the test says so"));
    assertEquals(rig.closed.map((error) => error?.message), [how === "drop" ? "reset" : "the test says so"]);
    played.next();
    assertEquals([rig.closed.length, rig.received()], [1, ["0", "1", "2"]]);
    await turn();
  });
}

test("messages that arrived can be received after finish, also behind a full inbox", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 2 });
  rig.link.arrive(framed(...numbers(0, 9)));
  rig.connection.finish();
  assertEquals(rig.received(), numbers(0, 9));
  await rig.end();
});

test("an inbox without a high-water mark never pauses the link", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 0 });
  rig.link.arrive(framed(...numbers(0, 5000)));
  assertEquals([rig.link.paused, rig.received().length], [false, 5000]);
  await rig.end();
});

test("a high-water mark of one pauses at every message", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 1 });
  rig.link.arrive(framed("1"));
  assertEquals(rig.link.paused, true);
  assertEquals(rig.received(), ["1"]);
  assertEquals(rig.link.paused, false);
  rig.link.arrive(framed("2", "3"));
  assertEquals([rig.received(), rig.link.paused], [["2", "3"], false]);
  await rig.end();
});

test("subscriptions reach the pattern, and fill no inbox where the user does not see them", async () => {
  const pattern = new PublishPattern({ noDrop: false, invertMatching: false });
  const rig = await ConnectionRig.ready({ socketType: "PUB", pattern, receiveMark: 2 }, "SUB");
  rig.link.arrive(...Array.from({ length: 5 }, () => LIBZMQ.subscribe), LIBZMQ.subscribeMessage);
  assertEquals(pattern.subscribers.count(bytes("weather.")), 1);
  rig.link.arrive(LIBZMQ.cancel, LIBZMQ.subscribeAllMessage);
  assertEquals([pattern.subscribers.count(bytes("weather.")), pattern.subscribers.count()], [0, 1]);
  assertEquals([rig.link.paused, rig.received()], [false, []]);
  await rig.end();
});

test("raising the receive high-water mark resumes a paused link, and waiting messages arrive in order", async () => {
  const rig = await ConnectionRig.ready({ receiveMark: 2 });
  rig.link.arrive(framed(...numbers(0, 9)));
  assertEquals([rig.link.paused, rig.pipe.inbox.length], [true, 2]);
  rig.marks.receiveMessages = 5;
  rig.pipe.marksChanged();
  assertEquals([rig.link.paused, rig.pipe.inbox.length], [true, 5]);
  rig.marks.receiveMessages = Infinity;
  rig.pipe.marksChanged();
  assertEquals([rig.link.paused, rig.received()], [false, numbers(0, 9)]);
  await rig.end();
});

test("a PING is answered immediately, before queued messages", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("1");
  rig.send("2");
  rig.link.arrive(LIBZMQ.ping);
  assertEquals(rig.link.hex, toHex(framed("1")));
  rig.link.drain();
  assertEquals(rig.link.hex, toHex(framed("1")) + toHex(LIBZMQ.pong) + toHex(framed("2")));
  await turn();
  rig.link.arrive(LIBZMQ.ping);
  assertEquals(rig.link.writes.at(-1), LIBZMQ.pong);
  await rig.end();
});

test("a peer that sends PINGs and does not read costs a bounded amount of memory", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("blocks");
  const chunk = concat(Array.from({ length: 1000 }, () => LIBZMQ.ping));
  for (let i = 0; i < 200; i++) await rig.pour(chunk);
  const before = rig.link.bytes;
  rig.link.drain();
  await turn();
  const answered = rig.link.bytes - before;
  assertGreater(answered, 60 * 1024);
  assertLess(answered, 70 * 1024);
  // Once it reads again, it is answered again.
  rig.link.arrive(LIBZMQ.ping);
  await turn();
  assertEquals(rig.link.bytes - before - answered, LIBZMQ.pong.length);
  await rig.end();
});

test("every PING of a peer that reads is answered", async () => {
  const rig = await ConnectionRig.ready();
  const chunk = concat(Array.from({ length: 1000 }, () => LIBZMQ.ping));
  for (let i = 0; i < 20; i++) await rig.pour(chunk);
  await turn();
  assertEquals(rig.link.bytes, 20_000 * LIBZMQ.pong.length);
  await rig.end();
});

test("a reply written from inside the arrival of a message is sent in order", async () => {
  const rig = await ConnectionRig.ready();
  const pipeReadable = rig.pipeReadable.bind(rig);
  rig.pipeReadable = (pipe) => {
    pipeReadable(pipe);
    for (const text of rig.received()) rig.send(`re: ${text}`);
  };
  rig.link.arrive(framed("1", "2", "3"));
  await turn();
  assertEquals(rig.link.hex, toHex(framed("re: 1", "re: 2", "re: 3")));
  await rig.end();
});
