/**
 * Memory that is shared, and must not go elsewhere with one of those who share it: a transfer (`postMessage`, `structuredClone`)
 * would empty all messages in it. Where the runtime can, it refuses that; where it cannot, what is gone is noticed.
 *
 * @module
 */

import { ZmqError } from "./errors.ts";
import { endpointText } from "./peer_text.ts";

/** Has a runtime refuse to transfer a buffer. */
export type Marker = (buffer: ArrayBufferLike) => void;

// Module-level, as the registry of transports is: the runtime is the same for all sockets.
let marker: Marker | undefined;

/** Says how the runtime refuses a transfer, and returns what was said before. */
export function markWith(given: Marker | undefined): Marker | undefined {
  const before = marker;
  marker = given;
  return before;
}

/** Has the memory of these bytes refused to who would transfer it; returns them. */
export function keep<T extends Uint8Array>(bytes: T): T {
  if (marker !== undefined) marker(bytes.buffer);
  return bytes;
}

/** Larger memory than this, in bytes, is not remembered: an idle connection would keep it alive. */
const MOST_REMEMBERED = 4096;

/**
 * Keeps what one connection reads. Small reads may follow each other in one piece of memory (Deno), and marking that costs as
 * much as a message, so what was marked last is not marked again.
 */
export class ReadMemory {
  #last: ArrayBufferLike | undefined;

  /** As {@link keep}. */
  keep<T extends Uint8Array>(bytes: T): T {
    if (marker === undefined) return bytes;
    const { buffer } = bytes;
    if (buffer === this.#last) return bytes;
    marker(buffer);
    // Memory that is full is never read into again.
    if (buffer.byteLength <= MOST_REMEMBERED && bytes.length < buffer.byteLength) this.#last = buffer;
    return bytes;
  }
}

/** Has the memory of all frames of a message, which several receivers get by reference, refused to who would transfer it. */
export function keepFrames(message: readonly Uint8Array[]): void {
  if (marker === undefined) return;
  for (let i = 0; i < message.length; i++) marker(message[i]!.buffer);
}

let empty: Uint8Array | undefined;

/**
 * An empty frame, which messages share. Marked when it is first used, for the marker is known only after this module; where a
 * runtime transfers it nevertheless, the next message gets another one.
 */
export function emptyFrame(): Uint8Array {
  // Of memory that is not empty, so that it is known at once not to be gone.
  if (empty === undefined || isGone(empty)) empty = keep(new Uint8Array(1).subarray(1));
  return empty;
}

/** Whether the memory of these bytes was transferred: then they are none. */
export function isGone(bytes: Uint8Array): boolean {
  if (bytes.length > 0 || bytes.buffer.byteLength > 0) return false;
  const { detached } = bytes.buffer as { readonly detached?: boolean };
  if (detached !== undefined) return detached;
  try {
    // Node 20 cannot tell; there a view of such memory cannot be made.
    return new Uint8Array(bytes.buffer).length < 0;
  } catch {
    return true;
  }
}

/** Whether a frame of a message was transferred since it was queued: it is not to be sent as if that frame were empty. */
export function lacksBytes(message: readonly Uint8Array[]): boolean {
  for (let i = 0; i < message.length; i++) if (message[i]!.length === 0 && isGone(message[i]!)) return true;
  return false;
}

/** Bytes that a link was given are gone before it has written them: what follows would be read as part of their frame. */
export function goneUnwritten(remote: string): ZmqError {
  return new ZmqError(
    "EINVAL",
    `Connection to ${endpointText(remote)} failed: bytes that were sent were transferred before they were written`,
  );
}
