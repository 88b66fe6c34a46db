/**
 * Requests with a timeout and optional retries, any number of them in flight over one socket (the ZGuide's Lazy Pirate
 * pattern, without a new socket per attempt).
 *
 * | Event          | QUEUED | SENT   | OVER |
 * | -------------- | ------ | ------ | ---- |
 * | room           | SENT   | -      | -    |
 * | retry          | -      | -      |      |
 * | retry, no room | -      | QUEUED |      |
 * | reply          | OVER   | OVER   | -    |
 * | error reply    | OVER   | OVER   | -    |
 * | timeout        | OVER   | OVER   |      |
 * | abort          | OVER   | OVER   | -    |
 * | close          | OVER   | OVER   | -    |
 *
 * The states of a request. QUEUED is an attempt that waits for a server with room. `retry`: the time for the next attempt has come, which is
 * not made while the last one is QUEUED. `abort` is of its signal, `close` of the requester, which ends all requests. `-` changes nothing; an
 * empty cell cannot happen, as there is no timer. `tests/composites/requester_states_test.ts` walks the table.
 *
 * More than 20 members because it shows the endpoints, peers and events of its socket in addition to its requests.
 *
 * @module
 */

import { requireSignal, whenAborted } from "../base/abort.ts";
import { isOptions, onlyOptions, timeFrom, wholeNumber } from "../base/checks.ts";
import { isTraced, trace } from "../base/channels.ts";
import { type Timer, wallTime } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import { type FrameLike, framesOf, type MessageLike } from "../base/message.ts";
import type { Message } from "../base/received.ts";
import { clockOfSocket } from "../sockets/clock.ts";
import { Dealer, type DealerOptions, dealerOptions } from "../sockets/dealer.ts";
import { Failure, reasonOf } from "../base/failure.ts";
import { countDrop } from "../sockets/drops.ts";
import { serverTrouble } from "../sockets/connection_trouble.ts";
import { showAsSocket } from "../sockets/shown.ts";
import type { Socket } from "../sockets/socket.ts";
import { emptyFrame } from "../base/untransferable.ts";
import { RpcError } from "./rpc_error.ts";
import { ONE_ARRAY, refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Requester.request}. */
export interface RequestCallOptions {
  /**
   * Timeout of the whole request with all its retries, in ms; −1 waits forever. Default: the `timeout` of the Requester,
   * 2500 unless set.
   */
  readonly timeout?: number | undefined;
  /**
   * Number of retries after the first attempt, which divide the timeout: with 2 retries each of the 3 attempts waits a
   * third of it. A server may execute a request once per attempt, so use it for idempotent requests only. Default: the
   * `retries` of the Requester, 0 unless set.
   */
  readonly retries?: number | undefined;
  /** Cancels the request: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Requester}: those of its socket, and defaults for each request. `linger` is 0 and `immediate` is
 * `true` unless set, so that attempts made while a server was offline are not all sent to it when it returns.
 */
export interface RequesterOptions
  extends
    Omit<DealerOptions, "conflate" | "receiveTimeout" | "sendTimeout">,
    Pick<RequestCallOptions, "timeout" | "retries"> {}

/** Options of a Dealer that do not apply: every request has its own timeout, and conflation would lose requests. */
const UNSUPPORTED_OPTIONS = ["conflate", "receiveTimeout", "sendTimeout"];
const TIMEOUT = 2500;
const RETRIES = 0;
const ID_SIZE = 16;

/**
 * Sends requests to `Reply` sockets, to `serve`, and to every server that returns the envelope of a request, as
 * libzmq's REP does. With several endpoints, requests are distributed round-robin to the connected servers. A request
 * waits for a server to connect, and is sent once, unless `retries` is set: then the first reply to any attempt counts,
 * and servers may execute the request more than once.
 *
 * @example
 * ```ts
 * import { Requester, Router, serve, toText } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * const endpoint = await router.bind("tcp://127.0.0.1:0");
 * const serving = serve(router, ([body]) => `you said ${toText(body)}`);
 * await using requester = new Requester(endpoint, { timeout: 1000, retries: 3 });
 * const replies = await Promise.all(["a", "b"].map((text) => requester.request(text)));
 * console.log(replies.map(([reply]) => toText(reply))); // [ "you said a", "you said b" ]
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
  /**
   * Prefix of the request ids of this requester: a server may still reply to an earlier one with the same routing id.
   */
  readonly #origin = new Uint8Array(ID_SIZE - 8);
  #last = 0;

  static {
    showAsSocket(Requester.prototype, "Requester", (requester) => requester.#socket);
  }

  /**
   * Connects to one or more endpoints in the background.
   *
   * @throws {TypeError} If there is no endpoint, an endpoint is malformed, or an option does not exist or has the wrong
   * type; {@linkcode RangeError} if an option is out of range.
   * @throws {ZmqError} `EPROTONOSUPPORT` if no transport is registered for an endpoint.
   */
  constructor(endpoints: string | readonly string[], options: RequesterOptions = {}) {
    if (arguments.length > 2) {
      refuseSurplus("new Requester()", 2, arguments[2], "; pass several endpoints in one array");
    }
    const unsupported = UNSUPPORTED_OPTIONS.find((name) => isOptions(options) && name in options);
    if (unsupported !== undefined) {
      throw new TypeError(`Cannot create a Requester with the option ${unsupported}: it is not supported`);
    }
    const ofSocket = dealerOptions().filter((name) => !UNSUPPORTED_OPTIONS.includes(name));
    onlyOptions("A Requester", options, ["timeout", "retries", "context", ...ofSocket]);
    const { timeout = TIMEOUT, retries = RETRIES, ...rest } = options;
    this.#timeout = timeFrom(-1)("timeout", timeout);
    this.#retries = wholeNumber(0)("retries", retries);
    const all = [endpoints].flat();
    if (all.length === 0) throw new TypeError("Cannot create a Requester without endpoints: pass at least one");
    this.#socket = new Dealer({ linger: 0, immediate: true, ...rest });
    const { random } = clockOfSocket(this.#socket);
    for (let i = 0; i < this.#origin.length; i++) this.#origin[i] = Math.floor(random() * 256);
    try {
      for (const endpoint of all) this.#socket.connect(endpoint);
    } catch (error) {
      void this.#socket.close();
      throw error;
    }
    this.#receiving = this.#receive();
  }

  /** The type of its socket, by its ZeroMQ name: `DEALER`. */
  get type(): Socket["type"] {
    return this.#socket.type;
  }

  /** The number of its socket in this process: see `Socket.id`. */
  get id(): number {
    return this.#socket.id;
  }

  /** `true` after `close` was called. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  /** Its endpoints at the time of the call, with their last errors: see `Socket.endpoints`. */
  get endpoints(): Socket["endpoints"] {
    return this.#socket.endpoints;
  }

  /** The connected servers at the time of the call, with their queues: see `Socket.peers`. */
  get peers(): Socket["peers"] {
    return this.#socket.peers;
  }

  /** Events of the socket: see `Socket.events`. */
  get events(): Socket["events"] {
    return this.#socket.events;
  }

  /** Statistics of the socket: see `Socket.statistics`. */
  statistics(): ReturnType<Socket["statistics"]> {
    if (arguments.length > 0) refuseSurplus("statistics()", 0, arguments[0]);
    return this.#socket.statistics();
  }

  /**
   * Waits until at least `count` servers are connected.
   *
   * @throws {ZmqError} `ENOTSOCK` if the requester is closed.
   * @throws {TypeError} If `count` is not a number; {@linkcode RangeError} if it is not an integer of at least 0.
   */
  async waitForPeers(count: number, options?: Pick<RequestCallOptions, "signal">): Promise<void> {
    if (arguments.length > 2) refuseSurplus("waitForPeers()", 2, arguments[2]);
    await this.#socket.waitForPeers(count, options);
  }

  /**
   * Sends a request and returns the reply. Do not change the bytes of the message afterwards, even when the promise has
   * settled: an attempt may still be queued.
   *
   * @throws {ZmqError} `ETIMEDOUT` if there was no reply in time: then the request may have been executed or not.
   * `ENOTSOCK` if the requester is closed.
   * @throws {RpcError} If the server replied that it cannot answer the request: see the `errorReplies` of `serve`.
   * @throws {TypeError} If `message` is not a message, or an option does not exist or has the wrong type; {@linkcode
   * RangeError} if an option is out of range.
   */
  request(message: MessageLike, options?: RequestCallOptions): Promise<Message> {
    const { 2: other } = arguments;
    if (!isTraced("request")) return this.#request(message, options, other);
    return trace("request", { requester: this }, () => this.#request(message, options, other));
  }

  async #request(message: MessageLike, options: RequestCallOptions | undefined, other: unknown): Promise<Message> {
    refuseSurplus("request()", 2, other, ONE_ARRAY);
    if (options !== undefined) onlyOptions("request()", options, ["timeout", "retries", "signal"]);
    const timeout = timeFrom(-1)("timeout", options?.timeout ?? this.#timeout);
    const retries = wholeNumber(0)("retries", options?.retries ?? this.#retries);
    const signal = options?.signal;
    requireSignal("request()", signal);
    signal?.throwIfAborted();
    const key = ++this.#last;
    // All attempts have the same id, so that a late reply to one of them still answers the request.
    const request = [this.#idOf(key), emptyFrame(), ...framesOf(message)];
    const exchange = new Exchange(this.#socket, request, timeout, retries);
    this.#waiting.set(key, exchange);
    const unlisten = signal && whenAborted(signal, (reason) => exchange.fail(reason));
    try {
      const reply = await exchange.reply;
      const error = RpcError.fromMessage(reply);
      if (error !== undefined) throw error;
      return reply;
    } catch (rejection) {
      throw reasonOf(rejection);
    } finally {
      this.#waiting.delete(key);
      unlisten?.();
    }
  }

  /**
   * Lets the process exit while the requester is open; by default an open requester keeps it alive. See `Socket.unref`.
   *
   * @returns The requester.
   */
  unref(): this {
    if (arguments.length > 0) refuseSurplus("unref()", 0, arguments[0]);
    this.#socket.unref();
    return this;
  }

  /**
   * Undoes {@linkcode Requester.unref}.
   *
   * @returns The requester.
   */
  ref(): this {
    if (arguments.length > 0) refuseSurplus("ref()", 0, arguments[0]);
    this.#socket.ref();
    return this;
  }

  /** Closes the socket; pending requests fail with `ENOTSOCK`. */
  async close(): Promise<void> {
    if (arguments.length > 0) refuseSurplus("close()", 0, arguments[0], "; set linger when you create the Requester");
    await this.#socket.close();
    await this.#receiving;
  }

  /** Calls `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Passes replies to the requests that wait for them; late, duplicate and malformed replies are dropped, and counted. */
  async #receive(): Promise<void> {
    for await (const [id, delimiter, ...reply] of this.#socket) {
      const [first, ...others] = reply;
      if (id.length !== ID_SIZE || delimiter?.length !== 0 || first === undefined) {
        countDrop(this.#socket, "noDelimiter");
        continue;
      }
      const own = this.#origin.every((byte, i) => id[i] === byte);
      const key = new DataView(id.buffer, id.byteOffset).getFloat64(ID_SIZE - 8);
      const exchange = own ? this.#waiting.get(key) : undefined;
      if (exchange === undefined) countDrop(this.#socket, "unexpectedReply");
      else exchange.answer([first, ...others]);
    }
    for (const exchange of this.#waiting.values()) {
      exchange.fail(new Failure(closedError));
    }
  }

  /** Returns the id of a request, which precedes its delimiter. */
  #idOf(key: number): Uint8Array {
    const id = new Uint8Array(ID_SIZE);
    id.set(this.#origin);
    new DataView(id.buffer).setFloat64(ID_SIZE - 8, key);
    return id;
  }
}

function closedError(): ZmqError {
  return new ZmqError("ENOTSOCK", "Cannot wait for the reply: the requester was closed");
}

/** A request with its attempts, until it is answered or has failed. */
class Exchange {
  /** Settles with the reply, or with the error. */
  readonly reply: Promise<Message>;

  readonly #socket: Dealer;
  readonly #request: readonly FrameLike[];
  readonly #timeout: number;
  readonly #retries: number;
  #resolve!: (reply: Message) => void;
  #reject!: (error: unknown) => void;
  /** Date of the call. */
  readonly #since: number = wallTime();
  /** Number of attempts that were sent. */
  #sent = 0;
  #timer: Timer | undefined;
  /** Time of the timeout, on the socket's clock. */
  readonly #end: number;
  /** Cancels an attempt that waits for a server; `undefined` if the attempt is sent. */
  #waiting: AbortController | undefined;

  constructor(socket: Dealer, request: readonly FrameLike[], timeout: number, retries: number) {
    this.#socket = socket;
    this.#request = request;
    this.#timeout = timeout;
    this.#retries = retries;
    this.#end = clockOfSocket(socket).now() + timeout;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#attempt();
  }

  answer(reply: Message): void {
    this.#over();
    this.#resolve(reply);
  }

  fail(error: unknown): void {
    this.#over();
    this.#reject(error);
  }

  /** Sends the request, unless an earlier attempt still waits for a server. */
  #attempt(): void {
    this.#watch();
    if (this.#waiting !== undefined) return;
    try {
      if (this.#socket.trySend(this.#request)) this.#sent++;
      else this.#waitAndSend();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sets the timer for the next attempt, or for the timeout. */
  #watch(): void {
    if (this.#timeout < 0) return;
    const clock = clockOfSocket(this.#socket);
    const left = Math.max(0, this.#end - clock.now());
    // The socket keeps the process alive while it waits for replies, so the timer must not.
    this.#timer = clock.timer(Math.min(left, this.#timeout / (this.#retries + 1)), () => {
      if (clock.now() >= this.#end) this.fail(new Failure(() => this.#timeoutError()));
      else if (this.#sent <= this.#retries) this.#attempt();
      else this.#watch();
    });
  }

  #waitAndSend(): void {
    const { signal } = this.#waiting = new AbortController();
    this.#socket.send(this.#request, { signal }).then(() => {
      this.#sent++;
      this.#waiting = undefined;
    }).catch((error) => {
      if (signal.aborted) return;
      this.fail(error instanceof ZmqError && error.code === "ENOTSOCK" ? new Failure(closedError) : error);
    });
  }

  #timeoutError(): ZmqError {
    const within = `within ${this.#timeout} ms`;
    const { text, options } = serverTrouble(this.#socket, this.#since);
    if (this.#sent === 0) {
      const none = this.#socket.peerCount > 0 ? "no server has room" : "no server is connected";
      return new ZmqError("ETIMEDOUT", `Cannot send the request ${within}: ${none} (Requester, ${text})`, options);
    }
    const attempts = this.#sent === 1 ? "the request" : `any of ${this.#sent} attempts`;
    return new ZmqError("ETIMEDOUT", `No reply to ${attempts} ${within} (Requester, ${text})`, options);
  }

  #over(): void {
    this.#timer?.cancel();
    this.#waiting?.abort();
  }
}
