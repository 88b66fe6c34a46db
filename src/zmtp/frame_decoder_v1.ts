/**
 * Decodes chunks into ZMTP 1.0 frames (RFC 13), like `FrameDecoder`: a body that is complete in its chunk is copied
 * only on request, and limits are checked before memory is allocated.
 *
 * @module
 */

import { NO_BYTES, received } from "../base/bytes.ts";
import { BodyGatherer } from "../base/body_gatherer.ts";
import { MORE } from "./frame.ts";
import { bodyLengthV1, headerSizeV1, knownFlagsV1, LONG_HEADER } from "./frame_v1.ts";
import { bodyOf, type FrameSource, overLimit, reservedFlags, transferred } from "./frame_source.ts";
import { ProtocolError } from "./protocol_error.ts";
import { ReadMemory } from "../base/untransferable.ts";

/** Decodes ZMTP 1.0 frames. */
export class FrameDecoderV1 implements FrameSource {
  maxFrameSize: number;
  /** Unused, because ZMTP 1.0 has no commands. */
  maxCommandSize = 0;
  readonly busy = false;
  /** True if bodies are copied out of their chunks. */
  copies = false;
  flags = 0;
  body: Uint8Array = NO_BYTES;

  readonly #memory = new ReadMemory();
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  readonly #header = new Uint8Array(LONG_HEADER);
  #headerLength = 0;
  readonly #gatherer = new BodyGatherer();
  #gathering = false;

  constructor(maxFrameSize: number) {
    this.maxFrameSize = maxFrameSize;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = this.#memory.keep(received(chunk));
    this.#at = 0;
  }

  next(): boolean {
    if (this.#at > this.#chunk.length) throw transferred();
    if (!this.#gathering) {
      if (!this.#fillHeader()) return this.#release();
      const length = this.#readHeader();
      const end = this.#at + length;
      if (end <= this.#chunk.length) {
        this.body = bodyOf(this.#chunk, this.#at, end, this.copies);
        this.#at = end;
        return true;
      }
      this.#gatherer.start(length, this.#chunk.length - this.#at);
      this.#gathering = true;
    }
    this.#at += this.#gatherer.take(this.#chunk, this.#at);
    const body = this.#gatherer.complete();
    if (body === undefined) return this.#release();
    this.#gathering = false;
    this.body = body;
    return true;
  }

  drop(): void {
    this.#headerLength = 0;
    this.#gathering = false;
    this.#gatherer.drop();
    this.#release();
  }

  /** Moves bytes to the header; returns `false` if the chunk ends before the header is complete. */
  #fillHeader(): boolean {
    const header = this.#header;
    while (this.#headerLength === 0 || this.#headerLength < headerSizeV1(header[0]!)) {
      if (this.#at === this.#chunk.length) return false;
      header[this.#headerLength++] = this.#chunk[this.#at++]!;
      if (header[0] === 0) throw noRoom();
    }
    this.#headerLength = 0;
    return true;
  }

  /** Stores the header's flags in `flags` and returns the length of the body. */
  #readHeader(): number {
    const header = this.#header;
    const length = bodyLengthV1(header, 0);
    if (length < 0) throw noRoom();
    const flags = header[headerSizeV1(header[0]!) - 1]!;
    if (!knownFlagsV1(flags)) throw reservedFlags(flags);
    if (length > this.maxFrameSize) throw overLimit(length, this.maxFrameSize);
    this.flags = flags & MORE;
    return length;
  }

  #release(): boolean {
    this.#chunk = this.body = NO_BYTES;
    this.#at = 0;
    return false;
  }
}

function noRoom(): ProtocolError {
  return new ProtocolError(
    "EPROTO",
    "UNSPECIFIED",
    "The peer sent a frame of length 0, which has no room for its flags",
  );
}
