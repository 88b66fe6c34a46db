/**
 * REP: a request, then its reply, in strict turns. The envelope of a request, up to and including its empty delimiter, is
 * kept and goes before the reply (RFC 28; libzmq rep.cpp).
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behaviour of a REP socket. */
export class ReplyPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #in = new FairQueue();
  /** Where the reply goes, while one is owed. */
  #asker: { readonly pipe: Pipe; readonly envelope: Message } | undefined;

  /** It is received as a request, whose reply goes nowhere. */
  wantsNotice(_pipe: Pipe, notice: Message): boolean {
    notice.unshift(new Uint8Array(0));
    return true;
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  /** A request without a delimiter, or with nothing behind it, is dropped. */
  inbound(pipe: Pipe, message: Message): Message | undefined {
    const delimiter = delimiterOf(message);
    if (delimiter >= 0 && delimiter < message.length - 1) return message;
    pipe.drop("noDelimiter");
    return undefined;
  }

  trySend(message: Message): boolean {
    if (this.#asker === undefined) throw new ZmqError("EFSM", "Cannot send a reply: receive a request first");
    const { pipe, envelope } = this.#asker;
    this.#asker = undefined;
    // A reply to a peer that is gone or does not read is dropped: there is nobody to wait for.
    pipe.sendOrDrop(envelope.concat(message));
    return true;
  }

  canSend(): boolean {
    return this.#asker !== undefined;
  }

  tryReceive(): Message | undefined {
    if (this.#asker !== undefined) return undefined;
    const message = this.#in.receive();
    if (message === undefined) return undefined;
    const envelope = message.splice(0, delimiterOf(message) + 1);
    this.#asker = { pipe: this.#in.last!, envelope };
    return message;
  }

  canReceive(): boolean {
    return this.#asker === undefined && this.#in.readable;
  }

  receiveError(): ZmqError | undefined {
    if (this.#asker === undefined) return undefined;
    return new ZmqError("EFSM", "Cannot receive a request: reply to the last one first");
  }
}

function delimiterOf(message: Message): number {
  for (let i = 0; i < message.length; i++) if (message[i]!.length === 0) return i;
  return -1;
}
