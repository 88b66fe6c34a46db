/**
 * Hosts of endpoints to IP addresses: names of this machine's network interfaces and names to look up. Nothing is kept:
 * every call asks the operating system anew.
 *
 * @module
 */

import type { NetworkInterfaceInfo } from "node:os";
import type { TcpEndpoint } from "../src/endpoint.ts";

/** Which kind of IP address a host is; `undefined` for a name. */
export function familyOf(host: string): 4 | 6 | undefined {
  if (host.includes(":")) return 6;
  return /^[\d.]+$/.test(host) ? 4 : undefined;
}

/**
 * What to bind for an endpoint, as libzmq has it: `*` is every IPv4 interface, or with `ipv6` every interface; the name
 * of an interface is its first IPv4 address, or with `ipv6` its first IPv6 address if it has one. Other hosts stay what
 * they are.
 */
export async function hostToBind({ host }: TcpEndpoint, ipv6: boolean = false): Promise<string> {
  if (host === "*") return ipv6 ? "::" : "0.0.0.0";
  const addresses = await interfaceAddresses(host);
  const wanted = addresses.find((address) => familyOf(address) === (ipv6 ? 6 : 4));
  return wanted ?? (ipv6 ? addresses[0] : undefined) ?? host;
}

/** All addresses of the network interface of that name; none if there is none, or on Deno without `--allow-sys`. */
export async function interfaceAddresses(name: string): Promise<readonly string[]> {
  // What is no interface for sure is sorted out first, for Deno may ask the user for a permission below.
  if (familyOf(name) !== undefined || name === "localhost") return [];
  // Not at the top: importing this library asks for no permission on Deno.
  const { networkInterfaces } = await import("node:os");
  try {
    return (networkInterfaces()[name] ?? []).map((info) => addressOf(name, info));
  } catch {
    return [];
  }
}

/** An address of a single link makes no sense without the name of the link. */
function addressOf(name: string, { address, family, scopeid }: NetworkInterfaceInfo): string {
  return family === "IPv6" && scopeid > 0 && !address.includes("%") ? `${address}%${name}` : address;
}

/**
 * All addresses of a host, in the operating system's order of preference; an IP address is its own.
 *
 * @throws The runtime's error if the name is not known.
 */
export async function lookUp(host: string): Promise<readonly string[]> {
  if (familyOf(host) !== undefined) return [host];
  const { lookup } = await import("node:dns/promises");
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** The address that a listener tells, with the zone of the host it was asked for, which Bun and Deno leave out. */
export function withZone(bound: string, host: string): string {
  const zone = /%.+$/.exec(host)?.[0];
  return zone === undefined || bound.includes("%") ? bound : bound + zone;
}
