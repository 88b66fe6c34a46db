/**
 * Endpoint strings (`tcp://127.0.0.1:5555`) to their parts and back. No name is resolved here.
 *
 * @module
 */

/** The parts of a `tcp://` endpoint. */
export interface TcpEndpoint {
  /** Always `tcp`. */
  readonly scheme: "tcp";
  /** A host name, an IPv4 address, an IPv6 address without brackets, or `*` for every interface. */
  readonly host: string;
  /** 0 (also written `*`) means: any free port, for `bind` only. */
  readonly port: number;
}

/** The parts of an `ipc://` endpoint: a Unix domain socket. */
export interface IpcEndpoint {
  /** Always `ipc`. */
  readonly scheme: "ipc";
  /** The path of the socket file; `*` makes one up, for `bind` only; `@name` is a name in Linux's abstract namespace. */
  readonly path: string;
}

/** A parsed endpoint. */
export type Endpoint = TcpEndpoint | IpcEndpoint;

/** Longest path of a Unix domain socket, in bytes. */
const MAX_PATH = 107;

const TCP = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/[\]\s]+)):(\*|\d{1,5})$/;
const IPV6 = /^[0-9a-fA-F:.]+(?:%[\w.-]+)?$/;

/** Whether an endpoint is to be bound or connected: `*` and port 0 make sense only for the first. */
export type EndpointUse = "bind" | "connect";

/**
 * Parses an endpoint and checks that it can be bound or connected.
 *
 * @throws {TypeError} If it is not a well-formed endpoint, or not one for this use; the message says what is wrong.
 */
export function parseEndpoint(text: string, use: EndpointUse): Endpoint {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot ${use}: the endpoint must be a string, such as "tcp://127.0.0.1:5555"`);
  }
  const refuse = (why: string) => new TypeError(`Cannot ${use} to ${JSON.stringify(text)}: ${why}`);
  const colon = text.indexOf("://");
  if (colon < 1) throw refuse('an endpoint starts with a transport, such as "tcp://127.0.0.1:5555"');
  const scheme = text.slice(0, colon);
  if (scheme === "tcp") return parseTcp(text, use, refuse);
  if (scheme === "ipc") return parseIpc(text, use, refuse);
  throw refuse(`the transport "${scheme}" is not known; known are: tcp, ipc`);
}

type Refuse = (why: string) => TypeError;

function parseTcp(text: string, use: EndpointUse, refuse: Refuse): TcpEndpoint {
  const match = TCP.exec(text);
  if (match === null) throw refuse('a tcp endpoint is "tcp://host:port", with an IPv6 address in brackets');
  const host = match[1] ?? match[2]!;
  if (match[1] !== undefined && !(host.includes(":") && IPV6.test(host))) {
    throw refuse(`"${host}" is not an IPv6 address`);
  }
  const port = match[3] === "*" ? 0 : Number(match[3]);
  if (port > 65535) throw refuse("a port is at most 65535");
  if (use === "connect") {
    if (host === "*") throw refuse('"*" is no host to connect to; name one, such as 127.0.0.1');
    if (port === 0) throw refuse("name the port to connect to");
  }
  return { scheme: "tcp", host, port };
}

function parseIpc(text: string, use: EndpointUse, refuse: Refuse): IpcEndpoint {
  const path = text.slice("ipc://".length);
  if (path === "" || path === "@" || path.includes("\0")) {
    throw refuse('an ipc endpoint is "ipc://" and a path, such as "ipc:///tmp/jobs.sock"');
  }
  const { length } = new TextEncoder().encode(path);
  if (length > MAX_PATH) throw refuse(`the path is ${length} bytes long; ${MAX_PATH} are allowed`);
  if (path === "*" && use === "connect") throw refuse('"*" is no path to connect to; bind tells the real one');
  return { scheme: "ipc", path };
}

/** The canonical text of an endpoint: the inverse of {@link parseEndpoint}. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.scheme === "ipc") return `ipc://${endpoint.path}`;
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.scheme}://${host}:${endpoint.port}`;
}
