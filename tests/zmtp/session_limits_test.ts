/**
 * Limits per peer: every limit is enforced at its exact value, as soon as a length is known.
 *
 * @module
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { COMMAND, encodeFrame, MORE } from "../../src/zmtp/frame.ts";
import type { Limits } from "../../src/zmtp/limits.ts";
import { encodeMetadata } from "../../src/zmtp/metadata.ts";
import { encodeSubscription } from "../../src/zmtp/subscription.ts";
import { bytesAllocated } from "../support/allocations.ts";
import { test } from "../support/harness.ts";
import { hex } from "../support/hex.ts";
import {
  peerHandshake,
  readyFrame,
  readyRecorder,
  recorded,
  replay,
  type SessionRecorder,
} from "../support/session_recorder.ts";
import { LIBZMQ } from "./vectors.ts";

const frame = (length: number, more = false) => encodeFrame(more ? MORE : 0, new Uint8Array(length).fill(0x61));
/** The first bytes of a frame whose body never comes. */
const header = (length: number, more = false) => frame(length, more).slice(0, length > 255 ? 9 : 2);

/** The code of the failure that these bytes in traffic end in, or the messages that came of them. */
function outcome(limits: Partial<Limits>, ...parts: Uint8Array[]): string | number {
  const { events, messages, error } = replay({ limits }, concat([peerHandshake("PUSH"), ...parts]));
  if (error === undefined) return messages.length;
  assertEquals(events.filter((event) => "failure" in event).length, 1);
  return error.code;
}

test("a frame may be as large as the limit, and no byte larger", () => {
  for (const maxFrameSize of [0, 1, 255, 256, 1000]) {
    assertEquals(outcome({ maxFrameSize }, frame(maxFrameSize)), 1);
    assertEquals(outcome({ maxFrameSize }, header(maxFrameSize + 1)), "EMSGSIZE");
    assertEquals(outcome({ maxFrameSize }, header(maxFrameSize + 1, true)), "EMSGSIZE");
  }
});

test("commands have a limit of their own", () => {
  const subscribe = (length: number) => encodeSubscription(false, new Uint8Array(length), 1);
  // 10 bytes for the name, and 256 for all that a command has besides a topic.
  assertEquals(outcome({ maxFrameSize: 10, maxTopicSize: 1000 }, subscribe(1246)), 0);
  assertEquals(outcome({ maxFrameSize: 10, maxTopicSize: 1000 }, subscribe(1247)), "EMSGSIZE");
});

test("lengths of 2^53 and more fail without memory for them", () => {
  for (const length of ["0020000000000000", "8000000000000000", "ffffffffffffffff"]) {
    for (const flags of ["02", "03", "06"]) {
      const recorder = readyRecorder({ limits: { maxFrameSize: Number.MAX_SAFE_INTEGER } }, "PUSH");
      const bytes = hex(`${flags} ${length}`);
      assertLess(bytesAllocated(() => recorder.session.feed(bytes)), 1000);
      assertEquals(recorder.error?.code, "EMSGSIZE");
    }
  }
});

test("an announced frame that does not come costs no memory of its size", () => {
  const limits = { maxFrameSize: Number.MAX_SAFE_INTEGER, maxMessageSize: Number.MAX_SAFE_INTEGER };
  const recorder = readyRecorder({ limits }, "PUSH");
  const bytes = hex("02 001fffffffffffff 61");
  assertLess(bytesAllocated(() => recorder.session.feed(bytes)), 1_100_000);
  assertEquals(recorder.events, []);
});

test("a message may have as many frames as the limit, and no frame more", () => {
  const message = (frames: number) => concat([...Array.from({ length: frames - 1 }, () => frame(1, true)), frame(1)]);
  for (const maxFrames of [1, 2, 10]) {
    assertEquals(outcome({ maxFrames }, message(maxFrames), message(maxFrames)), 2);
    assertEquals(outcome({ maxFrames }, message(maxFrames + 1)), "EMSGSIZE");
  }
});

test("endless frames are stopped before the message is complete, even if they are empty", () => {
  const endless = concat(Array.from({ length: 11 }, () => frame(0, true)));
  assertEquals(outcome({ maxFrames: 10 }, endless), "EMSGSIZE");
});

test("a message may be as large as the limit in all its frames together, and no byte larger", () => {
  const limits = { maxMessageSize: 300 };
  assertEquals(outcome(limits, frame(300), frame(300)), 2);
  assertEquals(outcome(limits, frame(301)), "EMSGSIZE");
  assertEquals(outcome(limits, frame(100, true), frame(0, true), frame(200)), 1);
  assertEquals(outcome(limits, frame(100, true), frame(100, true), frame(101)), "EMSGSIZE");
  assertEquals(outcome(limits, frame(100, true), frame(201, true)), "EMSGSIZE");
  // The count starts again with each message.
  assertEquals(outcome(limits, frame(150, true), frame(150), frame(150, true), frame(150), frame(300)), 3);
});

test("a frame that takes its message over the limit is refused by its header", () => {
  const limits = { maxFrameSize: 300, maxMessageSize: 300 };
  assertEquals(outcome(limits, frame(200, true), header(101)), "EMSGSIZE");
  assertEquals(outcome(limits, frame(200, true), header(101, true)), "EMSGSIZE");
  assertEquals(outcome({ ...limits, maxFrameSize: 1000 }, header(301)), "EMSGSIZE");
  // A PING passes however little is left.
  assertEquals(outcome(limits, frame(300, true), LIBZMQ.ping, frame(0), frame(300)), 2);
});

test("the handshake has a limit of its own, for every command of it", () => {
  const ready = (size: number) => {
    const type = encodeMetadata([["Socket-Type", new TextEncoder().encode("PUSH")]]);
    const rest = size - encodeCommandBody("READY", type).length - encodeMetadata([["X-Pad", hex("")]]).length;
    return readyFrame(concat([type, encodeMetadata([["X-Pad", new Uint8Array(rest)]])]));
  };
  const limits = { maxHandshakeSize: 1000, maxFrameSize: 2000 };
  const code = (...parts: Uint8Array[]) => replay({ limits }, concat([LIBZMQ.greeting, ...parts])).error?.code;
  assertEquals(code(ready(1000)), undefined);
  assertEquals(code(ready(1001)), "EMSGSIZE");
  assertEquals(code(encodeFrame(COMMAND, new Uint8Array(1001)).slice(0, 9)), "EMSGSIZE");
  // After it, in the same chunk, the frame limit counts.
  assertEquals(code(ready(1000), frame(2000)), undefined);
  assertEquals(code(ready(1000), header(2001)), "EMSGSIZE");
});

test("metadata cannot announce more than the handshake limit", () => {
  const recorder = recorded({}, LIBZMQ.greeting);
  const bytes = hex("06 0000000100000000 055245414459");
  assertLess(bytesAllocated(() => recorder.session.feed(bytes)), 1000);
  assertEquals(recorder.error?.code, "EMSGSIZE");
});

test("a failure by a limit reports the limit and leaves earlier messages intact", () => {
  const cases: [limits: Partial<Limits>, bytes: Uint8Array, limit: string][] = [
    [{ maxFrameSize: 77 }, header(78), "77"],
    [{ maxFrames: 3 }, concat([frame(0, true), frame(0, true), frame(0, true), frame(0)]), "3 frames"],
    [{ maxMessageSize: 88 }, frame(89), "88"],
  ];
  for (const [limits, bytes, limit] of cases) {
    const recorder: SessionRecorder = readyRecorder({ limits }, "PUSH");
    recorder.session.feed(concat([frame(5), bytes]));
    assertEquals(recorder.messages.length, 1);
    assertEquals(recorder.error?.code, "EMSGSIZE");
    assertStringIncludes(recorder.error!.message, limit);
    recorder.session.feed(frame(5));
    assertEquals(recorder.events.length, 2);
  }
});
