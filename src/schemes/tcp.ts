/**
 * `tcp://`: a host and a port.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { bracketed, canonicalIpv6, isDotted, isIpv4 } from "../base/ip_address.ts";
import { quotedPeerText } from "../base/peer_text.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** A host and a port. */
export interface HostPort {
  /** A host name, an IPv4 address, an IPv6 address without brackets, or `*` for all interfaces. */
  readonly host: string;
  /** The port; 0 (also written `*`) means any free port. */
  readonly port: number;
}

/** A `tcp://` endpoint. */
export class TcpEndpoint implements HostPort {
  static {
    brandInstances(this, "TcpEndpoint");
  }

  /** Always `tcp`. */
  readonly scheme: "tcp" = "tcp";
  /** The host. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** The local address of the connection, from `tcp://source:port;host:port`. For `connect` only. */
  readonly source: HostPort | undefined;

  /** Creates an endpoint without checks; {@linkcode Endpoint}`.parse` checks the parts. */
  constructor(host: string, port: number, source?: HostPort) {
    if (arguments.length > 3) refuseSurplus("new TcpEndpoint()", 3, arguments[3]);
    this.host = host;
    this.port = port;
    this.source = source;
  }

  /** Returns the canonical text. */
  toString(): string {
    const source = this.source === undefined ? "" : `${hostPort(this.source)};`;
    return `tcp://${source}${hostPort(this)}`;
  }
}

const HOST_PORT = /^(?:\[([^\]]+)\]|([^:/[\]\s;]+)):(\*|\d{1,5})$/;
const ZONE = /%[\w.~-]+$/;

/** Recognizes a tcp endpoint from any copy of the library. */
export function isTcp(endpoint: { readonly scheme: string }): endpoint is TcpEndpoint {
  return endpoint.scheme === "tcp";
}

/** Parses the part after `tcp://`. */
export function parseTcp(address: string, use: EndpointUse | undefined, refuse: RefuseEndpoint): TcpEndpoint {
  const semicolon = address.indexOf(";");
  const { host, port } = parseHostPort(address.slice(semicolon + 1), refuse);
  if (use === "connect") {
    if (host === "*") throw refuse("host", '"*" is not a host that you can connect to; use one such as 127.0.0.1');
    if (port === 0) throw refuse("port", "name the port to connect to");
  }
  if (semicolon < 0) return new TcpEndpoint(host, port);
  if (use === "bind") throw refuse("source", "only connections have a source address");
  return new TcpEndpoint(
    host,
    port,
    parseHostPort(address.slice(0, semicolon), (_part, why) => refuse("source", `in the source address, ${why}`)),
  );
}

/** Parses a host and a port; `form` is the form of the whole endpoint, for the error. */
export function parseHostPort(text: string, refuse: RefuseEndpoint, form: string = "tcp://host:port"): HostPort {
  const match = HOST_PORT.exec(text);
  if (match === null) {
    const name = form.slice(0, form.indexOf(":"));
    throw refuse("host", `a ${name} endpoint is "${form}", with an IPv6 address in brackets`);
  }
  const port = match[3] === "*" ? 0 : Number(match[3]);
  if (port > 65535) throw refuse("port", "a port is at most 65535");
  if (match[1] !== undefined) return { host: ipv6(match[1], refuse), port };
  const host = match[2]!;
  if (isDotted(host) && !isIpv4(host)) throw refuse("host", `${quotedPeerText(host)} is not an IPv4 address`);
  return { host, port };
}

function ipv6(text: string, refuse: RefuseEndpoint): string {
  const zone = ZONE.exec(text)?.[0] ?? "";
  const address = canonicalIpv6(text.slice(0, text.length - zone.length));
  if (address === undefined) throw refuse("host", `${quotedPeerText(text)} is not an IPv6 address`);
  return address + zone;
}

function hostPort({ host, port }: HostPort): string {
  return `${bracketed(host)}:${port}`;
}
