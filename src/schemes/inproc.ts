/**
 * `inproc://`: a name within a context.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";

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

/** Parses the part behind `inproc://`. */
export function parseInproc(name: string, _use: EndpointUse | undefined, refuse: RefuseEndpoint): InprocEndpoint {
  if (name === "") throw refuse("name", 'an inproc endpoint is "inproc://" and a name');
  return new InprocEndpoint(name);
}
