/**
 * SUBSCRIBE and CANCEL of the same topic, alternating: each is work for the publisher, and none takes memory.
 *
 * @module
 */

import { bytes, command } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer, pourCopies } from "../hostile_peer.ts";

/** The attack. */
export const subscriptions: Attack = {
  id: "subscriptions",
  title: "SUBSCRIBE and CANCEL, alternating",
  unit: "pairs",
  target: "publisher",
  flood: (flood) =>
    pourCopies(
      bytes(command("SUBSCRIBE", "topic"), command("CANCEL", "topic")),
      () => HostilePeer.join(flood.endpoint, flood.signal, "SUB"),
      flood,
    ),
};
