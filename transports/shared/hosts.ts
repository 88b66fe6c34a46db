/**
 * Resolves hosts of endpoints to IP addresses: names of this machine's network interfaces, zones, and names to look up. Answers are
 * not cached; `look_ups.ts` shares look-ups that are in progress.
 *
 * @module
 */

import type { NetworkInterfaceInfo } from "node:os";
import { systemClock } from "../../src/base/clock.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { familyOf, isLinkLocal, withoutZone, zoneOf } from "../../src/base/ip_address.ts";
import { endpointText, peerText } from "../../src/base/peer_text.ts";
import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { isTcp } from "../../src/schemes/tcp.ts";
import { systemLookUps } from "./look_ups.ts";
import { isFailedLookUp, listenError } from "./tcp.ts";

/**
 * Returns the host to bind for an endpoint, as libzmq chooses it: all IPv4 interfaces for `*`, or with `ipv6` all interfaces; for
 * the name of an interface its first IPv4 address, or with `ipv6` its first IPv6 address if it has one. Other hosts are returned
 * as they are.
 *
 * @throws {ZmqError} `ENODEV` if it is a name that no host can have.
 */
export async function hostToBind(endpoint: TcpEndpoint, ipv6: boolean = false): Promise<string> {
  const { host } = endpoint;
  if (host === "*") return ipv6 ? "::" : "0.0.0.0";
  const addresses = await interfaceAddresses(host);
  const wanted = addresses.find((address) => familyOf(address) === (ipv6 ? 6 : 4));
  const found = wanted ?? (ipv6 ? addresses[0] : undefined);
  if (found === undefined && !isPossible(host)) throw bindError(endpoint, unknownName());
  return found ?? host;
}

/** Longest name of DNS (RFC 1035 §2.3.4) as text, in bytes. */
const LONGEST_NAME = 253;

/** Checks if a host can have this name. The runtimes report several errors for such names, or cut them at a zero byte. */
function isPossible(host: string): boolean {
  return new TextEncoder().encode(host).length <= LONGEST_NAME && !host.includes("\0");
}

/** Returns an error with the code of Node for a failed look-up: Deno and Bun report none where they listen. */
export function notFound(cause: unknown): Error {
  const { message } = Object(cause) as { readonly message?: unknown };
  return Object.assign(new Error(String(message), { cause }), { code: "ENOTFOUND" });
}

function unknownName(cause?: unknown): Error {
  return Object.assign(new Error("No host can have this name", { cause }), { code: "ENOTFOUND" });
}

/** Returns the error for a failed attempt to bind. Node reports `EINVAL` for some names that no host can have. */
export function bindError(endpoint: TcpEndpoint, cause: unknown): ZmqError {
  const { code } = Object(cause) as { readonly code?: unknown };
  const named = endpoint.host !== "*" && familyOf(endpoint.host) === undefined;
  const why = code === "EINVAL" && named ? unknownName(cause) : isFailedLookUp(cause) ? notFound(cause) : cause;
  return listenError(`Cannot listen on ${endpoint.toString()}`, why);
}

/** All addresses of the network interface of that name; none if there is none, or on Deno without `--allow-sys`. */
export async function interfaceAddresses(name: string): Promise<readonly string[]> {
  // Hosts that are certainly not interfaces come first, because Deno may ask the user for a permission below.
  if (familyOf(name) !== undefined || name === "localhost") return [];
  return ((await interfaces()).get(name) ?? []).map((info) => addressOf(name, info));
}

/** The network interfaces that have an address, by name; none on Deno without `--allow-sys`. */
async function interfaces(): Promise<ReadonlyMap<string, readonly NetworkInterfaceInfo[]>> {
  // Imported here and not at the top, because importing this library needs no permission on Deno.
  const { networkInterfaces } = await import("node:os");
  try {
    return new Map(Object.entries(networkInterfaces()) as [string, NetworkInterfaceInfo[]][]);
  } catch {
    return new Map();
  }
}

/**
 * Returns the endpoint with the zones (RFC 4007 §11) of its addresses as every runtime takes them: the name of the interface, also
 * for its number, if an address is link-local; other addresses belong to no zone, so theirs is removed.
 *
 * @param attempt Begins the error's message, such as `Cannot listen on`.
 * @throws {ZmqError} `EINVAL` if no interface has that name.
 */
export async function withKnownZones<E extends Endpoint>(endpoint: E, attempt: string): Promise<E | TcpEndpoint> {
  if (!isTcp(endpoint) || zoneOf(endpoint.toString()) === "") return endpoint;
  const { host, port, source } = endpoint;
  try {
    const from = source && { host: await zoned(source.host), port: source.port };
    return new TcpEndpoint(await zoned(host), port, from);
  } catch (cause) {
    throw new ZmqError("EINVAL", `${attempt} ${endpointText(endpoint)}: ${(cause as Error).message}`);
  }
}

async function zoned(host: string): Promise<string> {
  if (familyOf(host) !== 6) return host;
  const address = withoutZone(host);
  if (address === host || !isLinkLocal(address)) return address;
  const zone = zoneOf(host).slice(1);
  const known = await interfaces();
  if (known.size === 0 || known.has(zone)) return host;
  for (const [name, infos] of known) {
    const numbers = infos.map((info) => info.family === "IPv6" ? info.scopeid : 0);
    if (numbers.some((number) => number > 0 && String(number) === zone)) return `${address}%${name}`;
  }
  throw new Error(`no network interface ${peerText(zone)} has an IPv6 address`);
}

/** A link-local address is of use only with the name of its link. */
function addressOf(name: string, { address, family, scopeid }: NetworkInterfaceInfo): string {
  return family === "IPv6" && scopeid > 0 && zoneOf(address) === "" ? `${address}%${name}` : address;
}

/**
 * Returns all addresses of a host, in the operating system's order of preference; an IP address is its own only address.
 *
 * @throws The runtime's error if the name is not known, and the signal's reason when it fires.
 */
export async function lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]> {
  if (familyOf(host) !== undefined) return [host];
  if (!isPossible(host)) throw unknownName();
  return await lookUps.of(host, signal);
}

const lookUps = systemLookUps(async (host) => {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true }).catch((cause: { readonly code?: unknown }) => {
    throw cause.code === "EINVAL" ? unknownName(cause) : cause;
  });
  return found.map(({ address }) => address);
}, systemClock.now);

/** Adds the zone of the host that was asked for to a link-local address that a socket reports: Bun and Deno leave it out. */
export function withZone(reported: string, host: string): string {
  return zoneOf(reported) === "" && isLinkLocal(reported) ? reported + zoneOf(host) : reported;
}
