/**
 * Look-ups of host names, shared by all sockets of the process. A look-up takes a thread of the runtime until the operating
 * system ends it: with a silent DNS server after 10 s and more. Attempts to connect that are aborted and repeated would take all
 * threads in the meantime, and files could not be read either. So a name is looked up once at a time, few names at once, and
 * all attempts wait for the same answer.
 *
 * @module
 */

import { runtime } from "./runtime.ts";

/** Time (ms) for which an answer is kept that arrives after all attempts were aborted: the next attempt gets it. */
export const KEPT = 10_000;

/** Looks a name up in the operating system. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** RFC 6761 §6.3: these names need no DNS server, so they need not wait for other names. */
const LOCAL = /(?:^|\.)localhost\.?$/i;

interface LookUp {
  readonly host: string;
  readonly answer: Promise<readonly string[]>;
  readonly resolve: (addresses: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
  /** Number of attempts that wait for it. */
  wanted: number;
}

/** An answer for which no attempt waited, and the time until which it is kept. */
interface Late {
  readonly addresses: readonly string[];
  readonly until: number;
}

/** Look-ups that share a pool of threads. */
export class LookUps {
  readonly #resolve: Resolve;
  readonly #atOnce: () => number | Promise<number>;
  readonly #now: () => number;
  /** Waiting or running look-ups. */
  readonly #pending = new Map<string, LookUp>();
  readonly #line = new Set<LookUp>();
  readonly #late = new Map<string, Late>();
  #most: number | undefined;
  #running = 0;

  /** @param atOnce Returns the number of names that may be looked up at once; called once. */
  constructor(resolve: Resolve, atOnce: () => number | Promise<number>, now: () => number) {
    this.#resolve = resolve;
    this.#atOnce = atOnce;
    this.#now = now;
  }

  /**
   * Returns the addresses of a name.
   *
   * @throws The runtime's error if the name is not known, and the signal's reason when it fires.
   */
  async of(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    const late = this.#takeLate(host);
    if (late !== undefined) return late;
    const lookUp = this.#pending.get(host) ?? this.#add(host);
    lookUp.wanted++;
    return await new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#left(lookUp);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      lookUp.answer.then(resolve, reject).finally(() => signal?.removeEventListener("abort", giveUp));
    });
  }

  #add(host: string): LookUp {
    let resolve!: LookUp["resolve"];
    let reject!: LookUp["reject"];
    const answer = new Promise<readonly string[]>((...both) => [resolve, reject] = both);
    const lookUp: LookUp = { host, answer, resolve, reject, wanted: 0 };
    this.#pending.set(host, lookUp);
    if (LOCAL.test(host)) void this.#run(lookUp);
    else {
      this.#line.add(lookUp);
      void this.#goOn();
    }
    return lookUp;
  }

  #left(lookUp: LookUp): void {
    lookUp.wanted--;
    // Other names need not wait for one that is no longer wanted.
    if (lookUp.wanted === 0 && this.#line.delete(lookUp)) this.#pending.delete(lookUp.host);
  }

  async #goOn(): Promise<void> {
    this.#most ??= await this.#atOnce();
    for (const lookUp of this.#line) {
      if (this.#running >= this.#most) return;
      this.#line.delete(lookUp);
      this.#running++;
      void this.#run(lookUp).then(() => {
        this.#running--;
        void this.#goOn();
      });
    }
  }

  async #run(lookUp: LookUp): Promise<void> {
    const { host } = lookUp;
    try {
      const addresses = await this.#resolve(host);
      if (lookUp.wanted === 0) this.#late.set(host, { addresses, until: this.#now() + KEPT });
      lookUp.resolve(addresses);
    } catch (error) {
      // No attempt that handles it may be left.
      lookUp.answer.catch(() => {});
      lookUp.reject(error);
    }
    this.#pending.delete(host);
  }

  #takeLate(host: string): readonly string[] | undefined {
    const now = this.#now();
    for (const [name, { until }] of this.#late) if (until < now) this.#late.delete(name);
    const late = this.#late.get(host);
    this.#late.delete(host);
    return late?.addresses;
  }
}

interface Process {
  readonly env: { readonly UV_THREADPOOL_SIZE?: string };
}

declare const process: Process | undefined;

/** Look-ups at once; more than this gain nothing. */
const MOST = 4;

/** One less than the threads that this runtime has for look-ups, so that the program's own look-ups find one; at least one. */
async function threads(): Promise<number> {
  const all = await threadsOf(runtime());
  return Math.min(MOST, Math.max(1, all - 1 || 1));
}

async function threadsOf(on: ReturnType<typeof runtime>): Promise<number> {
  switch (on) {
    case "deno":
      // It has 32 for all blocking operations.
      return MOST + 1;
    case "bun":
      // One per processor for all blocking operations.
      return (await import("node:os")).availableParallelism();
    case "node":
      // It has 4, and takes half of them for look-ups.
      return Math.floor((Number(process?.env.UV_THREADPOOL_SIZE ?? 4) + 1) / 2);
  }
}

/** The look-ups of this process. */
export function systemLookUps(resolve: Resolve, now: () => number): LookUps {
  return new LookUps(resolve, threads, now);
}
