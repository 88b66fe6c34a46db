/**
 * Handshakes recorded with libzmq, played again without a network: at any split our side says the same bytes, which libzmq
 * took, and understands the same; and no change of a bit gets through.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { MAX_HEADER_SIZE } from "../../src/zmtp/frame.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { feedSplit, SessionRecorder } from "../support/session_recorder.ts";
import { bytesOf, CLIENT, SERVER } from "./keys.ts";
import { RECORDED } from "./recorded.ts";
import { RECORDINGS, type Scene } from "./scenes.ts";

const GREETING_SIZE = 64;
const LATE = 30_000;

function begin(scene: Scene): SessionRecorder {
  const mechanism = scene.ours(bytesOf(SERVER), bytesOf(CLIENT));
  const heartbeat = { interval: 1000, timeout: 0, timeToLive: 0 };
  const recorder = new SessionRecorder({ socketType: scene.ourType, mechanism, heartbeat });
  recorder.session.start(0);
  return recorder;
}

/** Where each frame of a recording ends, behind the greeting. */
function frameEnds(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = GREETING_SIZE; at < bytes.length;) {
    const long = (bytes[at]! & 2) !== 0;
    const length = long ? new DataView(bytes.buffer).getUint32(at + 5) : bytes[at + 1]!;
    at += (long ? MAX_HEADER_SIZE : 2) + length;
    ends.push(at);
  }
  return ends;
}

/** Where the padding of HELLO begins, behind header, name and version, and how long it is. */
const PADDING_AT = GREETING_SIZE + 2 + 6 + 2;
const PADDING_SIZE = 72;

function hasHello(bytes: Uint8Array): boolean {
  return bytes[GREETING_SIZE + 3] === "H".charCodeAt(0);
}

/**
 * Bits without meaning: MORE and COMMAND in a header, because commands have names and encrypted messages have flags of
 * their own; padding.
 */
function meansNothing(bytes: Uint8Array, ends: readonly number[], bit: number): boolean {
  const at = bit >> 3;
  if (at === GREETING_SIZE || ends.includes(at)) return (bit & 7) === 0 || (bit & 7) === 2;
  return hasHello(bytes) && at >= PADDING_AT && at < PADDING_AT + PADDING_SIZE;
}

function readyEvent(scene: Scene): object {
  return { ready: scene.theirType, identity: "", minor: 1 };
}

for (const [name, scene] of Object.entries(RECORDINGS)) {
  const recording = RECORDED[name]!;
  const theirs = hex(recording.theirs);

  test(`${name}: recorded bytes of libzmq are understood at any split, and answered with the bytes that it accepted`, () => {
    const play = (cuts: Iterable<number>) => {
      const recorder = begin(scene);
      feedSplit(recorder.session, theirs, cuts);
      return recorder;
    };
    const whole = play([]);
    assertEquals(whole.sentHex, recording.ours);
    if (scene.refused) {
      assertEquals([whole.error?.code, "status" in whole.error! ? whole.error.status : undefined], ["EACCES", 400]);
    } else if (scene.theirType === "SUB") {
      assertEquals(whole.events, [readyEvent(scene), { subscribe: "weather." }]);
    } else {
      assertEquals(whole.events[0], readyEvent(scene));
      assertEquals(whole.messages, scene.messages);
    }
    const check = (cuts: Iterable<number>) => {
      const recorder = play(cuts);
      assertEquals([recorder.events, recorder.sentHex], [whole.events, whole.sentHex]);
    };
    check(theirs.keys());
    fc.assert(fc.property(fc.array(fc.nat(theirs.length), { maxLength: 12 }), check), { numRuns: 25 });
  });

  if (!scene.refused) {
    test(`${name}: messages and PING go out in the bytes that libzmq took`, () => {
      const recorder = begin(scene);
      recorder.session.feed(theirs.slice());
      recorder.sent.length = 0;
      const batch = new BatchEncoder(new SlabPool());
      for (const message of scene.messages) recorder.session.encode(message, batch);
      let sent = toHex(concat([...batch.complete()]));
      if (scene.theirType !== "SUB") {
        recorder.session.onTime(1000);
        sent += recorder.sentHex;
      }
      assertEquals(sent, recording.traffic);
    });
  }

  test(`${name}: a truncated recording yields only its complete part`, () => {
    const whole = begin(scene);
    whole.session.feed(theirs.slice());
    for (let length = 0; length < theirs.length; length += scene.mechanism === "CURVE" ? 7 : 1) {
      const recorder = begin(scene);
      recorder.session.feed(theirs.slice(0, length));
      assertEquals(recorder.events, whole.events.slice(0, recorder.events.length));
      recorder.session.onTime(LATE);
      if (recorder.peer === undefined) assert(recorder.error !== undefined, `${length} bytes`);
    }
  });

  if (scene.mechanism === "PLAIN" || scene.refused) continue;

  // The last command before libzmq completes its handshake: INITIATE to a server, READY to a client.
  const ends = frameEnds(theirs);
  const handshakeEnd = ends[1]!;

  test(`${name}: a handshake with any meaningful bit changed never completes, and fails`, () => {
    for (let bit = GREETING_SIZE * 8; bit < handshakeEnd * 8; bit++) {
      if (meansNothing(theirs, ends, bit)) continue;
      const bytes = theirs.slice(0, handshakeEnd);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const recorder = begin(scene);
      recorder.session.feed(bytes);
      recorder.session.onTime(LATE);
      assertEquals(recorder.peer, undefined, `bit ${bit}`);
      assertEquals(recorder.events.length, 1, `bit ${bit}`);
      assert(recorder.error !== undefined, `bit ${bit}`);
    }
  }, { timeout: 60_000 });

  test(`${name}: bits that mean nothing change nothing`, () => {
    const whole = begin(scene);
    whole.session.feed(theirs.slice());
    let count = 0;
    for (let bit = GREETING_SIZE * 8; bit < theirs.length * 8; bit++) {
      if (!meansNothing(theirs, ends, bit)) continue;
      count++;
      const bytes = theirs.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const recorder = begin(scene);
      recorder.session.feed(bytes);
      assertEquals(recorder.events, whole.events, `bit ${bit}`);
    }
    assertEquals(count, 2 * ends.length + (hasHello(theirs) ? 8 * PADDING_SIZE : 0));
  });

  test(
    `${name}: with any one bit changed, only earlier messages arrive, and the connection fails`,
    () => {
      const whole = begin(scene);
      whole.session.feed(theirs.slice());
      for (let bit = handshakeEnd * 8; bit < theirs.length * 8; bit++) {
        if (meansNothing(theirs, ends, bit)) continue;
        const bytes = theirs.slice();
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const recorder = begin(scene);
        recorder.session.feed(bytes);
        const told = recorder.events.filter((event) => !("failure" in event));
        assertEquals(told, whole.events.slice(0, told.length), `bit ${bit}`);
        const frame = ends.find((end) => end * 8 > bit)!;
        const before = ends.indexOf(frame) - 2;
        assert(told.length <= 1 + before, `bit ${bit}: frame ${before} got through`);
        // Unless the changed length is a longer one, for which more bytes are awaited.
        const start = ends[ends.indexOf(frame) - 1]!;
        if (recorder.error === undefined) assert((bit >> 3) - start < MAX_HEADER_SIZE, `bit ${bit}`);
      }
    },
    { timeout: 60_000 },
  );
}

test("the recorded SUB sent its subscription encrypted", () => {
  const theirs = RECORDED["CURVE, a SUB comes"]!.theirs;
  assertEquals(theirs.includes(toHex(new TextEncoder().encode("weather."))), false);
});
