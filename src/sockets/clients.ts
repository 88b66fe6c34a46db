/**
 * The clients of a server.
 *
 * @module
 */

import type { Router } from "./router.ts";
import { HAS_PEER } from "./socket.ts";

/**
 * Returns `true` if no peer of an open Router has this routing id now. The Router may belong to another copy of this
 * library. Returns `false` for a mock.
 */
export function hasLeft(router: Router, routingId: Uint8Array): boolean {
  const hasPeer = (router as unknown as Record<symbol, ((routingId: Uint8Array) => boolean) | undefined>)[HAS_PEER];
  return !router.closed && hasPeer?.call(router, routingId) === false;
}
