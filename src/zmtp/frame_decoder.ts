/**
 * Decodes chunks into frames: pass it a chunk, then call `next` until there are no more frames. A body that is complete
 * in its chunk is copied only on request, and memory never exceeds the received bytes by much. Limits are checked
 * before memory is allocated (RFC 37 §2.3).
 *
 * More than 20 members because `next` keeps what it needs between two chunks in fields: one object more per frame would be slower.
 *
 * @module
 */

import { NO_BYTES, received } from "../base/bytes.ts";
import { BodyGatherer } from "../base/body_gatherer.ts";
import { COMMAND, LONG, MAX_HEADER_SIZE, MORE, readLength } from "./frame.ts";
import {
  bodyOf,
  type FrameSource,
  type MessageReceiver,
  requireSize,
  reservedFlags,
  transferred,
} from "./frame_source.ts";
import { emptyFrame, ReadMemory } from "../base/untransferable.ts";

/** Decodes the frames of ZMTP 3.x, and without commands those of ZMTP 2.0. */
export class FrameDecoder implements FrameSource {
  maxFrameSize: number;
  maxCommandSize: number;
  readonly busy = false;
  /** True if bodies are copied out of their chunks. */
  copies = false;
  flags = 0;
  body: Uint8Array = NO_BYTES;

  readonly #memory = new ReadMemory();
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;

  // A frame that continues in the next chunk: first its header, then its body.
  readonly #header = new Uint8Array(MAX_HEADER_SIZE);
  #headerLength = 0;
  readonly #gatherer = new BodyGatherer();
  #gathering = false;
  /** One of the two continues. */
  #partial = false;
  /** Flags that are not allowed. */
  readonly #reserved: number;

  /** @param commands False for ZMTP 2.0, where the flag of commands is reserved. */
  constructor(maxFrameSize: number, maxCommandSize: number = maxFrameSize, commands = true) {
    this.maxFrameSize = maxFrameSize;
    this.maxCommandSize = maxCommandSize;
    this.#reserved = ~(commands ? MORE | LONG | COMMAND : MORE | LONG);
  }

  push(chunk: Uint8Array): void {
    this.#chunk = this.#memory.keep(received(chunk));
    this.#at = 0;
  }

  next(): boolean {
    // Nearly all frames: short, of a message, and complete in their chunk. The rest is another function, so that this one is small
    // enough for the compilers of all runtimes to inline.
    const chunk = this.#chunk;
    const at = this.#at;
    const body = at + 2;
    const left = chunk.length - body;
    if (left > 0 && !this.#partial && !this.copies) {
      const flags = chunk[at]!;
      const length = chunk[at + 1]!;
      if (flags <= MORE && length <= left && length > 0 && length <= this.maxFrameSize) {
        this.flags = flags;
        this.#at = body + length;
        this.body = chunk.subarray(body, body + length);
        return true;
      }
    }
    return this.#nextOfAnyForm();
  }

  takeMessages(receiver: MessageReceiver): boolean {
    if (this.#partial || this.copies) return true;
    const chunk = this.#chunk;
    const { credit } = receiver;
    while (credit.left > 0) {
      const at = this.#at;
      const body = at + 2;
      const left = chunk.length - body;
      if (left <= 0 || chunk[at] !== 0) return true;
      const length = chunk[at + 1]!;
      if (length === 0 || length > left || length > this.maxFrameSize) return true;
      // First, as the receiver may end the session.
      this.#at = body + length;
      credit.left--;
      if (!receiver.onMessage([chunk.subarray(body, body + length)])) return false;
      if (this.#chunk !== chunk) return true;
    }
    return true;
  }

  #nextOfAnyForm(): boolean {
    if (this.#gathering) return this.#fillBody();
    if (this.#headerLength > 0) return this.#fillHeader();
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left === 0) return this.#release();
    if (left < 0) throw transferred();
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
    // Not `bodyOf`: the call costs 3 % of a small frame.
    if (this.copies) this.body = chunk.slice(body, end);
    else this.body = length === 0 ? emptyFrame() : chunk.subarray(body, end);
    return true;
  }

  drop(): void {
    this.#headerLength = 0;
    this.#gathering = this.#partial = false;
    this.#gatherer.drop();
    this.#release();
  }

  #check(flags: number, length: number): void {
    if ((flags & this.#reserved) !== 0) throw reservedFlags(flags);
    requireSize(this, length, (flags & COMMAND) !== 0);
  }

  /** Keeps the part of a header at the end of the chunk. */
  #keepHeader(): boolean {
    const rest = this.#chunk.subarray(this.#at);
    this.#header.set(rest);
    this.#headerLength = rest.length;
    this.#partial = true;
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
    this.#partial = false;
    this.flags = flags & ~LONG;
    const end = this.#at + length;
    if (end > this.#chunk.length) return this.#keepBody(length);
    this.body = bodyOf(this.#chunk, this.#at, end, this.copies);
    this.#at = end;
    return true;
  }

  /** Starts to gather a body that continues in the next chunk. */
  #keepBody(length: number): boolean {
    this.#gatherer.start(length, this.#chunk.length - this.#at);
    this.#gathering = this.#partial = true;
    return this.#fillBody();
  }

  #fillBody(): boolean {
    this.#at += this.#gatherer.take(this.#chunk, this.#at);
    const body = this.#gatherer.complete();
    if (body === undefined) return this.#release();
    this.#gathering = this.#partial = false;
    this.body = body;
    return true;
  }

  /**
   * Releases the used chunk and the last body, so that they are not kept alive until the next chunk. Returns `false`:
   * there is no frame.
   */
  #release(): boolean {
    this.#chunk = this.body = NO_BYTES;
    this.#at = 0;
    return false;
  }
}
