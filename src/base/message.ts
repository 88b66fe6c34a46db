/**
 * Messages: the forms that users pass in, the form that the library carries, and the conversions between them.
 *
 * A message is an array of at least one frame; a frame is a `Uint8Array`, on every runtime.
 *
 * @module
 */

import { NO_BYTES, received, viewOf } from "./bytes.ts";
import { typeName } from "./type_name.ts";
import { emptyFrame, isGone, keep } from "./untransferable.ts";

/** A message inside the library, incoming or outgoing: at least one frame. Programs receive the type of `received.ts`. */
export type Message = Uint8Array[];

/**
 * One frame as it can be sent: bytes of any kind, text (sent as UTF-8), a number (sent as its decimal text), or `null`
 * (an empty frame).
 */
export type FrameLike = Uint8Array | string | ArrayBuffer | ArrayBufferView | number | null;

/** A message as it can be sent: one frame, or an array of at least one frame. */
export type MessageLike = FrameLike | readonly FrameLike[];

/**
 * Makes a message with too few frames a type error, where the type of the message shows their number: `[]`, or with a
 * second argument whatever that describes.
 */
export type Sendable<M, TooFew = readonly []> = M extends TooFew ? { readonly "this message has too few frames": never }
  : unknown;

/** Messages that a socket that addresses peers cannot send: they have a routing id at most. */
export type Unrouted = FrameLike | readonly [] | readonly [FrameLike];

const encoder = new TextEncoder();
/** Keeps a byte order mark: without `ignoreBOM`, two different frames could decode to the same text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of up to this many UTF-16 units is encoded into a shared slab, longer text into its own memory. */
const SLAB_TEXT = 1024;
const TEXT_SLAB_SIZE = 16 * 1024;

/**
 * Creates small frames that share slabs, because allocating small typed arrays is slow on Deno. No part of a slab is
 * written twice, so frames stay valid.
 */
export class SmallFrames {
  #slab = NO_BYTES;
  #used = 0;

  /** Encodes a text as UTF-8. */
  encode(text: string): Uint8Array {
    if (text.length === 0) return emptyFrame();
    if (text.length > SLAB_TEXT) return encoder.encode(text);
    // UTF-8 needs at most three bytes per UTF-16 unit.
    const start = this.#reserve(text.length * 3);
    const room = this.#slab.subarray(start);
    const { written } = encoder.encodeInto(text, room);
    this.#used += written;
    return room.subarray(0, written);
  }

  /** Copies up to a few hundred bytes. */
  copy(bytes: Uint8Array): Uint8Array {
    const start = this.#reserve(bytes.length);
    this.#slab.set(bytes, start);
    this.#used += bytes.length;
    return this.#slab.subarray(start, this.#used);
  }

  /** Makes the slab have at least `size` free bytes, and returns where they start. */
  #reserve(size: number): number {
    if (this.#slab.length - this.#used < size) {
      this.#slab = keep(new Uint8Array(TEXT_SLAB_SIZE));
      this.#used = 0;
    }
    return this.#used;
  }
}

/** Normalizes the messages that users pass in. One per socket. */
export class MessageIntake {
  /** Size in bytes of the message read last. Summing the lengths again would cost 1 % of a send of 64 bytes. */
  bytes = 0;
  readonly #small = new SmallFrames();

  /**
   * Returns the message in the library's own form: a new array whose frames refer to the memory that was passed in.
   *
   * @throws {TypeError} If it is an empty array, or contains something that is not a frame.
   */
  read(input: MessageLike): Message {
    if (!Array.isArray(input)) {
      const frame = isFrame(input) ? input : this.#frame(input as FrameLike);
      if ((this.bytes = frame.length) === 0 && frame === input) requirePresent(frame);
      return [frame];
    }
    const message = new Array<Uint8Array>(input.length);
    if (input.length === 0) throw noFrames();
    let bytes = 0;
    for (let i = 0; i < input.length; i++) {
      const given = input[i];
      const frame = message[i] = isFrame(given) ? given : this.#frame(given);
      const { length } = frame;
      if (length === 0 && frame === given) requirePresent(frame);
      bytes += length;
    }
    this.bytes = bytes;
    return message;
  }

  #frame(input: FrameLike): Uint8Array {
    if (typeof input === "string") return this.#small.encode(input);
    if (input === null) return emptyFrame();
    if (typeof input === "number") return this.#small.encode(String(input));
    const bytes = viewOf(input);
    if (bytes !== undefined) return bytes;
    throw new TypeError(
      `Cannot send a frame of type ${typeName(input)}: use bytes, a string, a number or null${json(input)}`,
    );
  }
}

/**
 * Checks if the input can be used as it is. The prototype alone is not enough: an object that only claims to be bytes
 * would break the connection.
 */
function isFrame(input: unknown): input is Uint8Array {
  return input instanceof Uint8Array && ArrayBuffer.isView(input);
}

/** A frame is empty only if it was passed in empty: bytes that were transferred would silently change the message. */
function requirePresent(frame: Uint8Array): void {
  if (isGone(frame)) throw new TypeError("Cannot send a frame whose memory was transferred: it has no bytes left");
}

/**
 * Returns the frames of a message as an array, unchecked; {@link MessageIntake} checks them.
 *
 * @throws {TypeError} If there are none.
 */
export function framesOf(message: MessageLike): readonly FrameLike[] {
  if (!Array.isArray(message)) return [message as FrameLike];
  if (message.length === 0) throw noFrames();
  return message;
}

function noFrames(): TypeError {
  return new TypeError("Cannot send an empty message: it needs at least one frame, which may be empty");
}

/**
 * Returns the bytes of a topic or routing id.
 *
 * @throws {TypeError} If it is neither a string nor bytes.
 */
export function toBytes(input: string | Uint8Array): Uint8Array {
  if (typeof input === "string") return encoder.encode(input);
  const bytes = viewOf(input);
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Expected a topic or routing id as a string or a Uint8Array, not ${typeName(input)}`);
}

/** Returns advice for an object that was probably meant to be sent as JSON. */
function json(input: unknown): string {
  return typeName(input) === "object" ? ", or JSON.stringify() for an object" : "";
}

/**
 * Decodes a frame as UTF-8. Invalid bytes become U+FFFD; a byte order mark is kept.
 *
 * @throws {TypeError} If the frame is not bytes, such as a whole message, or a frame that is missing.
 *
 * @example
 * ```ts
 * import { toText } from "@monocoque/zmq";
 *
 * const frame = new Uint8Array([104, 105]);
 * if (toText(frame) !== "hi") throw new Error("unexpected");
 * ```
 */
export function toText(frame: Uint8Array): string {
  // `decode` returns an empty text for undefined, as of a frame that a message does not have.
  if (!ArrayBuffer.isView(frame) && viewOf(frame) === undefined) {
    const message = Array.isArray(frame) ? ": pass one of its frames, or use message.map(toText)" : "";
    throw new TypeError(`toText() takes the bytes of a frame, not ${typeName(frame)}${message}`);
  }
  return decoder.decode(frame);
}

/** Returns bytes as a string with one character per byte, for use as a map key. */
export function toKey(bytes: Uint8Array): string {
  let key = "";
  for (let i = 0; i < bytes.length; i++) key += String.fromCharCode(bytes[i]!);
  return key;
}

/**
 * Bytes of memory that a frame counts for in addition to its own: the view object and its place in the message. More than
 * was measured on any runtime (`bench/memory_costs.ts`, docs/security.md).
 */
export const FRAME_COST = 192;

/** Returns a message as a receiver in this process gets it: its frames by reference, in a list of its own. */
export function handedOver(message: Message): Message {
  if (message.length === 1) return [received(message[0]!)];
  const frames = new Array<Uint8Array>(message.length);
  for (let i = 0; i < frames.length; i++) frames[i] = received(message[i]!);
  return frames;
}

/** Returns the size of all frames in bytes. */
export function messageBytes(message: Message): number {
  if (message.length === 1) return message[0]!.length;
  let bytes = 0;
  for (let i = 0; i < message.length; i++) bytes += message[i]!.length;
  return bytes;
}
