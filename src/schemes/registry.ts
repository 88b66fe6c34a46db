/**
 * The registry of all endpoint schemes by name: those of the library, and those that a program registers.
 *
 * @module
 */

import { parseInproc } from "./inproc.ts";
import { parseIpc, requireReachable } from "./ipc.ts";
import type { EndpointOption } from "./endpoint_options.ts";
import type { CarrierKind, Scheme } from "./scheme.ts";
import { parseTcp } from "./tcp.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { webSocketParser, WS_BIND, WS_CONNECT, WSS_BIND, WSS_CONNECT } from "./websocket.ts";

const NAME = /^[a-zA-Z][\w+.-]*$/;
const KINDS: readonly CarrierKind[] = ["bytes", "frames", "local"];

const TCP_OPTIONS: Scheme["options"] = [
  "tcpKeepalive",
  "tcpKeepaliveIdle",
  "typeOfService",
  "socks",
  "backlog",
  "ipv6",
];

/** The schemes of the library. They are registered before any transport is. */
const OURS: readonly Scheme[] = [
  { scheme: "tcp", carrier: "bytes", options: TCP_OPTIONS, parse: parseTcp },
  { scheme: "ipc", carrier: "bytes", options: ["backlog"], parse: parseIpc, requireReachable },
  { scheme: "inproc", carrier: "local", parse: parseInproc },
  {
    scheme: "ws",
    carrier: "frames",
    options: TCP_OPTIONS,
    parse: webSocketParser("ws"),
    connectOptions: WS_CONNECT,
    bindOptions: WS_BIND,
  },
  {
    scheme: "wss",
    carrier: "frames",
    options: TCP_OPTIONS,
    parse: webSocketParser("wss"),
    connectOptions: WSS_CONNECT,
    bindOptions: WSS_BIND,
  },
];

// Module-level, because endpoints are strings and sockets are created with `new Push()`.
const schemes = new Map(OURS.map((scheme) => [scheme.scheme, scheme]));

/** Checks if a text is a valid scheme name. */
export function isSchemeName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Registers a scheme, replacing an earlier one of that name. A scheme with the carrier `bytes` or `frames` also needs a transport
 * (`registerTransport`). A transport without a registered scheme gets one that accepts every address.
 *
 * @throws {TypeError} If the name, the carrier, the parser or an option is invalid.
 */
export function registerScheme(scheme: Scheme): void {
  if (arguments.length > 1) refuseSurplus("registerScheme()", 1, arguments[1]);
  const { scheme: name, carrier, parse } = Object(scheme) as Partial<Scheme>;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError('A scheme name is a letter, followed by letters, digits, "_", "+", "." or "-"');
  }
  if (!KINDS.some((kind) => kind === carrier)) throw new TypeError(`carrier must be one of ${KINDS.join(", ")}`);
  if (parse !== undefined && typeof parse !== "function") throw new TypeError("parse must be a function");
  for (const options of [scheme.connectOptions, scheme.bindOptions]) requireOptions(options, scheme);
  schemes.set(name, scheme);
}

function requireOptions(options: unknown, { scheme, carrier }: Scheme): void {
  if (options === undefined) return;
  if (carrier === "local") {
    throw new TypeError(`${scheme}:// is local, and no transport takes options of its endpoints`);
  }
  for (const [name, option] of Object.entries(Object(options))) {
    if (typeof (Object(option) as Partial<EndpointOption<unknown>>).check === "function") continue;
    throw new TypeError(`The option ${name} of ${scheme}:// must have a check, which is a function`);
  }
}

/** Returns the scheme of that name. An unregistered scheme accepts every address and needs a transport of that name. */
export function schemeOf(name: string): Scheme {
  return schemes.get(name) ?? { scheme: name, carrier: "bytes" };
}
