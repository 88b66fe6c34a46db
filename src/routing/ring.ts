/**
 * A first-in first-out queue on a circular buffer: no shifting, no allocation a value.
 *
 * @module
 */

/** An empty queue of more slots than this begins anew: one burst is not to take memory for ever. */
const MOST_EMPTY = 4096;

/** A queue that grows by doubling, and keeps no reference to what has left it. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array(8).fill(undefined);
  #head = 0;
  #length = 0;
  /** Lent values are before the head of the queue. */
  #lent = 0;

  /** How many values are queued; those that are lent are not. */
  get length(): number {
    return this.#length;
  }

  /** Adds a value at the end. */
  push(value: T): void {
    if (this.#lent + this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length++;
  }

  /** Takes the first value, or `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    if (--this.#length === 0 && this.#slots.length > MOST_EMPTY) this.clear();
    return value;
  }

  /** The first value, as `shift` gives it; it is kept until `settle`. A ring that lends does not shift. */
  lend(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    this.#lent++;
    return value;
  }

  /** Lent values are gone but for the last `back`, which are the first again; returns how many came back. */
  settle(back = 0): number {
    const mask = this.#slots.length - 1;
    const returned = Math.min(back, this.#lent);
    for (let i = returned + 1; i <= this.#lent; i++) this.#slots[(this.#head - i) & mask] = undefined;
    this.#head = (this.#head - returned) & mask;
    this.#length += returned;
    this.#lent = 0;
    if (this.#length === 0 && this.#slots.length > MOST_EMPTY) this.clear();
    return returned;
  }

  /** The value that was lent last, if there is one. */
  get lent(): T | undefined {
    return this.#lent === 0 ? undefined : this.#slots[(this.#head - 1) & (this.#slots.length - 1)];
  }

  /** Drops the value that was lent last: it neither comes back nor counts as gone. Nothing happens if none is lent. */
  dropLent(): void {
    if (this.#lent === 0) return;
    const mask = this.#slots.length - 1;
    // Those that were lent before move up, so that they stay right before the head.
    for (let i = 1; i < this.#lent; i++) {
      this.#slots[(this.#head - i) & mask] = this.#slots[(this.#head - i - 1) & mask];
    }
    this.#slots[(this.#head - this.#lent) & mask] = undefined;
    this.#lent--;
  }

  /** The first value, which stays, or `undefined` if there is none. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  /** The value at this place behind the head, which stays. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#slots[(this.#head + index) & (this.#slots.length - 1)] : undefined;
  }

  /** How many values it has room for: nobody but tests asks, it is memory. */
  get capacity(): number {
    return this.#slots.length;
  }

  /** The values in their order, which stay. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#length; i++) yield this.#slots[(this.#head + i) & (this.#slots.length - 1)] as T;
  }

  /** Drops all values. */
  clear(): void {
    this.#slots = new Array(8).fill(undefined);
    this.#head = this.#length = this.#lent = 0;
  }

  // The capacity stays a power of two, so that an index wraps by a mask.
  #grow(): void {
    const old = this.#slots;
    const slots: (T | undefined)[] = new Array(old.length * 2).fill(undefined);
    const first = this.#head - this.#lent;
    for (let i = 0; i < old.length; i++) slots[i] = old[(first + i) & (old.length - 1)];
    this.#slots = slots;
    this.#head = this.#lent;
  }
}
