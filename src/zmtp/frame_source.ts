/**
 * The interface of the frame decoders of all versions, and the errors that they have in common.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { emptyFrame } from "../base/untransferable.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { SessionHandler } from "./session_handler.ts";

/** Decodes chunks into frames: pass it a chunk, then call `next` until there are no more frames. */
export interface FrameSource {
  /** Maximum size of the body of a message frame, in bytes; may change between frames. */
  maxFrameSize: number;
  /** Maximum size of the body of a command, in bytes; may change between frames. */
  maxCommandSize: number;
  /** Flags of the frame that `next` found: `MORE` and `COMMAND`. `MORE` has no meaning for a command. */
  readonly flags: number;
  /** Body of the frame that `next` found; it may be a view of the chunk. */
  readonly body: Uint8Array;
  /** Passes in the next chunk. The previous one must be used up: `next` has returned `false`. */
  push(chunk: Uint8Array): void;
  /**
   * Finds the next frame and stores it in `flags` and `body`; returns `false` when the chunk is used up.
   *
   * @throws {ProtocolError} `EPROTO` for an invalid header, `EMSGSIZE` for a body above the limit.
   */
  next(): boolean;
  /**
   * Finds messages of one short frame, as most are, until there is another frame, the credit is used up, or the receiver is full:
   * then it returns `false`. It does the same as `next`, in a tenth less time.
   */
  takeMessages?(receiver: MessageReceiver): boolean;
  /** True if `next` returned `false`, but has more to do in the chunk, because it does long work in slices. */
  readonly busy: boolean;
  /** Releases the memory of everything that has arrived and was not returned. */
  drop(): void;
}

/** The receiver of messages. */
export type MessageReceiver = Pick<SessionHandler, "credit" | "onMessage">;

/** @throws {ProtocolError} If a frame of this size exceeds the limit of its kind. */
export function requireSize(limits: FrameSource, length: number, command: boolean): void {
  const limit = command ? limits.maxCommandSize : limits.maxFrameSize;
  if (length > limit) throw overLimit(length, limit, command);
}

/** The body at this place of a chunk: a copy, or a view of it. Empty frames that are not copied are one object. */
export function bodyOf(chunk: Uint8Array, at: number, end: number, copies: boolean): Uint8Array {
  if (copies) return chunk.slice(at, end);
  return at === end ? emptyFrame() : chunk.subarray(at, end);
}

/** The error for a chunk whose memory was transferred with an earlier frame that shares it. */
export function transferred(): ZmqError {
  return new ZmqError(
    "EINVAL",
    "A received frame was transferred while its buffer had unread messages: slice() it first",
  );
}

/** The error for a frame with reserved flags. */
export function reservedFlags(flags: number): ProtocolError {
  const text = `The peer sent a frame with reserved flags (0x${flags.toString(16)})`;
  return new ProtocolError("EPROTO", "UNSPECIFIED", text);
}

/** The error for a frame whose announced size exceeds the limit. A command of that size counts as malformed. */
export function overLimit(length: number, limit: number, command = false): ProtocolError {
  const text = `The peer announced a frame of ${length} bytes; the limit is ${limit}`;
  return new ProtocolError("EMSGSIZE", command ? "MALFORMED_COMMAND_UNSPECIFIED" : "UNSPECIFIED", text);
}
