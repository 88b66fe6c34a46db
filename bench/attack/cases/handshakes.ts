/**
 * Connections that close after the handshake: 32 at a time.
 *
 * @module
 */

import { bytes, greeting, ready } from "../../../tests/support/raw_peer.ts";
import type { Attack, Flood } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const AT_A_TIME = 32;

/** Connects repeatedly; each connection sends the same bytes, and closes when the server has answered them. */
export async function connectOften({ endpoint, signal, count }: Flood, words: Uint8Array): Promise<void> {
  const one = async () => {
    while (!signal.aborted) {
      const peer = await HostilePeer.connect(endpoint, signal);
      if (peer === undefined) continue;
      const heard = peer.heard();
      await peer.write(words);
      await heard;
      peer.drop();
      count(1);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
}

/** The attack. */
export const handshakes: Attack = {
  id: "handshakes",
  title: "connections that close after the handshake",
  unit: "connections",
  target: "router",
  flood: (flood) => connectOften(flood, bytes(greeting(), ready("DEALER"))),
};
