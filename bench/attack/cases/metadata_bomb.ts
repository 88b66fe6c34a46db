/**
 * READY commands of 64 KiB over connections that stay: of thousands of properties, of as many as are allowed, and without
 * the last byte, so that the handshake never ends.
 *
 * @module
 */

import { bytes, command, greeting, property } from "../../../tests/support/raw_peer.ts";
import type { Attack, Flood } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const CONNECTIONS = 200;
const HANDSHAKES = 1000;
const ROOM = 64 * 1024 - 64;
const MOST = 64;

/** A READY with properties that have no values. */
function bomb(): Uint8Array {
  const properties = [property("Socket-Type", "DEALER")];
  for (let i = 0, size = properties[0]!.length; size < ROOM; i++) {
    const one = property(`X-${i.toString(36)}`, "");
    properties.push(one);
    size += one.length;
  }
  return command("READY", bytes(...properties));
}

/** A READY with as many properties as are allowed. */
function fullReady(): Uint8Array {
  const value = "x".repeat(Math.floor(ROOM / MOST) - 16);
  const more = Array.from({ length: MOST - 1 }, (_, i) => property(`X-${i}`, value));
  return command("READY", bytes(property("Socket-Type", "DEALER"), ...more));
}

async function connections(words: Uint8Array, most: number, { endpoint, signal, count }: Flood): Promise<void> {
  const peers: HostilePeer[] = [];
  while (peers.length < most && !signal.aborted) {
    const peer = await HostilePeer.connect(endpoint, signal);
    if (peer === undefined) continue;
    if (await peer.write(words)) count(1);
    peers.push(peer);
  }
}

function attack(id: string, title: string, most: number, ready: () => Uint8Array): Attack {
  return {
    id,
    title: `${title}, ${most.toLocaleString("en")} times`,
    unit: "connections",
    target: "router",
    flood: (flood) => connections(bytes(greeting(), ready()), most, flood),
  };
}

/** More properties than are allowed. */
export const metadataBomb: Attack = attack("metadata-bomb", "64 KiB of metadata", CONNECTIONS, bomb);

/** The most metadata that is accepted. */
export const metadataFull: Attack = attack("metadata-full", "64 KiB in 64 properties", CONNECTIONS, fullReady);

/** The memory that connections in their handshake can occupy in a server. */
export const unfinishedHandshakes: Attack = attack(
  "unfinished-handshakes",
  "64 KiB of a handshake that does not end",
  HANDSHAKES,
  () => fullReady().subarray(0, -1),
);
