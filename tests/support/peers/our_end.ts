/**
 * A socket of this library as an {@link End}.
 *
 * @module
 */

import {
  type AuthenticateFunction,
  type AuthenticateObject,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../../mod.ts";
import { type End, type EndType, EventCounts, type EventType, type Frame, type OptionValue } from "./end.ts";

/** Options of a socket in this process, which may have functions. */
export type OurOptions = Readonly<Record<string, OptionValue | AuthenticateFunction | AuthenticateObject>>;

const MAKERS: Readonly<Record<EndType, (options: OurOptions) => Socket>> = {
  DEALER: (options) => new Dealer(options),
  PAIR: (options) => new Pair(options),
  PUB: (options) => new Publisher(options),
  PULL: (options) => new Pull(options),
  PUSH: (options) => new Push(options),
  REP: (options) => new Reply(options),
  REQ: (options) => new Request(options),
  ROUTER: (options) => new Router(options),
  STREAM: (options) => new Stream(options),
  SUB: (options) => new Subscriber(options),
  XPUB: (options) => new XPublisher(options),
  XSUB: (options) => new XSubscriber(options),
};

/** Methods that some sockets have; calling one that this socket does not have is a mistake in the test. */
interface Abilities {
  send(message: readonly Frame[]): Promise<void>;
  receive(): Promise<Uint8Array[]>;
  subscribe(...topics: Frame[]): void;
  unsubscribe(...topics: Frame[]): void;
}

/** A socket of this library, of this type. */
export function openSocket(type: EndType, options: OurOptions = {}): Socket {
  return MAKERS[type](options);
}

/** A socket of this library in this process. */
export class OurEnd implements End, AsyncDisposable {
  readonly type: EndType;
  readonly ours: true = true;
  readonly #socket: Socket;
  readonly #abilities: Abilities;
  readonly #events = new EventCounts();

  constructor(type: EndType, options: OurOptions = {}) {
    this.type = type;
    this.#socket = openSocket(type, { linger: 0, ...options });
    this.#abilities = this.#socket as unknown as Abilities;
    this.#socket.events.listen(({ type }) => {
      // libzmq gives no hints, and what they are about is in the other events.
      if (type !== "hint") this.#events.add(type);
    });
  }

  bind(endpoint: string): Promise<string> {
    return this.#socket.bind(endpoint);
  }

  unbind(endpoint: string): Promise<void> {
    return this.#socket.unbind(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async connect(endpoint: string, routingId?: string): Promise<void> {
    if (routingId === undefined) this.#socket.connect(endpoint);
    else (this.#socket as Stream).connect(endpoint, { routingId });
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async disconnect(endpoint: string): Promise<void> {
    this.#socket.disconnect(endpoint);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async set(option: string, value: OptionValue): Promise<void> {
    (this.#socket as unknown as Record<string, unknown>)[option] = value;
  }

  get(option: string): Promise<unknown> {
    return Promise.resolve((this.#socket as unknown as Record<string, unknown>)[option]);
  }

  look(): Promise<void> {
    return Promise.resolve();
  }

  send(message: readonly Frame[]): Promise<void> {
    return this.#abilities.send(message);
  }

  receive(): Promise<Uint8Array[]> {
    return this.#abilities.receive();
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async subscribe(topic: Frame): Promise<void> {
    this.#abilities.subscribe(topic);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async subscribeMany(prefix: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#abilities.subscribe(`${prefix}${i}`);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async unsubscribe(topic: Frame): Promise<void> {
    this.#abilities.unsubscribe(topic);
  }

  seen(event: EventType, count: number): Promise<void> {
    return this.#events.reached(event, count);
  }

  history(): Promise<string[]> {
    return Promise.resolve([...this.#events.history]);
  }

  async lastWords(): Promise<string[]> {
    await this.#socket.close();
    return [...this.#events.history];
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
