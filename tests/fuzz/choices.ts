/**
 * Reads choices from an input, so that bytes can stand for options, operations and lists.
 *
 * @module
 */

/** Reads an input from its start. When it is used up, every number is 0. */
export class Choices {
  readonly #input: Uint8Array;
  #at = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  /** Number of bytes that are left. */
  get left(): number {
    return this.#input.length - this.#at;
  }

  /** A number from 0 to 255. */
  byte(): number {
    return this.#at < this.#input.length ? this.#input[this.#at++]! : 0;
  }

  /** A number below `count`, which is at most 256. */
  below(count: number): number {
    return this.byte() % count;
  }

  /** One of these. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A number from 0 to 65535. */
  uint16(): number {
    return this.byte() << 8 | this.byte();
  }

  /** The next bytes, as many as are left. */
  bytes(length: number): Uint8Array {
    const start = this.#at;
    this.#at = Math.min(this.#input.length, start + length);
    return this.#input.subarray(start, this.#at);
  }

  /** Bytes after their length in one byte. */
  short(): Uint8Array {
    return this.bytes(this.byte());
  }

  /** All bytes that are left. */
  rest(): Uint8Array {
    return this.bytes(this.left);
  }
}
