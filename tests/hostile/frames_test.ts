/**
 * Hostile peers over whole frames (ZWS 2.0): each loses its own connection, and no other peer loses anything.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Pull, Push, Router, type ZmqError } from "../../mod.ts";
import { handshakeError, nextEvent, take } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { hex } from "../support/hex.ts";
import { FrameTransport, RawFrames } from "../support/memory_frames.ts";

const transport = new FrameTransport();
const NONE = new Uint8Array(0);

/** Messages of a hostile peer, each with the error and its text. */
const HOSTILE: Readonly<Record<string, [messages: Uint8Array[], code: string, words: string]>> = {
  "an empty message": [[NONE], "EPROTO", "empty message"],
  "reserved flags": [[hex("04 61")], "EPROTO", "reserved flags"],
  "the flag of ZMTP 3 for commands": [[hex("05 61")], "EPROTO", "reserved flags"],
  "a command without a name": [[hex("02 ff 61")], "EPROTO", "command"],
  "an ERROR": [[hex("02 05 4552524f52 02 6e6f")], "EPROTO", "reported an error: no"],
  "a PING without a time": [[hex("02 0450494e47")], "EPROTO", "PING"],
  "a frame above the limit": [[new Uint8Array(1002)], "EMSGSIZE", "limit is 1000"],
  "a command above the limit": [[Uint8Array.of(2, ...new Uint8Array(66_000))], "EMSGSIZE", "limit"],
  "frames above the limit together": [[new Uint8Array(600).fill(1, 0, 1), new Uint8Array(600)], "EMSGSIZE", "limit"],
  "too many frames": [Array.from({ length: 66 }, () => hex("01")), "EMSGSIZE", "more than 64 frames"],
};

for (const [name, [messages, code, words]] of Object.entries(HOSTILE)) {
  test(`frames: a peer that sends ${name} loses its connection, and no other peer does`, async () => {
    await using pull = new Pull({ maxMessageSize: 1000 });
    const endpoint = await pull.bind(transport.endpoint());
    await using honest = new Push();
    honest.connect(endpoint);
    await honest.send("before");
    assertEquals(await take(pull, 1), ["before"]);
    const raw = await transport.handshaken(endpoint, "PUSH");
    const lost = nextEvent(pull, "disconnect");
    raw.send(hex("00 6f6b"), ...messages, hex("00 6e6f"));
    const { error } = await lost;
    assertEquals((error as ZmqError).code, code);
    assert((error as ZmqError).message.includes(words), (error as ZmqError).message);
    await raw.gone;
    await honest.send("after");
    assertEquals([await take(pull, 2), pull.tryReceive()], [["ok", "after"], undefined]);
  });
}

const EARLY: Readonly<Record<string, [protocol: string, first: Uint8Array]>> = {
  "a message before the handshake": ["ZWS2.0/NULL", hex("00 68656c6c6f")],
  "an empty message before the handshake": ["ZWS2.0/NULL", NONE],
  "a greeting of ZMTP 3": ["ZWS2.0/NULL", hex("ff00000000000000017f")],
  "a handshake above the limit": ["ZWS2.0/NULL", Uint8Array.of(2, ...new Uint8Array(70_000))],
  "no routing id but flags": ["ZWS2.0", hex("01 61")],
  "an empty message for a routing id": ["ZWS2.0", NONE],
  "a routing id of a generated form": ["ZWS2.0", hex("00 00 61")],
  "a routing id that is too long": ["ZWS2.0", new Uint8Array(257).fill(7, 1)],
};

for (const [name, [protocol, first]] of Object.entries(EARLY)) {
  test(`frames: a peer that begins with ${name} is rejected`, async () => {
    await using router = new Router();
    const endpoint = await router.bind(transport.endpoint());
    const failed = handshakeError(router);
    const raw = new RawFrames(transport.raw(endpoint, protocol));
    raw.send(first, hex("00 6869"));
    await failed;
    await raw.gone;
    assertEquals([router.peerCount, router.tryReceive()], [0, undefined]);
  });
}

test("frames: a silent peer times out, with and without a handshake", async () => {
  for (const protocol of ["ZWS2.0", "ZWS2.0/NULL"]) {
    await using pull = new Pull({ handshakeInterval: 20 });
    const endpoint = await pull.bind(transport.endpoint());
    const failed = handshakeError(pull);
    const raw = new RawFrames(transport.raw(endpoint, protocol));
    assertEquals((await failed).code, "ETIMEDOUT");
    await raw.gone;
  }
});

test("frames: an incomplete message of a peer that disconnects is not received", async () => {
  for (const leave of ["end", "abort"] as const) {
    await using pull = new Pull();
    const endpoint = await pull.bind(transport.endpoint());
    const raw = await transport.handshaken(endpoint, "PUSH");
    raw.send(hex("00 61"), hex("01 62"), hex("01 63"));
    assertEquals(await take(pull, 1), ["a"]);
    const gone = nextEvent(pull, "disconnect");
    void raw[leave]();
    await gone;
    const next = await transport.handshaken(endpoint, "PUSH");
    next.send(hex("00 64"));
    assertEquals([await take(pull, 1), pull.tryReceive()], [["d"], undefined]);
    await next.end();
  }
});
