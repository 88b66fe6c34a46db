/**
 * The wire of each version of ZMTP, as greetings negotiate it.
 *
 * @module
 */

import type { SessionOptions } from "../session_handler.ts";
import type { Wire } from "./wire.ts";
import { WireV1 } from "./wire_v1.ts";
import { WireV2 } from "./wire_v2.ts";
import { WireV3 } from "./wire_v3.ts";

/** Creates the first wire to a peer: of the handshake in ZMTP 3, of the traffic in older versions. */
export function newWire(version: "1.0" | "2.0" | "3.0" | "3.1", { limits, zeroCopyReceive }: SessionOptions): Wire {
  const copies = zeroCopyReceive === false;
  switch (version) {
    case "1.0":
      return new WireV1(limits.maxFrameSize, copies);
    case "2.0":
      return new WireV2(limits.maxFrameSize, copies);
    default:
      return new WireV3(version === "3.0" ? 0 : 1, limits.maxHandshakeSize, copies);
  }
}
