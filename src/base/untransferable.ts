/**
 * Memory that several messages share must not be transferred (`postMessage`, `structuredClone`): that would empty all
 * of them. Where the runtime supports it, such a transfer throws; elsewhere the loss is detected before anything wrong
 * is sent.
 *
 * @module
 */

import { ZmqError } from "./errors.ts";
import { endpointText } from "./peer_text.ts";

/** Makes the runtime reject the transfer of a buffer. */
export type Marker = (buffer: ArrayBufferLike) => void;

// Module-level, like the registry of transports: the runtime is the same for all sockets.
let marker: Marker | undefined;
/** Protected last: protecting a buffer again costs as much as the first time, 0.6 µs on Deno. */
let last: ArrayBufferLike | undefined;

/** Sets how the runtime refuses a transfer; `undefined` if it cannot. */
export function markWith(given: Marker | undefined): void {
  marker = given;
  last = undefined;
}

/** Protects the memory of these bytes from being transferred, and returns them. */
export function keep<T extends Uint8Array>(bytes: T): T {
  if (marker === undefined) return bytes;
  const { buffer } = bytes;
  if (buffer === last) return bytes;
  marker(buffer);
  if (buffer.byteLength <= SLAB_AT_MOST) last = buffer;
  return bytes;
}

/** One buffer up to this size, in bytes, is remembered: that of many small frames. */
const SLAB_AT_MOST = 64 * 1024;
/** Buffers larger than this, in bytes, are not remembered, because an idle connection would keep them alive. */
const MOST_REMEMBERED = 4096;

/**
 * Protects the memory that one connection reads into. On Deno several small reads may share a buffer, and protecting it
 * costs as much as a message, so the buffer protected last is skipped.
 */
export class ReadMemory {
  #last: ArrayBufferLike | undefined;

  /** Like {@link keep}. */
  keep<T extends Uint8Array>(bytes: T): T {
    if (marker === undefined) return bytes;
    const { buffer } = bytes;
    if (buffer === this.#last) return bytes;
    marker(buffer);
    // A full buffer is never read into again.
    if (buffer.byteLength <= MOST_REMEMBERED && bytes.length < buffer.byteLength) this.#last = buffer;
    return bytes;
  }
}

/** Protects the memory of all frames of a message that several receivers share by reference. */
export function keepFrames(message: readonly Uint8Array[]): void {
  for (let i = 0; i < message.length; i++) keep(message[i]!);
}

let empty: Uint8Array | undefined;

/**
 * Returns the empty frame that messages share. It is protected on first use, because the marker is set after this
 * module has loaded. If a runtime transfers it anyway, the next message gets a new one.
 */
export function emptyFrame(): Uint8Array {
  // A view of a buffer that is not empty, so that `isGone` sees at once that it was not transferred.
  if (empty === undefined || isGone(empty)) empty = keep(new Uint8Array(1).subarray(1));
  return empty;
}

/** Checks if the memory of these bytes was transferred. */
export function isGone(bytes: Uint8Array): boolean {
  if (bytes.length > 0 || bytes.buffer.byteLength > 0) return false;
  const { detached } = bytes.buffer as { readonly detached?: boolean };
  if (detached !== undefined) return detached;
  try {
    // Node 20 has no `detached`; there, creating a view of transferred memory throws.
    return new Uint8Array(bytes.buffer).length < 0;
  } catch {
    return true;
  }
}

/** Checks if a frame of a queued message was transferred: it must not be sent as an empty frame. */
export function lacksBytes(message: readonly Uint8Array[]): boolean {
  for (let i = 0; i < message.length; i++) if (message[i]!.length === 0 && isGone(message[i]!)) return true;
  return false;
}

/**
 * The error for bytes that were transferred before the link wrote them. The connection must end, because the peer would
 * read the bytes that follow as a part of the frame.
 */
export function goneUnwritten(remote: string): ZmqError {
  return new ZmqError(
    "EINVAL",
    `Connection to ${endpointText(remote)} failed: bytes that were sent were transferred before they were written`,
  );
}
