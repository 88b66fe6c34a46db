/**
 * Gathers the frames of a multipart message until it is complete.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { compact } from "./compact.ts";
import { MORE } from "./frame.ts";
import type { Limits } from "./limits.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Gathers the frames of one message at a time. */
export class Multipart {
  /** True if an incomplete message has been started. */
  begun = false;
  readonly #limits: Limits;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  /** The number of frames from chunks before this one, which are compact. */
  #compacted = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Maximum size of the next frame, in bytes. */
  get room(): number {
    const { maxFrameSize, maxMessageSize } = this.#limits;
    return Math.min(maxFrameSize, maxMessageSize - this.#bytes);
  }

  /**
   * Adds a frame, and returns the message if it is complete.
   *
   * @throws {ProtocolError} If there are too many frames.
   */
  add(flags: number, body: Uint8Array): Message | undefined {
    const { maxFrames } = this.#limits;
    const frames = this.#frames;
    this.begun = true;
    if (frames.length === maxFrames) {
      throw new ProtocolError("EMSGSIZE", "UNSPECIFIED", `The peer sent a message of more than ${maxFrames} frames`);
    }
    frames.push(body);
    this.#bytes += body.length;
    if ((flags & MORE) !== 0) return undefined;
    this.clear();
    return frames;
  }

  /**
   * Called before another chunk while a message is incomplete: copies frames that are a small part of the previous
   * chunk.
   */
  nextChunk(): void {
    compact([this.#frames], this.#compacted);
    this.#compacted = this.#frames.length;
  }

  /** Drops the incomplete message. */
  clear(): void {
    this.#compacted = 0;
    this.begun = false;
    this.#frames = [];
    this.#bytes = 0;
  }
}
