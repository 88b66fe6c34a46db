/**
 * Writes of a connection: immediately after idle, batched within a turn, within its budget, never into a blocked link.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { SubscribePattern } from "../../../src/routing/subscribe.ts";
import { COPY_LIMIT } from "../../../src/zmtp/batch_encoder.ts";
import { encodeCommand } from "../../../src/zmtp/command.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { ConnectionRig, turn } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { toHex } from "../../support/hex.ts";
import { DERIVED, LIBZMQ } from "../../zmtp/vectors.ts";

const framed = (...list: string[]) => toHex(concat(list.map((text) => encodeFrame(0, bytes(text)))));
const KIB = 1024;

test("the first message after idle is written immediately, later ones of the turn at its end, together", async () => {
  const rig = await ConnectionRig.ready();
  rig.send("1");
  assertEquals(rig.link.hex, framed("1"));
  for (const text of ["2", "3", "4"]) rig.send(text);
  await Promise.resolve();
  rig.send("5");
  assertEquals(rig.link.writes.length, 1);
  await turn();
  assertEquals(rig.link.writes.map(toHex), [framed("1"), framed("2", "3", "4", "5")]);
  await turn();
  assertEquals(rig.link.writes.length, 2);
  rig.send("6");
  assertEquals(rig.link.writes.length, 3);
  await rig.end();
});

test("the frames of a message go out together, in the bytes of libzmq", async () => {
  const rig = await ConnectionRig.ready();
  rig.send("one", "", "three");
  assertEquals(rig.link.hex, toHex(LIBZMQ.messageMultipart));
  await rig.end();
});

test("within a turn, enough bytes for a large write are written without waiting for the end", async () => {
  const rig = await ConnectionRig.ready();
  const text = "x".repeat(1000);
  for (let i = 0; i < 200; i++) rig.send(text);
  assertGreater(rig.link.bytes, 120 * KIB);
  assertLess(rig.link.writes.length, 8);
  await turn();
  assertEquals(rig.link.bytes, 200 * 1009);
  await rig.end();
});

test("a large body is handed to the link by reference, with its header apart", async () => {
  const rig = await ConnectionRig.ready();
  const body = new Uint8Array(COPY_LIMIT + 1);
  rig.pipe.trySend([body]);
  assertEquals(rig.link.chunks.length, 1);
  assertEquals(rig.link.chunks[0]!.map((chunk) => chunk.length), [9, body.length]);
  assertStrictEquals(rig.link.chunks[0]![1], body);
  await rig.end();
});

test("one turn writes no more than its budget, and the rest follows turn by turn", async () => {
  const rig = await ConnectionRig.ready();
  const body = new Uint8Array(400 * KIB);
  for (let i = 0; i < 40; i++) rig.pipe.trySend([body]);
  const first = rig.link.bytes;
  assertGreater(first, 3600 * KIB);
  assertLess(first, 4800 * KIB);
  assertEquals(rig.pipe.outbox.messages, 40 - first / (body.length + 9));
  let turns = 0;
  for (let before = first; rig.pipe.outbox.messages > 0; before = rig.link.bytes) {
    await turn();
    turns++;
    assertGreater(rig.link.bytes, before);
    assertLess(rig.link.bytes - before, 4800 * KIB);
  }
  assertEquals([turns, rig.link.bytes], [3, 40 * (body.length + 9)]);
  await rig.end();
});

test("a blocked link is not written to until it drains, and then gets everything in order", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("1");
  for (const text of ["2", "3"]) rig.send(text);
  await turn();
  rig.send("4");
  assertEquals([rig.link.writes.map(toHex), rig.pipe.outbox.messages], [[framed("1")], 3]);
  rig.link.drain();
  assertEquals(rig.link.writes.map(toHex), [framed("1"), framed("2", "3", "4")]);
  await rig.end();
});

test("a link that drains immediately, repeatedly, is still written to once per turn", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  for (let i = 0; i < 50; i++) {
    rig.send(`${i}`);
    await Promise.resolve();
    if (rig.link.writes.length === 1 && i === 0) rig.link.drain(false);
  }
  assertEquals(rig.link.writes.length, 1);
  await turn();
  assertEquals(rig.link.hex, framed(...Array.from({ length: 50 }, (_, i) => `${i}`)));
  assertEquals(rig.link.writes.length, 2);
  rig.link.drain();
  await rig.end();
});

test("the memory of chunks is not reused while the link holds them", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("held");
  const held = rig.link.chunks[0]![0]!;
  for (let i = 0; i < 100; i++) rig.send("other");
  await turn();
  assertEquals(toHex(held), framed("held"));
  rig.link.drain(false);
  const next = rig.link.chunks[1]![0]!;
  assertEquals(toHex(next), framed(...Array.from({ length: 100 }, () => "other")));
  await rig.end();
});

test("messages that a blocked link holds are counted until it has taken them", async () => {
  const rig = await ConnectionRig.ready();
  assertEquals(rig.connection.unsent, 0);
  rig.link.takes = false;
  rig.send("1");
  assertEquals(rig.connection.unsent, 1);
  rig.send("2");
  rig.send("3");
  rig.link.drain(false);
  await turn();
  assertEquals(rig.connection.unsent, 2);
  rig.link.drain();
  assertEquals(rig.connection.unsent, 0);
  await rig.end();
});

test("a flush while the link is blocked is done when it drains", async () => {
  for (const flush of [true, false]) {
    const rig = await ConnectionRig.ready();
    rig.link.takes = false;
    rig.send("1");
    rig.gathering = true;
    rig.send("2");
    if (flush) rig.pipe.flush();
    rig.link.drain();
    await turn();
    assertEquals(rig.link.hex, flush ? framed("1", "2") : framed("1"));
    await rig.end();
  }
});

test("a full pipe rejects messages, and reports room once when half of it is free", async () => {
  const rig = await ConnectionRig.ready({ sendMark: 4 });
  rig.link.takes = false;
  const sent = Array.from({ length: 7 }, (_, i) => rig.send(`${i}`));
  assertEquals(sent, [true, true, true, true, true, false, false]);
  assertEquals([rig.writable, rig.pipe.outbox.messages], [0, 4]);
  rig.link.drain();
  assertEquals([rig.writable, rig.pipe.outbox.messages], [1, 0]);
  rig.send("again");
  await turn();
  assertEquals(rig.writable, 1);
  await rig.end();
});

test("a pipe that is full within a turn is flushed instead of refused, while the link takes writes", async () => {
  const rig = await ConnectionRig.ready({ sendMark: 10 });
  for (let i = 0; i < 1000; i++) assert(rig.send(`${i}`), `message ${i}`);
  assertGreater(rig.link.writes.length, 50);
  assertEquals(rig.writable, 0);
  await turn();
  assertEquals(rig.link.hex, framed(...Array.from({ length: 1000 }, (_, i) => `${i}`)));
  await rig.end();
});

test("messages queued before the handshake go out after it, behind the greeting and READY", async () => {
  const rig = new ConnectionRig();
  rig.send("early");
  rig.connection.start();
  assertEquals(rig.link.hex, toHex(LIBZMQ.signature));
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyDealer);
  await turn();
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer) + framed("early"));
  await rig.end();
});

test("a greeting is sent right after READY, before messages queued before the handshake", async () => {
  class Polite extends ConnectionRig {
    override connectionReady(...args: Parameters<ConnectionRig["connectionReady"]>) {
      const pipe = super.connectionReady(...args);
      this.pipe.sendFirst([bytes("hello")]);
      return pipe;
    }
  }
  const rig = new Polite();
  rig.send("early");
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyDealer);
  await turn();
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer) + framed("hello", "early"));
  await rig.end();
});

test("a raised high-water mark makes room immediately for a waiting socket", async () => {
  const rig = await ConnectionRig.ready({ sendMark: 2 });
  rig.link.takes = false;
  assertEquals(["1", "2", "3", "4"].map((text) => rig.send(text)), [true, true, true, false]);
  rig.marks.sendMessages = 3;
  rig.pipe.marksChanged();
  assertEquals([rig.writable, rig.send("4"), rig.send("5")], [1, true, false]);
  rig.link.drain();
  assertEquals(rig.link.hex, framed("1", "2", "3", "4"));
  await rig.end();
});

test("a subscription is sent after the messages queued before it, in the form that the peer understands", async () => {
  for (
    const [greeting, form] of [[LIBZMQ.greeting, LIBZMQ.subscribe], [
      DERIVED.greeting30,
      LIBZMQ.subscribeMessage,
    ]] as const
  ) {
    const rig = new ConnectionRig({ socketType: "XSUB" });
    rig.connection.start();
    rig.link.arrive(greeting, LIBZMQ.readyXpub);
    await turn();
    rig.link.writes.length = 0;
    rig.pipe.subscribe(false, bytes("weather."));
    assertEquals(rig.link.hex, toHex(form));
    await turn();
    rig.link.takes = false;
    rig.send("1");
    rig.send("2");
    rig.pipe.subscribe(false, bytes("weather."));
    rig.link.drain();
    await turn();
    assertEquals(rig.link.hex, toHex(form) + framed("1") + framed("2") + toHex(form));
    await rig.end();
  }
});

test("the bytes of a topic may be changed after subscribe, though they are written later", async () => {
  const pattern = new SubscribePattern({ invertMatching: false });
  const rig = await ConnectionRig.ready({ socketType: "SUB", pattern }, "PUB");
  pattern.attach(rig.pipe);
  const topics = [bytes("weather."), bytes("weather.")];
  for (const topic of topics) pattern.subscribe(topic);
  for (const topic of topics) topic.fill(0);
  await turn();
  assertEquals(rig.link.hex, toHex(LIBZMQ.subscribe).repeat(2));
  rig.link.writes.length = 0;
  const cancelled = bytes("weather.");
  for (let i = 0; i < 2; i++) pattern.unsubscribe(cancelled);
  pattern.subscribe(bytes("x"));
  pattern.subscribe(topics[0]!);
  pattern.unsubscribe(topics[0]!);
  topics[0]!.fill(1);
  cancelled.fill(0);
  await turn();
  const zeros = bytes("\0".repeat(8));
  const expected = [
    encodeCommand("SUBSCRIBE", bytes("x")),
    encodeCommand("SUBSCRIBE", zeros),
    encodeCommand("CANCEL", zeros),
  ];
  assertEquals(rig.link.hex, toHex(LIBZMQ.cancel) + expected.map(toHex).join(""));
  await rig.end();
});

test("many subscriptions of one turn take few writes", async () => {
  const rig = await ConnectionRig.ready({ socketType: "SUB" }, "PUB");
  for (let i = 0; i < 1000; i++) rig.pipe.subscribe(false, bytes("weather."));
  await turn();
  assertEquals(rig.link.hex, toHex(LIBZMQ.subscribe).repeat(1000));
  assertLess(rig.link.writes.length, 10);
  await rig.end();
});

test("very many topics are sent over many turns, and messages follow them", async () => {
  const COUNT = 40_000;
  const rig = await ConnectionRig.ready({ socketType: "XSUB" }, "XPUB");
  const command = encodeCommand("SUBSCRIBE", bytes("topic/00000"));
  const told = () => Math.floor(rig.link.bytes / command.length);
  function* topics() {
    for (let i = 0; i < COUNT; i++) yield bytes(`topic/${`${i}`.padStart(5, "0")}`);
  }
  rig.pipe.subscribeAll(topics());
  rig.send("behind");
  let most = told();
  for (let turns = 0; !rig.pipe.outbox.drained; turns++) {
    assertLess(turns, COUNT);
    const before = told();
    await turn();
    most = Math.max(most, told() - before);
  }
  // A write more than the budget, at most.
  assertLess(most, 8000);
  assertEquals(toHex(concat(rig.link.writes).slice(COUNT * command.length)), toHex(encodeFrame(0, bytes("behind"))));
  await rig.end();
});
