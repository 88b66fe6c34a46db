/**
 * The trace of a scenario: everything observable, line by line. Only its hash is kept unless the lines are wanted. The
 * same seed gives the same trace on every runtime.
 *
 * @module
 */

/** A trace. */
export class Trace {
  /** Virtual time; set by the world. */
  clock: () => number = () => 0;
  /** The lines; `undefined` if only the hash is wanted. */
  readonly lines: string[] | undefined;
  /** The number of lines. */
  count = 0;
  #hash = 0x811c9dc5 | 0;

  /** @param keep Whether the lines are kept, or called with each. */
  constructor(keep = false) {
    this.lines = keep ? [] : undefined;
  }

  /** Adds a line. */
  add(who: string, what: string): void {
    const line = `${this.clock().toFixed(3)} ${who}: ${what}`;
    this.count++;
    let hash = this.#hash;
    for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
    this.#hash = hash;
    this.lines?.push(line);
  }

  /** The hash of all lines (FNV-1a). */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}
