/**
 * Encrypted frames of every size between ours and libzmq, both ways.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { texts } from "./frames.ts";

/** Opens a socket with CURVE. */
export type Open = (type: EndType, asServer: boolean, options?: EndOptions) => Promise<End & AsyncDisposable>;

const KIB = 1024;

/** The edges of a block of the cipher, of a short length, of a slab, and of what is encrypted and decrypted at once. */
const SIZES: readonly number[] = [
  ...[0, 1, 31, 32, 63, 64, 65, 221, 222, 223, 16 * KIB, 80 * KIB - 42, 80 * KIB - 41],
  ...[-34, -33, -32, -2, -1, 0, 1].map((more) => 256 * KIB + more),
  ...[-513, -512, -511, -256].map((more) => 256 * KIB + more),
  // The first slice of a box is 32 bytes shorter than the others, and has the flags.
  ...[5, 8].flatMap((slices) => [-34, -33, -32, -31, -1, 0, 1].map((more) => slices * 64 * KIB + more)),
  1024 * KIB + 1,
  5_000_003,
];

/** Sends frames of all sizes to and fro, alone, behind and before others, and small messages between them. */
export async function passEverySize(openServer: Open, openClient: Open): Promise<void> {
  await using server = await openServer("PAIR", true);
  await using client = await openClient("PAIR", false);
  await client.connect(await server.bind("tcp://127.0.0.1:0"));
  for (const size of SIZES) {
    const frame = new Uint8Array(size);
    for (let i = 0; i < size; i++) frame[i] = i * 31 + (i >> 8) + size;
    for (const [from, to] of [[server, client], [client, server]] as const) {
      const sent = from.send([frame, "end"]);
      const [came, end] = await to.receive();
      await sent;
      assertEquals(texts([end!]), ["end"]);
      assert(came!.length === size && Buffer.compare(came!, frame) === 0, `${size} bytes`);
    }
  }
  // In order, with small ones between them, and large ones in one message.
  const large = new Uint8Array(1_500_000).map((_, i) => i * 7 + (i >> 9));
  for (const [from, to] of [[server, client], [client, server]] as const) {
    const sent = (async () => {
      for (let i = 0; i < 4; i++) {
        await from.send([`before ${i}`]);
        await from.send([`${i}`, large, "", large, "last"]);
        await from.send([`behind ${i}`]);
      }
    })();
    for (let i = 0; i < 4; i++) {
      assertEquals(texts(await to.receive()), [`before ${i}`]);
      const [name, first, empty, second, last] = await to.receive();
      assertEquals(texts([name!, empty!, last!]), [`${i}`, "", "last"]);
      assertEquals([Buffer.compare(first!, large), Buffer.compare(second!, large)], [0, 0]);
      assertEquals(texts(await to.receive()), [`behind ${i}`]);
    }
    await sent;
  }
}
