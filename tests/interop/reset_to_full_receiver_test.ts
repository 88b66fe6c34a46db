/**
 * A peer resets its connection to a PULL whose queue is full, after messages that the socket has read: they are received, as with
 * libzmq. libzmq reports the loss when the program has received them, this library as soon as the runtime does: Deno only when it reads again.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { toText } from "../../mod.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { runtime, test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { peerHandshake } from "../support/session_recorder.ts";
import { LIBZMQ } from "../zmtp/vectors.ts";
import { settle } from "./settle.ts";

const libzmq = new Peer("libzmq");
const COUNT = 100;
const GREETING = 64;

for (const which of ["ours", "libzmq itself"] as const) {
  test(`${which}: messages that were read before a reset are received, also behind a full queue`, async () => {
    const options = { receiveHighWaterMark: 2 };
    await using pull = which === "ours" ? new OurEnd("PULL", options) : await libzmq.open("PULL", options);
    await using peer = await NetPeer.connect(await pull.bind("tcp://127.0.0.1:0"));
    await peer.write(peerHandshake("PUSH"));
    await peer.read(GREETING);
    await readFrame(peer);
    await pull.seen("handshake", 1);
    const frames = Array.from({ length: COUNT }, (_, i) => encodeFrame(0, new TextEncoder().encode(`${i}`)));
    // In one piece: the answer to the PING proves that the messages are read, too.
    await peer.write(concat([LIBZMQ.ping, ...frames]));
    await readFrame(peer);
    peer.reset();
    await peer.gone;
    if (which === "ours" && runtime !== "deno") await pull.seen("disconnect", 1);
    else await settle(libzmq);
    const received: string[] = [];
    for (let i = 0; i < COUNT; i++) received.push(...(await pull.receive()).map(toText));
    assertEquals(received, Array.from({ length: COUNT }, (_, i) => `${i}`));
  });
}

/** Reads a short frame. */
async function readFrame(peer: NetPeer): Promise<void> {
  const [, length] = await peer.read(2);
  await peer.read(length!);
}
