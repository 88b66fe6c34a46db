/**
 * Hosts of endpoints to IP addresses: names of this machine's network interfaces and names to look up. No answer is kept
 * for a second use; how look-ups are shared is the matter of `look_ups.ts`.
 *
 * @module
 */

import type { NetworkInterfaceInfo } from "node:os";
import { systemClock } from "../../src/base/clock.ts";
import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText, peerText } from "../../src/base/peer_text.ts";
import { isTcp } from "../../src/schemes/tcp.ts";
import { systemLookUps } from "./look_ups.ts";

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
  return ((await interfaces()).get(name) ?? []).map((info) => addressOf(name, info));
}

/** The network interfaces that have an address, by name; none on Deno without `--allow-sys`. */
async function interfaces(): Promise<ReadonlyMap<string, readonly NetworkInterfaceInfo[]>> {
  // Not at the top: importing this library asks for no permission on Deno.
  const { networkInterfaces } = await import("node:os");
  try {
    return new Map(Object.entries(networkInterfaces()) as [string, NetworkInterfaceInfo[]][]);
  } catch {
    return new Map();
  }
}

/** Addresses that make no sense without their zone, the interface: fe80::/10. */
const LINK_LOCAL = /^fe[89ab][\da-f]:/;

/** Whether a host is an IPv6 address of a single link. */
function isLinkLocal(host: string): boolean {
  return LINK_LOCAL.test(host);
}

/**
 * The endpoint with the zones (RFC 4007 §11) of its addresses as every runtime takes them: the name of the interface, also for its
 * number, if an address is link-local, and none for others, which belong to no zone.
 *
 * @param attempt Begins the error's message, such as `Cannot listen on`.
 * @throws {ZmqError} `EINVAL` if no interface has that name.
 */
export async function withKnownZones<E extends Endpoint>(endpoint: E, attempt: string): Promise<E | TcpEndpoint> {
  if (!isTcp(endpoint) || !endpoint.toString().includes("%")) return endpoint;
  const { host, port, source } = endpoint;
  try {
    const from = source && { host: await zoned(source.host), port: source.port };
    return new TcpEndpoint(await zoned(host), port, from);
  } catch (cause) {
    throw new ZmqError("EINVAL", `${attempt} ${endpointText(endpoint)}: ${(cause as Error).message}`);
  }
}

async function zoned(host: string): Promise<string> {
  const at = host.indexOf("%");
  if (at < 0) return host;
  const address = host.slice(0, at);
  if (!isLinkLocal(address)) return address;
  const zone = host.slice(at + 1);
  const known = await interfaces();
  if (known.size === 0 || known.has(zone)) return host;
  for (const [name, infos] of known) {
    const numbers = infos.map((info) => info.family === "IPv6" ? info.scopeid : 0);
    if (numbers.some((number) => number > 0 && String(number) === zone)) return `${address}%${name}`;
  }
  throw new Error(`no network interface ${peerText(zone)} has an IPv6 address`);
}

/** An address of a single link makes no sense without the name of the link. */
function addressOf(name: string, { address, family, scopeid }: NetworkInterfaceInfo): string {
  return family === "IPv6" && scopeid > 0 && !address.includes("%") ? `${address}%${name}` : address;
}

/**
 * All addresses of a host, in the operating system's order of preference; an IP address is its own.
 *
 * @throws The runtime's error if the name is not known, and the signal's reason when it fires.
 */
export async function lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]> {
  return familyOf(host) === undefined ? await lookUps.of(host, signal) : [host];
}

const lookUps = systemLookUps(async (host) => {
  const { lookup } = await import("node:dns/promises");
  return (await lookup(host, { all: true })).map(({ address }) => address);
}, systemClock.now);

/** The link-local address that a socket tells, with the zone of the host it was asked for, which Bun and Deno leave out. */
export function withZone(told: string, host: string): string {
  const zone = /%.+$/.exec(host)?.[0];
  return zone === undefined || told.includes("%") || !isLinkLocal(told) ? told : told + zone;
}
