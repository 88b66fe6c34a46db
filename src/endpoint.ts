/**
 * Endpoint strings (`tcp://127.0.0.1:5555`) to their parts and back. No name is resolved here.
 *
 * @module
 */

import { brandInstances } from "./brand.ts";
import { canonicalIpv6 } from "./ipv6.ts";
import { quotedPeerText, SHOWN_OF_NAME } from "./peer_text.ts";

/** Whether an endpoint is to be bound or connected: `*` and port 0 make sense only for the first, a source only for the second. */
export type EndpointUse = "bind" | "connect";

/** Which part of an endpoint is wrong. */
export type EndpointPart = "scheme" | "host" | "port" | "source" | "path" | "name";

/**
 * An endpoint that is not well formed, or makes no sense where it is used.
 *
 * @example
 * ```ts
 * import { Endpoint, EndpointError } from "@monocoque/zmq";
 *
 * try {
 *   Endpoint.parse("tcp://localhost:99999");
 * } catch (error) {
 *   if (!(error instanceof EndpointError) || error.part !== "port") throw error;
 * }
 * ```
 */
export class EndpointError extends TypeError {
  static {
    brandInstances(this, "EndpointError");
  }

  /** As libzmq has it: `ENAMETOOLONG` for an ipc path that is too long, else `EINVAL`. */
  readonly code: "EINVAL" | "ENAMETOOLONG";
  /** The part that is wrong. */
  readonly part: EndpointPart;
  /** The endpoint as it was given. */
  readonly endpoint: string;

  /** Makes an error about one part of an endpoint. */
  constructor(part: EndpointPart, message: string, endpoint: string = "", code: "EINVAL" | "ENAMETOOLONG" = "EINVAL") {
    super(message);
    this.name = "EndpointError";
    this.part = part;
    this.endpoint = endpoint;
    this.code = code;
  }
}

/** A host and a port. */
export interface HostPort {
  /** A host name, an IPv4 address, an IPv6 address without brackets, or `*` for every interface. */
  readonly host: string;
  /** 0 (also written `*`) means: any free port. */
  readonly port: number;
}

/** A `tcp://` endpoint. */
export class TcpEndpoint implements HostPort {
  static {
    brandInstances(this, "TcpEndpoint");
  }

  /** Always `tcp`. */
  readonly scheme: "tcp" = "tcp";
  /** See {@link HostPort}. */
  readonly host: string;
  /** See {@link HostPort}. */
  readonly port: number;
  /** Where the connection is to come from: `tcp://source:port;host:port`. For `connect` only. */
  readonly source: HostPort | undefined;

  /** Takes the parts as they are; {@linkcode Endpoint}`.parse` checks them. */
  constructor(host: string, port: number, source?: HostPort) {
    this.host = host;
    this.port = port;
    this.source = source;
  }

  /** The canonical text. */
  toString(): string {
    const source = this.source === undefined ? "" : `${hostPort(this.source)};`;
    return `tcp://${source}${hostPort(this)}`;
  }
}

/** An `ipc://` endpoint: a Unix domain socket. */
export class IpcEndpoint {
  static {
    brandInstances(this, "IpcEndpoint");
  }

  /** Always `ipc`. */
  readonly scheme: "ipc" = "ipc";
  /** The path of the socket file; `*` makes one up, for `bind` only; `@name` is a name in Linux's abstract namespace. */
  readonly path: string;

  /** Takes the path as it is; {@linkcode Endpoint}`.parse` checks it. */
  constructor(path: string) {
    this.path = path;
  }

  /** The canonical text. */
  toString(): string {
    return `ipc://${this.path}`;
  }
}

/** An `inproc://` endpoint: a name within a `Context`. */
export class InprocEndpoint {
  static {
    brandInstances(this, "InprocEndpoint");
  }

  /** Always `inproc`. */
  readonly scheme: "inproc" = "inproc";
  /** Any text that is not empty. */
  readonly name: string;

  /** Takes the name as it is; {@linkcode Endpoint}`.parse` checks it. */
  constructor(name: string) {
    this.name = name;
  }

  /** The canonical text. */
  toString(): string {
    return `inproc://${this.name}`;
  }
}

/** An endpoint of a transport that was registered by `registerTransport`, which alone knows what its address means. */
export class OtherEndpoint {
  static {
    brandInstances(this, "OtherEndpoint");
  }

  /** The part before `://`. */
  readonly scheme: string;
  /** The part behind it. */
  readonly address: string;

  /** Takes both parts as they are. */
  constructor(scheme: string, address: string) {
    this.scheme = scheme;
    this.address = address;
  }

  /** The canonical text. */
  toString(): string {
    return `${this.scheme}://${this.address}`;
  }
}

/** A parsed endpoint; `toString` makes the canonical text of it. */
export type Endpoint = TcpEndpoint | IpcEndpoint | InprocEndpoint | OtherEndpoint;

/**
 * Endpoints, taken apart.
 *
 * @example
 * ```ts
 * import { Endpoint } from "@monocoque/zmq";
 *
 * const endpoint = Endpoint.parse("tcp://[0:0::1]:5555");
 * console.log(endpoint.scheme, endpoint.toString()); // tcp tcp://[::1]:5555
 * ```
 */
export const Endpoint: {
  /**
   * Parses an endpoint. `use` refuses what makes no sense for it: `*` and port 0 for `connect`, a source address for `bind`.
   *
   * @throws {EndpointError} If it is not well formed, or not one for this use; the message says what is wrong.
   */
  parse(text: string, use?: EndpointUse): Endpoint;
} = { parse: parseEndpoint };

type Refuse = (part: EndpointPart, why: string, code?: "ENAMETOOLONG") => EndpointError;

/** Longest path of a Unix domain socket, in bytes. */
const MAX_PATH = 107;

const HOST_PORT = /^(?:\[([^\]]+)\]|([^:/[\]\s;]+)):(\*|\d{1,5})$/;
const SCHEME = /^[a-zA-Z][\w+.-]*$/;
/** What looks like an IPv4 address is one, and no host name: `256.0.0.1` is a slip of the pen. */
const DOTTED = /^[\d.]+$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const ZONE = /%[\w.~-]+$/;

function parseEndpoint(text: string, use?: EndpointUse): Endpoint {
  const doing = use ?? "parse";
  if (typeof text !== "string") {
    throw new EndpointError("scheme", `Cannot ${doing}: an endpoint is a string, such as "tcp://127.0.0.1:5555"`);
  }
  const refuse: Refuse = (part, why, code) =>
    new EndpointError(part, `Cannot ${doing} ${quotedPeerText(text, SHOWN_OF_NAME)}: ${why}`, text, code);
  const colon = text.indexOf("://");
  const scheme = text.slice(0, Math.max(0, colon));
  if (!SCHEME.test(scheme)) {
    throw refuse("scheme", 'an endpoint starts with a transport, such as "tcp://127.0.0.1:5555"');
  }
  const address = text.slice(colon + 3);
  switch (scheme) {
    case "tcp":
      return parseTcp(address, use, refuse);
    case "ipc":
      return parseIpc(address, use, refuse);
    case "inproc":
      if (address === "") throw refuse("name", 'an inproc endpoint is "inproc://" and a name');
      return new InprocEndpoint(address);
    default:
      return new OtherEndpoint(scheme, address);
  }
}

function parseTcp(address: string, use: EndpointUse | undefined, refuse: Refuse): TcpEndpoint {
  const semicolon = address.indexOf(";");
  const { host, port } = parseHostPort(address.slice(semicolon + 1), refuse);
  if (use === "connect") {
    if (host === "*") throw refuse("host", '"*" is no host to connect to; name one, such as 127.0.0.1');
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

function parseHostPort(text: string, refuse: Refuse): HostPort {
  const match = HOST_PORT.exec(text);
  if (match === null) throw refuse("host", 'a tcp endpoint is "tcp://host:port", with an IPv6 address in brackets');
  const port = match[3] === "*" ? 0 : Number(match[3]);
  if (port > 65535) throw refuse("port", "a port is at most 65535");
  if (match[1] !== undefined) return { host: ipv6(match[1], refuse), port };
  const host = match[2]!;
  if (DOTTED.test(host) && !IPV4.test(host)) throw refuse("host", `${quotedPeerText(host)} is not an IPv4 address`);
  return { host, port };
}

function ipv6(text: string, refuse: Refuse): string {
  const zone = ZONE.exec(text)?.[0] ?? "";
  const address = canonicalIpv6(text.slice(0, text.length - zone.length));
  if (address === undefined) throw refuse("host", `${quotedPeerText(text)} is not an IPv6 address`);
  return address + zone;
}

function parseIpc(path: string, use: EndpointUse | undefined, refuse: Refuse): IpcEndpoint {
  if (path === "" || path === "@" || path.includes("\0")) {
    throw refuse("path", 'an ipc endpoint is "ipc://" and a path, such as "ipc:///tmp/jobs.sock"');
  }
  const { length } = new TextEncoder().encode(path);
  if (length > MAX_PATH) {
    throw refuse("path", `the path is ${length} bytes long; ${MAX_PATH} are allowed`, "ENAMETOOLONG");
  }
  if (path === "*" && use === "connect") throw refuse("path", '"*" is no path to connect to; bind tells the real one');
  return new IpcEndpoint(path);
}

function hostPort({ host, port }: HostPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
