/**
 * Connections over links that carry whole frames, such as WebSocket: ZWS 2.0 instead of a byte stream.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import type { Endpoint, EndpointAttempt } from "../../schemes/endpoint.ts";
import { requireFrames } from "../../transport/frame_link.ts";
import type { FrameOptions, Link } from "../../transport/transport.ts";
import { frameTerms } from "../connection/connection_options.ts";
import { LinkCarrier } from "./link_carrier.ts";

/** The connections of one socket over whole frames. */
export class FrameCarrier extends LinkCarrier {
  override require(address: Endpoint, attempt: EndpointAttempt): void {
    const { name, protocol } = this.host.definition;
    if (protocol === "raw") {
      throw new ZmqError(
        "EPROTONOSUPPORT",
        `Cannot ${attempt}: a ${name} socket does not support ${address.scheme}://`,
      );
    }
    super.require(address, attempt);
  }

  protected override get extras(): FrameOptions {
    return { frames: () => frameTerms(this.host.definition, this.host.settings) };
  }

  protected override check(link: Link): void {
    requireFrames(link);
  }
}
