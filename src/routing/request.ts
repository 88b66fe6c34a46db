/**
 * REQ: sends a request to one peer, then receives the reply of that peer, strictly alternating (RFC 28; libzmq
 * req.cpp). An empty delimiter is added before each request and removed from each reply.
 *
 * | Event           | READY | ASKED    | ANSWERED | ORPHANED |
 * | --------------- | ----- | -------- | -------- | -------- |
 * | send            | ASKED | -        | -        | -        |
 * | send, relaxed   | ASKED | -        | ASKED    | ASKED    |
 * | send, no room   | -     | -        | -        | -        |
 * | reply           | -     | ANSWERED | -        |          |
 * | reply of others | -     | -        | -        | ANSWERED |
 * | malformed reply | -     | -        | -        | -        |
 * | peer is removed | -     | ORPHANED | -        | -        |
 * | receive         | -     | -        | READY    | -        |
 *
 * ASKED waits for the reply of one peer, ORPHANED for that of any peer, because the one that was asked is removed. In ASKED, ANSWERED and ORPHANED `send`
 * throws `EFSM`, unless the socket is `relaxed`: then it asks anew, and drops a reply that has arrived. `-` changes nothing; an empty cell cannot happen, as that peer is removed.
 * `tests/routing/request_reply_test.ts` walks the table.
 *
 * More than 20 members because a pattern has a method per event of its pipes, and this one both sends and receives.
 *
 * @module
 */

import { flag } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { FairQueue } from "./fair_queue.ts";
import { LoadBalancer } from "./load_balancer.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { emptyMessage, type ProbeOptions } from "./probe.ts";
import { emptyFrame } from "../base/untransferable.ts";

/** Size in bytes of the number before the delimiter of a correlated request. */
const NUMBER_SIZE = 4;

/** Options of `Request`. */
export interface RequestStateOptions {
  /**
   * If true, each request carries a number that its reply must carry too, so that late replies are recognized and
   * dropped. The peer must return the whole envelope, as `Reply` does. Default `false`.
   */
  readonly correlate?: boolean | undefined;
  /**
   * If true, a request may be sent before the reply to the previous request arrived; that reply is then dropped. Use it
   * together with `correlate`. Default `false`.
   */
  readonly relaxed?: boolean | undefined;
}

/** Definition of {@link RequestStateOptions}. */
export const REQUEST_STATE: OptionGroup<RequestStateOptions> = {
  correlate: option(flag, false, "next message", "REQ_CORRELATE"),
  relaxed: option(flag, false, "next message", "REQ_RELAXED"),
};

/** The options that the pattern reads. */
export type RequestSettings = Values<RequestStateOptions & ProbeOptions>;

/** The behavior of a REQ socket. */
export class RequestPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #out = new LoadBalancer();
  readonly #in = new FairQueue();
  readonly #options: RequestSettings;
  #waiting = false;
  /**
   * The peer that got the request; also `undefined` when that peer was removed, and then a reply of any peer is
   * accepted.
   */
  #asked: Pipe | undefined;
  /** The number of the last correlated request. */
  #number = 0;
  /** The number that the reply must carry; `undefined` if the request was not correlated. */
  #wanted: Uint8Array | undefined;

  constructor(options: RequestSettings) {
    this.#options = options;
  }

  /**
   * Numbers start at random, so that a late reply to an earlier socket with the same routing id is not mistaken for one
   * to this socket.
   */
  begin({ clock }: PatternHost): void {
    this.#number = Math.floor(clock.random() * 0x1_0000_0000);
  }

  attach(pipe: Pipe): undefined {
    this.#out.add(pipe);
  }

  connected(pipe: Pipe): void {
    if (this.#options.probeRouter) pipe.sendFirst(emptyMessage());
  }

  /**
   * Accepts the notice of the peer that owes the reply: it is received in place of the reply. A request that is sent over
   * the next connection gets a reply, which would otherwise pass for the reply to a later request.
   */
  wantsNotice(pipe: Pipe, _notice: Message, kept: boolean): boolean {
    return this.#waiting && this.#asked === pipe && !kept;
  }

  detach(pipe: Pipe): void {
    this.#out.remove(pipe);
    if (this.#asked === pipe) this.#asked = undefined;
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  pipeWritable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  /** Drops replies to no open request, and disconnects a peer whose reply has no delimiter. */
  inbound(pipe: Pipe, message: Message): Message | undefined {
    const delimiter = message[0]!.length === NUMBER_SIZE ? 1 : 0;
    if (message[delimiter]?.length !== 0 || message.length < delimiter + 2) {
      pipe.countDrop("noDelimiter");
      pipe.fail(new ZmqError("EPROTO", "Cannot accept a reply on Request: it has no empty delimiter frame"));
      return undefined;
    }
    const number = delimiter === 1 ? message[0] : undefined;
    const asked = this.#waiting && (this.#asked === undefined || this.#asked === pipe);
    if (!asked || !sameNumber(number, this.#wanted)) {
      pipe.countDrop("unexpectedReply");
      return undefined;
    }
    message.splice(0, delimiter + 1);
    return message;
  }

  trySend(message: Message): boolean {
    if (this.#waiting && !this.#options.relaxed) {
      const advice = "receive it first, set relaxed, or create a new socket if the peer has disconnected";
      throw new ZmqError(
        "EFSM",
        `Cannot send on Request: the reply to the last request was not received yet; ${advice}`,
      );
    }
    const number = this.#options.correlate ? this.#nextNumber() : undefined;
    const pipe = this.#out.send(number === undefined ? [emptyFrame(), ...message] : [number, emptyFrame(), ...message]);
    if (pipe === undefined) return false;
    // A reply to the previous request may have arrived without being received.
    this.#drain();
    this.#waiting = true;
    this.#asked = pipe;
    this.#wanted = number;
    return true;
  }

  canSend(): boolean {
    return (!this.#waiting || this.#options.relaxed) && this.#out.writable;
  }

  tryReceive(): Message | undefined {
    if (!this.#waiting) return undefined;
    const reply = this.#in.receive();
    if (reply === undefined) return undefined;
    // Further replies to the same request are dropped.
    this.#drain();
    this.#waiting = false;
    this.#asked = undefined;
    return reply;
  }

  canReceive(): boolean {
    return this.#waiting && this.#in.readable;
  }

  receiveError(): ZmqError | undefined {
    return this.#waiting ? undefined : new ZmqError("EFSM", "Cannot receive on Request: send a request first");
  }

  #drain(): void {
    while (this.#in.receive() !== undefined) this.#in.last!.countDrop("unexpectedReply");
  }

  #nextNumber(): Uint8Array {
    this.#number = (this.#number + 1) >>> 0;
    const bytes = new Uint8Array(NUMBER_SIZE);
    new DataView(bytes.buffer).setUint32(0, this.#number);
    return bytes;
  }
}

function sameNumber(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((byte, i) => byte === b[i]);
}
