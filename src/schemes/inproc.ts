/**
 * `inproc://`: a name within a context.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** An `inproc://` endpoint: a name within a `Context`. */
export class InprocEndpoint {
  static {
    brandInstances(this, "InprocEndpoint");
  }

  /** Always `inproc`. */
  readonly scheme: "inproc" = "inproc";
  /** The name, at least one character. */
  readonly name: string;

  /** Creates an endpoint without checks; {@linkcode Endpoint}`.parse` checks the name. */
  constructor(name: string) {
    if (arguments.length > 1) refuseSurplus("new InprocEndpoint()", 1, arguments[1]);
    this.name = name;
  }

  /** Returns the canonical text. */
  toString(): string {
    return `inproc://${this.name}`;
  }
}

/** Parses the part after `inproc://`. */
export function parseInproc(name: string, _use: EndpointUse | undefined, refuse: RefuseEndpoint): InprocEndpoint {
  if (name === "") throw refuse("name", 'an inproc endpoint is "inproc://" and a name');
  return new InprocEndpoint(name);
}
