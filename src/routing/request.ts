/**
 * REQ: a request to one peer, then the reply of that peer, in strict turns (RFC 28; libzmq req.cpp).
 * An empty delimiter goes before each request and is taken off each reply.
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import { FairQueue } from "./fair_queue.ts";
import { LoadBalancer } from "./load_balancer.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

const DELIMITER = new Uint8Array(0);

/** The behaviour of a REQ socket. */
export class RequestPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #out = new LoadBalancer();
  readonly #in = new FairQueue();
  #waiting = false;
  /** The peer that was asked; `undefined` also when it is gone for good, and then any reply will do. */
  #asked: Pipe | undefined;

  attach(pipe: Pipe): undefined {
    this.#out.add(pipe);
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
    if (message[0]!.length > 0 || message.length < 2) {
      pipe.reject(new ZmqError("EPROTO", "The peer sent a reply without an empty delimiter frame"));
      return undefined;
    }
    if (!this.#waiting || (this.#asked !== undefined && this.#asked !== pipe)) return undefined;
    message.shift();
    return message;
  }

  trySend(message: Message): boolean {
    if (this.#waiting) {
      const advice = "receive it first, or close this socket and make a new one if its peer is gone";
      throw new ZmqError("EFSM", `Cannot send a request: the last one has had no reply yet; ${advice}`);
    }
    const pipe = this.#out.send([DELIMITER, ...message]);
    if (pipe === undefined) return false;
    this.#waiting = true;
    this.#asked = pipe;
    return true;
  }

  tryReceive(): Message | undefined {
    if (!this.#waiting) return undefined;
    const reply = this.#in.receive();
    if (reply === undefined) return undefined;
    // A second reply to the same request is in nobody's interest.
    while (this.#in.receive() !== undefined);
    this.#waiting = false;
    this.#asked = undefined;
    return reply;
  }

  receiveError(): ZmqError | undefined {
    return this.#waiting ? undefined : new ZmqError("EFSM", "Cannot receive a reply: send a request first");
  }
}
