/**
 * Messages: what users hand in, what the library carries, and the conversions between.
 *
 * A message is an array of at least one frame; a frame is bytes. The same `Uint8Array` type on every runtime.
 *
 * @module
 */

import { viewOf } from "./bytes.ts";
import { emptyFrame, isGone, keep } from "./untransferable.ts";

/**
 * A message as it is received and carried: one or more frames. A received frame is a view of a larger buffer, which other
 * frames share: `slice()` it to keep a small one for long, and before its buffer is transferred.
 */
export type Message = Uint8Array[];

/**
 * One frame as it may be handed in: bytes of any kind, text (sent as UTF-8), a number (sent as its decimal text),
 * or `null` (an empty frame).
 */
export type FrameLike = Uint8Array | string | ArrayBuffer | ArrayBufferView | number | null;

/** A message as it may be handed in: one frame, or an array of at least one. */
export type MessageLike = FrameLike | readonly FrameLike[];

const encoder = new TextEncoder();
/** A byte order mark is text like any other: two texts are not the same because one begins with it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts up to this many UTF-16 units are encoded into a shared slab, longer ones into memory of their own. */
const SLAB_TEXT = 1024;
const SLAB_SIZE = 16 * 1024;

/**
 * Makes small frames that share slabs, because allocating small typed arrays is slow on Deno.
 * A slab is never written twice, so the frames stay valid for any time.
 */
export class SmallFrames {
  #slab = new Uint8Array(0);
  #used = 0;

  /** The UTF-8 of a text. */
  encode(text: string): Uint8Array {
    if (text.length === 0) return emptyFrame();
    if (text.length > SLAB_TEXT) return encoder.encode(text);
    // UTF-8 needs at most three bytes a UTF-16 unit.
    const room = this.#room(text.length * 3);
    const { written } = encoder.encodeInto(text, room);
    this.#used += written;
    return room.subarray(0, written);
  }

  /** A copy of at most some hundred bytes. */
  copy(bytes: Uint8Array): Uint8Array {
    const room = this.#room(bytes.length).subarray(0, bytes.length);
    room.set(bytes);
    this.#used += bytes.length;
    return room;
  }

  /** What is left of a slab that has at least `size` bytes left. */
  #room(size: number): Uint8Array {
    if (this.#slab.length - this.#used < size) {
      this.#slab = keep(new Uint8Array(SLAB_SIZE));
      this.#used = 0;
    }
    return this.#slab.subarray(this.#used);
  }
}

/** Normalises messages that users hand in. One for each socket. */
export class MessageIntake {
  /** Bytes of the message that was read last: asking a frame for its length once more costs a send of 64 bytes 1 %. */
  bytes = 0;
  readonly #small = new SmallFrames();

  /**
   * The message in the library's own form: a new array, whose frames refer to the memory that was handed in.
   *
   * @throws {TypeError} If it is an empty array, or holds something that is not a frame.
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
      `Cannot send a frame of type ${
        input === undefined ? "undefined" : typeof input
      }: use bytes, a string, a number or null`,
    );
  }
}

/** A frame as it is. Its prototype alone would not do: an object that only claims to be bytes would break its connection. */
function isFrame(input: unknown): input is Uint8Array {
  return input instanceof Uint8Array && ArrayBuffer.isView(input);
}

/** An empty frame is one that was handed in so: with bytes that are gone another message would be sent. */
function requirePresent(frame: Uint8Array): void {
  if (isGone(frame)) throw new TypeError("Cannot send a frame whose memory was transferred: it has no bytes left");
}

/**
 * The frames that were handed in, in an array. What each of them is, is for {@link MessageIntake} to check.
 *
 * @throws {TypeError} If there is none.
 */
export function framesOf(message: MessageLike): readonly FrameLike[] {
  if (!Array.isArray(message)) return [message as FrameLike];
  if (message.length === 0) throw noFrames();
  return message;
}

function noFrames(): TypeError {
  return new TypeError("Cannot send an empty message: it needs at least one frame, which may be empty");
}

/** The bytes of a string or of bytes: for topics and routing ids. */
export function toBytes(input: string | Uint8Array): Uint8Array {
  if (typeof input === "string") return encoder.encode(input);
  const bytes = viewOf(input);
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Expected a topic or routing id as a string or a Uint8Array, not ${typeof input}`);
}

/**
 * The text of a frame, read as UTF-8; bytes that are not UTF-8 become U+FFFD.
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
  return decoder.decode(frame);
}

/** Bytes as a string of one character a byte: a key for maps. */
export function toKey(bytes: Uint8Array): string {
  let key = "";
  for (let i = 0; i < bytes.length; i++) key += String.fromCharCode(bytes[i]!);
  return key;
}

/**
 * What a frame takes in memory besides its bytes: the object of its view and its place in the message. Measured, in resident
 * bytes: Bun 95, Node 142, Deno 185 (docs/security.md).
 */
export const FRAME_COST = 192;

/** The number of bytes of all frames. */
export function messageBytes(message: Message): number {
  if (message.length === 1) return message[0]!.length;
  let bytes = 0;
  for (let i = 0; i < message.length; i++) bytes += message[i]!.length;
  return bytes;
}
