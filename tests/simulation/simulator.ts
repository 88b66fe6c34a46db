/**
 * The simulator: plays seeds and plans, and makes those that fail shorter.
 *
 * @module
 */

import { settleAlike } from "../../src/base/failure.ts";
import { type Capability, registerTransport, transportFor } from "../../src/transport/transport.ts";
import { type Plan, planOf } from "./plan.ts";
import { type Outcome, play, useSimulatedNetwork } from "./play.ts";
import { prepareSecrets } from "./secrets.ts";
import { shrink } from "./shrink.ts";
import { watchStray } from "./stray.ts";
import type { Trace } from "./trace.ts";
import { Violation } from "./world.ts";

/** A simulator: while it is open, `tcp://` of this process leads into the simulated network. */
export class Simulator {
  readonly #restore: () => void;
  readonly #unwatch: () => void;
  readonly #stackTraceLimit = Error.stackTraceLimit;
  #stray: unknown;

  constructor(capability: Capability) {
    // The stacks of errors, most of which are of lost connections, cost a tenth of the time.
    Error.stackTraceLimit = 0;
    const [tcp, ipc] = [transportFor("tcp"), transportFor("ipc")];
    useSimulatedNetwork();
    settleAlike(true);
    this.#restore = () => {
      if (tcp !== undefined) registerTransport("tcp", tcp, capability);
      if (ipc !== undefined) registerTransport("ipc", ipc, capability);
    };
    this.#unwatch = watchStray((reason) => this.#stray ??= reason);
  }

  /** Opens it. `capability` is of the transport that `tcp://` leads to afterwards. */
  static async open(capability: Capability = {}): Promise<Simulator> {
    await prepareSecrets();
    return new Simulator(capability);
  }

  /** Plays a plan. */
  async play(plan: Plan, trace?: Trace): Promise<Outcome> {
    this.#stray = undefined;
    Error.stackTraceLimit = trace?.lines === undefined ? 0 : this.#stackTraceLimit;
    const outcome = await play(plan, trace);
    // Deno and Node report a rejection after its turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stray === undefined || outcome.violation !== undefined) return outcome;
    const { stack } = this.#stray as Error;
    return { ...outcome, violation: new Violation("no-unhandled-rejection", `${stack ?? this.#stray}`) };
  }

  /** Plays a seed. */
  playSeed(seed: number, trace?: Trace): Promise<Outcome> {
    return this.play(planOf(seed), trace);
  }

  /** Makes the plan of a failing scenario shorter. */
  async shrink(plan: Plan, { invariant }: Violation): Promise<Plan> {
    return await shrink(plan, async (shorter) => (await this.play(shorter)).violation?.invariant === invariant);
  }

  /** `tcp://` leads to where it led before. */
  close(): void {
    Error.stackTraceLimit = this.#stackTraceLimit;
    this.#restore();
    settleAlike(false);
    this.#unwatch();
  }
}
