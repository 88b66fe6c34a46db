/**
 * READY commands of 64 KiB that are thousands of properties, over 200 connections that stay.
 *
 * @module
 */

import { bytes, command, greeting, property } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const CONNECTIONS = 200;
const ROOM = 64 * 1024 - 64;

function bomb(): Uint8Array {
  const properties = [property("Socket-Type", "DEALER")];
  for (let i = 0, size = properties[0]!.length; size < ROOM; i++) {
    const one = property(`X-${i.toString(36)}`, "");
    properties.push(one);
    size += one.length;
  }
  return command("READY", bytes(...properties));
}

/** The attack. */
export const metadataBomb: Attack = {
  id: "metadata-bomb",
  title: "64 KiB of metadata, 200 times",
  unit: "connections",
  target: "router",
  async flood({ endpoint, signal, count }) {
    const words = bytes(greeting(), bomb());
    const peers: HostilePeer[] = [];
    while (peers.length < CONNECTIONS && !signal.aborted) {
      const peer = await HostilePeer.connect(endpoint, signal);
      if (peer === undefined) continue;
      if (await peer.write(words)) count(1);
      peers.push(peer);
    }
  },
};
