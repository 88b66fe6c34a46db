/**
 * `ws://` and `wss://`: a host, a port and a path, and the options of their connections (ZWS 2.0, RFC 45).
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { flag, show } from "../base/checks.ts";
import { bracketed } from "../base/ip_address.ts";
import { quotedPeerText } from "../base/peer_text.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { typeName } from "../base/type_name.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import type { EndpointOption, EndpointOptionGroup } from "./endpoint_options.ts";
import { type HostPort, parseHostPort } from "./tcp.ts";
import type {
  SecureWebSocketBindOptions,
  SecureWebSocketConnectOptions,
  WebSocketBindOptions,
  WebSocketConnectOptions,
} from "./websocket_options.ts";

/** A `ws://` or `wss://` endpoint (WebSocket, ZWS 2.0, RFC 45), such as `ws://127.0.0.1:5555/jobs`. Without a port in the text it is 80 or 443. */
export class WebSocketEndpoint implements HostPort {
  static {
    brandInstances(this, "WebSocketEndpoint");
  }

  /** `wss` is a WebSocket over TLS. */
  readonly scheme: "ws" | "wss";
  /** The host. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** The path and the query, such as `/orders?room=5`. */
  readonly path: string;

  /** Creates an endpoint without checks; {@linkcode Endpoint}`.parse` checks the parts. */
  constructor(scheme: "ws" | "wss", host: string, port: number, path: string = "/") {
    if (arguments.length > 4) refuseSurplus("new WebSocketEndpoint()", 4, arguments[4]);
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
  }

  /** Returns the canonical text, always with the port, and without the path `/`. */
  toString(): string {
    return `${this.scheme}://${bracketed(this.host)}:${this.port}${this.path === "/" ? "" : this.path}`;
  }
}

// Every runtime has it, as browsers do; the compiler of programs without their types does not know it.
declare const URL: new (text: string) => { readonly pathname: string; readonly search: string };

/** The ports of endpoints that name none, as in URLs. */
const PORTS = { ws: 80, wss: 443 };

/** Recognizes a WebSocket endpoint from any copy of the library. */
export function isWebSocket(endpoint: { readonly scheme: string }): endpoint is WebSocketEndpoint {
  return endpoint.scheme === "ws" || endpoint.scheme === "wss";
}

/** Returns the parser of the part after `ws://` or `wss://`. */
export function webSocketParser(
  scheme: "ws" | "wss",
): (address: string, use: EndpointUse | undefined, refuse: RefuseEndpoint) => WebSocketEndpoint {
  return (address, use, refuse) => {
    const slash = address.search(/[/?#]/);
    const authority = slash < 0 ? address : address.slice(0, slash);
    if (authority.includes("@")) {
      throw refuse("host", "a user name and a password belong into the option headers, as authorization");
    }
    const withPort = /(^[^[\]:]*|\]):[^:\]]*$/.test(authority) ? authority : `${authority}:${PORTS[scheme]}`;
    const { host, port } = parseHostPort(withPort, refuse, `${scheme}://host:port/path`);
    if (use === "connect") {
      if (host === "*") throw refuse("host", '"*" is not a host that you can connect to; use one such as 127.0.0.1');
      if (port === 0) throw refuse("port", "name the port to connect to");
    }
    return new WebSocketEndpoint(scheme, host, port, canonicalPath(slash < 0 ? "" : address.slice(slash), refuse));
  };
}

function canonicalPath(text: string, refuse: RefuseEndpoint): string {
  if (/[\0-\x20\x7f]/.test(text)) throw refuse("path", "a path has no spaces and no control characters");
  if (text.includes("#")) throw refuse("path", "a WebSocket endpoint has no fragment (#)");
  const { pathname, search } = new URL(`http://host${text.startsWith("/") ? "" : "/"}${text}`);
  return pathname + search;
}

/** A header that the handshake sets itself. */
const RESERVED = /^(?:host|upgrade|connection|sec-websocket-.*|content-length|transfer-encoding)$/i;

const headers: EndpointOption<Readonly<Record<string, string>>> = {
  initial: {},
  check(name, value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(`${name} must be an object, such as { authorization: "Bearer …" }, not ${typeName(value)}`);
    }
    const entries = Object.entries(value);
    for (const [header, text] of entries) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header)) {
        throw new TypeError(`${name}: ${quotedPeerText(header)} is no header name`);
      }
      if (RESERVED.test(header)) throw new TypeError(`${name}: the handshake sets the header ${header} itself`);
      if (typeof text !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
        throw new TypeError(`${name}: the value of ${header} must be a string without control characters`);
      }
    }
    return Object.fromEntries(entries);
  },
};

function texts(pattern: RegExp, example: string): EndpointOption<readonly string[]>["check"] {
  return (name, value) => {
    if (!Array.isArray(value) || !value.every((text) => typeof text === "string" && pattern.test(text))) {
      throw new TypeError(`${name} must be an array of strings such as ${example}`);
    }
    return [...value];
  };
}

const protocols: EndpointOption<readonly string[]> = {
  initial: [],
  check(name, value) {
    const names = texts(/^ZWS2\.0(\/[A-Z]+)?$/, '"ZWS2.0"')(name, value);
    if (names.length === 0) throw new TypeError(`${name} must not be empty`);
    return names;
  },
};

const pem: EndpointOption<string> = {
  initial: "",
  check(name, value) {
    if (typeof value === "string" && value.includes("-----BEGIN ")) return value;
    // Never the value: it may be a key.
    throw new TypeError(`${name} must be text in PEM format ("-----BEGIN …"), not ${typeName(value)}`);
  },
};

const serverName: EndpointOption<string> = {
  initial: "",
  check(name, value) {
    if (typeof value === "string" && value !== "") return value;
    throw new TypeError(`${name} must be a host name, not ${show(value)}`);
  },
};

/** The definitions for `connect`. */
export const WS_CONNECT: EndpointOptionGroup<WebSocketConnectOptions> = { headers, protocols };
/** The definitions for `connect` over TLS. */
export const WSS_CONNECT: EndpointOptionGroup<SecureWebSocketConnectOptions> = {
  ...WS_CONNECT,
  ca: pem,
  cert: pem,
  key: pem,
  rejectUnauthorized: { initial: true, check: flag },
  serverName,
};
/** The definitions for `bind`. */
export const WS_BIND: EndpointOptionGroup<WebSocketBindOptions> = {
  allowedOrigins: {
    initial: [],
    check: texts(/^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/[^\s/]+)$/i, '"https://example.org"'),
  },
};
/** The definitions for `bind` over TLS. */
export const WSS_BIND: EndpointOptionGroup<SecureWebSocketBindOptions> = { ...WS_BIND, cert: pem, key: pem, ca: pem };
