/**
 * Endpoints of schemes without their own parser.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** An endpoint of a transport that was registered with `registerTransport`. Only the transport interprets its address. */
export class OtherEndpoint {
  static {
    brandInstances(this, "OtherEndpoint");
  }

  /** The part before `://`. */
  readonly scheme: string;
  /** The part after `://`. */
  readonly address: string;

  /** Creates an endpoint from its two parts, without checks. */
  constructor(scheme: string, address: string) {
    if (arguments.length > 2) refuseSurplus("new OtherEndpoint()", 2, arguments[2]);
    this.scheme = scheme;
    this.address = address;
  }

  /** Returns the canonical text. */
  toString(): string {
    return `${this.scheme}://${this.address}`;
  }
}
