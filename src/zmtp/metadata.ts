/**
 * Handshake metadata (RFC 37 §2.5): names and values. Names are case-insensitive.
 *
 * @module
 */

import { peerText, quotedPeerText } from "../base/peer_text.ts";
import { ProtocolError } from "./protocol_error.ts";

/**
 * Maximum number of properties per peer: thousands of empty ones would take fifty times as much memory as bytes on the
 * wire.
 */
export const MAX_PROPERTIES = 64;

/** The metadata of a peer, with names in lower case. */
export type Metadata = ReadonlyMap<string, Uint8Array>;

/** Encodes properties in this order. A name has 1 to 255 ASCII characters. */
export function encodeMetadata(properties: Iterable<readonly [name: string, value: Uint8Array]>): Uint8Array {
  const list = [...properties];
  const out = new Uint8Array(list.reduce((size, [name, value]) => size + 5 + name.length + value.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [name, value] of list) {
    out[at++] = name.length;
    for (let i = 0; i < name.length; i++) out[at++] = name.charCodeAt(i);
    view.setUint32(at, value.length);
    out.set(value, at + 4);
    at += 4 + value.length;
  }
  return out;
}

/**
 * Parses metadata; every byte must belong to a property. The values are views of one copy, because the metadata
 * outlives the chunk that it arrived in. Names are not validated, as in libzmq: they may be empty, or contain
 * characters that RFC 37 does not allow.
 *
 * @param most Maximum number of properties.
 * @throws {ProtocolError} If a length exceeds the data, a name is repeated, or there are too many properties.
 */
export function parseMetadata(data: Uint8Array, most: number = MAX_PROPERTIES): Metadata {
  const properties = new Map<string, Uint8Array>();
  data = data.slice();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  while (at < data.length) {
    const nameEnd = at + 1 + data[at]!;
    if (nameEnd + 4 > data.length) throw malformed("a name that does not fit");
    const name = readName(data.subarray(at + 1, nameEnd));
    const valueAt = nameEnd + 4;
    const valueEnd = valueAt + view.getUint32(nameEnd);
    if (valueEnd > data.length) throw malformed(`a value that does not fit (${shown(name)})`);
    if (properties.has(name)) throw malformed(`the property ${shown(name)} twice`);
    if (properties.size === most) throw malformed(`more than ${most} properties`);
    properties.set(name, data.subarray(valueAt, valueEnd));
    at = valueEnd;
  }
  return properties;
}

function readName(bytes: Uint8Array): string {
  let name = "";
  for (let i = 0; i < bytes.length; i++) name += String.fromCharCode(bytes[i]!);
  return name.toLowerCase();
}

/** Returns a name for an error message; in quotes and ASCII if RFC 37 does not allow it. */
function shown(name: string): string {
  return /^[a-z0-9\-_.+]+$/.test(name) ? peerText(name) : quotedPeerText(name.replace(/[^ -~]/g, "?"));
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("EPROTO", "INVALID_METADATA", `The peer sent metadata with ${what}`);
}
