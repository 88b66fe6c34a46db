/**
 * Bytes to frames: give it a chunk, ask for frames until there are none. It never copies a body that lies whole in its
 * chunk, and never takes much more memory than has arrived. Limits are checked before memory is taken (RFC 37 §2.3).
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import { COMMAND, LONG, MAX_HEADER_SIZE, MORE } from "./frame.ts";

/** Bodies up to this size get their memory at once; larger ones grow as bytes arrive, so that a length alone costs nothing. */
const EAGER_BODY = 1024 * 1024;
const NO_CHUNK = new Uint8Array(0);

/** A pull decoder of ZMTP 3.x frames. */
export class FrameDecoder {
  /** Largest body of a frame of a message, in bytes; may change between frames. */
  maxFrameSize: number;
  /** Largest body of a command, in bytes; may change between frames. */
  maxCommandSize: number;

  /** Flags of the frame that `next` found: `MORE` and `COMMAND`. */
  flags = 0;
  /** Body of the frame that `next` found; it may be a view of the chunk. */
  body: Uint8Array = NO_CHUNK;

  #chunk: Uint8Array = NO_CHUNK;
  #at = 0;

  // A frame that goes on in the next chunk: first its header, then its body.
  readonly #header = new Uint8Array(MAX_HEADER_SIZE);
  #headerLength = 0;
  #partial: Uint8Array | undefined;
  #partialLength = 0;
  #wanted = 0;

  constructor(maxFrameSize: number, maxCommandSize: number = maxFrameSize) {
    this.maxFrameSize = maxFrameSize;
    this.maxCommandSize = maxCommandSize;
  }

  /** Hands over the next chunk. The one before must be used up: `next` has returned `false`. */
  push(chunk: Uint8Array): void {
    // A `subarray` of a Node Buffer would be a Buffer; the message type is the same on every runtime.
    this.#chunk = chunk.constructor === Uint8Array
      ? chunk
      : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#at = 0;
  }

  /**
   * Finds the next frame and puts it into `flags` and `body`; `false` when the chunk is used up.
   *
   * @throws {ZmqError} `EPROTO` for flags that cannot be, `EMSGSIZE` for a body over the limit.
   */
  next(): boolean {
    if (this.#partial !== undefined) return this.#fillBody();
    if (this.#headerLength > 0) return this.#fillHeader();
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left === 0) return this.#release();
    if (left < 0) {
      throw new ZmqError("EINVAL", "A received frame was transferred with messages behind it: slice() it first");
    }
    if (left < 2) return this.#keepHeader();
    const flags = chunk[at]!;
    let length: number;
    let body: number;
    if ((flags & LONG) === 0) {
      length = chunk[at + 1]!;
      body = at + 2;
    } else {
      if (left < MAX_HEADER_SIZE) return this.#keepHeader();
      length = readLength(chunk, at + 1);
      body = at + MAX_HEADER_SIZE;
    }
    if (flags > LONG || length > this.maxFrameSize) this.#check(flags, length);
    this.flags = flags & ~LONG;
    const end = body + length;
    if (end > chunk.length) {
      this.#at = body;
      return this.#keepBody(length);
    }
    this.#at = end;
    this.body = chunk.subarray(body, end);
    return true;
  }

  #check(flags: number, length: number): void {
    if ((flags & ~(MORE | LONG | COMMAND)) !== 0) {
      throw new ZmqError("EPROTO", `The peer sent a frame with reserved flags (0x${flags.toString(16)})`);
    }
    if ((flags & COMMAND) !== 0 && (flags & MORE) !== 0) {
      throw new ZmqError("EPROTO", "The peer sent a command with the MORE flag");
    }
    const limit = (flags & COMMAND) === 0 ? this.maxFrameSize : this.maxCommandSize;
    if (length > limit) {
      throw new ZmqError("EMSGSIZE", `The peer announced a frame of ${length} bytes; the limit is ${limit}`);
    }
  }

  /** The chunk ends inside a header: keeps what there is. */
  #keepHeader(): boolean {
    const rest = this.#chunk.subarray(this.#at);
    this.#header.set(rest);
    this.#headerLength = rest.length;
    return this.#release();
  }

  #fillHeader(): boolean {
    const header = this.#header;
    for (;;) {
      const size = this.#headerLength < 2 || (header[0]! & LONG) === 0 ? 2 : MAX_HEADER_SIZE;
      if (this.#headerLength === size) break;
      if (this.#at === this.#chunk.length) {
        return this.#release();
      }
      header[this.#headerLength++] = this.#chunk[this.#at++]!;
    }
    const flags = header[0]!;
    const length = (flags & LONG) === 0 ? header[1]! : readLength(header, 1);
    this.#check(flags, length);
    this.#headerLength = 0;
    this.flags = flags & ~LONG;
    const end = this.#at + length;
    if (end > this.#chunk.length) return this.#keepBody(length);
    this.body = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return true;
  }

  /** The chunk ends inside a body: starts to gather it. */
  #keepBody(length: number): boolean {
    this.#wanted = length;
    this.#partialLength = 0;
    this.#partial = new Uint8Array(Math.min(length, Math.max(EAGER_BODY, 2 * (this.#chunk.length - this.#at))));
    return this.#fillBody();
  }

  #fillBody(): boolean {
    const have = this.#chunk.length - this.#at;
    const missing = this.#wanted - this.#partialLength;
    const taken = Math.min(have, missing);
    const needed = this.#partialLength + taken;
    let partial = this.#partial!;
    if (needed > partial.length) {
      const grown = new Uint8Array(Math.min(this.#wanted, Math.max(needed, 2 * partial.length)));
      grown.set(partial.subarray(0, this.#partialLength));
      this.#partial = partial = grown;
    }
    const whole = this.#at === 0 && taken === this.#chunk.length;
    partial.set(whole ? this.#chunk : this.#chunk.subarray(this.#at, this.#at + taken), this.#partialLength);
    this.#partialLength = needed;
    this.#at += taken;
    if (needed < this.#wanted) {
      return this.#release();
    }
    this.body = partial;
    this.#partial = undefined;
    return true;
  }

  /** Lets go of a used-up chunk, so that it is not kept alive until the next one; `false`, as there is no frame. */
  #release(): boolean {
    this.#chunk = NO_CHUNK;
    this.#at = 0;
    return false;
  }
}

/** Eight bytes, big-endian. From 2^53 on the number is not exact but still above every limit. */
function readLength(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
  const low = (bytes[at + 4]! << 24 | bytes[at + 5]! << 16 | bytes[at + 6]! << 8 | bytes[at + 7]!) >>> 0;
  return high * 0x1_0000_0000 + low;
}
