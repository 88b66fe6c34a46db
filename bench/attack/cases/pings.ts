/**
 * PINGs for as long as the flood lasts; the PONGs are read.
 *
 * @module
 */

import { ping } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer, pourCopies } from "../hostile_peer.ts";

/** The attack. */
export const pings: Attack = {
  id: "pings",
  title: "PINGs",
  unit: "PINGs",
  target: "router",
  flood: (flood) => pourCopies(ping(""), () => HostilePeer.join(flood.endpoint, flood.signal, "DEALER"), flood),
};
