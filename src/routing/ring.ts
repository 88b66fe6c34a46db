/**
 * First-in first-out queue on a circular buffer: no shifting, and no allocation per value.
 *
 * @module
 */

/** A queue of more slots than this shrinks when it becomes empty, so that one burst does not keep memory forever. */
const MOST_EMPTY = 4096;

/** A queue that grows by doubling and keeps no reference to removed values. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array(8).fill(undefined);
  #head = 0;
  #length = 0;
  /** Number of lent values, which lie before the head of the queue. */
  #lent = 0;

  /** Number of queued values, without those that are lent. */
  get length(): number {
    return this.#length;
  }

  /** Adds a value at the end. */
  push(value: T): void {
    if (this.#lent + this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length++;
  }

  /** Removes and returns the first value; `undefined` if the queue is empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    if (--this.#length === 0 && this.#slots.length > MOST_EMPTY) this.#reset();
    return value;
  }

  /**
   * Returns the first value as `shift` does, but keeps it until `settle`. `lend` and `shift` must not be mixed on one
   * queue.
   */
  lend(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    this.#lent++;
    return value;
  }

  /**
   * Removes the lent values except the last `back`, which become the first of the queue again; returns how many were
   * returned.
   */
  endLoan(back = 0): number {
    const mask = this.#slots.length - 1;
    const returned = Math.min(back, this.#lent);
    for (let i = returned + 1; i <= this.#lent; i++) this.#slots[(this.#head - i) & mask] = undefined;
    this.#head = (this.#head - returned) & mask;
    this.#length += returned;
    this.#lent = 0;
    if (this.#length === 0 && this.#slots.length > MOST_EMPTY) this.#reset();
    return returned;
  }

  /** The value that was lent last, if any. */
  get lent(): T | undefined {
    return this.#lent === 0 ? undefined : this.#slots[(this.#head - 1) & (this.#slots.length - 1)];
  }

  /**
   * Removes the value that was lent last from the lent values, so that `settle` neither returns nor removes it. Does
   * nothing if no value is lent.
   */
  dropLent(): void {
    if (this.#lent === 0) return;
    const mask = this.#slots.length - 1;
    // Values that were lent before it move up, so that the lent values stay contiguous before the head.
    for (let i = 1; i < this.#lent; i++) {
      this.#slots[(this.#head - i) & mask] = this.#slots[(this.#head - i - 1) & mask];
    }
    this.#slots[(this.#head - this.#lent) & mask] = undefined;
    this.#lent--;
  }

  /** Returns the first value without removing it; `undefined` if the queue is empty. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  /** Returns the value at this position, counted from the head, without removing it. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#slots[(this.#head + index) & (this.#slots.length - 1)] : undefined;
  }

  /** Iterates over the queued values in order, without removing them. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#length; i++) yield this.#slots[(this.#head + i) & (this.#slots.length - 1)] as T;
  }

  /** Removes all values. */
  clear(): void {
    this.#reset();
  }

  #reset(): void {
    this.#slots = new Array(8).fill(undefined);
    this.#head = this.#length = this.#lent = 0;
  }

  // The capacity stays a power of two, so that an index wraps with a mask.
  #grow(): void {
    const old = this.#slots;
    const slots: (T | undefined)[] = new Array(old.length * 2).fill(undefined);
    const first = this.#head - this.#lent;
    for (let i = 0; i < old.length; i++) slots[i] = old[(first + i) & (old.length - 1)];
    this.#slots = slots;
    this.#head = this.#lent;
  }
}
