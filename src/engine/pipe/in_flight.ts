/**
 * The messages of one write: where each of them ends, so that it is known which have gone out when the link is lost.
 *
 * @module
 */

/** The rest of a write that was not finished. */
export interface Unfinished {
  /** The number of entries that have not gone out in full. */
  readonly entries: number;
  /** The bytes of the first of these that have. */
  readonly cut: number;
}

/** An account of one write after the other. Its entries are messages, and runs of them. */
export class InFlight {
  /** The number of entries. */
  entries = 0;
  /** The offset at which each entry ends. */
  readonly #ends: number[] = [];
  /** The number of messages of each run, by its place. */
  readonly #runs = new Map<number, number>();
  #start = 0;

  /** The write starts with bytes that do not belong to messages, as long as no message precedes them. */
  leads(bytes: number): void {
    if (this.entries === 0) this.#start = bytes;
  }

  /** A message that ends at this byte; `Infinity` is not known yet. */
  message(end: number): void {
    this.#ends[this.entries++] = end;
  }

  /** True if no byte of the last entry is in the write: the message waits, or is being encoded. */
  get open(): boolean {
    return this.entries > 0 && this.#ends[this.entries - 1] === Infinity;
  }

  /** The open message ends at this byte. */
  closeAt(end: number): void {
    this.#ends[this.entries - 1] = end;
  }

  /** The open message is dropped. */
  removeOpen(): void {
    this.entries--;
  }

  /** A run of messages that ends at this byte. */
  run(messages: number, end: number): void {
    this.#runs.set(this.entries, messages);
    this.#ends[this.entries++] = end;
  }

  /** The number of messages. */
  get messages(): number {
    let more = 0;
    if (this.entries > 0) { for (const messages of this.#runs.values()) more += messages - 1; }
    return this.entries + more;
  }

  /** All is handed over. */
  done(): void {
    this.entries = 0;
    if (this.#runs.size > 0) this.#runs.clear();
  }

  /** The link is lost and had taken `taken` bytes: removes the entries that were written completely. */
  lost(taken: number): Unfinished {
    let out = this.entries;
    while (out > 0 && this.#ends[out - 1]! > taken) out--;
    for (const place of this.#runs.keys()) if (place < out) this.#runs.delete(place);
    const entries = this.entries -= out;
    const start = out === 0 ? this.#start : this.#ends[out - 1]!;
    return { entries, cut: entries > 0 ? Math.max(0, taken - start) : 0 };
  }
}
