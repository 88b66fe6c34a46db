/**
 * Load balancer: sends to one pipe after another, one whole message at a time, and skips full pipes (RFC 30; libzmq
 * lb.cpp).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { Pipe } from "./pipe.ts";

/** Round-robin over the pipes that have room. */
export class LoadBalancer {
  /** The first `#active` pipes have room; the others are full. */
  readonly #pipes: Pipe[] = [];
  #active = 0;
  #current = 0;

  /** Adds a pipe. */
  add(pipe: Pipe): void {
    this.#pipes.push(pipe);
    this.activate(pipe);
  }

  /** Removes a pipe. */
  remove(pipe: Pipe): void {
    const at = this.#pipes.indexOf(pipe);
    if (at < 0) return;
    if (at < this.#active) this.#deactivate(at);
    this.#pipes.splice(this.#pipes.indexOf(pipe), 1);
  }

  /** Moves a pipe that was full, and has room again, to the active ones. */
  activate(pipe: Pipe): void {
    const at = this.#pipes.indexOf(pipe);
    if (at < this.#active) return;
    this.#swap(at, this.#active);
    this.#active++;
  }

  /** Sends to the next pipe that has room and returns that pipe; `undefined` if every pipe is full. */
  send(message: Message): Pipe | undefined {
    while (this.#active > 0) {
      const pipe = this.#pipes[this.#current]!;
      if (pipe.trySend(message)) {
        if (++this.#current >= this.#active) this.#current = 0;
        return pipe;
      }
      this.#deactivate(this.#current);
    }
    return undefined;
  }

  /** True if any pipe has room. */
  get writable(): boolean {
    while (this.#active > 0) {
      if (this.#pipes[this.#current]!.writable) return true;
      this.#deactivate(this.#current);
    }
    return false;
  }

  #deactivate(at: number): void {
    this.#active--;
    this.#swap(at, this.#active);
    if (this.#current >= this.#active) this.#current = 0;
  }

  #swap(a: number, b: number): void {
    const pipe = this.#pipes[a]!;
    this.#pipes[a] = this.#pipes[b]!;
    this.#pipes[b] = pipe;
  }
}
