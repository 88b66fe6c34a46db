/**
 * Encodes messages as frames of RFC 6455 §5, each message as one: in pieces that a link takes one after the other.
 *
 * @module
 */

import { BINARY, CLOSE } from "./frame_reader.ts";
import { applyMask, keyFrom, newKey } from "./mask.ts";

const FINAL = 0x80;
const MASKED = 0x80;
const MAX_HEADER = 14;
/** The size of a piece, in bytes: what the engine writes at a time, with a header for each small message. */
const PIECE = 96 * 1024;
/** Bodies from this size on are written without a copy where there is no mask. */
const BY_REFERENCE = 16 * 1024;

let spare: Uint8Array | undefined;

function takeSlab(): Uint8Array {
  const slab = spare ?? new Uint8Array(PIECE);
  spare = undefined;
  return slab;
}

/** The size of the header of a frame. */
function headerSize(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 65_536 ? 4 : 10) + (masked ? 4 : 0);
}

function writeHeader(out: Uint8Array, at: number, opcode: number, length: number, key: number | undefined): number {
  const mask = key === undefined ? 0 : MASKED;
  out[at++] = FINAL | opcode;
  if (length < 126) out[at++] = mask | length;
  else {
    const long = length >= 65_536;
    out[at++] = mask | (long ? 127 : 126);
    for (let shift = long ? 56 : 8; shift >= 0; shift -= 8) out[at++] = Math.floor(length / 2 ** shift) & 255;
  }
  if (key !== undefined) { for (let shift = 0; shift < 32; shift += 8) out[at++] = key >>> shift & 255; }
  return at;
}

/** A control frame. */
export function controlFrame(opcode: number, body: Uint8Array, masked: boolean): Uint8Array {
  const key = masked ? newKey() : undefined;
  const frame = new Uint8Array(headerSize(body.length, masked) + body.length);
  const at = writeHeader(frame, 0, opcode, body.length, key);
  frame.set(body, at);
  if (key !== undefined) applyMask(frame, at, frame.length, key);
  return frame;
}

/** A close frame with this code. */
export function closeFrame(code: number, masked: boolean): Uint8Array {
  return controlFrame(CLOSE, Uint8Array.of(code >> 8, code & 255), masked);
}

/** The messages of one write at a time, and how far it is. */
export class FrameWriter {
  /** Bytes of messages in all pieces that the link has taken. */
  taken = 0;
  readonly #masked: boolean;
  #chunks: readonly Uint8Array[] = [];
  #slab: Uint8Array | undefined;
  // The next piece begins in this message, at this byte of its frame: 0, or behind the header.
  #index = 0;
  #at = 0;
  #key = 0;
  // The same for the piece that the link has.
  #fromIndex = 0;
  #fromAt = 0;
  #size = 0;

  constructor(masked: boolean) {
    this.#masked = masked;
  }

  /** Starts a write. */
  start(chunks: readonly Uint8Array[]): void {
    this.#chunks = chunks;
    this.#index = this.#at = 0;
  }

  /** The rest of the write waits: the array of its messages, unlike their memory, is the caller's again. */
  keep(): void {
    this.#chunks = this.#chunks.slice();
  }

  /** The next piece of the write; `undefined` if there is none. It is in memory that the next piece may use again. */
  next(): Uint8Array[] | undefined {
    const chunks = this.#chunks;
    if (this.#index === chunks.length) return this.#finish();
    this.#fromIndex = this.#index;
    this.#fromAt = this.#at;
    const slab = this.#slab ??= takeSlab();
    let size = 0;
    let large: Uint8Array | undefined;
    while (this.#index < chunks.length && large === undefined) {
      const body = chunks[this.#index]!;
      const header = headerSize(body.length, this.#masked);
      if (this.#at === 0) {
        if (PIECE - size < MAX_HEADER) break;
        if (this.#masked) this.#key = newKey();
        size = writeHeader(slab, size, BINARY, body.length, this.#masked ? this.#key : undefined);
        this.#at = header;
      }
      const from = this.#at - header;
      let to = body.length;
      if (!this.#masked && to - from >= BY_REFERENCE) large = body.subarray(from);
      else {
        to = Math.min(to, from + PIECE - size);
        slab.set(from === 0 && to === body.length ? body : body.subarray(from, to), size);
        const end = size + to - from;
        if (this.#masked) applyMask(slab, size, end, keyFrom(this.#key, from));
        size = end;
      }
      this.#at = header + to;
      if (to < body.length) break;
      this.#index++;
      this.#at = 0;
    }
    this.#size = size + (large?.length ?? 0);
    const piece = slab.subarray(0, size);
    return large === undefined ? [piece] : [piece, large];
  }

  /** The link has taken the piece. */
  done(): void {
    this.taken += this.bytesIn(this.#size);
  }

  /** The number of bytes of messages in the first `wire` bytes of the piece; default: in all of it. */
  bytesIn(wire: number = this.#size): number {
    let bytes = 0;
    let at = this.#fromAt;
    for (let i = this.#fromIndex; wire > 0 && i < this.#chunks.length; i++) {
      const { length } = this.#chunks[i]!;
      const header = headerSize(length, this.#masked);
      const part = Math.min(wire, header + length - at);
      bytes += Math.max(0, at + part - Math.max(at, header));
      wire -= part;
      at = 0;
    }
    return bytes;
  }

  /** Releases all memory. */
  drop(): void {
    this.#chunks = [];
    this.#slab = undefined;
    this.#index = this.#at = this.#size = 0;
  }

  #finish(): undefined {
    spare = this.#slab ?? spare;
    this.#slab = undefined;
    this.#chunks = [];
    this.#index =
      this.#at =
      this.#fromIndex =
      this.#fromAt =
      this.#size =
        0;
    return undefined;
  }
}
