/**
 * A connection is lost while the peer does not read: bytes that the operating system had accepted reach the peer, and
 * the next connection continues with the next message.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { RawListener, type RawPeer } from "../support/raw_peer.ts";
import { LEAVES, lose } from "./losses.ts";
import { ANY, nextEvent } from "./support.ts";

/** More than the kernel holds for one connection, both ends together. */
const COUNT = 6000;
/** Some are copied into one write, others written by themselves. */
const SIZES = [100, 4000, 20_000, 1000];

/** A message that says its number, of a size that goes with it. */
function numbered(number: number): Uint8Array {
  const body = new Uint8Array(SIZES[number % SIZES.length]!);
  new DataView(body.buffer).setUint32(0, number);
  return body;
}

/** The number of the next message: commands are skipped, and a wrong message fails the test. */
async function nextNumber(peer: RawPeer): Promise<number> {
  for (;;) {
    const { flags, body } = await peer.frame();
    if ((flags & 4) !== 0) continue;
    const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
    assertEquals([flags & 1, body.length], [0, SIZES[number % SIZES.length]]);
    return number;
  }
}

/** The numbers of all messages that came whole before the connection ended. */
async function numbersUntilEnd(peer: RawPeer): Promise<number[]> {
  const numbers: number[] = [];
  await peer.gone;
  try {
    for (;;) numbers.push(await nextNumber(peer));
  } catch (error) {
    assert(error instanceof Error && error.message.startsWith("The connection ended"), `${error}`);
    return numbers;
  }
}

for (const [make, type] of [[Push, "PULL"], [Dealer, "ROUTER"], [Pair, "PAIR"]] as const) {
  for (const endpoint of [ANY, "ipc://*"]) {
    test(
      `${make.name} over ${endpoint}: no message sent while the peer did not read is lost or duplicated`,
      async () => {
        await using listener = await RawListener.bind(endpoint);
        // The peer answers no PING, so that the socket gives the connection up, and the kernel delivers what it has.
        await using socket = new make({ reconnectInterval: 2, linger: 0, sendHighWaterMark: 0, heartbeatInterval: 50 });
        socket.connect(listener.endpoint);
        const first = await listener.join({ type });
        const lost = nextEvent(socket, "disconnect");
        first.pause();
        for (let i = 0; i < COUNT; i++) assert(socket.trySend(numbered(i)));
        await lost;
        assert(socket.statistics().queued > 0);
        socket.heartbeatInterval = 0;
        first.resume();
        const before = await numbersUntilEnd(first);
        const second = await listener.join({ type });
        const after: number[] = [];
        while (before.length + after.length < COUNT) after.push(await nextNumber(second));
        assert(before.length > 0);
        assertEquals([...before, ...after], Array.from({ length: COUNT }, (_, i) => i));
        assertEquals(socket.statistics().messagesSent, COUNT);
      },
      { timeout: 30_000 },
    );
  }
}

for (const [i, leave] of LEAVES.entries()) {
  test(`a blocked peer that disconnects, way ${i}: only bytes in kernel buffers are lost`, async () => {
    await using listener = await RawListener.bind();
    await using push = new Push({ reconnectInterval: 2, linger: 0, sendHighWaterMark: 0 });
    push.connect(listener.endpoint);
    const first = await listener.join({ type: "PULL" });
    first.pause();
    for (let i = 0; i < COUNT; i++) assert(push.trySend(numbered(i)));
    await push.send(numbered(COUNT));
    await lose(push, first, leave);
    const { messagesSent, queued } = push.statistics();
    assertEquals(messagesSent + queued, COUNT + 1);
    const second = await listener.join({ type: "PULL" });
    const after: number[] = [];
    while (after.at(-1) !== COUNT) after.push(await nextNumber(second));
    assertEquals(after, Array.from({ length: queued }, (_, i) => messagesSent + i));
  }, { timeout: 30_000 });
}
