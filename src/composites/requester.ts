/**
 * Requests that do not hang: a timeout, retries, and any number of them at a time over one socket (the Guide's lazy pirate,
 * without its new socket for each try).
 *
 * @module
 */

import { whenAborted } from "../base/abort.ts";
import { onlyOptions, timeFrom, wholeNumber } from "../base/checks.ts";
import type { Timer } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import { type FrameLike, framesOf, type Message, type MessageLike } from "../base/message.ts";
import { peerText } from "../base/peer_text.ts";
import { clockOf } from "../sockets/clock.ts";
import { Dealer, type DealerOptions } from "../sockets/dealer.ts";
import type { Socket } from "../sockets/socket.ts";
import { emptyFrame } from "../base/untransferable.ts";

/** Options of {@link Requester.request}. */
export interface RequestTries {
  /** How long to wait for the reply to each try, in ms; −1 is without end. Default: that of the Requester, 2500 unless set. */
  readonly timeout?: number;
  /** How often to try again. Default: that of the Requester, 2 unless set. */
  readonly retries?: number;
  /** Gives up: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Requester}: those of its socket, and defaults for each request. `linger` is 0 and `immediate` is `true`
 * unless set, so that a server that comes back does not find all the tries that were made while it was away.
 */
export interface RequesterOptions
  extends
    Omit<DealerOptions, "conflate" | "receiveTimeout" | "sendTimeout">,
    Pick<RequestTries, "timeout" | "retries"> {}

/** The options of a Dealer that make no sense here: each request has a time of its own, and every message counts. */
const NOT_OURS = ["conflate", "receiveTimeout", "sendTimeout"];
const TIMEOUT = 2500;
const RETRIES = 2;
const ID_SIZE = 16;

/**
 * Asks `Reply` sockets, `serve` and whatever else sends the envelope of a request back, as libzmq's REP does. With several
 * endpoints, tries go to the servers that are connected in turn, those of all requests together; the first reply to any of them
 * counts. A server may get a request more than once, so that should not matter.
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
  readonly #waiting = new Map<number, Exchange>();
  readonly #receiving: Promise<void>;
  /** What all ids of this requester begin with: a server may still answer one that had the same routing id. */
  readonly #origin = new Uint8Array(ID_SIZE - 8);
  #last = 0;

  /**
   * Connects to one or more endpoints, in the background.
   *
   * @throws {TypeError} If there is no endpoint, one is not well formed, or an option has the wrong type or is not one of this
   * class; a {@linkcode RangeError} if an option is out of range.
   * @throws {ZmqError} `EPROTONOSUPPORT` if no transport is registered for an endpoint.
   */
  constructor(endpoints: string | readonly string[], options: RequesterOptions = {}) {
    const { timeout = TIMEOUT, retries = RETRIES, ...rest } = options;
    for (const name of NOT_OURS) {
      if (name in rest) throw new TypeError(`A Requester has no option ${peerText(name)}`);
    }
    this.#timeout = timeFrom(-1)("timeout", timeout);
    this.#retries = wholeNumber(0)("retries", retries);
    const all = [endpoints].flat();
    if (all.length === 0) throw new TypeError("A Requester needs an endpoint to connect to");
    this.#socket = new Dealer({ linger: 0, immediate: true, ...rest });
    const { random } = clockOf(this.#socket);
    for (let i = 0; i < this.#origin.length; i++) this.#origin[i] = Math.floor(random() * 256);
    try {
      for (const endpoint of all) this.#socket.connect(endpoint);
    } catch (error) {
      void this.#socket.close();
      throw error;
    }
    this.#receiving = this.#receive();
  }

  /** The events of its socket: see `Socket.events`. */
  get events(): Socket["events"] {
    return this.#socket.events;
  }

  /** The statistics of its socket: see `Socket.statistics`. */
  statistics(): ReturnType<Socket["statistics"]> {
    return this.#socket.statistics();
  }

  /**
   * Waits until at least `count` servers are connected.
   *
   * @throws {ZmqError} `ENOTSOCK` if the requester is closed.
   * @throws {TypeError} If `count` is not a number, {@linkcode RangeError} if it is not a whole number of at least 0.
   */
  waitForPeers(count: number, options?: Pick<RequestTries, "signal">): Promise<void> {
    return this.#socket.waitForPeers(count, options);
  }

  /**
   * Sends a request and waits for its reply. The bytes that are handed in belong to the library from now on, also when the
   * promise has settled: a try may still be on its way.
   *
   * @throws {ZmqError} `ETIMEDOUT` if no try was answered in time, `ENOTSOCK` if the requester is closed.
   * @throws {TypeError} If it is not a message, or an option has the wrong type or another name; a {@linkcode RangeError} if an
   * option is out of range.
   */
  async request(message: MessageLike, options: RequestTries = {}): Promise<Message> {
    onlyOptions("request()", options, ["timeout", "retries", "signal"]);
    const timeout = timeFrom(-1)("timeout", options.timeout ?? this.#timeout);
    const retries = wholeNumber(0)("retries", options.retries ?? this.#retries);
    const { signal } = options;
    signal?.throwIfAborted();
    const key = ++this.#last;
    // All tries have the same id: a reply that comes late to one of them answers the request all the same.
    const request = [this.#idOf(key), emptyFrame(), ...framesOf(message)];
    const exchange = new Exchange(this.#socket, request, timeout, retries);
    this.#waiting.set(key, exchange);
    const unlisten = signal && whenAborted(signal, (reason) => exchange.fail(reason));
    try {
      return await exchange.reply;
    } finally {
      this.#waiting.delete(key);
      unlisten?.();
    }
  }

  /**
   * Has the requester keep the process alive no longer; by default it does until it is closed. See `Socket.unref`.
   *
   * @returns The requester.
   */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  /**
   * Undoes {@linkcode Requester.unref}.
   *
   * @returns The requester.
   */
  ref(): this {
    this.#socket.ref();
    return this;
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

  /** Hands replies to who waits for them; those that are late, or to nothing that was asked, are dropped. */
  async #receive(): Promise<void> {
    for await (const [id, delimiter, ...reply] of this.#socket) {
      if (id?.length !== ID_SIZE || delimiter?.length !== 0 || reply.length === 0) continue;
      if (this.#origin.some((byte, i) => id[i] !== byte)) continue;
      this.#waiting.get(new DataView(id.buffer, id.byteOffset).getFloat64(ID_SIZE - 8))?.answer(reply);
    }
    for (const exchange of this.#waiting.values()) exchange.fail(new ZmqError("ENOTSOCK", "The socket is closed"));
  }

  /** The id of a request, as it goes before its delimiter. */
  #idOf(key: number): Uint8Array {
    const id = new Uint8Array(ID_SIZE);
    id.set(this.#origin);
    new DataView(id.buffer).setFloat64(ID_SIZE - 8, key);
    return id;
  }
}

/** A request with its tries, until it is answered or given up. */
class Exchange {
  /** Its reply. */
  readonly reply: Promise<Message>;

  readonly #socket: Dealer;
  readonly #request: readonly FrameLike[];
  readonly #timeout: number;
  readonly #retries: number;
  #resolve!: (reply: Message) => void;
  #reject!: (error: unknown) => void;
  #tries = 0;
  #timer: Timer | undefined;
  /** Takes a try back that waits for a server; there is none where the try is sent. */
  #waiting: AbortController | undefined;

  constructor(socket: Dealer, request: readonly FrameLike[], timeout: number, retries: number) {
    this.#socket = socket;
    this.#request = request;
    this.#timeout = timeout;
    this.#retries = retries;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#try();
  }

  answer(reply: Message): void {
    this.#end();
    this.#resolve(reply);
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #try(): void {
    this.#end();
    if (this.#tries++ > this.#retries) {
      const tries = this.#retries === 0 ? "the request" : `any of ${this.#retries + 1} attempts`;
      this.#reject(new ZmqError("ETIMEDOUT", `No reply to ${tries} within ${this.#timeout} ms`));
      return;
    }
    if (this.#timeout >= 0) {
      // While the requester is open its socket waits for replies, and that keeps the process alive: the timer does not.
      this.#timer = clockOf(this.#socket).timer(this.#timeout, () => this.#try());
    }
    try {
      if (!this.#socket.trySend(this.#request)) this.#waitAndSend();
    } catch (error) {
      this.fail(error);
    }
  }

  #waitAndSend(): void {
    const { signal } = this.#waiting = new AbortController();
    this.#socket.send(this.#request, { signal }).catch((error) => {
      if (!signal.aborted) this.fail(error);
    });
  }

  #end(): void {
    this.#timer?.cancel();
    this.#waiting?.abort();
    this.#waiting = undefined;
  }
}
