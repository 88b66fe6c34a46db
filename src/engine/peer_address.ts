/**
 * The IP address of a peer, and what counts as one address.
 *
 * @module
 */

import { familyOf, isLinkLocal, networkOfIpv6 } from "../base/ip_address.ts";

/** The IP address of a peer over tcp or WebSocket, without its port; empty for others, as in libzmq. */
export function addressOf(remote: string): string {
  return /^(?:tcp|wss?):\/\/\[?(.*?)\]?:\d+$/.exec(remote)?.[1] ?? "";
}

/**
 * The unit of limits per address: an IPv4 address, or the /64 network of an IPv6 address, because one machine has all
 * addresses of that. Link-local addresses, which are all of one network, count one by one. Empty where there is no address.
 */
export function originOf(remote: string): string {
  const address = addressOf(remote);
  return familyOf(address) === 6 && !isLinkLocal(address) ? networkOfIpv6(address) : address;
}
