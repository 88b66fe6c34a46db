/**
 * The error for an invalid endpoint.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { hidePassword } from "../base/errors.ts";

/** The use of an endpoint. `*` and port 0 are only for `bind`, a source address is only for `connect`. */
export type EndpointUse = "bind" | "connect";

/** A call of a socket that takes an endpoint. */
export type EndpointAttempt = EndpointUse | "unbind" | "disconnect";

/** The part of an endpoint that is wrong. */
export type EndpointPart = "scheme" | "host" | "port" | "source" | "path" | "name";

/**
 * A malformed endpoint, or one that its use does not allow.
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

  /** The code that libzmq uses: `ENAMETOOLONG` for an ipc path that is too long, else `EINVAL`. */
  readonly code: "EINVAL" | "ENAMETOOLONG";
  /** The part that is wrong. */
  readonly part: EndpointPart;
  /** The endpoint as it was passed in. */
  readonly endpoint: string;

  /** Creates an error about one part of an endpoint. */
  constructor(part: EndpointPart, message: string, endpoint: string = "", code: "EINVAL" | "ENAMETOOLONG" = "EINVAL") {
    super(message);
    this.name = "EndpointError";
    this.part = part;
    this.endpoint = endpoint;
    this.code = code;
    hidePassword(this);
  }
}

/** Creates the error about one part of the endpoint being parsed. */
export type RefuseEndpoint = (part: EndpointPart, why: string, code?: "ENAMETOOLONG") => EndpointError;
