/**
 * DEALER: sends round-robin and receives fair-queued; messages pass through unchanged (RFC 28).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Values } from "../base/option.ts";
import { FairQueue } from "./fair_queue.ts";
import { LoadBalancer } from "./load_balancer.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { emptyMessage, type ProbeOptions } from "./probe.ts";

/** The behavior of a DEALER socket. */
export class DealerPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #out = new LoadBalancer();
  readonly #in = new FairQueue();
  readonly #options: Values<ProbeOptions>;

  constructor(options: Values<ProbeOptions>) {
    this.#options = options;
  }

  attach(pipe: Pipe): undefined {
    this.#out.add(pipe);
  }

  connected(pipe: Pipe): void {
    if (this.#options.probeRouter) pipe.sendFirst(emptyMessage());
  }

  detach(pipe: Pipe): void {
    this.#out.remove(pipe);
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  pipeWritable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  trySend(message: Message): boolean {
    return this.#out.send(message) !== undefined;
  }

  canSend(): boolean {
    return this.#out.writable;
  }

  tryReceive(): Message | undefined {
    return this.#in.receive();
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}
