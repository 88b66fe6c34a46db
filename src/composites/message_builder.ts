/**
 * Messages built frame by frame, out of text, JSON, numbers and whatever a program has a codec for.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";
import type { Message } from "../base/message.ts";

/** Turns values of one kind into frames, and back. */
export interface FrameCodec<T> {
  /** The bytes of a value. */
  encode(value: T): Uint8Array;
  /** The value of bytes; throws if they are none. */
  decode(frame: Uint8Array): T;
}

const encoder = new TextEncoder();

/**
 * Puts a message together. Numbers are big-endian, as they are in the protocols of ZeroMQ's RFCs.
 *
 * @example
 * ```ts
 * import { MessageBuilder, MessageReader, Pair } from "@monocoque/zmq";
 *
 * await using left = new Pair();
 * await using right = new Pair();
 * right.connect(await left.bind("inproc://builder"));
 * await right.send(new MessageBuilder().text("put").uint32(7).json({ ok: true }).build());
 * const reader = new MessageReader(await left.receive());
 * console.log(reader.text(), reader.uint32(), reader.json()); // put 7 { ok: true }
 * reader.end();
 * ```
 */
export class MessageBuilder {
  readonly #frames: Uint8Array[] = [];

  /**
   * Adds bytes, which are not copied.
   *
   * @throws {TypeError} If it is something else.
   */
  bytes(frame: Uint8Array): this {
    const bytes = viewOf(frame);
    if (bytes === undefined) throw new TypeError(`Cannot add ${nameOf(frame)} as bytes`);
    this.#frames.push(bytes);
    return this;
  }

  /** Adds a frame without bytes. */
  empty(): this {
    return this.bytes(new Uint8Array(0));
  }

  /**
   * Adds text, as UTF-8.
   *
   * @throws {TypeError} If it is something else.
   */
  text(text: string): this {
    if (typeof text !== "string") throw new TypeError(`Cannot add ${nameOf(text)} as text`);
    return this.bytes(encoder.encode(text));
  }

  /**
   * Adds a value as JSON.
   *
   * @throws {TypeError} If JSON cannot say it.
   */
  json(value: unknown): this {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`Cannot write a ${typeof value} as JSON`);
    return this.text(text);
  }

  /**
   * Adds one byte.
   *
   * @throws {RangeError} If it is not a whole number from 0 to 255.
   */
  uint8(value: number): this {
    return this.#number(1, value, 0, 0xff, (view) => view.setUint8(0, value));
  }

  /**
   * Adds one byte, in two's complement.
   *
   * @throws {RangeError} If it is not a whole number from −128 to 127.
   */
  int8(value: number): this {
    return this.#number(1, value, -0x80, 0x7f, (view) => view.setInt8(0, value));
  }

  /**
   * Adds two bytes.
   *
   * @throws {RangeError} If it is not a whole number from 0 to 65535.
   */
  uint16(value: number): this {
    return this.#number(2, value, 0, 0xffff, (view) => view.setUint16(0, value));
  }

  /**
   * Adds two bytes, in two's complement.
   *
   * @throws {RangeError} If it is not a whole number from −32768 to 32767.
   */
  int16(value: number): this {
    return this.#number(2, value, -0x8000, 0x7fff, (view) => view.setInt16(0, value));
  }

  /**
   * Adds four bytes.
   *
   * @throws {RangeError} If it is not a whole number from 0 to 4294967295.
   */
  uint32(value: number): this {
    return this.#number(4, value, 0, 0xffff_ffff, (view) => view.setUint32(0, value));
  }

  /**
   * Adds four bytes, in two's complement.
   *
   * @throws {RangeError} If it is not a whole number from −2147483648 to 2147483647.
   */
  int32(value: number): this {
    return this.#number(4, value, -0x8000_0000, 0x7fff_ffff, (view) => view.setInt32(0, value));
  }

  /**
   * Adds eight bytes.
   *
   * @throws {RangeError} If it is negative or needs more, {@linkcode TypeError} if it is no bigint.
   */
  uint64(value: bigint): this {
    if (typeof value !== "bigint") throw new TypeError(`Cannot write ${nameOf(value)} as a bigint`);
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`Cannot write ${value} as 8 bytes`);
    return this.#write(8, (view) => view.setBigUint64(0, value));
  }

  /**
   * Adds eight bytes, in two's complement.
   *
   * @throws {RangeError} If it needs more, {@linkcode TypeError} if it is no bigint.
   */
  int64(value: bigint): this {
    if (typeof value !== "bigint") throw new TypeError(`Cannot write ${nameOf(value)} as a bigint`);
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`Cannot write ${value} as 8 bytes`);
    return this.#write(8, (view) => view.setBigInt64(0, value));
  }

  /**
   * Adds eight bytes, as IEEE 754 has them.
   *
   * @throws {TypeError} If it is no number.
   */
  float64(value: number): this {
    if (typeof value !== "number") throw new TypeError(`Cannot write ${nameOf(value)} as a number`);
    return this.#write(8, (view) => view.setFloat64(0, value));
  }

  /**
   * Adds a value by a codec of the program's own.
   *
   * @throws {TypeError} If the codec returns no bytes; else what it throws.
   */
  with<T>(codec: FrameCodec<T>, value: T): this {
    return this.bytes(codec.encode(value));
  }

  /**
   * The message so far, in an array of its own.
   *
   * @throws {RangeError} If it has no frame.
   */
  build(): Message {
    if (this.#frames.length === 0) throw new RangeError("Cannot build a message without a frame");
    return this.#frames.slice();
  }

  #number(size: number, value: number, least: number, most: number, write: (view: DataView) => void): this {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`Cannot write ${value} as a number from ${least} to ${most}`);
    }
    return this.#write(size, write);
  }

  #write(size: number, write: (view: DataView) => void): this {
    const frame = new Uint8Array(size);
    write(new DataView(frame.buffer));
    return this.bytes(frame);
  }
}

function nameOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
