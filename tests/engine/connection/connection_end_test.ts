/**
 * The one shutdown path of a connection: every loss and every failure ends it once, with the error that began it.
 *
 * @module
 */

import { assertEquals, assertGreater, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { ZmqError } from "../../../src/base/errors.ts";
import { CLOSE_GRACE } from "../../../src/transport/transport.ts";
import { encodeCommand, encodeErrorReason } from "../../../src/zmtp/command.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { ConnectionRig, turn } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { hex, toHex } from "../../support/hex.ts";
import { drain } from "../../support/pipe_watcher.ts";
import { DERIVED, LIBZMQ } from "../../zmtp/vectors.ts";

const framed = (...list: string[]) => toHex(concat(list.map((text) => encodeFrame(0, bytes(text)))));
const codeOf = (error: Error | undefined) => error instanceof ZmqError ? error.code : error;

test("a peer that violates the protocol is disconnected, once, and its later bytes are ignored", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  rig.link.arrive(LIBZMQ.messageShort, hex("ff00"), LIBZMQ.messageShort);
  rig.link.arrive(LIBZMQ.messageShort);
  rig.link.arrive(hex("ff00"), LIBZMQ.ping);
  assertEquals([rig.link.closes, rig.closed.length, rig.endings], [1, 0, 1]);
  await rig.link.lose();
  assertEquals([rig.closed.map(codeOf), rig.received(), rig.link.hex], [["EPROTO"], ["hello"], ""]);
  assertEquals(rig.endings, 1);
  await turn();
});

test("a peer that does not speak ZMTP, or another mechanism, is disconnected", async () => {
  for (const start of [bytes("GET / HTTP/1.1\r\n"), DERIVED.greetingPlain]) {
    const rig = new ConnectionRig();
    rig.connection.start();
    rig.link.arrive(start);
    await rig.link.ended;
    assertEquals([rig.closed.map(codeOf), rig.peers.length, rig.link.closes], [["EPROTO"], 0, 1]);
    await turn();
  }
});

test("a peer of the wrong type gets the reason before the link is closed", async () => {
  const rig = new ConnectionRig({ socketType: "DEALER" });
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyPub);
  const error = encodeCommand("ERROR", encodeErrorReason("PUB cannot talk to DEALER"));
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer) + toHex(error));
  assertEquals(rig.link.closes, 1);
  await rig.link.ended;
  assertEquals([rig.closed.map(codeOf), rig.connection.handshaken], [["EPROTO"], false]);
  await turn();
});

test("an ERROR that a blocked link does not take is written when it drains", async () => {
  const rig = new ConnectionRig({ socketType: "DEALER" });
  rig.link.takes = false;
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyPub);
  assertEquals([rig.link.hex, rig.link.closes], [toHex(LIBZMQ.signature), 0]);
  rig.link.drain();
  const error = encodeCommand("ERROR", encodeErrorReason("PUB cannot talk to DEALER"));
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer) + toHex(error));
  await rig.link.ended;
  assertEquals([rig.closed.map(codeOf), rig.link.closes], [["EPROTO"], 1]);
  await turn();
});

test("a peer that its socket refuses is disconnected with the socket's reason", async () => {
  const refusal = new ZmqError("EADDRINUSE", "taken");
  const rig = new ConnectionRig({ refusal });
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyDealer, LIBZMQ.messageShort);
  await rig.link.ended;
  assertEquals([rig.closed.length, rig.connection.handshaken, rig.received()], [1, false, []]);
  assertEquals(rig.endings, 0);
  assertStrictEquals(rig.closed[0], refusal);
  await turn();
});

test("a peer that the socket rejects gets the reason before the link is closed", async () => {
  const rig = new ConnectionRig({ refusal: new ZmqError("EADDRINUSE", "taken") });
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting, LIBZMQ.readyDealer);
  const error = encodeCommand("ERROR", encodeErrorReason("taken"));
  assertEquals(rig.link.hex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyDealer) + toHex(error));
  await rig.link.ended;
  await turn();
});

test("a handshake that takes too long ends the connection", async () => {
  const rig = new ConnectionRig({ limits: { handshakeInterval: 10 } });
  rig.connection.start();
  rig.link.arrive(LIBZMQ.greeting);
  await rig.link.ended;
  assertEquals(rig.closed.map(codeOf), ["ETIMEDOUT"]);
  await turn();
});

test("a link that breaks ends the connection with the link's error, and keeps the queue of the pipe", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  for (const text of ["1", "2", "3"]) rig.send(text);
  const error = new ZmqError("ECONNRESET", "reset");
  await rig.link.lose(error);
  assertEquals([rig.closed, rig.pipe.outbox.messages], [[error], 2]);
  assertEquals([rig.send("4"), rig.pipe.outbox.messages, rig.link.writes.length], [true, 3, 1]);
  await turn();
});

test("messages that a lost link had not finished are the next in the pipe again", async () => {
  const rig = await ConnectionRig.ready();
  rig.pipe.sendFirst([bytes("hello")]);
  await turn();
  for (const text of ["0", "1", "2"]) rig.send(text);
  rig.link.takes = false;
  rig.pipe.sendFirst([bytes("again")]);
  await turn();
  const blocked = rig.link.writes.at(-1)!;
  rig.send("4");
  assertEquals([rig.connection.unsent, rig.pipe.outbox.messages], [2, 1]);
  // All but the last byte of the last message.
  await rig.link.lose(undefined, blocked.length - 1);
  assertEquals([rig.connection.unsent, drain(rig.pipe)], [0, ["2", "4"]]);
  await turn();
});

for (const [taken, back] of [[0, ["1", "2"]], [2, ["1", "2"]], [3, ["2"]], [5, ["2"]], [6, []]] as const) {
  test(`${taken} bytes of two messages are out: ${back.length} go back`, async () => {
    const rig = await ConnectionRig.ready();
    rig.link.takes = false;
    rig.send("0");
    rig.send("1");
    rig.send("2");
    rig.link.drain(false);
    await turn();
    const { messagesSent, bytesSent } = rig.pipe.counters.snapshot();
    await rig.link.lose(new ZmqError("ECONNRESET", "reset"), taken);
    const after = rig.pipe.counters.snapshot();
    assertEquals([messagesSent - after.messagesSent, bytesSent - after.bytesSent], [back.length, back.length]);
    assertEquals([rig.connection.unsent, drain(rig.pipe)], [0, back]);
    await turn();
  });
}

test("messages returned to a closed pipe are dropped, and counted", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("0");
  rig.send("1");
  rig.pipe.drop();
  await rig.link.lose(undefined, 2);
  assertEquals([rig.connection.unsent, rig.pipe.counters.snapshot().dropped, rig.pipe.outbox.messages], [1, 2, 0]);
  await turn();
});

test("a peer that closes the stream regularly ends the connection without an error", async () => {
  const rig = await ConnectionRig.ready();
  await rig.link.lose();
  assertEquals([rig.closed, rig.endings], [[undefined], 1]);
  await turn();
});

test("the first of several errors is reported", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  const first = new ZmqError("EPROTO", "first");
  rig.pipe.fail(first);
  rig.pipe.fail(new ZmqError("EPROTO", "second"));
  rig.link.arrive(hex("ff00"));
  assertEquals(rig.link.closes, 1);
  await rig.link.lose(new ZmqError("ECONNRESET", "third"));
  assertEquals(rig.closed.length, 1);
  assertStrictEquals(rig.closed[0], first);
  await turn();
});

test("finish sends queued messages, accepts no more, and closes", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  for (const text of ["1", "2", "3"]) rig.send(text);
  rig.connection.finish();
  rig.connection.finish();
  rig.link.arrive(LIBZMQ.messageShort);
  assertEquals([rig.link.closes, rig.received()], [0, []]);
  rig.link.drain(false);
  assertEquals([rig.link.closes, rig.link.hex], [0, framed("1", "2", "3")]);
  rig.link.drain();
  await rig.link.ended;
  assertEquals([rig.link.closes, rig.closed], [1, [undefined]]);
  await turn();
});

test("finish with nothing queued closes immediately, before the handshake too", async () => {
  for (const parts of [[], [LIBZMQ.greeting], [LIBZMQ.greeting, LIBZMQ.readyDealer]]) {
    const rig = new ConnectionRig();
    rig.connection.start();
    for (const part of parts) rig.link.arrive(part);
    rig.connection.finish();
    assertEquals(rig.link.closes, 1);
    await rig.link.ended;
    assertEquals(rig.closed, [undefined]);
    await turn();
  }
});

test("finish spreads writes above the budget of a turn over several, and then closes", async () => {
  const rig = await ConnectionRig.ready();
  const body = new Uint8Array(800 * 1024);
  for (let i = 0; i < 12; i++) rig.pipe.trySend([body]);
  rig.connection.finish();
  assertEquals(rig.link.closes, 0);
  await rig.link.ended;
  assertEquals([rig.link.bytes, rig.closed], [12 * (body.length + 9), [undefined]]);
  await turn();
});

test("a pipe that is closed lets its connection close, with any queue", async () => {
  const rig = await ConnectionRig.ready({ socketType: "XSUB" }, "XPUB");
  const body = new Uint8Array(800 * 1024);
  // More than one turn writes.
  for (let i = 0; i < 12; i++) rig.pipe.trySend([body]);
  rig.pipe.subscribe(false, bytes("a"));
  assertGreater(rig.pipe.drop(), 0);
  rig.connection.drop();
  await turn();
  assertEquals(rig.link.closes, 1);
  await rig.link.ended;
});

test("drop delivers the bytes that the link accepted, and aborts a pending write", async () => {
  const open = await ConnectionRig.ready();
  open.send("1");
  open.connection.drop();
  assertEquals([open.link.closes, open.link.aborts.length], [1, 0]);
  const blocked = await ConnectionRig.ready();
  blocked.link.takes = false;
  blocked.send("1");
  blocked.connection.drop();
  assertEquals([blocked.link.closes, blocked.link.aborts.length], [0, 1]);
  // Immediately, although the link reports its end later: the peer no longer counts as connected.
  assertEquals([open.endings, blocked.endings], [1, 1]);
  for (const { link, closed } of [open, blocked]) {
    await link.ended;
    assertEquals(closed, [undefined]);
  }
  await turn();
});

test("drop aborts a link whose handshake is not complete, or which holds a write, and closes any other one", async () => {
  const fresh = new ConnectionRig();
  fresh.connection.start();
  const failed = new ConnectionRig({ socketType: "DEALER" });
  failed.link.closesAtOnce = false;
  failed.connection.start();
  failed.link.arrive(LIBZMQ.greeting, LIBZMQ.readyPub);
  const ready = await ConnectionRig.ready();
  const finishing = await ConnectionRig.ready();
  finishing.link.takes = false;
  finishing.send("1");
  finishing.connection.finish();
  const finished = await ConnectionRig.ready();
  finished.link.closesAtOnce = false;
  finished.send("1");
  finished.connection.finish(Infinity);
  for (const [rig, aborts] of [[fresh, 1], [failed, 1], [ready, 0], [finishing, 1], [finished, 0]] as const) {
    rig.link.closesAtOnce = true;
    rig.connection.drop();
    await rig.link.ended;
    assertEquals([rig.closed.length, rig.link.aborts.length], [1, aborts]);
  }
  await turn();
});

test("a closed connection writes nothing, for any call of its pipe", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  rig.send("1");
  rig.send("2");
  rig.pipe.fail(new ZmqError("EPROTO", "enough"));
  rig.send("3");
  rig.pipe.subscribe(false, bytes("a"));
  rig.connection.flush();
  rig.connection.resumeReading();
  rig.connection.finish();
  await turn();
  assertEquals([rig.link.hex, rig.link.closes], [framed("1"), 1]);
  await rig.link.lose();
  assertEquals(rig.closed.length, 1);
  assertStringIncludes(rig.closed[0]!.message, "enough");
  await turn();
});

test("a link that does not close is aborted after its grace time", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  const started = performance.now();
  const reason = new ZmqError("EPROTO", "enough");
  rig.pipe.fail(reason);
  await rig.link.ended;
  assertEquals([rig.link.aborts, rig.closed], [[reason], [reason]]);
  // Timers of a runtime may be a little early.
  assertEquals(performance.now() - started >= CLOSE_GRACE - 50, true);
  await turn();
}, { timeout: 10_000 });

/** The grace that a closing link is given for the peer's end. */
async function graces(send: boolean, end: (rig: ConnectionRig) => void): Promise<readonly (number | undefined)[]> {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  if (send) rig.send("1");
  end(rig);
  await rig.end();
  return rig.link.graces;
}

test("the peer has until the deadline to end its side, and little time where it alone is left, misbehaves, or was sent nothing", async () => {
  const finish = (rig: ConnectionRig) => rig.connection.finish(Infinity);
  const finishAndDrop = (rig: ConnectionRig) => {
    rig.connection.finish(Infinity);
    rig.connection.drop();
    rig.connection.drop();
  };
  assertEquals(await graces(true, finish), [Infinity]);
  assertEquals(await graces(true, finishAndDrop), [Infinity, 0, 0]);
  assertEquals(await graces(true, (rig) => rig.connection.finish(0)), [0]);
  assertEquals(await graces(true, (rig) => rig.pipe.finish()), [CLOSE_GRACE]);
  assertEquals(await graces(true, (rig) => rig.pipe.fail(new ZmqError("EPROTO", "enough"))), [CLOSE_GRACE]);
  assertEquals(await graces(false, finish), [CLOSE_GRACE]);
  assertEquals((await graces(false, (rig) => rig.connection.drop())).at(-1), 0);
});

test("a link that does not end after drop is aborted; before drop only its owner limits the time", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.closesAtOnce = false;
  rig.send("1");
  rig.connection.finish(Infinity);
  await new Promise((resolve) => setTimeout(resolve, 3 * CLOSE_GRACE));
  assertEquals([rig.closed, rig.link.aborts], [[], []]);
  rig.connection.drop();
  await rig.link.ended;
  assertEquals([rig.closed, rig.link.aborts], [[undefined], [undefined]]);
  await turn();
}, { timeout: 10_000 });

test("a message whose memory was transferred is dropped once, also if the write around it comes back", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.takes = false;
  rig.send("0");
  const gone = bytes("gone");
  rig.send("1");
  rig.pipe.trySend([gone]);
  rig.send("2");
  structuredClone(gone, { transfer: [gone.buffer as ArrayBuffer] });
  rig.link.drain(false);
  await turn();
  const { messagesSent, drops } = rig.pipe.counters;
  assertEquals([messagesSent, drops.snapshot().lost, rig.pipe.outbox.messages], [3, 1, 0]);
  await rig.link.lose(undefined, 0);
  const after = rig.pipe.counters;
  assertEquals([after.messagesSent, after.drops.snapshot().lost, rig.pipe.outbox.messages], [1, 1, 2]);
  await turn();
});

test("a link that throws on a write, and does not end, has its pipe left at once", async () => {
  const rig = await ConnectionRig.ready();
  rig.link.abortsAtOnce = false;
  rig.link.write = () => {
    throw new Error("no more");
  };
  rig.pipe.trySend([bytes("one")]);
  assertEquals([rig.endings, rig.connection.handshaken], [1, false]);
  await rig.end();
});
