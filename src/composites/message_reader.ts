/**
 * Reads messages frame by frame: the counterpart of `message_builder.ts`.
 *
 * More than 20 members because each type of frame has a method.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { Bytes } from "../base/received.ts";
import type { FrameCodec } from "./message_builder.ts";
import { peerText } from "../base/peer_text.ts";
import { refuseSurplus } from "../base/surplus.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a message frame by frame. A frame that is missing or invalid is an error with the frame number, so that a
 * program need not check lengths before it reads a peer's message. After an error the same frame can be read again.
 *
 * @example
 * ```ts
 * import { MessageReader, ZmqError } from "@monocoque/zmq";
 *
 * const reader = new MessageReader([new Uint8Array([104, 105]), new Uint8Array(3)]);
 * console.log(reader.text()); // hi
 * try {
 *   reader.uint32();
 * } catch (error) {
 *   console.log((error as ZmqError).message); // Cannot read frame 2 as a number: expected 4 bytes, got 3
 * }
 * ```
 */
export class MessageReader {
  readonly #message: readonly Bytes[];
  #at = 0;

  /** Reads from the first frame on. The message is not changed. */
  constructor(message: readonly Uint8Array[]) {
    if (arguments.length > 1) refuseSurplus("new MessageReader()", 1, arguments[1]);
    this.#message = message as readonly Bytes[];
  }

  /** Number of frames that are left. */
  get remaining(): number {
    return this.#message.length - this.#at;
  }

  /**
   * Returns the next frame.
   *
   * @throws {ZmqError} `EPROTO` if there is no frame left.
   */
  bytes(): Bytes {
    if (arguments.length > 0) refuseSurplus("bytes()", 0, arguments[0]);
    const frame = this.#next();
    this.#at++;
    return frame;
  }

  /**
   * Skips the next frame, which must be empty.
   *
   * @throws {ZmqError} `EPROTO` if it is not empty, or there is no frame left.
   */
  empty(): void {
    if (arguments.length > 0) refuseSurplus("empty()", 0, arguments[0]);
    this.#sized(0, "an empty frame");
  }

  /**
   * Returns the next frame as text.
   *
   * @throws {ZmqError} `EPROTO` if it is not UTF-8, or there is no frame left.
   */
  text(): string {
    if (arguments.length > 0) refuseSurplus("text()", 0, arguments[0]);
    return this.#decoded((frame) => decoder.decode(frame));
  }

  /**
   * Returns the next frame, parsed as JSON. The type of the value is not checked.
   *
   * @throws {ZmqError} `EPROTO` if it is not JSON, or there is no frame left.
   */
  json(): unknown {
    if (arguments.length > 0) refuseSurplus("json()", 0, arguments[0]);
    return this.#decoded((frame) => JSON.parse(decoder.decode(frame)) as unknown);
  }

  /**
   * Returns the next frame as an unsigned integer of one byte.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  uint8(): number {
    if (arguments.length > 0) refuseSurplus("uint8()", 0, arguments[0]);
    return this.#view(1).getUint8(0);
  }

  /**
   * Returns the next frame as a signed integer of one byte.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  int8(): number {
    if (arguments.length > 0) refuseSurplus("int8()", 0, arguments[0]);
    return this.#view(1).getInt8(0);
  }

  /**
   * Returns the next frame as an unsigned integer of two bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  uint16(): number {
    if (arguments.length > 0) refuseSurplus("uint16()", 0, arguments[0]);
    return this.#view(2).getUint16(0);
  }

  /**
   * Returns the next frame as a signed integer of two bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  int16(): number {
    if (arguments.length > 0) refuseSurplus("int16()", 0, arguments[0]);
    return this.#view(2).getInt16(0);
  }

  /**
   * Returns the next frame as an unsigned integer of four bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  uint32(): number {
    if (arguments.length > 0) refuseSurplus("uint32()", 0, arguments[0]);
    return this.#view(4).getUint32(0);
  }

  /**
   * Returns the next frame as a signed integer of four bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  int32(): number {
    if (arguments.length > 0) refuseSurplus("int32()", 0, arguments[0]);
    return this.#view(4).getInt32(0);
  }

  /**
   * Returns the next frame as an unsigned integer of eight bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  uint64(): bigint {
    if (arguments.length > 0) refuseSurplus("uint64()", 0, arguments[0]);
    return this.#view(8).getBigUint64(0);
  }

  /**
   * Returns the next frame as a signed integer of eight bytes.
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  int64(): bigint {
    if (arguments.length > 0) refuseSurplus("int64()", 0, arguments[0]);
    return this.#view(8).getBigInt64(0);
  }

  /**
   * Returns the next frame as a floating-point number of eight bytes (IEEE 754).
   *
   * @throws {ZmqError} `EPROTO` if its length differs, or there is no frame left.
   */
  float64(): number {
    if (arguments.length > 0) refuseSurplus("float64()", 0, arguments[0]);
    return this.#view(8).getFloat64(0);
  }

  /**
   * Returns the next frame, decoded with a codec.
   *
   * @throws {ZmqError} `EPROTO` if the codec throws, or there is no frame left.
   */
  with<T>(codec: FrameCodec<T>): T {
    if (arguments.length > 1) refuseSurplus("with()", 1, arguments[1]);
    return this.#decoded((frame) => codec.decode(frame));
  }

  /** Returns all frames that are left. */
  rest(): Bytes[] {
    if (arguments.length > 0) refuseSurplus("rest()", 0, arguments[0]);
    const rest = this.#message.slice(this.#at);
    this.#at = this.#message.length;
    return rest;
  }

  /**
   * Checks that no frame is left.
   *
   * @throws {ZmqError} `EPROTO` if there is one.
   */
  end(): void {
    if (arguments.length > 0) refuseSurplus("end()", 0, arguments[0]);
    if (this.remaining > 0) {
      throw new ZmqError(
        "EPROTO",
        `Cannot end after frame ${this.#at}: the message has ${framesText(this.#message.length)}`,
      );
    }
  }

  #view(size: number): DataView {
    const frame = this.#sized(size, "a number");
    return new DataView(frame.buffer, frame.byteOffset, size);
  }

  #sized(size: number, what: string): Bytes {
    const frame = this.#next();
    if (frame.length !== size) {
      throw new ZmqError(
        "EPROTO",
        `Cannot read frame ${this.#at + 1} as ${what}: expected ${size} bytes, got ${frame.length}`,
      );
    }
    this.#at++;
    return frame;
  }

  #decoded<T>(decode: (frame: Bytes) => T): T {
    const frame = this.#next();
    let value: T;
    try {
      value = decode(frame);
    } catch (cause) {
      const reason = peerText(cause instanceof Error ? cause.message : String(cause));
      // The message of a JSON.parse error quotes the peer's text, which must be escaped in the cause as well.
      const known = cause instanceof SyntaxError ? new SyntaxError(reason) : cause;
      throw new ZmqError("EPROTO", `Cannot read frame ${this.#at + 1}: ${reason}`, { cause: known });
    }
    this.#at++;
    return value;
  }

  #next(): Bytes {
    const frame = this.#message[this.#at];
    if (frame === undefined) {
      throw new ZmqError("EPROTO", `Cannot read frame ${this.#at + 1}: the message has ${framesText(this.#at)}`);
    }
    return frame;
  }
}

function framesText(count: number): string {
  return count === 1 ? "1 frame" : `${count} frames`;
}
