/**
 * Empty messages: two bytes each on the wire.
 *
 * @module
 */

import { message } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer, pourCopies } from "../hostile_peer.ts";

/** The attack. */
export const emptyMessages: Attack = {
  id: "empty-messages",
  title: "empty messages, received",
  unit: "messages",
  target: "pull",
  flood: (flood) => pourCopies(message(""), () => HostilePeer.join(flood.endpoint, flood.signal, "PUSH"), flood),
};
