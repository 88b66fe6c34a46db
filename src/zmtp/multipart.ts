/**
 * The frames of a message that has more than one, until the last one is there.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { compact } from "./compact.ts";
import { MORE } from "./frame.ts";
import type { Limits } from "./limits.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Gathers the frames of one message after the other. */
export class Multipart {
  /** Frames are there that wait for more. */
  begun = false;
  readonly #limits: Limits;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  /** The number of frames from chunks before this one. */
  #settled = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Largest frame that may come next, in bytes. */
  get room(): number {
    const { maxFrameSize, maxMessageSize } = this.#limits;
    return Math.min(maxFrameSize, maxMessageSize - this.#bytes);
  }

  /**
   * Adds a frame, and returns the message if it was its last one.
   *
   * @throws {ProtocolError} if there are too many.
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

  /** Another chunk comes while frames wait: what is a small part of the chunk before is copied. */
  nextChunk(): void {
    compact([this.#frames], this.#settled);
    this.#settled = this.#frames.length;
  }

  /** Forgets what is there. */
  clear(): void {
    this.#settled = 0;
    this.begun = false;
    this.#frames = [];
    this.#bytes = 0;
  }
}
