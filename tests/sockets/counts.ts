/**
 * What a socket has counted, for tests that know what it should be.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { QueueStatistics, Socket } from "../../mod.ts";

/** What a new socket has counted. */
export const NOTHING: QueueStatistics = {
  messagesSent: 0,
  bytesSent: 0,
  messagesReceived: 0,
  bytesReceived: 0,
  dropped: 0,
  queued: 0,
  held: 0,
  reconnects: 0,
};

/** The counts alone. */
function countsOf(all: QueueStatistics): QueueStatistics {
  const names = Object.keys(NOTHING) as (keyof QueueStatistics)[];
  return Object.fromEntries(names.map((name) => [name, all[name]])) as unknown as QueueStatistics;
}

/** Fails unless the socket has counted this; what is not said is 0. */
export function assertCounts(socket: Socket, expected: Partial<QueueStatistics>, name?: string): void {
  assertEquals(countsOf(socket.statistics()), { ...NOTHING, ...expected }, name);
}

/** The same for its peers, in the order in which they came. */
export function assertPeers(socket: Socket, ...expected: Partial<QueueStatistics>[]): void {
  const { peers } = socket.statistics();
  assertEquals(peers.map(countsOf), expected.map((counts) => ({ ...NOTHING, ...counts })));
}
