/**
 * Large encrypted frames as they are read: they are authenticated and decrypted in slices, nothing of them is given out before
 * that, and other connections have their turns meanwhile.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertGreater, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import { type Message, toText } from "../../../src/base/message.ts";
import { markWith } from "../../../src/base/untransferable.ts";
import { BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { ProtocolError } from "../../../src/zmtp/protocol_error.ts";
import { MOST_AT_ONCE } from "../../../src/zmtp/slices.ts";
import { markerOfRuntime } from "../../../transports/shared/untransferable.ts";
import { CurveConnection } from "../../security/curve_connection.ts";
import { ConnectionRig, type RigOptions } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
import { peerHandshake } from "../../support/session_recorder.ts";

const LARGE = 3_000_000;

function body(size: number, of: number): Uint8Array {
  return new Uint8Array(size).map((_, i) => i * 7 + (i >> 9) + of);
}

/** A connection with CURVE whose turns are played, with its handshake done, in a new turn. */
function meeting(options: RigOptions = {}): { rig: CurveConnection; played: PlayedTurns } {
  const played = new PlayedTurns();
  const rig = new CurveConnection({ ...options, readTurns: played.turns });
  rig.pump();
  while (rig.peers.length === 0 || rig.link.paused) {
    played.next();
    rig.pump();
  }
  played.next();
  return { rig, played };
}

/** The bytes that the peer sends. */
function encoded(rig: CurveConnection, ...messages: Message[]): Uint8Array {
  const batch = new BatchEncoder(new SlabPool());
  for (const message of messages) rig.peer.session.encode(message, batch);
  return concat([...batch.complete()]);
}

/** The received messages: short frames as text, long ones by their size. */
function received(rig: ConnectionRig): string[] {
  const list: string[] = [];
  for (let one: Message | undefined; (one = rig.pipe.tryReceive()) !== undefined;) {
    list.push(one.map((frame) => frame.length > 100 ? `${frame.length}` : toText(frame)).join("|"));
  }
  return list;
}

test("a large frame is decrypted over several turns, in which another connection reads, and order is kept", async () => {
  const { rig, played } = meeting();
  const honest = new ConnectionRig({ readTurns: played.turns });
  honest.connection.start();
  honest.link.arrive(peerHandshake("DEALER"));
  const large = body(LARGE, 1);
  const sent = encoded(rig, [bytes("before")], [bytes("a"), large, bytes("b")], [bytes("behind")], [large], [
    bytes("last"),
  ]);
  rig.link.arrive(sent);
  assertEquals([rig.link.paused, received(rig)], [true, ["before"]]);
  const list: string[] = [];
  let turns = 0;
  for (; rig.link.paused; turns++) {
    assert(turns < 200);
    honest.link.arrive(encodeFrame(0, bytes(`${turns}`)));
    assertEquals([honest.received(), honest.link.paused], [[`${turns}`], false]);
    played.next();
    const message = rig.pipe.peek();
    if (message?.length === 3) assertEquals(Buffer.compare(message[1]!, large), 0);
    list.push(...received(rig));
  }
  assertGreater(turns, 5);
  assertEquals(list, [`a|${LARGE}|b`, "behind", `${LARGE}`, "last"]);
  await rig.end();
  await honest.end();
});

test("large frames of two connections are decrypted at the same pace", async () => {
  const { rig: first, played } = meeting();
  const second = new CurveConnection({ readTurns: played.turns });
  for (second.pump(); second.peers.length === 0 || second.link.paused; second.pump()) played.next();
  played.next();
  const rigs = [first, second];
  for (const rig of rigs) {
    rig.link.arrive(encoded(rig, ...Array.from({ length: 4 }, (_, i): Message => [body(LARGE, i)])));
  }
  const counts = [0, 0];
  for (let turns = 0; counts[0]! + counts[1]! < 8; turns++) {
    assert(turns < 500);
    played.next();
    for (const [i, rig] of rigs.entries()) counts[i]! += received(rig).length;
    assert(Math.abs(counts[0]! - counts[1]!) <= 1, `${counts}`);
  }
  for (const rig of rigs) await rig.end();
});

test("a large frame that was changed anywhere ends the connection, and nothing of it is delivered", async () => {
  const size = 5 * MOST_AT_ONCE;
  // Name, counter, tag, flags, and text: its first slices, their edges, and its end.
  const header = 9;
  const places = [0, 1, 8, 15, 16, 31, 32, 33, 64, 65_568, 65_569, 131_072, size / 2, size, size + 32].map((at) =>
    header + at
  );
  for (const place of places) {
    for (const splits of [false, true]) {
      const { rig, played } = meeting();
      const sent = encoded(rig, [bytes("before")], [body(size, 1)], [bytes("behind")]);
      const start = encoded(rig, [bytes("before")]).length;
      sent[start + place]! ^= 0x10;
      if (splits) {
        for (let at = 0; at < sent.length && rig.closed.length === 0; at += 100_000) {
          rig.link.arrive(sent.slice(at, at + 100_000));
          while (rig.link.paused && rig.closed.length === 0) {
            played.next();
            await Promise.resolve();
          }
        }
      } else rig.link.arrive(sent);
      for (let turns = 0; rig.closed.length === 0; turns++) {
        assert(turns < 100, `byte ${place}`);
        played.next();
        await Promise.resolve();
      }
      assertInstanceOf(rig.closed[0], ProtocolError, `byte ${place}`);
      assertEquals(received(rig), ["before"], `byte ${place}`);
    }
  }
}, { timeout: 60_000 });

test("a SUBSCRIBE of a large topic is decrypted in slices, and so is a frame over the limit", async () => {
  const { rig, played } = meeting({ limits: { maxFrameSize: 1_000_000, maxTopicSize: 2_000_000 } });
  const topics: number[] = [];
  rig.pattern.subscription = (_pipe, _cancel, topic) => {
    topics.push(topic.length);
    return undefined;
  };
  const batch = new BatchEncoder(new SlabPool());
  rig.peer.session.encodeSubscription(false, body(1_900_000, 1), batch);
  rig.link.arrive(concat([...batch.complete()]));
  assertEquals([topics, rig.link.paused], [[], true]);
  while (rig.link.paused) played.next();
  assertEquals(topics, [1_900_000]);
  rig.link.arrive(encoded(rig, [body(1_000_001, 1)]));
  for (let turns = 0; rig.closed.length === 0; turns++) {
    assert(turns < 100);
    played.next();
    await Promise.resolve();
  }
  assertEquals([(rig.closed[0] as ProtocolError).code, received(rig)], ["EMSGSIZE", []]);
});

test("a full inbox delays decrypting the next large frame, and nothing is lost", async () => {
  const { rig, played } = meeting({ receiveMark: 2 });
  const messages = Array.from({ length: 6 }, (_, i): Message => i % 2 === 0 ? [body(LARGE, i)] : [bytes(`${i}`)]);
  rig.link.arrive(encoded(rig, ...messages));
  const list: string[] = [];
  for (let turns = 0; list.length < 6; turns++) {
    assert(turns < 500);
    assert(rig.pipe.inbox.length <= 2);
    // Room is made in the middle of a frame, too.
    if (turns % 3 === 0) {
      const message = rig.pipe.tryReceive();
      if (message !== undefined) list.push(message[0]!.length > 100 ? `${message[0]!.length}` : toText(message[0]!));
    }
    played.next();
  }
  assertEquals(list, [`${LARGE}`, "1", `${LARGE}`, "3", `${LARGE}`, "5"]);
  while (rig.link.paused) played.next();
  await rig.end();
});

test("data that arrived before finish is received, also a large frame that is half decrypted", async () => {
  const { rig, played } = meeting({ receiveMark: 0 });
  rig.link.arrive(encoded(rig, [bytes("before")], [body(LARGE, 1)], [bytes("behind")]));
  played.next();
  assertEquals(received(rig), ["before"]);
  rig.connection.finish();
  // In the turns that reading takes, too: the event loop is not kept from others.
  assertEquals([received(rig), rig.link.closes, rig.connection.handshaken], [[], 0, true]);
  const list: string[] = [];
  for (let turns = 0; rig.link.closes === 0; turns++) {
    assert(turns < 100);
    assertEquals(list, []);
    played.next();
    list.push(...received(rig));
  }
  assertEquals([list, rig.connection.handshaken], [[`${LARGE}`, "behind"], false]);
  await rig.link.ended;
  assertEquals(rig.closed, [undefined]);
});

for (
  const [what, end] of [
    ["dropped", (rig: CurveConnection) => rig.connection.drop()],
    ["dropped while it finishes", (rig: CurveConnection) => {
      rig.connection.finish();
      rig.connection.drop();
    }],
    ["failed", (rig: CurveConnection) => rig.connection.fail(new ProtocolError("EPROTO", "UNSPECIFIED", "the test"))],
  ] as const
) {
  test(`a connection that is ${what} while a frame is decrypted ends, and delivers nothing of it`, async () => {
    const { rig, played } = meeting();
    rig.link.arrive(encoded(rig, [bytes("before")], [body(LARGE, 1)], [bytes("behind")]));
    played.next();
    played.next();
    assertEquals(received(rig), ["before"]);
    end(rig);
    await rig.link.ended;
    for (let turns = 0; turns < 5; turns++) played.next();
    assertEquals([received(rig), rig.closed.length, played.awaited], [[], 1, false]);
  });
}

test("a connection that is reset by the peer while a frame that has arrived is decrypted delivers it, and then ends", async () => {
  const { rig, played } = meeting();
  rig.link.arrive(encoded(rig, [bytes("before")], [body(LARGE, 1)], [bytes("behind")]));
  played.next();
  assertEquals(received(rig), ["before"]);
  await rig.link.lose(new Error("reset"), 0);
  const list: string[] = [];
  for (let turns = 0; rig.closed.length === 0; turns++) {
    assert(turns < 200);
    assertEquals(list, []);
    played.next();
    list.push(...received(rig));
  }
  played.next();
  assertEquals([list, rig.closed[0]?.message, played.awaited], [[`${LARGE}`, "behind"], "reset", false]);
});

test("a frame whose memory the program transferred meanwhile ends the connection", async () => {
  // Else Node neither transfers what is marked nor says so.
  markWith(undefined);
  try {
    await transferFirst();
  } finally {
    markWith(markerOfRuntime());
  }
});

async function transferFirst(): Promise<void> {
  const { rig, played } = meeting();
  rig.link.arrive(encoded(rig, [bytes("before")], [body(LARGE, 1)]));
  played.next();
  const [first] = rig.pipe.tryReceive()!;
  const { buffer } = first!;
  try {
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  } catch {
    // Node and Deno refuse that.
    while (rig.link.paused) played.next();
    assertEquals(received(rig), [`${LARGE}`]);
    return rig.end();
  }
  for (let turns = 0; rig.closed.length === 0; turns++) {
    assert(turns < 100);
    played.next();
    await Promise.resolve();
  }
  assertEquals([rig.closed.length, received(rig)], [1, []]);
}
