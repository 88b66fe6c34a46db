/**
 * PUSH: sends round-robin, waits when no peer has room (RFC 30).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { LoadBalancer } from "./load_balancer.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behaviour of a PUSH socket. */
export class PushPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #out = new LoadBalancer();

  attach(pipe: Pipe): undefined {
    this.#out.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#out.remove(pipe);
  }

  pipeWritable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  /** A PULL has nothing to say. */
  inbound(pipe: Pipe): undefined {
    pipe.drop("unexpectedMessage");
  }

  trySend(message: Message): boolean {
    return this.#out.send(message) !== undefined;
  }

  canSend(): boolean {
    return this.#out.writable;
  }
}
