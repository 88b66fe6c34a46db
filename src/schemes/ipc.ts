/**
 * `ipc://`: a Unix domain socket, by its path or by a name in Linux's abstract namespace.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";
import { endpointText } from "../base/peer_text.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";

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

/** Longest path of a Unix domain socket, in bytes. */
const MAX_PATH = 107;

/** Recognizes an ipc endpoint, whichever copy of the library made it. */
export function isIpc(endpoint: { readonly scheme: string }): endpoint is IpcEndpoint {
  return endpoint.scheme === "ipc";
}

/** Parses the part behind `ipc://`. */
export function parseIpc(path: string, use: EndpointUse | undefined, refuse: RefuseEndpoint): IpcEndpoint {
  if (path === "" || path === "@" || path.includes("\0")) {
    throw refuse("path", 'an ipc endpoint is "ipc://" and a path, such as "ipc:///tmp/jobs.sock"');
  }
  const { length } = new TextEncoder().encode(path);
  if (length > MAX_PATH) {
    throw refuse("path", `the path is ${length} bytes long; ${MAX_PATH} are allowed`, "ENAMETOOLONG");
  }
  if (path === "*" && use === "connect") {
    throw refuse("path", '"*" is not a path that you can connect to; use the one that bind returns');
  }
  return new IpcEndpoint(path);
}

/**
 * Refuses at once what this runtime cannot reach: attempts to connect would be made again and again.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT` without Unix domain sockets, `ENOTSUP` for an abstract name that no other program finds.
 */
export function requireReachable(address: IpcEndpoint, use: EndpointUse, lacks: (what: string) => boolean): void {
  const attempt = `Cannot ${use} ${endpointText(address)}`;
  if (lacks("ipc")) {
    throw new ZmqError("EPROTONOSUPPORT", `${attempt}: this runtime has no Unix domain sockets here; use tcp`);
  }
  if (address.path.startsWith("@") && lacks("ipcAbstract")) {
    const why = "abstract names need Linux, and Node 21.6.2 or later";
    throw new ZmqError("ENOTSUP", `${attempt}: ${why}; use a path`);
  }
}
