/**
 * Decodes the frames of RFC 6455 §5 into binary messages and control frames: pass it a chunk, then call `next` until there is
 * nothing more. Limits are checked before memory is taken, and memory never exceeds the received bytes by much. Masks are removed in
 * the chunk itself, which belongs to the link.
 *
 * More than 20 members because a frame may end anywhere in a chunk: what is known of it is kept in fields.
 *
 * @module
 */

import { BodyGatherer } from "../../src/base/body_gatherer.ts";
import { NO_BYTES } from "../../src/base/bytes.ts";
import { FrameError, PROTOCOL, TOO_BIG, UNSUPPORTED_DATA } from "./frame_error.ts";
import { applyMask } from "./mask.ts";

/** There is nothing more in the chunk. */
export const NOTHING = -1;
/** Opcodes. */
const CONTINUATION = 0;
const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
/** Longest header. */
const MAX_HEADER = 14;
/** Longest body of a control frame. */
const MAX_CONTROL = 125;
/** The first memory of a message of several frames, in bytes. */
const FIRST_MEMORY = 4096;

/** A pull decoder of one connection. */
export class FrameReader {
  /** The message or the body of the control frame that `next` has returned. */
  body: Uint8Array = NO_BYTES;
  readonly #mask: number;
  readonly #most: number;
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  /** The part of a header at the end of the last chunk. */
  readonly #header = new Uint8Array(MAX_HEADER);
  #headerLength = 0;

  // The frame whose header was read last.
  #opcode = 0;
  #final = false;
  #length = 0;
  #key = 0;
  readonly #gatherer = new BodyGatherer();
  #gathering = false;

  // The message of several frames that is not complete yet.
  #fragmented = false;
  #message: Uint8Array = NO_BYTES;
  #messageLength = 0;

  /**
   * @param masked True for a server: clients mask all frames, servers none.
   * @param most The size of the largest message, in bytes.
   */
  constructor(masked: boolean, most: number) {
    this.#mask = masked ? MASKED : 0;
    this.#most = most;
  }

  /** True if the last chunk is used up. */
  get empty(): boolean {
    return this.#at >= this.#chunk.length;
  }

  /** Takes the next chunk. The one before must be used up. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * Decodes up to the end of the next message or control frame. Returns its opcode ({@link BINARY} for every message), or
   * {@link NOTHING}.
   *
   * @throws {FrameError} If the peer violates RFC 6455, sends text, or exceeds the limit.
   */
  next(): number {
    for (;;) {
      if (!this.#gathering && !this.#readHeader()) return this.#release();
      const body = this.#readBody();
      if (body === undefined) return this.#release();
      if (this.#opcode >= CLOSE) return this.#deliver(this.#opcode, body);
      if (this.#final && !this.#fragmented) return this.#deliver(BINARY, body);
      this.#append(body);
      if (!this.#final) continue;
      const message = this.#message.subarray(0, this.#messageLength);
      this.#fragmented = false;
      this.#message = NO_BYTES;
      this.#messageLength = 0;
      return this.#deliver(BINARY, message);
    }
  }

  #deliver(opcode: number, body: Uint8Array): number {
    this.body = body;
    return opcode;
  }

  /** Releases the used chunk, so that it is not kept alive until the next one. */
  #release(): number {
    this.#chunk = this.body = NO_BYTES;
    this.#at = 0;
    return NOTHING;
  }

  /** Reads a header; returns `false` if the rest of it is in the next chunk. */
  #readHeader(): boolean {
    const chunk = this.#chunk;
    if (this.#headerLength === 0) {
      const size = this.#sizeOf(chunk, this.#at, chunk.length);
      if (size > 0) {
        this.#begin(chunk, this.#at, size);
        this.#at += size;
        return true;
      }
    }
    const header = this.#header;
    while (this.#at < chunk.length) {
      header[this.#headerLength++] = chunk[this.#at++]!;
      const size = this.#sizeOf(header, 0, this.#headerLength);
      if (size === 0) continue;
      this.#headerLength = 0;
      this.#begin(header, 0, size);
      return true;
    }
    return false;
  }

  /** The size of the header at `at`; 0 if it is not complete before `end`. */
  #sizeOf(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    const length = bytes[at + 1]! & 0x7f;
    const size = (length < 126 ? 2 : length === 126 ? 4 : 10) + (this.#mask === 0 ? 0 : 4);
    return end - at < size ? 0 : size;
  }

  #begin(bytes: Uint8Array, at: number, size: number): void {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    if ((first & RESERVED) !== 0) throw wrong("a frame with reserved bits, as of an extension that was not agreed on");
    if ((second & MASKED) !== this.#mask) throw wrong(this.#mask === 0 ? "a masked frame" : "a frame without a mask");
    this.#final = (first & FINAL) !== 0;
    this.#opcode = first & 0x0f;
    this.#length = lengthAt(bytes, at);
    this.#check();
    if (this.#mask === 0) return;
    const key = at + size - 4;
    this.#key = bytes[key]! | bytes[key + 1]! << 8 | bytes[key + 2]! << 16 | bytes[key + 3]! << 24;
  }

  #check(): void {
    const opcode = this.#opcode;
    if (opcode >= CLOSE) {
      if (opcode > PONG) throw wrong(`a frame with the unknown opcode ${opcode}`);
      if (!this.#final) throw wrong("a control frame in fragments");
      if (this.#length > MAX_CONTROL) throw wrong(`a control frame of more than ${MAX_CONTROL} bytes`);
      return;
    }
    if (opcode === TEXT) throw new FrameError(UNSUPPORTED_DATA, "The peer sent text; messages of ZWS 2.0 are binary");
    if (opcode > BINARY) throw wrong(`a frame with the unknown opcode ${opcode}`);
    if ((opcode === CONTINUATION) !== this.#fragmented) {
      throw wrong(this.#fragmented ? "a message within another one" : "a continuation of nothing");
    }
    const size = this.#messageLength + this.#length;
    if (size > this.#most) {
      throw new FrameError(TOO_BIG, `The peer sent a message of ${size} bytes or more; the limit is ${this.#most}`);
    }
  }

  #readBody(): Uint8Array | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    const end = at + this.#length;
    let body: Uint8Array;
    if (!this.#gathering && end <= chunk.length) {
      this.#at = end;
      body = chunk.subarray(at, end);
    } else {
      if (!this.#gathering) this.#gatherer.start(this.#length, chunk.length - at);
      this.#gathering = true;
      this.#at += this.#gatherer.take(chunk, at);
      const complete = this.#gatherer.complete();
      if (complete === undefined) return undefined;
      this.#gathering = false;
      body = complete;
    }
    if (this.#mask !== 0) applyMask(body, 0, body.length, this.#key);
    return body;
  }

  /** Adds a fragment to the message. By copy, because a view of each of many small ones would be larger than its bytes. */
  #append(fragment: Uint8Array): void {
    this.#fragmented = true;
    const length = this.#messageLength + fragment.length;
    if (length > this.#message.length) {
      const larger = new Uint8Array(Math.max(FIRST_MEMORY, length, Math.min(this.#most, 2 * this.#message.length)));
      larger.set(this.#message.subarray(0, this.#messageLength));
      this.#message = larger;
    }
    this.#message.set(fragment, this.#messageLength);
    this.#messageLength = length;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return short;
  if (short === 126) return minimal(bytes[at + 2]! << 8 | bytes[at + 3]!, 126);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + 2, 8);
  if (view.getUint8(0) >= 0x80) throw wrong("a frame whose length has a sign");
  return minimal(view.getUint32(0) * 2 ** 32 + view.getUint32(4), 65_536);
}

function minimal(length: number, least: number): number {
  if (length < least) throw wrong(`a frame whose length ${length} is not in its shortest form`);
  return length;
}

function wrong(what: string): FrameError {
  return new FrameError(PROTOCOL, `The peer sent ${what}`);
}
