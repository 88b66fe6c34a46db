/**
 * A peer process on the real libzmq, by way of npm's `zeromq`. It runs on Node.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as zmq from "zeromq";
import {
  type End,
  type EndOptions,
  type EndType,
  EVENT_TYPES,
  EventCounts,
  type EventType,
  type Frame,
  InTurn,
} from "./end.ts";
import { serve } from "./serve.ts";

const CLASSES: Readonly<Record<EndType, new (options: object) => zmq.Socket>> = {
  DEALER: zmq.Dealer,
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  PULL: zmq.Pull,
  PUSH: zmq.Push,
  REP: zmq.Reply,
  REQ: zmq.Request,
  ROUTER: zmq.Router,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
};

/** A socket of libzmq in this process. */
class LibzmqEnd implements End {
  readonly type: EndType;
  readonly #socket: zmq.Socket;
  readonly #events = new EventCounts();
  // The binding fails when it is asked for a second send or receive before the first is done.
  readonly #sends = new InTurn();
  readonly #receives = new InTurn();

  constructor(type: EndType, options: EndOptions) {
    this.type = type;
    this.#socket = new CLASSES[type]({ linger: 0, ...options });
    for (const event of EVENT_TYPES) this.#socket.events.on(event, () => this.#events.add(event));
  }

  async bind(endpoint: string): Promise<string> {
    await this.#socket.bind(endpoint);
    return this.#socket.lastEndpoint!;
  }

  unbind(endpoint: string): Promise<void> {
    return this.#socket.unbind(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async connect(endpoint: string): Promise<void> {
    this.#socket.connect(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async disconnect(endpoint: string): Promise<void> {
    this.#socket.disconnect(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async set(option: string, value: string | number | boolean): Promise<void> {
    (this.#socket as unknown as Record<string, unknown>)[option] = value;
  }

  send(message: readonly Frame[]): Promise<void> {
    const socket = this.#socket as unknown as zmq.Writable;
    return this.#sends.run(() => socket.send([...message]));
  }

  receive(): Promise<Uint8Array[]> {
    const socket = this.#socket as unknown as zmq.Readable;
    return this.#receives.run(() => socket.receive());
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async subscribe(topic: Frame): Promise<void> {
    (this.#socket as zmq.Subscriber).subscribe(toBuffer(topic));
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async unsubscribe(topic: Frame): Promise<void> {
    (this.#socket as zmq.Subscriber).unsubscribe(toBuffer(topic));
  }

  seen(event: EventType, count: number): Promise<void> {
    return this.#events.reached(event, count);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async close(): Promise<void> {
    this.#socket.close();
  }
}

serve((type, options) => new LibzmqEnd(type, options));

function toBuffer(frame: Frame): Buffer {
  return typeof frame === "string" ? Buffer.from(frame) : Buffer.from(frame.buffer, frame.byteOffset, frame.length);
}
