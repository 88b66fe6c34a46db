/**
 * The introduction of peers older than ZMTP 3, in both directions: from 2.0 on a socket type, and in every version a
 * routing id, which is the first frame (RFC 13, RFC 15).
 *
 * @module
 */

import { encodeFrame, LONG, MAX_HEADER_SIZE, MORE, readLength } from "./frame.ts";
import { bodyLengthV1, encodeFrameV1, headerSizeV1, knownFlagsV1 } from "./frame_v1.ts";

/** The versions before ZMTP 3, which have no handshake. */
export type OlderVersion = "1.0" | "2.0";

/** The versions without a handshake: those before 3, and ZWS without a mechanism. */
export type VersionWithoutHandshake = OlderVersion | "ZWS2.0";

/** A peer without a handshake after its introduction: an older one, or one that speaks ZWS without a mechanism. */
export interface PeerWithoutHandshake {
  /** The version of the peer. */
  readonly version: VersionWithoutHandshake;
  /** Its socket type; empty if it sent none, like libzmq 2.x, which does not even send its version. */
  readonly socketType: string;
  /** The routing id that the peer chose; empty if it chose none. */
  readonly identity: Uint8Array;
}

/** Encodes the frame with our routing id. */
export function encodeIdentity(version: OlderVersion, identity: Uint8Array): Uint8Array {
  return version === "1.0" ? encodeFrameV1(0, identity) : encodeFrame(0, identity);
}

/** Returns the size of the header of a peer's first frame, by its first byte; 0 if it is invalid. */
export function identityHeaderSize(version: OlderVersion, first: number): number {
  if (version === "1.0") return first === 0 ? 0 : headerSizeV1(first);
  if ((first & ~LONG) !== 0) return 0;
  return first === LONG ? MAX_HEADER_SIZE : 2;
}

/** Returns the length of the routing id after the header at `at`; -1 if the frame is invalid. */
export function identityLength(version: OlderVersion, bytes: Uint8Array, at: number): number {
  if (version === "2.0") return bytes[at] === LONG ? readLength(bytes, at + 1) : bytes[at + 1]!;
  // RFC 13 requires that these flags are ignored, but they distinguish a ZMTP 1.0 peer from one that speaks HTTP or
  // TLS.
  const flags = bytes[at + headerSizeV1(bytes[at]!) - 1]!;
  return (flags & MORE) === 0 && knownFlagsV1(flags) ? bodyLengthV1(bytes, at) : -1;
}
