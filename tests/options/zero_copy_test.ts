/**
 * `zeroCopyReceive`: received frames that share the buffer they arrived in, and frames that do not.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Message, Pull } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, messageV1, RawPeer } from "../support/raw_peer.ts";
import { ANY } from "../sockets/support.ts";

/** Returns whether these messages keep hardly more alive than their own bytes. */
function ownMemory(messages: readonly Message[]): boolean {
  return messages.flat().every((frame) => frame.buffer.byteLength === frame.length);
}

const SENT = Array.from({ length: 50 }, (_, i) => [`${i}`, "x".repeat(i * 20)]);

/** Receives what a peer writes at once. */
async function receive(pull: Pull, peer: RawPeer, written: readonly Uint8Array[]): Promise<Message[]> {
  await peer.write(...written);
  const received: Message[] = [];
  while (received.length < SENT.length) received.push(await pull.receive());
  assertEquals(received.map((one) => one.map((frame) => new TextDecoder().decode(frame))), SENT);
  return received;
}

for (const zeroCopyReceive of [true, false]) {
  test(`zeroCopyReceive ${zeroCopyReceive}: frames ${zeroCopyReceive ? "share memory" : "have memory of their own"}`, async () => {
    await using pull = new Pull({ zeroCopyReceive });
    const endpoint = await pull.bind(ANY);
    await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
    assertEquals(ownMemory(await receive(pull, peer, SENT.map((one) => message(...one)))), !zeroCopyReceive);
  });
}

test("zeroCopyReceive set live applies to the next connection, also of an older peer", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using before = await RawPeer.join(endpoint, { type: "PUSH" });
  pull.zeroCopyReceive = false;
  const written = SENT.map((one) => message(...one));
  assert(!ownMemory(await receive(pull, before, written)));
  await using after = await RawPeer.join(endpoint, { type: "PUSH" });
  assert(ownMemory(await receive(pull, after, written)));
  await using old = await RawPeer.connect(endpoint);
  old.write(new Uint8Array([1, 0]));
  assert(ownMemory(await receive(pull, old, SENT.map((one) => messageV1(...one)))));
});
