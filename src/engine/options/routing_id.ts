/**
 * The routing id of a socket.
 *
 * @module
 */

import { option, type OptionGroup } from "../../base/option.ts";
import { routingId } from "../option_checks.ts";

/** Options of socket types that tell peers a routing id. */
export interface RoutingIdOptions {
  /** The id by which a ROUTER knows this socket: 1 to 255 bytes, the first not zero. Default null: the ROUTER makes one up. */
  readonly routingId?: string | Uint8Array | null;
}

/** {@link RoutingIdOptions}, defined. */
export const ROUTING_ID: OptionGroup<RoutingIdOptions> = {
  routingId: option(routingId, null, "next connection", "ROUTING_ID"),
};
