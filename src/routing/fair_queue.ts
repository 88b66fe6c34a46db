/**
 * Fair queue: receives from one pipe after another, one whole message at a time, so that a busy peer does not starve a
 * quiet one (RFC 30; libzmq fq.cpp).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Pipe } from "./pipe.ts";

/** Round-robin over the pipes that hold messages. */
export class FairQueue<P extends Pipe = Pipe> {
  /**
   * Pipes that hold messages, in round-robin order, and the pipe that was emptied last until another one becomes
   * active.
   */
  readonly #active: P[] = [];
  /** The pipes in `#active`: a pipe may receive messages again while it is being emptied. */
  readonly #members = new Set<P>();
  #current = 0;

  /** The pipe of the message that `receive` returned last. */
  last: P | undefined;

  /** Adds a pipe that was empty and has received a message. */
  activate(pipe: P): void {
    if (this.#members.has(pipe)) return;
    if (this.#active.length === 1 && !this.#active[0]!.readable) this.#removeAt(0);
    this.#members.add(pipe);
    this.#active.push(pipe);
  }

  /** True if any pipe holds a message. */
  get readable(): boolean {
    return this.peek() !== undefined;
  }

  /** Returns the message that `receive` would return. */
  peek(): Message | undefined {
    while (this.#active.length > 0) {
      const message = this.#active[this.#current]!.peek();
      if (message !== undefined || this.#active.length === 1) return message;
      this.#removeAt(this.#current);
    }
    return undefined;
  }

  /** Takes the next message; `undefined` if no pipe holds one. */
  receive(): Message | undefined {
    while (this.#active.length > 0) {
      const pipe = this.#active[this.#current]!;
      const message = pipe.tryReceive();
      if (this.#active.length === 1 && this.#active[0] === pipe) {
        // An emptied pipe stays in the list: with a single peer that is read as fast as it sends, removing and adding
        // the pipe would double the cost of a receive.
        if (message !== undefined) this.last = pipe;
        return message;
      }
      // Taking a message may have activated other pipes and moved this one.
      const at = this.#active[this.#current] === pipe ? this.#current : this.#active.indexOf(pipe);
      if (message !== undefined && pipe.readable) {
        this.#current = at + 1 < this.#active.length ? at + 1 : 0;
      } else if (at >= 0) {
        this.#removeAt(at);
      }
      if (message !== undefined) {
        this.last = pipe;
        return message;
      }
    }
    return undefined;
  }

  #removeAt(at: number): void {
    const { length } = this.#active;
    this.#members.delete(this.#active[at]!);
    if (length === 1) this.#active.pop();
    else this.#active.splice(at, 1);
    if (at < this.#current) this.#current--;
    if (this.#current >= this.#active.length) this.#current = 0;
  }
}
