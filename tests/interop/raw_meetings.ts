/**
 * Raw peers for a socket under test, ours or libzmq's: they return when the socket has accepted them.
 *
 * @module
 */

import type { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { type Introduction, type RawListener, RawPeer } from "../support/raw_peer.ts";
import { settle } from "./settle.ts";

/** The number of handshakes of each socket with scripted peers. */
const met = new WeakMap<End, number>();

async function meeting(subject: End): Promise<void> {
  const count = (met.get(subject) ?? 0) + 1;
  met.set(subject, count);
  await subject.seen("handshake", count);
  await subject.look();
}

/** A scripted peer connects to a bound socket. */
export async function comeIn(subject: End, endpoint: string, introduction: Introduction): Promise<RawPeer> {
  const peer = await RawPeer.join(endpoint, introduction);
  await meeting(subject);
  return peer;
}

/** A connecting socket has found its scripted peer. */
export async function comeTo(subject: End, listener: RawListener, introduction: Introduction): Promise<RawPeer> {
  const peer = await listener.join(introduction);
  await meeting(subject);
  return peer;
}

/** Returns when the socket has what the peer has written so far, and nothing else comes back. */
export async function taken(libzmq: Peer, subject: End, peer: RawPeer): Promise<void> {
  await peer.sync();
  // Its I/O thread answers before it hands over what came.
  await settle(libzmq);
  await subject.look();
}
