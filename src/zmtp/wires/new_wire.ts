/**
 * The wire of each version of ZMTP, as greetings negotiate it.
 *
 * @module
 */

import type { VersionWithoutHandshake } from "../older_peer.ts";
import type { SessionOptions } from "../session_handler.ts";
import { ZWS } from "../zws_opening.ts";
import type { Wire } from "./wire.ts";
import { WireV1 } from "./wire_v1.ts";
import { WireV2 } from "./wire_v2.ts";
import { WireV3 } from "./wire_v3.ts";
import { ZwsWire } from "./zws_wire.ts";

/** Creates the first wire to a peer: of the handshake, or of the traffic where there is none. */
export function newWire(version: "3.0" | "3.1" | VersionWithoutHandshake, options: SessionOptions): Wire {
  const { limits, protocol } = options;
  const copies = options.zeroCopyReceive === false;
  if (protocol !== undefined) return new ZwsWire(limits.maxHandshakeSize, protocol !== ZWS, copies);
  switch (version) {
    case "1.0":
      return new WireV1(limits.maxFrameSize, copies);
    case "2.0":
      return new WireV2(limits.maxFrameSize, copies);
    default:
      return new WireV3(version === "3.0" ? 0 : 1, limits.maxHandshakeSize, copies);
  }
}
