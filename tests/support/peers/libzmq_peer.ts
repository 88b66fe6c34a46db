/**
 * A peer process on the real libzmq, through npm's `zeromq`. It runs on Node.
 *
 * It binds and unbinds with synchronous calls: the asynchronous ones of zeromq.js 6.8 run in another thread, while a pending
 * `receive()` goes on using the socket in this one. libzmq's sockets are for one thread, so the process crashes now and then:
 * a failed assertion in `pipe.cpp` or `object.cpp`, "double free or corruption", or a segmentation fault.
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
  type OptionValue,
} from "./end.ts";
import { LibzmqOptions } from "./libzmq_options.ts";
import { LibzmqZapHandler } from "./libzmq_zap_handler.ts";
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
  STREAM: zmq.Stream,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
};

/** A socket of libzmq in this process. */
class LibzmqEnd implements End {
  readonly type: EndType;
  readonly socket: zmq.Socket;
  readonly #options: LibzmqOptions;
  readonly #events = new EventCounts();
  // The binding fails when it is asked for a second send or receive before the first is done.
  readonly #sends = new InTurn();
  readonly #receives = new InTurn();

  constructor(type: EndType, options: EndOptions) {
    this.type = type;
    this.socket = new CLASSES[type]({});
    this.#options = new LibzmqOptions(this.socket);
    const { unwatched, ...rest } = options;
    for (const [option, value] of Object.entries({ linger: 0, ...rest })) this.#options.set(option, value);
    // Reporting an event overwrites the error of the call that causes it (libzmq's errno).
    if (unwatched === true) return;
    for (const event of EVENT_TYPES) this.socket.events.on(event, () => this.#events.add(event));
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async bind(endpoint: string): Promise<string> {
    this.socket.bindSync(endpoint);
    return this.socket.lastEndpoint!;
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async unbind(endpoint: string): Promise<void> {
    // unbindSync() binds (zeromq.js 6.8); in libzmq, zmq_disconnect() and zmq_unbind() do the same.
    this.socket.disconnect(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async connect(endpoint: string, routingId?: string): Promise<void> {
    if (routingId === undefined) this.socket.connect(endpoint);
    else (this.socket as zmq.Stream).connect(endpoint, { routingId });
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async disconnect(endpoint: string): Promise<void> {
    this.socket.disconnect(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async set(option: string, value: OptionValue): Promise<void> {
    this.#options.set(option, value);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async get(option: string): Promise<unknown> {
    return this.#options.get(option);
  }

  look(): Promise<void> {
    // Asks libzmq for ZMQ_EVENTS, for which it sees to its peers.
    return Promise.resolve(void this.socket.readable);
  }

  send(message: readonly Frame[]): Promise<void> {
    const socket = this.socket as unknown as zmq.Writable;
    return this.#sends.run(() => socket.send([...message]));
  }

  receive(): Promise<Uint8Array[]> {
    return this.#receives.run(() => this.#receive());
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async subscribe(topic: Frame): Promise<void> {
    this.#options.subscribe(toBuffer(topic));
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async subscribeMany(prefix: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#options.subscribe(toBuffer(`${prefix}${i}`));
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async unsubscribe(topic: Frame): Promise<void> {
    this.#options.unsubscribe(toBuffer(topic));
  }

  seen(event: EventType, count: number): Promise<void> {
    return this.#events.reached(event, count);
  }

  history(): Promise<string[]> {
    return Promise.resolve([...this.#events.history]);
  }

  async lastWords(): Promise<string[]> {
    this.socket.close();
    await this.#events.reached("end", 1);
    return [...this.#events.history];
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async close(): Promise<void> {
    this.socket.close();
  }

  async #receive(): Promise<Uint8Array[]> {
    const socket = this.socket as zmq.Socket & zmq.Readable;
    for (;;) {
      try {
        return await socket.receive();
      } catch (error) {
        // zeromq.js also fails with this code when libzmq has skipped a message, such as an invalid reply.
        if ((error as { code?: string }).code !== "EAGAIN" || socket.receiveTimeout >= 0) throw error;
      }
    }
  }
}

const handler = new LibzmqZapHandler();

serve((type, options) => new LibzmqEnd(type, options), (admission) => handler.admit(admission), {
  proxy: ([front, back]) => {
    const proxy = new zmq.Proxy(front!.socket, back!.socket);
    // It ends with this process.
    proxy.run().catch((error) => console.error(error));
  },
});

function toBuffer(frame: Frame): Buffer {
  return typeof frame === "string" ? Buffer.from(frame) : Buffer.from(frame.buffer, frame.byteOffset, frame.length);
}
