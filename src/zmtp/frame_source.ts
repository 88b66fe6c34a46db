/**
 * What the frame decoders of all versions have in common: how a session uses them, and what they refuse in the same words.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Frames out of chunks: give it a chunk, ask for frames until there are none. */
export interface FrameSource {
  /** Largest body of a frame of a message, in bytes; may change between frames. */
  maxFrameSize: number;
  /** Largest body of a command, in bytes; may change between frames. */
  maxCommandSize: number;
  /** Flags of the frame that `next` found: `MORE` and `COMMAND`. On a command, `MORE` has no meaning. */
  readonly flags: number;
  /** Body of the frame that `next` found; it may be a view of the chunk. */
  readonly body: Uint8Array;
  /** Hands over the next chunk. The one before must be used up: `next` has returned `false`. */
  push(chunk: Uint8Array): void;
  /**
   * Finds the next frame and puts it into `flags` and `body`; `false` when the chunk is used up.
   *
   * @throws {ProtocolError} `EPROTO` for a header that cannot be, `EMSGSIZE` for a body over the limit.
   */
  next(): boolean;
  /** True if `next`, which returned `false`, has more to do in the chunk: it does long work in slices. */
  readonly busy: boolean;
  /** Releases the memory of everything that has arrived and was not returned. */
  drop(): void;
}

/** The chunk has no bytes any more: its memory went elsewhere, with a frame that shares it. */
export function transferred(): ZmqError {
  return new ZmqError("EINVAL", "A received frame was transferred with messages behind it: slice() it first");
}

/** A frame with flags that no frame may have. */
export function reservedFlags(flags: number): ProtocolError {
  const text = `The peer sent a frame with reserved flags (0x${flags.toString(16)})`;
  return new ProtocolError("EPROTO", "UNSPECIFIED", text);
}

/** A frame whose header announces too much; one that is a command is malformed by that. */
export function overLimit(length: number, limit: number, command = false): ProtocolError {
  const text = `The peer announced a frame of ${length} bytes; the limit is ${limit}`;
  return new ProtocolError("EMSGSIZE", command ? "MALFORMED_COMMAND_UNSPECIFIED" : "UNSPECIFIED", text);
}
