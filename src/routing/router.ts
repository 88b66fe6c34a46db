/**
 * ROUTER: every peer has a routing id, which is the first frame of what is received and says where a message is sent
 * (RFC 28; libzmq router.cpp).
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import { type Message, SmallFrames, toKey } from "../message.ts";
import { MAX_IDENTITY } from "../zmtp/session.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** What a user may choose. */
export interface RouterChoices {
  /** Whether sending to a peer that is not there is an error; otherwise the message is dropped. */
  mandatory: boolean;
}

/** The behaviour of a ROUTER socket. */
export class RouterPattern implements Pattern {
  // A peer is known by its routing id, and that is told in the handshake.
  readonly queuesAhead = false;
  readonly sendsByPeer = true;
  readonly #in = new FairQueue();
  readonly #peers = new Map<string, Pipe>();
  readonly #choices: RouterChoices;
  readonly #small = new SmallFrames();
  #nextId = Math.floor(Math.random() * 0x1_0000_0000);

  constructor(choices: RouterChoices) {
    this.#choices = choices;
  }

  attach(pipe: Pipe): undefined {
    const id = pipe.identity.length > 0 ? pipe.identity : this.#newId();
    const key = toKey(id);
    // A second peer with the same id stays connected, but is neither read nor written to.
    if (this.#peers.has(key)) return;
    pipe.routingId = id;
    this.#peers.set(key, pipe);
  }

  detach(pipe: Pipe): void {
    const key = toKey(pipe.routingId);
    if (this.#peers.get(key) === pipe) this.#peers.delete(key);
  }

  pipeReadable(pipe: Pipe): void {
    if (pipe.routingId.length > 0) this.#in.activate(pipe);
  }

  pipeWritable(): void {}

  trySend(message: Message): boolean {
    const id = message[0]!;
    const pipe = id.length > MAX_IDENTITY ? undefined : this.#peers.get(toKey(id));
    if (pipe === undefined) {
      if (!this.#choices.mandatory) return true;
      throw new ZmqError("EHOSTUNREACH", "Cannot send: no peer is connected with this routing id");
    }
    if (message.length === 1) return true;
    return pipe.trySend(message.slice(1)) || !this.#choices.mandatory;
  }

  tryReceive(): Message | undefined {
    const message = this.#in.receive();
    if (message === undefined) return undefined;
    // A copy: what users receive is theirs, and they may write to it.
    message.unshift(this.#small.copy(this.#in.last!.routingId));
    return message;
  }

  /** A zero byte and four more: what no peer may choose. */
  #newId(): Uint8Array {
    const id = new Uint8Array(5);
    do {
      this.#nextId = (this.#nextId + 1) >>> 0;
      new DataView(id.buffer).setUint32(1, this.#nextId);
    } while (this.#peers.has(toKey(id)));
    return id;
  }
}
