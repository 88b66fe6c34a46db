/**
 * The counts of a socket, for tests that know the expected values.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { DropCount } from "../../src/routing/drops.ts";
import type { Drops, QueueStatistics, Socket, SocketStatistics } from "../../mod.ts";

/** The counters of a new socket. */
export const NOTHING: QueueStatistics = {
  messagesSent: 0,
  bytesSent: 0,
  messagesReceived: 0,
  bytesReceived: 0,
  dropped: 0,
  drops: new DropCount().snapshot(),
  queued: 0,
  held: 0,
  reconnects: 0,
};

/** The refusals of a new socket. */
export const NO_REFUSALS: Pick<SocketStatistics, "refused" | "refusals"> = {
  refused: 0,
  refusals: {
    maxConnections: 0,
    maxConnectionsPerAddress: 0,
    maxHandshakesPerSecond: 0,
    maxHandshakes: 0,
    maxLeftoverBytes: 0,
  },
};

/** The counts alone; those of the reasons only where they are asked for, but they must come to `dropped`. */
function countsOf(all: QueueStatistics, expected: Partial<QueueStatistics>): QueueStatistics {
  const sum = Object.values(all.drops).reduce((sum, count) => sum + count, 0);
  assertEquals(sum, all.dropped, `the sum of ${JSON.stringify(all.drops)}`);
  const names = Object.keys(NOTHING) as (keyof QueueStatistics)[];
  const counts = Object.fromEntries(names.map((name) => [name, all[name]])) as unknown as QueueStatistics;
  return "drops" in expected ? counts : { ...counts, drops: NOTHING.drops };
}

/** Fails unless the socket has counted this; what is not said is 0. */
export function assertCounts(socket: Socket, expected: Partial<QueueStatistics>, name?: string): void {
  assertEquals(countsOf(socket.statistics(), expected), { ...NOTHING, ...expected }, name);
}

/** The same for its peers, in the order in which they came. */
export function assertPeers(socket: Socket, ...expected: Partial<QueueStatistics>[]): void {
  const { peers } = socket.statistics();
  assertEquals(
    peers.map((peer, i) => countsOf(peer, expected[i] ?? {})),
    expected.map((counts) => ({ ...NOTHING, ...counts })),
  );
}

/** These reasons, and 0 of all others; with their sum. */
export function drops(some: Partial<Drops>): { drops: Drops; dropped: number } {
  const dropped = Object.values(some).reduce((sum, count) => sum + count, 0);
  return { drops: { ...NOTHING.drops, ...some }, dropped };
}
