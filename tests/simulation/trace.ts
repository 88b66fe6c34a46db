/**
 * The trace of a scenario: everything observable, line by line. Nothing, its hash, or all lines are kept. The same seed
 * gives the same trace on every runtime.
 *
 * @module
 */

/** A trace. */
export class Trace {
  /** Virtual time; set by the world. */
  clock: () => number = () => 0;
  /** The lines; `undefined` unless they are wanted. */
  readonly lines: string[] | undefined;
  readonly #silent: boolean;
  /** The number of lines. */
  count = 0;
  #hash = 0x811c9dc5 | 0;

  /** @param keep What is wanted of it: by default nothing. */
  constructor(keep: "nothing" | "hash" | "lines" = "nothing") {
    this.lines = keep === "lines" ? [] : undefined;
    this.#silent = keep === "nothing";
  }

  /** Adds a line. */
  add(who: string, what: string): void {
    if (this.#silent) return;
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
