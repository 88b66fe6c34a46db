/**
 * Changes inputs at random: bits, numbers, lengths, ranges, parts of other inputs. A changed input is often nearly valid,
 * so that it passes the first checks and reaches the later ones.
 *
 * @module
 */

const BYTES = [0, 1, 2, 3, 4, 5, 7, 8, 16, 32, 64, 0x7e, 0x7f, 0x80, 0xfe, 0xff];
/** Sizes and their edges. */
const NUMBERS = [0, 1, 2, 254, 255, 256, 300, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** Returns a random integer below a number. */
export type Below = (count: number) => number;

/** Makes new inputs from known ones. One per target. */
export class Mutator {
  readonly #below: Below;
  readonly #tokens: readonly Uint8Array[];
  readonly #room: Uint8Array;
  readonly #view: DataView;
  #length = 0;

  /** @param most Maximum length of an input, in bytes. */
  constructor(below: Below, tokens: readonly Uint8Array[], most: number) {
    this.#below = below;
    this.#tokens = tokens;
    this.#room = new Uint8Array(most);
    this.#view = new DataView(this.#room.buffer);
  }

  /** Returns a changed copy of one of these inputs. */
  next(known: readonly Uint8Array[]): Uint8Array {
    const below = this.#below;
    const start = known[below(known.length)]!;
    this.#length = Math.min(start.length, this.#room.length);
    this.#room.set(start.subarray(0, this.#length));
    for (let steps = 1 << below(4); steps > 0; steps--) this.#change(known);
    return this.#room.slice(0, this.#length);
  }

  #change(known: readonly Uint8Array[]): void {
    const below = this.#below;
    const room = this.#room;
    const length = this.#length;
    const at = below(length + 1);
    if (length === 0) return this.#insert(0, this.#noise());
    switch (below(13)) {
      case 0:
        room[below(length)]! ^= 1 << below(8);
        return;
      case 1:
        room[below(length)] = below(256);
        return;
      case 2:
        room[below(length)] = BYTES[below(BYTES.length)]!;
        return;
      case 3:
        room[below(length)]! += below(33) - 16;
        return;
      case 4:
        return this.#number(at);
      case 5:
        return this.#remove(at, 1 + below(Math.max(1, length >> below(4))));
      case 6:
        return this.#insert(at, this.#noise());
      case 7:
        return this.#insert(below(length + 1), room.slice(at, at + 1 + below(16)));
      case 8:
      case 9:
        if (this.#tokens.length === 0) return this.#number(at);
        return this.#place(at, this.#tokens[below(this.#tokens.length)]!);
      case 10: {
        const other = known[below(known.length)]!;
        const from = below(other.length + 1);
        return this.#place(at, other.subarray(from, from + below(other.length - from + 1)));
      }
      case 11: {
        // A longer part after a length that counts it.
        if (this.#tokens.length === 0 || at === length) return this.#number(at);
        const token = this.#tokens[below(this.#tokens.length)]!;
        room[at]! += token.length;
        return this.#insert(at + 1, token);
      }
      default:
        // A length before the rest, or before a part of it.
        if (at < length) room[at] = below(2) === 0 ? length - at - 1 : below(length - at);
    }
  }

  /** Writes a number of two, four or eight bytes. */
  #number(at: number): void {
    const number = NUMBERS[this.#below(NUMBERS.length)]!;
    const size = [2, 4, 8][this.#below(3)]!;
    if (at + size > this.#room.length) return;
    if (size === 2) this.#view.setUint16(at, number);
    else if (size === 4) this.#view.setUint32(at, number);
    else {
      this.#view.setUint32(at, this.#below(3) === 0 ? NUMBERS[this.#below(NUMBERS.length)]! : 0);
      this.#view.setUint32(at + 4, number);
    }
    this.#length = Math.max(this.#length, at + size);
  }

  /** Inserts bytes, or replaces as many. */
  #place(at: number, part: Uint8Array): void {
    if (this.#below(2) === 0) return this.#insert(at, part);
    const fitting = part.subarray(0, this.#room.length - at);
    this.#room.set(fitting, at);
    this.#length = Math.max(this.#length, at + fitting.length);
  }

  #insert(at: number, part: Uint8Array): void {
    const fitting = part.subarray(0, this.#room.length - this.#length);
    this.#room.copyWithin(at + fitting.length, at, this.#length);
    this.#room.set(fitting, at);
    this.#length += fitting.length;
  }

  #remove(at: number, count: number): void {
    const end = Math.min(this.#length, at + count);
    this.#room.copyWithin(at, end, this.#length);
    this.#length -= end - at;
  }

  #noise(): Uint8Array {
    const noise = new Uint8Array(1 + this.#below(1 << this.#below(6)));
    const few = this.#below(3) === 0 ? 4 : 256;
    for (let i = 0; i < noise.length; i++) noise[i] = this.#below(few);
    return noise;
  }
}
