/**
 * Which parts of the sources an input reaches, on Node: V8 counts how often each block of code runs.
 *
 * @module
 */

import type { Profiler, Session } from "node:inspector";

/** Counts are compared in these steps: once, a few times, often. */
function step(count: number): number {
  return count === 1 ? 1 : count < 8 ? 2 : 3;
}

/** The blocks that were reached so far. */
export class Coverage {
  readonly #session: Session;
  readonly #seen = new Set<string>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Starts to count. */
  static async open(): Promise<Coverage> {
    const { Session } = await import("node:inspector");
    const session = new Session();
    session.connect();
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return new Coverage(session);
  }

  /** Returns the blocks that were reached since the last call and never before. */
  fresh(): string[] {
    const found: string[] = [];
    for (const { url, functions } of this.#take()) {
      const at = url.indexOf("/src/");
      if (at < 0) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const block = `${url.slice(at)}:${startOffset}-${endOffset}:${step(count)}`;
          if (!this.#seen.has(block)) found.push(block);
        }
      }
    }
    return found;
  }

  /** Adds blocks to those that were reached. */
  add(blocks: readonly string[]): void {
    for (const block of blocks) this.#seen.add(block);
  }

  /** Ends counting. */
  close(): void {
    this.#session.disconnect();
  }

  #take(): Profiler.ScriptCoverage[] {
    let result: Profiler.ScriptCoverage[] = [];
    // The callback is called at once, because the session is in this thread.
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      ({ result } = taken);
    });
    return result;
  }
}
