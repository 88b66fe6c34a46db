/**
 * Peers after the handshake: the metadata that the two sides of a ZMTP 3 connection exchange (RFC 37 §2.5), and the
 * common description of peers of all versions.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { toText } from "../base/message.ts";
import { checkIdentity } from "./identity.ts";
import { encodeMetadata, type Metadata } from "./metadata.ts";
import type { VersionWithoutHandshake } from "./older_peer.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { ZmtpSocketType } from "./socket_type.ts";

/** A peer after the handshake. */
export interface PeerInfo {
  /** The ZMTP version of the connection; 3.1 also for peers of later versions. `inproc` for peers in this process. */
  readonly version: "3.1" | "3.0" | VersionWithoutHandshake | "inproc";
  /** The peer's socket type; empty if it did not send one, as libzmq 2.x does not. */
  readonly socketType: string;
  /** The routing id that the peer chose; empty if it chose none. */
  readonly identity: Uint8Array;
  /** Minor version of ZMTP 3 of the connection: 0 or 1. 0 for older peers. */
  readonly minor: number;
  /** All metadata of the peer. Empty for older peers. */
  readonly metadata: Metadata;
}

/** Encodes the metadata of this socket for the handshake, including that of the application. */
export function ownMetadata(
  type: ZmtpSocketType,
  identity: Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encodeMetadata(introduction(type, identity, more));
}

/** Describes a socket to a peer in this process, as over a link. */
export function inprocPeer(
  type: ZmtpSocketType,
  identity: Uint8Array,
  more: Readonly<Record<string, string>>,
): PeerInfo {
  const metadata = new Map(introduction(type, identity, more).map(([name, value]) => [name.toLowerCase(), value]));
  return readPeer(metadata, { version: "inproc", minor: 1 });
}

function introduction(
  type: ZmtpSocketType,
  identity: Uint8Array,
  more: Readonly<Record<string, string>>,
): [name: string, value: Uint8Array][] {
  const encoder = new TextEncoder();
  const properties: [string, Uint8Array][] = [["Socket-Type", encoder.encode(type.name)]];
  if (type.tellsRoutingId === true) properties.push(["Identity", identity.slice()]);
  for (const [name, value] of Object.entries(more)) properties.push([name, encoder.encode(value)]);
  return properties;
}

/**
 * Describes a ZMTP 3 peer by its metadata and the version of the connection.
 *
 * @throws {ProtocolError} If the metadata has no socket type, or an invalid routing id.
 */
export function readPeer(metadata: Metadata, { version, minor }: Pick<PeerInfo, "version" | "minor">): PeerInfo {
  const type = metadata.get("socket-type");
  if (type === undefined) {
    throw new ProtocolError("EPROTO", "INVALID_METADATA", "The peer did not send its socket type");
  }
  return {
    version,
    socketType: toText(type),
    // A copy, because users see it, and may keep or transfer it.
    identity: checkIdentity(metadata.get("identity") ?? NO_BYTES).slice(),
    minor,
    metadata,
  };
}
