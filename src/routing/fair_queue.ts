/**
 * Takes from one pipe after another, a whole message at a time, so that a busy peer does not starve a quiet one
 * (RFC 30; libzmq fq.cpp).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Pipe } from "./pipe.ts";

/** Round-robin over the pipes that hold messages. */
export class FairQueue<P extends Pipe = Pipe> {
  /** Pipes that hold messages, in the order of their turns; and the last one, until another one comes. */
  readonly #active: P[] = [];
  /** The same pipes: a pipe may fill again while it is being emptied. */
  readonly #members = new Set<P>();
  #current = 0;

  /** The pipe of the message that `receive` returned last. */
  last: P | undefined;

  /** A message came into an empty pipe. */
  activate(pipe: P): void {
    if (this.#members.has(pipe)) return;
    if (this.#active.length === 1 && !this.#active[0]!.readable) this.#removeAt(0);
    this.#members.add(pipe);
    this.#active.push(pipe);
  }

  /** Whether any pipe holds a message. */
  get readable(): boolean {
    return this.peek() !== undefined;
  }

  /** The message that `receive` would return. */
  peek(): Message | undefined {
    while (this.#active.length > 0) {
      const message = this.#active[this.#current]!.peek();
      if (message !== undefined || this.#active.length === 1) return message;
      this.#removeAt(this.#current);
    }
    return undefined;
  }

  /** The next message, or `undefined` if no pipe holds one. */
  receive(): Message | undefined {
    while (this.#active.length > 0) {
      const pipe = this.#active[this.#current]!;
      const message = pipe.tryReceive();
      if (this.#active.length === 1 && this.#active[0] === pipe) {
        // It stays: for a lone peer that is read as fast as it sends, going and coming would cost as much as all else here.
        if (message !== undefined) this.last = pipe;
        return message;
      }
      // Taking one may have let others in, and so changed the list.
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
