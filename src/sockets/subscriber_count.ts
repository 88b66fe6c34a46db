/**
 * Counting subscribers and waiting for them, for the two socket types that publish.
 *
 * @module
 */

import type { SocketCore } from "../engine/socket_core.ts";
import type { WaitOptions } from "../engine/wait_list.ts";
import { toBytes } from "../message.ts";
import type { Subscribers } from "../routing/subscribers.ts";

/** Which subscribers to wait for, and until when. */
export interface SubscribersOptions extends WaitOptions {
  /** Only those who subscribed to exactly this topic. */
  readonly topic?: string | Uint8Array;
}

/** How many peers have subscribed to exactly `topic`, or to anything. */
export function countSubscribers(subscribers: Subscribers, topic: string | Uint8Array | undefined): number {
  return subscribers.count(topic === undefined ? undefined : toBytes(topic));
}

/** Waits until `count` peers have subscribed. */
export function waitForSubscribers(
  core: SocketCore,
  subscribers: Subscribers,
  count: number,
  options: SubscribersOptions | undefined,
): Promise<void> {
  return core.waitUntil(() => countSubscribers(subscribers, options?.topic) >= count, options);
}
