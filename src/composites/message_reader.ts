/**
 * Messages taken apart frame by frame: the other side of `message_builder.ts`.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { FrameCodec } from "./message_builder.ts";
import { peerText } from "../base/peer_text.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a message frame by frame. What is not as it is asked for is an error with the number of the frame, so that a program
 * need not check lengths before it reads what a peer sent. A frame that could not be read is still the next one.
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
 *   console.log((error as ZmqError).message); // Frame 2 has 3 bytes, not the 4 of a number
 * }
 * ```
 */
export class MessageReader {
  readonly #message: Message;
  #at = 0;

  /** Reads from the first frame on; the message is not changed. */
  constructor(message: Message) {
    this.#message = message;
  }

  /** How many frames are left. */
  get remaining(): number {
    return this.#message.length - this.#at;
  }

  /**
   * The next frame.
   *
   * @throws {ZmqError} `EPROTO` if there is none.
   */
  bytes(): Uint8Array {
    const frame = this.#next();
    this.#at++;
    return frame;
  }

  /**
   * The next frame, which must have no bytes.
   *
   * @throws {ZmqError} `EPROTO` if it has, or there is none.
   */
  empty(): void {
    this.#sized(0, "an empty frame");
  }

  /**
   * The next frame as text.
   *
   * @throws {ZmqError} `EPROTO` if it is not UTF-8, or there is none.
   */
  text(): string {
    return this.#decoded((frame) => decoder.decode(frame));
  }

  /**
   * The next frame as JSON. What it is, is for the program to check.
   *
   * @throws {ZmqError} `EPROTO` if it is not JSON, or there is no frame.
   */
  json(): unknown {
    return this.#decoded((frame) => JSON.parse(decoder.decode(frame)) as unknown);
  }

  /**
   * The next frame as a number of one byte.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  uint8(): number {
    return this.#view(1).getUint8(0);
  }

  /**
   * The next frame as a number of one byte in two's complement.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  int8(): number {
    return this.#view(1).getInt8(0);
  }

  /**
   * The next frame as a number of two bytes.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  uint16(): number {
    return this.#view(2).getUint16(0);
  }

  /**
   * The next frame as a number of two bytes in two's complement.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  int16(): number {
    return this.#view(2).getInt16(0);
  }

  /**
   * The next frame as a number of four bytes.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  uint32(): number {
    return this.#view(4).getUint32(0);
  }

  /**
   * The next frame as a number of four bytes in two's complement.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  int32(): number {
    return this.#view(4).getInt32(0);
  }

  /**
   * The next frame as a number of eight bytes.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  uint64(): bigint {
    return this.#view(8).getBigUint64(0);
  }

  /**
   * The next frame as a number of eight bytes in two's complement.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  int64(): bigint {
    return this.#view(8).getBigInt64(0);
  }

  /**
   * The next frame as a number of eight bytes, as IEEE 754 has them.
   *
   * @throws {ZmqError} `EPROTO` if it has another length, or there is none.
   */
  float64(): number {
    return this.#view(8).getFloat64(0);
  }

  /**
   * The next frame by a codec of the program's own.
   *
   * @throws {ZmqError} `EPROTO` if the codec throws, or there is no frame.
   */
  with<T>(codec: FrameCodec<T>): T {
    return this.#decoded((frame) => codec.decode(frame));
  }

  /** All frames that are left. */
  rest(): Message {
    const rest = this.#message.slice(this.#at);
    this.#at = this.#message.length;
    return rest;
  }

  /**
   * Checks that no frame is left.
   *
   * @throws {ZmqError} `EPROTO` if there is.
   */
  end(): void {
    if (this.remaining > 0) {
      throw new ZmqError("EPROTO", `The message has ${this.#message.length} frames, not ${this.#at}`);
    }
  }

  #view(size: number): DataView {
    const frame = this.#sized(size, "a number");
    return new DataView(frame.buffer, frame.byteOffset, size);
  }

  #sized(size: number, what: string): Uint8Array {
    const frame = this.#next();
    if (frame.length !== size) {
      throw new ZmqError("EPROTO", `Frame ${this.#at + 1} has ${frame.length} bytes, not the ${size} of ${what}`);
    }
    this.#at++;
    return frame;
  }

  #decoded<T>(decode: (frame: Uint8Array) => T): T {
    const frame = this.#next();
    let value: T;
    try {
      value = decode(frame);
    } catch (cause) {
      const why = peerText(cause instanceof Error ? cause.message : String(cause));
      // JSON.parse quotes what it cannot read, which is the peer's.
      const known = cause instanceof SyntaxError ? new SyntaxError(why) : cause;
      throw new ZmqError("EPROTO", `Frame ${this.#at + 1} cannot be read: ${why}`, { cause: known });
    }
    this.#at++;
    return value;
  }

  #next(): Uint8Array {
    const frame = this.#message[this.#at];
    if (frame === undefined) throw new ZmqError("EPROTO", `The message ends after frame ${this.#at}`);
    return frame;
  }
}
