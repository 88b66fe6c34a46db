/**
 * Messages as zeromq.js has them: what can be sent, and `Buffer`s that own their memory.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import type { Bytes, FrameLike } from "../../mod.ts";
import { NO_BYTES } from "../base/bytes.ts";

/** A received frame. */
export type Message = Buffer;

/** A frame that can be sent. */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null;

/** Frames of at most this many bytes are copied, so that the program can reuse its memory. */
const COPIED = 128;
/** Memory of copies, which is never written twice. */
const FRAME_SLAB_SIZE = 16 * 1024;
let slab = NO_BYTES;
let used = 0;

/**
 * Arrays of at most this many bytes are cheaper than a view of the slab where V8 keeps them in its heap, and on Bun. Deno's
 * V8 keeps none there, and allocates 1.6 µs long.
 */
const OWN = process.versions.deno === undefined ? 64 : 0;

function copy(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length <= OWN) {
    const own = new Uint8Array(length);
    own.set(bytes);
    return own;
  }
  if (used + length > slab.length) {
    slab = new Uint8Array(FRAME_SLAB_SIZE);
    used = 0;
  }
  slab.set(bytes, used);
  const room = new Uint8Array(slab.buffer, used, length);
  used += length;
  return room;
}

function outgoingFrame(value: unknown): FrameLike {
  if (typeof value === "string" || value === null) return value;
  if (value instanceof Uint8Array) return value.length > COPIED ? value : copy(value);
  if (ArrayBuffer.isView(value)) {
    return outgoingFrame(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  if (value instanceof ArrayBuffer) return outgoingFrame(new Uint8Array(value));
  // The engine keeps the bytes until they are written, and shared ones may change.
  if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer) {
    return new Uint8Array(value).slice();
  }
  return String(value);
}

/** The frames of a message to send. An empty array has none. */
export function outgoing(message: unknown): FrameLike | FrameLike[] {
  return Array.isArray(message) ? message.map(outgoingFrame) : outgoingFrame(message);
}

function incomingFrame(frame: Uint8Array): Buffer {
  const { length } = frame;
  // A frame that arrived in memory of its own needs no copy.
  if (length > COPIED && frame.byteLength === frame.buffer.byteLength) {
    return Buffer.from(frame.buffer as ArrayBuffer, 0, length);
  }
  const buffer = Buffer.allocUnsafeSlow(length);
  buffer.set(frame);
  return buffer;
}

/** A received message, its frames converted in place. */
export function incoming(message: readonly Bytes[]): Buffer[] {
  const frames = message as unknown as Uint8Array[];
  for (let i = 0; i < frames.length; i++) frames[i] = incomingFrame(frames[i]!);
  return frames as Buffer[];
}
