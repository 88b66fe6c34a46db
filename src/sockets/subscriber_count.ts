/**
 * Counting subscribers and waiting for them, for the two socket types that publish.
 *
 * @module
 */

import { amount } from "../base/checks.ts";
import type { SocketCore } from "../engine/socket_core.ts";
import type { WaitOptions } from "../engine/waits/wait_list.ts";
import { toBytes } from "../base/message.ts";
import type { Subscribers } from "../routing/subscribers.ts";

/** Which subscribers to wait for, and until when. */
export interface SubscribersOptions extends WaitOptions {
  /**
   * Only those who subscribed to exactly this topic. Subscribers of ZMTP 1.0 (libzmq 2) never send their topics: each counts
   * as one that wants everything, which is the empty topic.
   */
  readonly topic?: string | Uint8Array;
}

/** Waits until `count` peers have subscribed. */
export async function waitForSubscribers(
  core: SocketCore,
  subscribers: Subscribers,
  count: number,
  options: SubscribersOptions | undefined,
): Promise<void> {
  const wanted = amount("count", count);
  const topic = options?.topic === undefined ? undefined : toBytes(options.topic).slice();
  await core.waitUntil(() => subscribers.count(topic) >= wanted, options);
}
