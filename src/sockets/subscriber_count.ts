/**
 * Counts subscribers and waits for them, for the two socket types that publish.
 *
 * @module
 */

import { amount, onlyOptions } from "../base/checks.ts";
import type { SocketCore } from "../engine/socket_core.ts";
import { timeoutAdvice, type WaitOptions } from "../engine/waits/wait_list.ts";
import { toBytes } from "../base/message.ts";
import type { Subscribers } from "../routing/subscribers.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { requireSignal } from "../base/abort.ts";

/** Options of `waitForSubscribers`. */
export interface SubscribersOptions extends WaitOptions {
  /**
   * Count only peers that subscribed to exactly this topic. ZMTP 1.0 peers (libzmq 2) never send their topics: each
   * counts as a subscriber of the empty topic.
   */
  readonly topic?: string | Uint8Array | undefined;
}

/**
 * Waits until `count` peers have subscribed.
 *
 * @param other An argument that the call would ignore.
 */
export async function waitForSubscribers(
  core: SocketCore,
  subscribers: Subscribers,
  count: number,
  options: SubscribersOptions | undefined,
  other: unknown,
): Promise<void> {
  refuseSurplus("waitForSubscribers()", 2, other);
  const wanted = amount("count", count);
  if (options !== undefined) onlyOptions("waitForSubscribers()", options, ["topic", "signal"], timeoutAdvice);
  requireSignal("waitForSubscribers()", options?.signal);
  const topic = options?.topic === undefined ? undefined : toBytes(options.topic).slice();
  await core.waitUntil(() => subscribers.count(topic) >= wanted, options);
}
