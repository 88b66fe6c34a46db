/**
 * Raw peers that disconnect, for tests of the socket's reaction.
 *
 * @module
 */

import type { Socket } from "../../mod.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { nextEvent } from "./support.ts";

/** Two ways to leave: with an orderly end, and by dropping the connection. */
export const LEAVES: readonly ((peer: RawPeer) => Promise<void>)[] = [
  (peer) => peer.end(),
  (peer) => peer[Symbol.asyncDispose](),
];

/** Has the peer leave, and waits until the socket knows. */
export async function lose(socket: Socket, peer: RawPeer, leave = LEAVES[0]!): Promise<void> {
  const lost = nextEvent(socket, "disconnect");
  await leave(peer);
  await lost;
}

/** Reads `count` messages, the frames of each joined by "|". */
export async function read(peer: RawPeer, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push((await peer.message()).join("|"));
  return taken;
}

/** Numbers as texts: what numbered messages say. */
export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${from + i}`);
}
