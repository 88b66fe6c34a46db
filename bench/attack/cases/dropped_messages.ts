/**
 * Messages that the socket's own pattern drops as they arrive (topics without a subscription), so that no queue is ever
 * full.
 *
 * @module
 */

import { message } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer, pourCopies } from "../hostile_peer.ts";

/** The attack. */
export const droppedMessages: Attack = {
  id: "dropped-messages",
  title: "messages of topics without subscription",
  unit: "messages",
  target: "subscriber",
  flood: (flood) => pourCopies(message("unwanted"), () => HostilePeer.join(flood.endpoint, flood.signal, "PUB"), flood),
};
