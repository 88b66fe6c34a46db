/**
 * Decodes the messages of a carrier into frames: each holds one frame, with its flags in the first byte (RFC 45). The carrier has checked
 * their size before it took memory for them.
 *
 * @module
 */

import { NO_BYTES, received } from "../../base/bytes.ts";
import { ReadMemory } from "../../base/untransferable.ts";
import { COMMAND, type Framing, MORE } from "../frame.ts";
import { bodyOf, type FrameSource, requireSize, reservedFlags } from "../frame_source.ts";
import type { Limits } from "../limits.ts";
import { ProtocolError } from "../protocol_error.ts";

/** The flags of ZWS; that of commands is not the one of ZMTP 3. */
export const WHOLE_MORE = 0x01;
/** See {@link WHOLE_MORE}. */
export const WHOLE_COMMAND = 0x02;

/** Frames in messages of the carrier. */
export const WHOLE_FRAMING: Framing = {
  apart: true,
  headerSize: () => 1,
  writeHeader(out, at, flags) {
    out[at] = flags;
    return at + 1;
  },
};

/** Room for flags, for encryption and for what a command has besides its topic, in bytes. */
const ROOM = 512;

/** Returns the size of the largest message that a carrier has to deliver under these limits, in bytes. */
export function largestFrame({ maxFrameSize, maxHandshakeSize, maxTopicSize }: Limits): number {
  return Math.max(maxFrameSize, maxHandshakeSize, maxTopicSize) + ROOM;
}

/** A pull decoder of whole frames. */
export class WholeFrames implements FrameSource {
  maxFrameSize: number;
  maxCommandSize: number;
  readonly busy = false;
  flags = 0;
  body: Uint8Array = NO_BYTES;
  readonly #copies: boolean;
  readonly #reserved: number;
  readonly #memory = new ReadMemory();
  #message: Uint8Array | undefined;

  /**
   * @param commands False rejects commands: there are none without a handshake.
   * @param copies Copies bodies out of their messages.
   */
  constructor(maxFrameSize: number, commands: boolean, copies: boolean) {
    this.maxFrameSize = this.maxCommandSize = maxFrameSize;
    this.#reserved = ~(commands ? WHOLE_MORE | WHOLE_COMMAND : WHOLE_MORE);
    this.#copies = copies;
  }

  push(message: Uint8Array): void {
    this.#message = this.#memory.keep(received(message));
  }

  next(): boolean {
    const message = this.#message;
    this.#message = undefined;
    this.body = NO_BYTES;
    if (message === undefined) return false;
    if (message.length === 0) {
      throw new ProtocolError("EPROTO", "UNSPECIFIED", "The peer sent an empty message, which has no room for flags");
    }
    const flags = message[0]!;
    if ((flags & this.#reserved) !== 0) throw reservedFlags(flags);
    const command = (flags & WHOLE_COMMAND) !== 0;
    requireSize(this, message.length - 1, command);
    this.flags = command ? COMMAND : flags & MORE;
    this.body = bodyOf(message, 1, message.length, this.#copies);
    return true;
  }

  drop(): void {
    this.#message = undefined;
    this.body = NO_BYTES;
  }
}
