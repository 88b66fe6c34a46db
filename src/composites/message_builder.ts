/**
 * Builds messages frame by frame from text, JSON, numbers and values with a codec.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";
import type { Bytes } from "../base/received.ts";
import { emptyFrame } from "../base/untransferable.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Encodes values of one type as frames, and decodes them. */
export interface FrameCodec<T> {
  /** Returns the bytes of a value. */
  encode(value: T): Uint8Array;
  /** Returns the value of a frame; throws if the frame is invalid. */
  decode(frame: Bytes): T;
}

const encoder = new TextEncoder();

/**
 * Builds a message frame by frame. Numbers are big-endian, as in the ZeroMQ RFCs.
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

  /** Creates a message without frames. */
  constructor() {
    if (arguments.length > 0) refuseSurplus("new MessageBuilder()", 0, arguments[0]);
  }

  /**
   * Adds bytes, without copying them.
   *
   * @throws {TypeError} If the value is not bytes.
   */
  bytes(frame: Uint8Array): this {
    if (arguments.length > 1) refuseSurplus("bytes()", 1, arguments[1]);
    const bytes = viewOf(frame);
    if (bytes === undefined) throw new TypeError(`Cannot add ${nameOf(frame)} as bytes: pass a Uint8Array`);
    this.#frames.push(bytes);
    return this;
  }

  /** Adds an empty frame. */
  empty(): this {
    if (arguments.length > 0) refuseSurplus("empty()", 0, arguments[0]);
    return this.bytes(emptyFrame());
  }

  /**
   * Adds text as UTF-8.
   *
   * @throws {TypeError} If the value is not a string.
   */
  text(text: string): this {
    if (arguments.length > 1) refuseSurplus("text()", 1, arguments[1]);
    if (typeof text !== "string") throw new TypeError(`Cannot add ${nameOf(text)} as text: pass a string`);
    return this.bytes(encoder.encode(text));
  }

  /**
   * Adds a value as JSON.
   *
   * @throws {TypeError} If the value cannot be written as JSON.
   */
  json(value: unknown): this {
    if (arguments.length > 1) refuseSurplus("json()", 1, arguments[1]);
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`Cannot add ${nameOf(value)} as JSON`);
    return this.text(text);
  }

  /**
   * Adds an unsigned integer of one byte.
   *
   * @throws {RangeError} If it is not an integer from 0 to 255.
   */
  uint8(value: number): this {
    if (arguments.length > 1) refuseSurplus("uint8()", 1, arguments[1]);
    return this.#number(1, value, 0, 0xff, (view) => view.setUint8(0, value));
  }

  /**
   * Adds a signed integer of one byte.
   *
   * @throws {RangeError} If it is not an integer from −128 to 127.
   */
  int8(value: number): this {
    if (arguments.length > 1) refuseSurplus("int8()", 1, arguments[1]);
    return this.#number(1, value, -0x80, 0x7f, (view) => view.setInt8(0, value));
  }

  /**
   * Adds an unsigned integer of two bytes.
   *
   * @throws {RangeError} If it is not an integer from 0 to 65535.
   */
  uint16(value: number): this {
    if (arguments.length > 1) refuseSurplus("uint16()", 1, arguments[1]);
    return this.#number(2, value, 0, 0xffff, (view) => view.setUint16(0, value));
  }

  /**
   * Adds a signed integer of two bytes.
   *
   * @throws {RangeError} If it is not an integer from −32768 to 32767.
   */
  int16(value: number): this {
    if (arguments.length > 1) refuseSurplus("int16()", 1, arguments[1]);
    return this.#number(2, value, -0x8000, 0x7fff, (view) => view.setInt16(0, value));
  }

  /**
   * Adds an unsigned integer of four bytes.
   *
   * @throws {RangeError} If it is not an integer from 0 to 4294967295.
   */
  uint32(value: number): this {
    if (arguments.length > 1) refuseSurplus("uint32()", 1, arguments[1]);
    return this.#number(4, value, 0, 0xffff_ffff, (view) => view.setUint32(0, value));
  }

  /**
   * Adds a signed integer of four bytes.
   *
   * @throws {RangeError} If it is not an integer from −2147483648 to 2147483647.
   */
  int32(value: number): this {
    if (arguments.length > 1) refuseSurplus("int32()", 1, arguments[1]);
    return this.#number(4, value, -0x8000_0000, 0x7fff_ffff, (view) => view.setInt32(0, value));
  }

  /**
   * Adds an unsigned integer of eight bytes.
   *
   * @throws {RangeError} If it is negative or larger than 8 bytes; {@linkcode TypeError} if it is not a bigint.
   */
  uint64(value: bigint): this {
    if (arguments.length > 1) refuseSurplus("uint64()", 1, arguments[1]);
    if (typeof value !== "bigint") {
      throw new TypeError(`Cannot add ${nameOf(value)} as a 64-bit integer: pass a bigint`);
    }
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`Cannot add ${value}: it does not fit into 8 bytes`);
    return this.#write(8, (view) => view.setBigUint64(0, value));
  }

  /**
   * Adds a signed integer of eight bytes.
   *
   * @throws {RangeError} If it does not fit into 8 bytes; {@linkcode TypeError} if it is not a bigint.
   */
  int64(value: bigint): this {
    if (arguments.length > 1) refuseSurplus("int64()", 1, arguments[1]);
    if (typeof value !== "bigint") {
      throw new TypeError(`Cannot add ${nameOf(value)} as a 64-bit integer: pass a bigint`);
    }
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`Cannot add ${value}: it does not fit into 8 bytes`);
    return this.#write(8, (view) => view.setBigInt64(0, value));
  }

  /**
   * Adds a floating-point number of eight bytes (IEEE 754).
   *
   * @throws {TypeError} If it is not a number.
   */
  float64(value: number): this {
    if (arguments.length > 1) refuseSurplus("float64()", 1, arguments[1]);
    if (typeof value !== "number") throw new TypeError(`Cannot add ${nameOf(value)} as a float64: pass a number`);
    return this.#write(8, (view) => view.setFloat64(0, value));
  }

  /**
   * Adds a value with a codec.
   *
   * @throws {TypeError} If the codec does not return bytes. Errors of the codec are passed on.
   */
  with<T>(codec: FrameCodec<T>, value: T): this {
    if (arguments.length > 2) refuseSurplus("with()", 2, arguments[2]);
    return this.bytes(codec.encode(value));
  }

  /**
   * Returns the frames so far as a new message.
   *
   * @throws {RangeError} If no frame was added.
   */
  build(): [Uint8Array, ...Uint8Array[]] {
    if (arguments.length > 0) refuseSurplus("build()", 0, arguments[0]);
    if (this.#frames.length === 0) throw new RangeError("Cannot build a message without frames: add at least one");
    return this.#frames.slice() as [Uint8Array, ...Uint8Array[]];
  }

  #number(size: number, value: number, least: number, most: number, write: (view: DataView) => void): this {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`Cannot add ${value}: it is not an integer from ${least} to ${most}`);
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
