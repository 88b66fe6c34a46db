/**
 * REP: receives a request, then sends its reply, strictly alternating. The envelope of a request, up to and including
 * its empty delimiter, is kept and sent before the reply (RFC 28; libzmq rep.cpp).
 *
 * | Event             | IDLE    | PENDING | OWING |
 * | ----------------- | ------- | ------- | ----- |
 * | request           | PENDING | -       | -     |
 * | malformed request | -       | -       | -     |
 * | receive           | -       | OWING   | -     |
 * | send              | -       | -       | IDLE  |
 * | send, peer lost   | -       | -       | IDLE  |
 *
 * PENDING has one request to receive. OWING has received one: `receive` throws `EFSM`, as `send` does in IDLE and PENDING. A reply to a peer that
 * is lost is dropped. `-` changes nothing. `tests/routing/request_reply_test.ts` walks the table.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { emptyFrame } from "../base/untransferable.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behavior of a REP socket. */
export class ReplyPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #in = new FairQueue();
  /** The destination of the reply, while a request is unanswered. */
  #request: { readonly pipe: Pipe; readonly envelope: Message; readonly notice: boolean } | undefined;
  /** The notices that wait; created with the first one. */
  #notices: WeakSet<Message> | undefined;

  /** The notice is received as a request, and its reply is dropped. */
  wantsNotice(_pipe: Pipe, notice: Message): boolean {
    notice.unshift(emptyFrame());
    (this.#notices ??= new WeakSet()).add(notice);
    return true;
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  /** Drops a request without a delimiter frame, or without a frame after it. */
  inbound(pipe: Pipe, message: Message): Message | undefined {
    const delimiter = delimiterOf(message);
    if (delimiter >= 0 && delimiter < message.length - 1) return message;
    pipe.countDrop("noDelimiter");
    return undefined;
  }

  trySend(message: Message): boolean {
    if (this.#request === undefined) throw new ZmqError("EFSM", "Cannot send on Reply: receive a request first");
    const { pipe, envelope, notice } = this.#request;
    this.#request = undefined;
    // The next peer at that endpoint must not take the reply to a notice for the reply to its own request. A reply to a
    // peer that disconnected or has a full queue is dropped, too: a REP must not wait for one slow client.
    if (notice) pipe.countDrop("noPeer");
    else pipe.sendOrDrop(envelope.concat(message));
    return true;
  }

  canSend(): boolean {
    return this.#request !== undefined;
  }

  tryReceive(): Message | undefined {
    if (this.#request !== undefined) return undefined;
    const message = this.#in.receive();
    if (message === undefined) return undefined;
    const envelope = message.splice(0, delimiterOf(message) + 1);
    this.#request = { pipe: this.#in.last!, envelope, notice: this.#notices?.has(message) === true };
    return message;
  }

  canReceive(): boolean {
    return this.#request === undefined && this.#in.readable;
  }

  receiveError(): ZmqError | undefined {
    if (this.#request === undefined) return undefined;
    return new ZmqError("EFSM", "Cannot receive on Reply: send the reply to the last request first");
  }
}

function delimiterOf(message: Message): number {
  for (let i = 0; i < message.length; i++) if (message[i]!.length === 0) return i;
  return -1;
}
