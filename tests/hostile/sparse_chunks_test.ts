/**
 * A peer that sends a little data to keep among much data to drop: kept data does not keep the dropped data in memory.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, type Socket } from "../../mod.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { bytes, command, frame, greeting, message, ready } from "../support/raw_peer.ts";
import { turn } from "../sockets/support.ts";

const CHUNKS = 100;
/** The dropped part of a chunk, in bytes. */
const DROPPED = 64 * 1024;
const WHAT = command("WHAT", new Uint8Array(DROPPED));
const SMALL = "small enough";

type Receiving = Socket & { tryReceive(): Uint8Array[] | undefined };

/** A socket with a peer behind a link that the test plays, whose handshake is complete. */
async function joined<T extends Receiving>(socket: T, peer: string): Promise<FakeLink> {
  const link = new FakeLink();
  socket.attach(link);
  link.arrive(greeting(), ready(peer));
  await turn();
  return link;
}

/** Delivers a chunk, in a turn of its own. */
async function arrive(link: FakeLink, ...parts: Uint8Array[]): Promise<void> {
  while (link.paused) await turn();
  link.arrive(...parts);
  await turn();
}

/** Receives all messages that have arrived. */
function received(socket: Receiving): Uint8Array[][] {
  const messages = [];
  for (let next = socket.tryReceive(); next !== undefined; next = socket.tryReceive()) messages.push(next);
  return messages;
}

/** The memory that is kept by these frames, in bytes. */
function memoryOf(frames: readonly Uint8Array[]): number {
  return [...new Set(frames.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Which chunks: a small frame among what is dropped, before it, behind it, and between. */
const CHUNKS_OF: [what: string, chunk: (small: Uint8Array, dropped: Uint8Array) => Uint8Array[]][] = [
  ["in front of", (small, dropped) => [small, dropped]],
  ["behind", (small, dropped) => [dropped, small]],
  ["between", (small, dropped) => [dropped, small, dropped]],
];

const RECEIVERS: [make: () => Receiving, peer: string][] = [
  [() => new Pull({ receiveHighWaterMark: 0 }), "PUSH"],
  [() => new Dealer(), "ROUTER"],
];

for (const [make, peer] of RECEIVERS) {
  for (const [where, chunk] of CHUNKS_OF) {
    test(`messages ${where} unknown commands to a ${make().type} that does not receive use only their own memory`, async () => {
      await using socket = make();
      const link = await joined(socket, peer);
      for (let i = 0; i < CHUNKS; i++) await arrive(link, ...chunk(message(SMALL, `${i}`), WHAT));
      const got = received(socket);
      assertEquals(got.map((frames) => frames.map((each) => new TextDecoder().decode(each))), expected());
      const memory = memoryOf(got.flat());
      // The last chunk is whole: what comes behind it is not known.
      assert(memory < 3 * DROPPED, `${memory} bytes for ${CHUNKS} small messages`);
    });
  }
}

function expected(): string[][] {
  return Array.from({ length: CHUNKS }, (_, i) => [SMALL, `${i}`]);
}

test("frames of a message between unknown commands use only their own memory", async () => {
  await using pull = new Pull();
  const link = await joined(pull, "PUSH");
  for (let i = 0; i < CHUNKS; i++) await arrive(link, WHAT, frame(1, "x"), WHAT);
  await arrive(link, frame(0, "end"));
  const [frames] = received(pull);
  assertEquals(frames!.map((each) => new TextDecoder().decode(each)), [...new Array(CHUNKS).fill("x"), "end"]);
  assert(memoryOf(frames!) < 3 * DROPPED, `${memoryOf(frames!)} bytes for ${CHUNKS} frames`);
});

test("chunks that are kept for the most part are not copied", async () => {
  await using pull = new Pull();
  const link = await joined(pull, "PUSH");
  const chunk = bytes(...Array.from({ length: 10 }, () => message("y".repeat(1000))));
  for (let i = 0; i < 10; i++) await arrive(link, chunk);
  const got = received(pull).flat();
  assertEquals([got.length, new Set(got.map(({ buffer }) => buffer)).size], [100, 10]);
});
