/**
 * PUSH: sends round-robin and waits when no peer has room (RFC 30).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { LoadBalancer } from "./load_balancer.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behavior of a PUSH socket. */
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

  /** Drops messages from PULL peers, which have none to send. */
  inbound(pipe: Pipe): undefined {
    pipe.countDrop("unexpectedMessage");
  }

  trySend(message: Message): boolean {
    return this.#out.send(message) !== undefined;
  }

  canSend(): boolean {
    return this.#out.writable;
  }
}
