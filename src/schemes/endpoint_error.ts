/**
 * The error about the text of an endpoint.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";

/** The use of an endpoint, to bind or to connect it: `*` and port 0 make sense only for the first, a source only for the second. */
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

/** Makes the error about one part of the endpoint that is being parsed. */
export type RefuseEndpoint = (part: EndpointPart, why: string, code?: "ENAMETOOLONG") => EndpointError;
