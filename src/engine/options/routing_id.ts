/**
 * Option for the routing id of a socket (`ZMQ_ROUTING_ID`).
 *
 * @module
 */

import { option, type OptionGroup } from "../../base/option.ts";
import { routingId } from "../option_checks.ts";

/** Options of socket types that send a routing id to their peers. */
export interface RoutingIdOptions {
  /**
   * The id by which a ROUTER addresses this socket: 1 to 255 bytes, the first not zero. Default null: the ROUTER
   * generates an id.
   */
  readonly routingId?: string | Uint8Array | null | undefined;
}

/** Definition of {@link RoutingIdOptions}. */
export const ROUTING_ID: OptionGroup<RoutingIdOptions> = {
  routingId: option(routingId, null, "next connection", "ROUTING_ID"),
};
