/**
 * The key of an upgrade and its answer (RFC 6455 §4.2.2), which show that both sides speak WebSocket.
 *
 * @module
 */

import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A new key. */
export function newUpgradeKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

/** Checks if a text is the key of an upgrade: 16 bytes in base64. */
export function isUpgradeKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(text);
}

/** The answer to a key. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}
