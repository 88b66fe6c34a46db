/**
 * Endpoints of schemes that say nothing of what stands behind their `://`.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";

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
