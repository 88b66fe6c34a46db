/**
 * Sending and receiving of one socket: over the methods of this library that do not wait as long as possible, because a
 * promise costs more than the conversion of a message.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Bytes, MessageLike, Socket as NativeSocket } from "../../mod.ts";
import { systemClock } from "../base/clock.ts";
import { codeOf, converted, type ErrnoError, errnoError } from "./errors.ts";
import { incoming, outgoing } from "./messages.ts";
import { OutOfTurn } from "./out_of_turn.ts";

/** Operations that complete immediately before one resolves in the next turn of the event loop. */
const TURN = 512;
const DONE: Promise<void> = Promise.resolve();

/** The methods of sockets of this library, of which a type may lack some. */
interface Transfers {
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly sendTimeout?: number;
  readonly receiveTimeout?: number;
  trySend?(message: MessageLike): boolean;
  send?(message: MessageLike): Promise<void>;
  tryReceive?(): readonly Bytes[] | undefined;
  receive?(): Promise<readonly Bytes[]>;
}

/** The traffic of one socket. */
export class Traffic {
  readonly #core: Transfers;
  readonly #waiting = new OutOfTurn();
  #operations = 0;
  /** The socket of the program, which must not be garbage-collected while a call waits. */
  readonly #waits = new Map<object, number>();

  constructor(core: NativeSocket) {
    this.#core = core as unknown as Transfers;
  }

  /** A message can be received now. */
  get readable(): boolean {
    return this.#core.readable === true;
  }

  /** A message can be queued now. */
  get writable(): boolean {
    return this.#core.writable === true;
  }

  /** Sends a message for a socket of the program. */
  send(message: unknown, handle: object): Promise<void> {
    const core = this.#core;
    if (core.trySend === undefined) return Promise.reject(errnoError("ENOTSUP"));
    const frames = outgoing(message);
    if (Array.isArray(frames) && frames.length === 0) return DONE;
    try {
      if (!core.trySend(frames)) return this.#waitToSend(frames, handle);
    } catch (error) {
      return this.#notSent(error, frames, handle);
    }
    return this.#sent();
  }

  #sent(): Promise<void> {
    if (!this.#waiting.empty) this.#waiting.retry();
    return ++this.#operations < TURN ? DONE : this.#nextTurn(undefined);
  }

  async #waitToSend(frames: MessageLike, handle: object): Promise<void> {
    this.#hold(handle, 1);
    try {
      await this.#core.send!(frames);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#hold(handle, -1);
    }
    this.#operations = 0;
    if (!this.#waiting.empty) this.#waiting.retry();
  }

  #notSent(error: unknown, frames: MessageLike, handle: object): Promise<void> {
    const { sendTimeout = -1 } = this.#core;
    if (codeOf(error) !== "EFSM" || sendTimeout === 0) return Promise.reject(this.#failure(error));
    const operation = () => {
      try {
        return this.#core.trySend!(frames) ? DONE : this.#waitToSend(frames, handle);
      } catch (again) {
        return codeOf(again) === "EFSM" ? undefined : Promise.reject<void>(this.#failure(again));
      }
    };
    return this.#waiting.wait(operation, sendTimeout, () => this.#failure(error));
  }

  /** Receives a message for a socket of the program. */
  receive(handle: object): Promise<Buffer[]> {
    const core = this.#core;
    if (core.tryReceive === undefined) return Promise.reject(errnoError("ENOTSUP"));
    let message: readonly Bytes[] | undefined;
    try {
      message = core.tryReceive();
    } catch (error) {
      return this.#notReceived(error, handle);
    }
    if (message === undefined) return this.#waitToReceive(handle);
    return this.#received(message);
  }

  /** The next message for an iterator, for one promise, if one has arrived; otherwise `undefined`. */
  next(): Promise<IteratorYieldResult<Buffer[]>> | undefined {
    const core = this.#core;
    let message: readonly Bytes[] | undefined;
    try {
      message = core.tryReceive?.();
    } catch {
      // Reported by `receive`.
    }
    if (message === undefined) return undefined;
    if (!this.#waiting.empty) this.#waiting.retry();
    const result = { done: false as const, value: incoming(message) };
    return ++this.#operations < TURN ? Promise.resolve(result) : this.#nextTurn(result);
  }

  #received(message: readonly Bytes[]): Promise<Buffer[]> {
    if (!this.#waiting.empty) this.#waiting.retry();
    const frames = incoming(message);
    return ++this.#operations < TURN ? Promise.resolve(frames) : this.#nextTurn(frames);
  }

  async #waitToReceive(handle: object): Promise<Buffer[]> {
    this.#hold(handle, 1);
    try {
      const message = await this.#core.receive!();
      this.#operations = 0;
      return incoming(message);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#hold(handle, -1);
      if (!this.#waiting.empty) this.#waiting.retry();
    }
  }

  #notReceived(error: unknown, handle: object): Promise<Buffer[]> {
    const { receiveTimeout = -1 } = this.#core;
    if (codeOf(error) !== "EFSM" || receiveTimeout === 0) return Promise.reject(this.#failure(error));
    const operation = () => {
      try {
        const message = this.#core.tryReceive!();
        return message === undefined ? this.#waitToReceive(handle) : Promise.resolve(incoming(message));
      } catch (again) {
        return codeOf(again) === "EFSM" ? undefined : Promise.reject<Buffer[]>(this.#failure(again));
      }
    };
    return this.#waiting.wait(operation, receiveTimeout, () => this.#failure(error));
  }

  /** The socket is closed. */
  end(): void {
    this.#waiting.end(() => errnoError("EFSM"));
  }

  /** A call that is pending when the socket is closed fails as if there was no message in time. */
  #failure(error: unknown): ErrnoError {
    return codeOf(error) === "EBADF" ? errnoError("EAGAIN") : converted(error);
  }

  #hold(handle: object, change: 1 | -1): void {
    const waits = (this.#waits.get(handle) ?? 0) + change;
    if (waits === 0) this.#waits.delete(handle);
    else this.#waits.set(handle, waits);
  }

  #nextTurn<T>(result: T): Promise<T> {
    this.#operations = 0;
    return new Promise((resolve) => systemClock.turn(() => resolve(result)));
  }
}
