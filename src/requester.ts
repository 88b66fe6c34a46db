/**
 * Requests that do not hang: a timeout, retries, and any number of them at a time over one socket (the Guide's lazy pirate,
 * without its new socket for each try).
 *
 * @module
 */

import { ZmqError } from "./errors.ts";
import type { Message, MessageLike } from "./message.ts";
import { Dealer, type DealerOptions } from "./sockets/dealer.ts";

/** Options of {@link Requester.request}. */
export interface RequestTries {
  /** How long to wait for the reply to each try, in ms. Default 2500. */
  readonly timeout?: number;
  /** How often to try again. Default 2. */
  readonly retries?: number;
  /** Gives up: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Requester}: those of its socket, and defaults for each request. `linger` is 0 and `immediate` is `true`
 * unless set, so that a server that comes back does not find all the tries that were made while it was away.
 */
export interface RequesterOptions extends DealerOptions, Pick<RequestTries, "timeout" | "retries"> {}

const TIMEOUT = 2500;
const RETRIES = 2;
const ID_SIZE = 8;
const EMPTY = new Uint8Array(0);

/**
 * Asks `Reply` sockets, `serve` and whatever else sends the envelope of a request back, as libzmq's REP does. With several
 * endpoints, each try goes to the next. A server may get a request twice, when its reply was late: it should not matter.
 *
 * @example
 * ```ts
 * import { Requester, Router, serve, toText } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * const endpoint = await router.bind("tcp://127.0.0.1:0");
 * const serving = serve(router, ([body]) => `you said ${toText(body!)}`);
 * await using requester = new Requester(endpoint, { timeout: 1000, retries: 3 });
 * const replies = await Promise.all(["a", "b"].map((text) => requester.request(text)));
 * console.log(replies.map(([reply]) => toText(reply!))); // [ "you said a", "you said b" ]
 * await router.close();
 * await serving;
 * ```
 */
export class Requester implements AsyncDisposable {
  readonly #socket: Dealer;
  readonly #timeout: number;
  readonly #retries: number;
  readonly #waiting = new Map<number, (reply: Message) => void>();
  readonly #closing = new AbortController();
  readonly #receiving: Promise<void>;
  #last = 0;

  /** Connects to one or more endpoints. */
  constructor(endpoints: string | readonly string[], options: RequesterOptions = {}) {
    const { timeout = TIMEOUT, retries = RETRIES, ...rest } = options;
    this.#timeout = timeout;
    this.#retries = retries;
    this.#socket = new Dealer({ linger: 0, immediate: true, ...rest });
    for (const endpoint of [endpoints].flat()) this.#socket.connect(endpoint);
    this.#receiving = this.#receive();
  }

  /** Its socket: for events and statistics. What it receives is taken by this class. */
  get socket(): Dealer {
    return this.#socket;
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @throws {ZmqError} `ETIMEDOUT` if no try was answered in time, `ENOTSOCK` if the requester is closed.
   */
  async request(message: MessageLike, options: RequestTries = {}): Promise<Message> {
    const { timeout = this.#timeout, retries = this.#retries, signal } = options;
    const body = (Array.isArray(message) ? message : [message]) as Uint8Array[];
    for (let tries = 0; tries <= retries; tries++) {
      const reply = await this.#try(body, timeout, signal);
      if (reply !== undefined) return reply;
    }
    throw new ZmqError("ETIMEDOUT", `No reply came to ${retries + 1} requests, each within ${timeout} ms`);
  }

  /** Closes the socket; requests that wait fail with `ENOTSOCK`. */
  async close(): Promise<void> {
    await this.#socket.close();
    await this.#receiving;
  }

  /** Closes: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** One try; `undefined` if its time ran out. */
  async #try(body: Uint8Array[], timeout: number, signal: AbortSignal | undefined): Promise<Message | undefined> {
    const over = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      over.abort();
    }, timeout);
    const ends = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    const onEnd = ({ target }: Event) => over.abort((target as AbortSignal).reason);
    for (const end of ends) end.addEventListener("abort", onEnd);
    try {
      for (const end of ends) end.throwIfAborted();
      return await this.#exchange(body, over.signal);
    } catch (error) {
      if (!late) throw error;
      return undefined;
    } finally {
      // An answered request leaves nothing behind: no timer, no listener, nothing in the queue.
      clearTimeout(timer);
      for (const end of ends) end.removeEventListener("abort", onEnd);
    }
  }

  /** Sends a request with an id of its own, and waits for what comes back with that. */
  async #exchange(body: Uint8Array[], signal: AbortSignal): Promise<Message> {
    const id = new Uint8Array(ID_SIZE);
    new DataView(id.buffer).setFloat64(0, ++this.#last);
    const key = this.#last;
    try {
      return await new Promise<Message>((resolve, reject) => {
        this.#waiting.set(key, resolve);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        this.#socket.send([id, EMPTY, ...body], { signal }).catch(reject);
      });
    } finally {
      this.#waiting.delete(key);
    }
  }

  /** Hands replies to who waits for them; those that are late, or to nothing that was asked, are dropped. */
  async #receive(): Promise<void> {
    for await (const [id, delimiter, ...reply] of this.#socket) {
      if (id?.length !== ID_SIZE || delimiter?.length !== 0 || reply.length === 0) continue;
      this.#waiting.get(new DataView(id.buffer, id.byteOffset).getFloat64(0))?.(reply);
    }
    this.#closing.abort(new ZmqError("ENOTSOCK", "The requester is closed"));
  }
}
