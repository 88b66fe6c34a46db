/**
 * `ipc://`: a Unix domain socket, addressed by its path or by a name in Linux's abstract namespace.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";
import { endpointText } from "../base/peer_text.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** An `ipc://` endpoint: a Unix domain socket. */
export class IpcEndpoint {
  static {
    brandInstances(this, "IpcEndpoint");
  }

  /** Always `ipc`. */
  readonly scheme: "ipc" = "ipc";
  /**
   * The path of the socket file. `*` generates a path, for `bind` only; `@name` is a name in Linux's abstract
   * namespace.
   */
  readonly path: string;

  /** Creates an endpoint without checks; {@linkcode Endpoint}`.parse` checks the path. */
  constructor(path: string) {
    if (arguments.length > 1) refuseSurplus("new IpcEndpoint()", 1, arguments[1]);
    this.path = path;
  }

  /** Returns the canonical text. */
  toString(): string {
    return `ipc://${this.path}`;
  }
}

/** Maximum length of the path of a Unix domain socket, in bytes. */
const MAX_PATH = 107;

/** Recognizes an ipc endpoint from any copy of the library. */
export function isIpc(endpoint: { readonly scheme: string }): endpoint is IpcEndpoint {
  return endpoint.scheme === "ipc";
}

/** Parses the part after `ipc://`. */
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
 * Rejects an endpoint that this runtime cannot reach, because connecting would be retried forever.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT` without Unix domain sockets, `ENOTSUP` for an abstract name where the runtime
 * would bind or connect another name.
 */
export function requireReachable(address: IpcEndpoint, use: EndpointUse, lacks: (what: string) => boolean): void {
  const attempt = `Cannot ${use} ${endpointText(address)}`;
  if (lacks("ipc")) {
    throw new ZmqError(
      "EPROTONOSUPPORT",
      `${attempt}: this runtime has no Unix domain sockets on this platform; use tcp`,
    );
  }
  if (address.path.startsWith("@") && lacks("ipcAbstract")) {
    const why = "abstract names need Linux, and Node 21.6.2 or later";
    throw new ZmqError("ENOTSUP", `${attempt}: ${why}; use a path`);
  }
}
