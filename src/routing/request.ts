/**
 * REQ: a request to one peer, then the reply of that peer, in strict turns (RFC 28; libzmq req.cpp).
 * An empty delimiter goes before each request and is taken off each reply.
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

/** Bytes of the number that goes before the delimiter of a correlated request. */
const NUMBER_SIZE = 4;

/** Options of `Request`. */
export interface RequestStateOptions {
  /**
   * Whether each request carries a number that its reply must carry too, so that late replies are told apart. The peer must
   * keep the whole envelope, as `Reply` does. Default `false`.
   */
  readonly correlate?: boolean;
  /**
   * Whether a request may be sent before the last one has its reply, which is dropped then. Use it together with `correlate`.
   * Default `false`.
   */
  readonly relaxed?: boolean;
}

/** {@link RequestStateOptions}, defined. */
export const REQUEST_STATE: OptionGroup<RequestStateOptions> = {
  correlate: option(flag, false, "next message", "REQ_CORRELATE"),
  relaxed: option(flag, false, "next message", "REQ_RELAXED"),
};

/** The options that the pattern reads. */
export type RequestSettings = Values<RequestStateOptions & ProbeOptions>;

/** The behaviour of a REQ socket. */
export class RequestPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #out = new LoadBalancer();
  readonly #in = new FairQueue();
  readonly #options: RequestSettings;
  #waiting = false;
  /** The peer that was asked; `undefined` also when it is gone for good, and then any reply will do. */
  #asked: Pipe | undefined;
  /** Of the last request that was numbered. */
  #number = 0;
  /** What the reply must begin with; `undefined` if the request was not numbered. */
  #wanted: Uint8Array | undefined;

  constructor(options: RequestSettings) {
    this.#options = options;
  }

  /** Numbers start at a random one, so that a reply to an earlier socket of the same routing id is not taken for one to this socket. */
  begin({ clock }: PatternHost): void {
    this.#number = Math.floor(clock.random() * 0x1_0000_0000);
  }

  attach(pipe: Pipe): undefined {
    this.#out.add(pipe);
  }

  connected(pipe: Pipe): void {
    if (this.#options.probeRouter) pipe.greet(emptyMessage());
  }

  /** Of the peer that owes a reply, it takes the reply's place. */
  wantsNotice(pipe: Pipe): boolean {
    return this.#waiting && this.#asked === pipe;
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

  /** Drops what nobody asked for; a reply without its delimiter costs the peer its connection. */
  inbound(pipe: Pipe, message: Message): Message | undefined {
    const delimiter = message[0]!.length === NUMBER_SIZE ? 1 : 0;
    if (message[delimiter]?.length !== 0 || message.length < delimiter + 2) {
      pipe.drop("noDelimiter");
      pipe.reject(new ZmqError("EPROTO", "The peer sent a reply without an empty delimiter frame"));
      return undefined;
    }
    const number = delimiter === 1 ? message[0] : undefined;
    const asked = this.#waiting && (this.#asked === undefined || this.#asked === pipe);
    if (!asked || !sameNumber(number, this.#wanted)) {
      pipe.drop("unexpectedReply");
      return undefined;
    }
    message.splice(0, delimiter + 1);
    return message;
  }

  trySend(message: Message): boolean {
    if (this.#waiting && !this.#options.relaxed) {
      const advice = "receive it first, set relaxed, or make a new socket if its peer is gone";
      throw new ZmqError("EFSM", `Cannot send a request: the last one has had no reply yet; ${advice}`);
    }
    const number = this.#options.correlate ? this.#nextNumber() : undefined;
    const pipe = this.#out.send(number === undefined ? [emptyFrame(), ...message] : [number, emptyFrame(), ...message]);
    if (pipe === undefined) return false;
    // Of a reply to the request before this one, which may have come and nobody took.
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
    // A second reply to the same request is in nobody's interest.
    this.#drain();
    this.#waiting = false;
    this.#asked = undefined;
    return reply;
  }

  canReceive(): boolean {
    return this.#waiting && this.#in.readable;
  }

  receiveError(): ZmqError | undefined {
    return this.#waiting ? undefined : new ZmqError("EFSM", "Cannot receive a reply: send a request first");
  }

  #drain(): void {
    while (this.#in.receive() !== undefined) this.#in.last!.drop("unexpectedReply");
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
