/**
 * Messages that take long to encrypt: the connection does it in slices, other connections have their turns between them, and
 * whatever happens meanwhile leaves every message whole, in order, and in its queue or with the peer.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertGreater, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import type { Clock } from "../../../src/base/clock.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { type Message, toText } from "../../../src/base/message.ts";
import { BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { MOST_AT_ONCE } from "../../../src/zmtp/slices.ts";
import { CurveConnection } from "../../security/curve_connection.ts";
import { curveClient, curveServer } from "../../security/curve_rig.ts";
import { meet } from "../../security/pair.ts";
import { ConnectionRig } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { fixedCrypto } from "../../support/fixed_crypto.ts";
import { test } from "../../support/harness.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
import { peerHandshake, type SessionRecorder } from "../../support/session_recorder.ts";

const LARGE = 3_000_000;

function body(size: number, of: number): Uint8Array {
  return new Uint8Array(size).map((_, i) => i * 7 + (i >> 9) + of);
}

/** The received messages: short frames as text, long ones by their size. */
function arrived({ messages }: SessionRecorder): string[] {
  return messages.map((message) =>
    message.map((frame) => frame.length > 100 ? `${frame.length}` : toText(frame)).join("|")
  );
}

/** A connection with CURVE whose turns are played, with its handshake done, in a new turn. */
function meeting(options: ConstructorParameters<typeof CurveConnection>[0] = {}): {
  rig: CurveConnection;
  played: PlayedTurns;
} {
  const played = new PlayedTurns();
  const rig = new CurveConnection({ ...options, readTurns: played.turns, clock: options.clock ?? playedClock(played) });
  rig.pump();
  while (rig.link.paused) {
    played.next();
    rig.pump();
  }
  assertEquals(rig.peers.length, 1);
  played.next();
  rig.pump();
  rig.peer.events.length = 0;
  return { rig, played };
}

/** Turns and time of the test's, and no timer but those that it looks at. */
function playedClock(played: PlayedTurns, timers: (() => void)[] = []): Clock {
  return {
    now: () => played.time,
    turn: (callback) => played.later(callback),
    timer: (_ms, callback) => {
      timers.push(callback);
      const cancel = () => {
        const at = timers.indexOf(callback);
        if (at >= 0) timers.splice(at, 1);
      };
      return { cancel, ref() {}, unref() {} };
    },
    random: () => 0,
  };
}

function turnsUntil(played: PlayedTurns, rig: CurveConnection, done: () => boolean): number {
  let turns = 0;
  for (; !done(); turns++) {
    assert(turns < 1000, "it never ends");
    played.next();
    rig.pump();
  }
  return turns;
}

test("the bytes are those of a message that is encrypted in one step, for frames of any size and number", () => {
  const sizes = [MOST_AT_ONCE - 257, MOST_AT_ONCE - 256, MOST_AT_ONCE, 300_000, 65_535, 65_536, 65_537, LARGE];
  const messages: Message[] = [
    ...sizes.map((size) => [body(size, 1)]),
    sizes.map((size) => body(size, 2)),
    [bytes("a"), body(LARGE, 3), bytes("b"), body(100_000, 4), bytes(""), body(LARGE, 5)],
    Array.from({ length: 5000 }, (_, i) => bytes(`${i}`)),
    Array.from({ length: 30 }, (_, i) => body(40_000 + i, i)),
  ];
  const [atOnce, inSlices] = [0, 1].map(() =>
    meet(curveClient({ crypto: fixedCrypto() }), curveServer({ crypto: fixedCrypto() })).client.session
  );
  for (const message of messages) {
    const [one, other] = [new BatchEncoder(new SlabPool()), new BatchEncoder(new SlabPool())];
    atOnce!.encode(message, one);
    const slices = inSlices!.slices(message, other);
    if (slices === undefined) inSlices!.encode(message, other);
    else while (!slices.next());
    assertEquals(other.bytes, one.bytes);
    assertEquals(
      Buffer.compare(concat([...one.complete()]), concat([...other.complete()])),
      0,
      `${message.length} frames`,
    );
  }
  const few = [[body(MOST_AT_ONCE - 256, 1)], [bytes("a")], Array.from({ length: 100 }, () => bytes("a"))];
  for (const message of few) assertEquals(inSlices!.slices(message, new BatchEncoder(new SlabPool())), undefined);
});

test("a large message is encrypted over several turns, in which another connection is served, and order is kept", async () => {
  const { rig, played } = meeting();
  const honest = new ConnectionRig({ readTurns: played.turns, clock: playedClock(played) });
  honest.connection.start();
  honest.link.arrive(peerHandshake("DEALER"));
  const large = body(LARGE, 1);
  // Messages sent before it do not wait.
  rig.send("before");
  rig.send("just before");
  assert(rig.pipe.trySend([large]));
  rig.send("behind");
  rig.send("last");
  const written = rig.link.writes.length;
  played.next();
  rig.pump();
  assertEquals(arrived(rig.peer), ["before", "just before"]);
  let turns = 0;
  for (; rig.peer.messages.length < 5; turns++) {
    assert(turns < 100);
    honest.link.arrive(encodeFrame(0, bytes(`${turns}`)));
    assertEquals(honest.received(), [`${turns}`]);
    assert(honest.send(`answer ${turns}`));
    played.next();
    rig.pump();
  }
  assertGreater(turns, 2);
  assertGreater(rig.link.writes.length, written);
  assertEquals(arrived(rig.peer), ["before", "just before", `${LARGE}`, "behind", "last"]);
  assertEquals(Buffer.compare(rig.peer.messages[2]![0]!, large), 0);
  await rig.end();
  await honest.end();
});

test("two connections that encrypt have the same share, and small messages of a third one wait for neither", async () => {
  const { rig: first, played } = meeting();
  const others = [0, 1].map(() => {
    const rig = new CurveConnection({ readTurns: played.turns, clock: playedClock(played) });
    rig.pump();
    turnsUntil(played, rig, () => rig.peers.length === 1 && rig.peer.peer !== undefined);
    return rig;
  });
  const [second, third] = others as [CurveConnection, CurveConnection];
  played.next();
  const large = body(LARGE, 1);
  for (const rig of [first, second]) for (let i = 0; i < 3; i++) assert(rig.pipe.trySend([large]));
  for (let turns = 0; first.peer.messages.length + second.peer.messages.length < 6; turns++) {
    assert(turns < 200);
    third.send(`${turns}`);
    third.pump();
    assertEquals(third.peer.messages.length, turns + 1);
    played.next();
    first.pump();
    second.pump();
    third.pump();
    assert(Math.abs(first.peer.messages.length - second.peer.messages.length) <= 1);
  }
  for (const rig of [first, second, third]) await rig.end();
});

test("PINGs that arrive while a message is encrypted are answered after all of its frames, and the peer accepts that", async () => {
  const { rig, played } = meeting({ peerHeartbeat: { interval: 10, timeout: 0, timeToLive: 0 } });
  const { peer } = rig;
  assert(rig.pipe.trySend([body(LARGE, 1), bytes("middle"), body(LARGE, 2)]));
  rig.send("behind");
  let pings = 0;
  turnsUntil(played, rig, () => {
    if (peer.messages.length === 0) peer.session.onTime(10 * ++pings);
    return peer.messages.length === 2;
  });
  assertGreater(pings, 5);
  assertEquals([peer.error, arrived(peer)], [undefined, [`${LARGE}|middle|${LARGE}`, "behind"]]);
  await rig.end();
});

test("heartbeats: none times out while a large message is encrypted", async () => {
  const timers: (() => void)[] = [];
  const played = new PlayedTurns();
  const heartbeat = { interval: 10, timeout: 10, timeToLive: 0 };
  const rig = new CurveConnection({ heartbeat, readTurns: played.turns, clock: playedClock(played, timers) });
  rig.pump();
  turnsUntil(played, rig, () => rig.peer.peer !== undefined && rig.peers.length === 1);
  played.next();
  rig.pump();
  assert(rig.pipe.trySend([body(10_000_000, 1)]));
  const turns = turnsUntil(played, rig, () => {
    if (rig.peer.messages.length === 1) return true;
    // In each turn more time passes than the peer has to answer.
    played.time += 15;
    for (const timer of timers.splice(0)) timer();
    return false;
  });
  assertGreater(turns, 10);
  assertEquals([rig.closed, rig.peer.error, rig.peer.messages.length], [[], undefined, 1]);
  // The PING is behind the message, and its answer comes.
  played.next();
  rig.pump();
  assertEquals(rig.closed, []);
  // Without one, the peer is dead, as before.
  played.time += 15;
  for (let i = 0; i < 4; i++) {
    for (const timer of timers.splice(0)) timer();
    played.next();
    played.time += 15;
  }
  await rig.link.ended;
  assertInstanceOf(rig.closed[0], ZmqError);
  assertEquals((rig.closed[0] as ZmqError).code, "ETIMEDOUT");
});

test("a connection that is finished meanwhile sends the message, and all after it, before it ends", async () => {
  const { rig, played } = meeting();
  assert(rig.pipe.trySend([body(LARGE, 1)]));
  rig.send("behind");
  rig.connection.finish();
  assertEquals([rig.endings, rig.link.closes], [0, 0]);
  turnsUntil(played, rig, () => rig.link.closes > 0);
  assertEquals([arrived(rig.peer), rig.connection.unsent, rig.pipe.outbox.messages], [[`${LARGE}`, "behind"], 0, 0]);
  await rig.link.ended;
  assertEquals(rig.closed, [undefined]);
});

for (
  const [what, end] of [
    ["dropped", (rig: CurveConnection) => rig.connection.drop()],
    ["finished and dropped", (rig: CurveConnection) => {
      rig.connection.finish();
      rig.connection.drop();
    }],
    ["failed", (rig: CurveConnection) => rig.connection.fail(new ZmqError("EPROTO", "the test says so"), true)],
    ["ended by the peer", (rig: CurveConnection) => void rig.link.lose()],
    [
      "ended by the peer, who has taken who knows what",
      (rig: CurveConnection) => void rig.link.lose(new Error("reset"), undefined),
    ],
  ] as const
) {
  test(`a connection that is ${what} meanwhile writes nothing of the message, which stays in its queue`, async () => {
    const { rig, played } = meeting();
    rig.send("before");
    assert(rig.pipe.trySend([bytes("first"), body(LARGE, 1)]));
    rig.send("behind");
    played.next();
    played.next();
    rig.pump();
    assertEquals([arrived(rig.peer), rig.pipe.outbox.messages, rig.closed], [["before"], 1, []]);
    end(rig);
    await rig.link.ended;
    for (let turns = 0; turns < 5; turns++) played.next();
    assertEquals([rig.pipe.outbox.messages, rig.connection.unsent, rig.closed.length], [2, 0, 1]);
    assertEquals([rig.pipe.counters.messagesSent, rig.pipe.counters.drops.total], [1, 0]);
    rig.pump();
    assertEquals(arrived(rig.peer), ["before"]);
    // Only the words of one that fails are read.
    assertEquals(
      rig.peer.error?.message,
      what === "failed" ? "The peer reported an error: the test says so" : undefined,
    );
    assertEquals(played.awaited, false);
  });
}

test("a message that waits behind a write that is not taken stays in its queue if the link is lost then", async () => {
  // The link may report that the small one was written, that it was not, or neither.
  for (const [taken, queued, unsent] of [[0, 2, 0], [20, 2, 0], [1000, 1, 0], [undefined, 1, 1]] as const) {
    const { rig } = meeting();
    rig.link.takes = false;
    rig.send("first");
    rig.send("second");
    assert(rig.pipe.trySend([body(LARGE, 1)]));
    const writes = rig.link.writes.length;
    rig.link.drain(false);
    assertEquals([rig.link.writes.length, rig.pipe.outbox.messages], [writes + 1, 0]);
    await rig.link.lose(new Error("reset"), taken);
    assertEquals([rig.pipe.outbox.messages, rig.connection.unsent], [queued, unsent], `${taken}`);
  }
});

test("a message whose memory was transferred meanwhile is dropped alone", async () => {
  const { rig, played } = meeting();
  const large = [bytes("first"), body(LARGE, 1), body(LARGE, 2)];
  assert(rig.pipe.trySend(large));
  rig.send("behind");
  played.next();
  const { buffer } = large[1]!;
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  turnsUntil(played, rig, () => rig.peer.messages.length === 1);
  assertEquals([arrived(rig.peer), rig.peer.error, rig.closed], [["behind"], undefined, []]);
  assertEquals([rig.pipe.counters.drops.total, rig.pipe.counters.messagesSent], [1, 1]);
  await rig.end();
});
