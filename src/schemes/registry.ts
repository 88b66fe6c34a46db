/**
 * The schemes that endpoints may have, by name. All of them are here, ours as well as those that a program registers.
 *
 * @module
 */

import { parseInproc } from "./inproc.ts";
import { parseIpc, requireReachable } from "./ipc.ts";
import type { CarrierKind, Scheme } from "./scheme.ts";
import { parseTcp } from "./tcp.ts";

const NAME = /^[a-zA-Z][\w+.-]*$/;
const KINDS: readonly CarrierKind[] = ["bytes", "local"];

/** Those of the library, which are there before any transport is. */
const OURS: readonly Scheme[] = [
  {
    scheme: "tcp",
    carrier: "bytes",
    options: ["tcpKeepalive", "tcpKeepaliveIdle", "typeOfService", "socks", "backlog", "ipv6"],
    parse: parseTcp,
  },
  { scheme: "ipc", carrier: "bytes", options: ["backlog"], parse: parseIpc, requireReachable },
  { scheme: "inproc", carrier: "local", parse: parseInproc },
];

// The one registry: module-level because endpoints are strings and sockets are made with `new Push()`.
const schemes = new Map(OURS.map((scheme) => [scheme.scheme, scheme]));

/** Recognizes a name that a scheme can have. */
export function isSchemeName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Registers a scheme, replacing an earlier one of that name. One whose carrier is `bytes` also needs a transport, by
 * `registerTransport`; a transport whose scheme is not registered gets one that takes every address.
 *
 * @throws {TypeError} If its name, its carrier or its parser cannot be one.
 */
export function registerScheme(scheme: Scheme): void {
  const { scheme: name, carrier, parse } = Object(scheme) as Partial<Scheme>;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError('The name of a scheme is a letter, then letters, digits, "_", "+", "." or "-"');
  }
  if (!KINDS.some((kind) => kind === carrier)) throw new TypeError(`A carrier is one of ${KINDS.join(", ")}`);
  if (parse !== undefined && typeof parse !== "function") throw new TypeError("parse must be a function");
  schemes.set(name, scheme);
}

/** The scheme of that name. One that is not registered takes every address, and is for a transport of that name. */
export function schemeOf(name: string): Scheme {
  return schemes.get(name) ?? { scheme: name, carrier: "bytes" };
}
