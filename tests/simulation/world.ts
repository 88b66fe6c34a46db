/**
 * The simulated world: one queue of everything that will happen, in virtual time. Time jumps to the next event; between
 * two events the real event loop makes one turn, so that all promises are settled. A process has a clock of its own,
 * which it hands to its `Context`; it can be stopped, continued and killed.
 *
 * @module
 */

import type { Clock, Timer } from "../../src/base/clock.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";

/** Something that will happen. */
interface Happening {
  readonly due: number;
  readonly order: number;
  /** The process that does it; `undefined` for the network and the scenario, which settle no promise. */
  readonly process: Process | undefined;
  run: (() => void) | undefined;
}

/** Virtual time that a turn of an event loop takes, in ms: a program that never waits must not stop time. */
const TURN = 0.01;
/** More events than this at the same scenario are a loop that never ends. */
const MOST_EVENTS = 200_000;

/** Taken before a test can replace it. It fires after all promises are settled, on each of the three runtimes. */
const soon: (callback: () => void) => unknown = setImmediate;

/** A violated promise. */
export class Violation extends Error {
  /** The name of the invariant. */
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.name = "Violation";
    this.invariant = invariant;
  }
}

/** A simulated world. */
export class World {
  readonly seed: number;
  readonly trace: Trace;
  readonly processes: Process[] = [];
  /** The number of events so far. */
  events = 0;
  #now = 0;
  #order = 0;
  /** A binary heap by time, then by order. */
  readonly #queue: Happening[] = [];
  /** The first violation. */
  violation: Violation | undefined;

  constructor(seed: number, trace: Trace = new Trace()) {
    this.seed = seed;
    this.trace = trace;
    trace.clock = () => this.#now;
  }

  /** Virtual time, in ms. */
  get now(): number {
    return this.#now;
  }

  /** Reports a violated promise; the first one ends the scenario. */
  violate(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
  }

  /** Has something happen after some time. */
  after(ms: number, run: () => void, process?: Process): Happening {
    const happening = { due: this.#now + ms, order: this.#order++, process, run };
    this.#push(happening);
    return happening;
  }

  /** Continues until `done`, or until nothing is left to happen, or until it is that late. */
  run(done: () => boolean, until: number): Promise<void> {
    return new Promise((resolve) => {
      const step = () => {
        if (this.violation !== undefined || done()) return resolve();
        for (;;) {
          const next = this.#queue[0];
          if (next === undefined || next.due > until) {
            if (next !== undefined || until < Infinity) this.#now = Math.max(this.#now, until);
            return resolve();
          }
          this.#pop();
          if (next.run === undefined) continue;
          this.#now = Math.max(this.#now, next.due);
          if (this.#happens(next)) break;
          if (this.violation !== undefined) return resolve();
        }
        soon(step);
      };
      soon(step);
    });
  }

  /** The program of a scenario: `work`, with the world running until it is done. Rejects if it cannot finish. */
  async perform<T>(what: string, work: Promise<T>, within: number): Promise<T | undefined> {
    let settled = false;
    let result: T | undefined;
    work.then((value) => {
      settled = true;
      result = value;
    }, (error) => {
      settled = true;
      this.violate("no-uncaught-error", `${what}: ${error}`);
    });
    await this.run(() => settled, this.#now + within);
    if (!settled) this.violate("no-hang", `${what} did not end within ${within} ms`);
    return result;
  }

  /** `true` if a process acted, so that promises may have settled: the network alone settles none. */
  #happens(happening: Happening): boolean {
    const { process } = happening;
    if (process?.state === "killed") return false;
    if (process?.state === "stopped") {
      process.backlog.push(happening);
      return false;
    }
    const run = happening.run!;
    happening.run = undefined;
    if (++this.events > MOST_EVENTS) this.violate("no-hang", `${MOST_EVENTS} events, and no end`);
    try {
      run();
    } catch (error) {
      this.violate("no-uncaught-error", `${(error as Error).stack ?? error}`);
    }
    return process !== undefined;
  }

  /** Puts back what a stopped process could not do. */
  again(happenings: readonly Happening[]): void {
    for (const { run, process } of happenings) if (run !== undefined) this.after(0, run, process);
  }

  #push(happening: Happening): void {
    const queue = this.#queue;
    let at = queue.push(happening) - 1;
    while (at > 0) {
      const up = at - 1 >> 1;
      if (!before(happening, queue[up]!)) break;
      queue[at] = queue[up]!;
      at = up;
    }
    queue[at] = happening;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    const { length } = queue;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && before(queue[child + 1]!, queue[child]!)) child++;
      if (!before(queue[child]!, last)) break;
      queue[at] = queue[child]!;
      at = child;
    }
    queue[at] = last;
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** A process: its clock stands still while it is stopped, and forever once it is killed. */
export class Process implements Clock {
  readonly name: string;
  readonly world: World;
  readonly #random: Random;
  state: "running" | "stopped" | "killed" = "running";
  /** Events that wait until it continues. */
  backlog: Happening[] = [];
  /** Its timers that are to come. */
  readonly timers = new Set<Happening>();

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.#random = Random.of(world.seed, "process", name, world.processes.length);
    world.processes.push(this);
  }

  readonly now = (): number => this.world.now;

  readonly random = (): number => this.#random.next();

  timer(ms: number, callback: () => void): Timer {
    const timer = this.world.after(Math.max(0, ms), () => {
      this.timers.delete(timer);
      callback();
    }, this);
    this.timers.add(timer);
    const cancel = () => {
      this.timers.delete(timer);
      timer.run = undefined;
    };
    return { cancel, ref() {}, unref() {} };
  }

  turn(callback: () => void): void {
    this.world.after(TURN, callback, this);
  }

  /** Waits in the program of this process. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.world.after(ms, resolve, this));
  }

  /** Stops it, as by `SIGSTOP`: its kernel goes on. */
  stop(): void {
    if (this.state === "running") this.state = "stopped";
  }

  /** Has it continue. */
  continue(): void {
    if (this.state !== "stopped") return;
    this.state = "running";
    const { backlog } = this;
    this.backlog = [];
    this.world.again(backlog);
  }

  /** Ends it, as by `SIGKILL`. */
  kill(): void {
    this.state = "killed";
    this.backlog = [];
    this.timers.clear();
  }
}
