/**
 * How the two sides of a ZMTP 3 connection introduce themselves, in the metadata of the handshake (RFC 37 §2.5), and what
 * is known then of a peer of any version.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { checkIdentity } from "./identity.ts";
import { encodeMetadata, type Metadata } from "./metadata.ts";
import type { OlderVersion } from "./older_peer.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { WireType } from "./socket_type.ts";

/** What is known of a peer after the handshake. */
export interface PeerInfo {
  /**
   * The version of ZMTP that is spoken with it; 3.1 also if it knows later ones. `inproc` in this process.
   */
  readonly version: "3.1" | "3.0" | OlderVersion | "inproc";
  /** Its socket type; empty if it did not tell, as libzmq 2.x does not. */
  readonly socketType: string;
  /** The routing id it chose; empty if it leaves that to us. */
  readonly identity: Uint8Array;
  /** Minor version of ZMTP 3 that is spoken with it: 0 or 1. 0 for older peers. */
  readonly minor: number;
  /** Everything it told. Older peers tell nothing in this way. */
  readonly metadata: Metadata;
}

/** Our metadata for the handshake of this socket, with what the application has to tell. */
export function ownMetadata(
  type: WireType,
  identity: Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encodeMetadata(introduction(type, identity, more));
}

/** What a peer in this process knows of a socket: the same as over a link. */
export function inprocPeer(
  type: WireType,
  identity: Uint8Array,
  more: Readonly<Record<string, string>>,
): PeerInfo {
  const metadata = new Map(introduction(type, identity, more).map(([name, value]) => [name.toLowerCase(), value]));
  return readPeer(metadata, { version: "inproc", minor: 1 });
}

function introduction(
  type: WireType,
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
 * A ZMTP 3 peer, by its metadata and the version that is spoken with it.
 *
 * @throws {ProtocolError} if it did not tell its socket type, or has a routing id that it may not have.
 */
export function readPeer(metadata: Metadata, { version, minor }: Pick<PeerInfo, "version" | "minor">): PeerInfo {
  const type = metadata.get("socket-type");
  if (type === undefined) {
    throw new ProtocolError("EPROTO", "INVALID_METADATA", "The peer did not send its socket type");
  }
  return {
    version,
    socketType: new TextDecoder().decode(type),
    // Memory of its own: users see it, and may keep it or hand it on.
    identity: checkIdentity(metadata.get("identity") ?? NO_BYTES).slice(),
    minor,
    metadata,
  };
}
