/**
 * Proxies: forward the messages of one socket to another, in both directions, with back-pressure (libzmq
 * zmq_proxy_steerable).
 *
 * | Event         | NEW        | HELD       | RUNNING    | PAUSED     | TERMINATED |
 * | ------------- | ---------- | ---------- | ---------- | ---------- | ---------- |
 * | run           | RUNNING    | PAUSED     | -          | -          | -          |
 * | run, aborted  | -          | -          | -          | -          | -          |
 * | pause         | HELD       | -          | PAUSED     | -          | -          |
 * | resume        | -          | NEW        | -          | RUNNING    | -          |
 * | terminate     | TERMINATED | TERMINATED | TERMINATED | TERMINATED | -          |
 * | abort         |            |            | TERMINATED | TERMINATED |            |
 * | socket closes | TERMINATED | TERMINATED | TERMINATED | TERMINATED | -          |
 * | send throws   |            |            | TERMINATED |            |            |
 *
 * HELD is paused before `run`. A proxy that has lost a socket or was terminated before `run` ends as soon as it is run. `run` throws from the second call on. `abort` is of the signal of `run`, `send throws` of a socket,
 * with anything but a `ZmqError`: then `run` rejects. `-` changes nothing; an empty cell cannot happen, as nothing listens
 * to the signal and nothing is forwarded. `tests/proxy/states_test.ts` walks the table.
 *
 * @module
 */

import { onlyOptions } from "../base/checks.ts";
import { requireSignal, whenAborted } from "../base/abort.ts";
import { ZmqError } from "../base/errors.ts";
import { messageBytes } from "../base/message.ts";
import { nextTurnOf } from "../sockets/clock.ts";
import { repliesOnly } from "../sockets/replies.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { Socket } from "../sockets/socket.ts";
import { keepFrames } from "../base/untransferable.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Maximum number of messages that are forwarded per event loop turn. */
const BATCH = 256;

/** A socket that a proxy can receive from, send to, or both. */
export type ProxySocket = Socket & (Readable | Writable);

/** Options of {@link Proxy}. */
export interface ProxyOptions {
  /** Gets a copy of every message, in either direction: a `Publisher`, `Push`, `Pair` or `Dealer`. */
  readonly capture?: Socket & Writable | undefined;
}

/** Options of {@link Proxy.run}. */
export interface ProxyRunOptions {
  /** Ends the proxy: `run` rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Traffic of one socket of a proxy. */
export interface ProxySideStatistics {
  /** Number of messages received from it. */
  readonly messagesReceived: number;
  /** Number of bytes received from it. */
  readonly bytesReceived: number;
  /** Number of messages sent to it. */
  readonly messagesSent: number;
  /** Number of bytes sent to it. */
  readonly bytesSent: number;
}

/** Statistics of a proxy. */
export interface ProxyStatistics {
  /** Traffic of the first socket. */
  readonly front: ProxySideStatistics;
  /** Traffic of the second socket. */
  readonly back: ProxySideStatistics;
  /**
   * Number of messages that the other socket did not accept: their peer is not connected, the send timed out, or the
   * proxy was terminated.
   */
  readonly dropped: number;
}

const PAUSED = 0;
const RUNNING = 1;
const TERMINATED = 2;

interface Side {
  readonly socket: ProxySocket;
  readonly count: { -readonly [Name in keyof ProxySideStatistics]: number };
}

type Source = Side & { readonly socket: Socket & Readable };
type Target = Side & { readonly socket: Socket & Writable };

/**
 * Forwards messages between two sockets: an `XSubscriber` and an `XPublisher` make a forwarder, a `Router` and a
 * `Dealer` a queue, a `Pull` and a `Push` a streamer. A message is received from one socket only when the other can
 * send it, so that back-pressure passes through. The same socket on both sides echoes its messages. The proxy neither
 * binds nor closes the sockets.
 *
 * @example
 * ```ts
 * import { Dealer, Proxy, Reply, Request, Router } from "@monocoque/zmq";
 *
 * await using clients = new Router();
 * await using workers = new Dealer();
 * const proxy = new Proxy(clients, workers);
 * const running = proxy.run();
 *
 * await using request = new Request();
 * await using reply = new Reply();
 * request.connect(await clients.bind("tcp://127.0.0.1:0"));
 * reply.connect(await workers.bind("inproc://workers"));
 * await request.send("ping");
 * await reply.receive();
 * await reply.send("pong");
 * await request.receive();
 *
 * proxy.terminate();
 * await running;
 * console.log(proxy.statistics().front.messagesReceived); // 1
 * ```
 */
export class Proxy {
  readonly #front: Side;
  readonly #back: Side;
  readonly #capture: Socket & Writable | undefined;
  #state = RUNNING;
  #started = false;
  #dropped = 0;
  /** Messages forwarded in this event loop turn. */
  #batched = 0;
  /** Cancels all waits of the proxy. */
  readonly #stop = new AbortController();
  /** Callbacks that continue forwarding after a pause. */
  #onResume: (() => void)[] = [];

  /**
   * Creates a proxy. Call `run()` to start it.
   *
   * @throws {TypeError} If an argument is not a socket, or nothing can be forwarded between the two sockets.
   */
  constructor(front: ProxySocket, back: ProxySocket, options: ProxyOptions = {}) {
    if (arguments.length > 3) refuseSurplus("new Proxy()", 3, arguments[3]);
    onlyOptions("A Proxy", options, ["capture"]);
    for (const socket of options.capture === undefined ? [front, back] : [front, back, options.capture]) {
      if (typeof socket !== "object" || socket === null || !(receives(socket) || sends(socket))) {
        throw new TypeError("Cannot create a proxy: pass two sockets, and a socket as `capture`");
      }
    }
    if (options.capture !== undefined && !sends(options.capture)) {
      throw new TypeError("Cannot create a proxy: the capture socket must be able to send");
    }
    this.#front = side(front);
    this.#back = side(back);
    this.#capture = options.capture;
    if (this.#ways().length === 0) {
      throw new TypeError(`Cannot create a proxy: nothing can be forwarded between ${front.type} and ${back.type}`);
    }
  }

  /**
   * Forwards messages until `terminate()` is called or one of the sockets is closed.
   *
   * @throws The reason of `options.signal`, if it is aborted.
   * @throws {ZmqError} `EFSM` if it was called before.
   */
  async run(options: ProxyRunOptions = {}): Promise<void> {
    if (arguments.length > 1) refuseSurplus("run()", 1, arguments[1]);
    onlyOptions("run()", options, ["signal"]);
    const { signal } = options;
    requireSignal("run() of a Proxy", signal);
    signal?.throwIfAborted();
    if (this.#started) throw new ZmqError("EFSM", "Cannot run the proxy again: create a new one");
    this.#started = true;
    const unlisten = signal && whenAborted(signal, () => this.terminate());
    try {
      for (const { socket } of [this.#front, this.#back]) this.#endWith(socket);
      if (this.#capture !== undefined) this.#endWith(this.#capture);
      await Promise.all(this.#ways().map(([source, target]) => this.#forward(source, target)));
    } finally {
      unlisten?.();
      this.terminate();
    }
    signal?.throwIfAborted();
  }

  /** Pauses forwarding until `resume()`; messages wait in the sockets. */
  pause(): void {
    if (arguments.length > 0) refuseSurplus("pause()", 0, arguments[0]);
    if (this.#state === RUNNING) this.#state = PAUSED;
  }

  /** Continues after `pause()`. */
  resume(): void {
    if (arguments.length > 0) refuseSurplus("resume()", 0, arguments[0]);
    if (this.#state !== PAUSED) return;
    this.#state = RUNNING;
    this.#wake();
  }

  /**
   * Ends the proxy for good; `run` resolves. Every message that it received is sent, except one that waits for room in
   * a `Router` with `mandatory` or a publisher with `noDrop`: it is counted as dropped.
   */
  terminate(): void {
    if (arguments.length > 0) refuseSurplus("terminate()", 0, arguments[0]);
    if (this.#state === TERMINATED) return;
    this.#state = TERMINATED;
    this.#stop.abort();
    this.#wake();
  }

  /** Returns the traffic so far. */
  statistics(): ProxyStatistics {
    if (arguments.length > 0) refuseSurplus("statistics()", 0, arguments[0]);
    return { front: { ...this.#front.count }, back: { ...this.#back.count }, dropped: this.#dropped };
  }

  /**
   * The pairs of source and target between which messages can be forwarded; with one socket on both sides, source and
   * target are equal.
   */
  #ways(): [Source, Target][] {
    const [front, back] = [this.#front, this.#back];
    const pairs: [Side, Side][] = front.socket === back.socket ? [[front, back]] : [[front, back], [back, front]];
    return pairs.filter(([from, to]) => receives(from.socket) && sends(to.socket)) as [Source, Target][];
  }

  /**
   * Ends the proxy when a socket is closed. Waits for a number of peers that is never reached, so that only the end of
   * the socket ends the wait. Not by `whenClosed`: unlike that, a wait keeps the process alive, also while the proxy is
   * paused.
   */
  #endWith(socket: ProxySocket): void {
    socket.waitForPeers(Number.MAX_SAFE_INTEGER, { signal: this.#stop.signal }).catch(() => this.terminate());
  }

  async #forward(source: Source, target: Target): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (this.#state !== TERMINATED) {
        if (this.#state === PAUSED) await new Promise<void>((resolve) => this.#onResume.push(resolve));
        else if (!source.socket.readable) await source.socket.whenReadable({ signal });
        else if (!takes(source, target)) await target.socket.whenWritable({ signal });
        else if (this.#capture?.writable === false) await this.#capture.whenWritable({ signal });
        else await this.#forwardBatch(source, target);
      }
    } catch (error) {
      // The program closed a socket or terminated the proxy, which is not an error.
      const over = signal.aborted || (error instanceof ZmqError && error.code === "ENOTSOCK");
      this.terminate();
      if (!over) throw error;
    }
  }

  /**
   * Forwards as many messages as possible, and yields to the event loop after each batch, because sends over inproc
   * never do.
   */
  async #forwardBatch(source: Source, target: Target): Promise<void> {
    for (; this.#batched < BATCH; this.#batched++) {
      if (this.#state !== RUNNING || !takes(source, target) || this.#capture?.writable === false) return;
      // Check `readable` first: `tryReceive` throws on a socket whose state does not allow receiving.
      const message = source.socket.readable ? source.socket.tryReceive() : undefined;
      if (message === undefined) break;
      const bytes = messageBytes(message);
      source.count.messagesReceived++;
      source.count.bytesReceived += bytes;
      try {
        if (this.#capture !== undefined) keepFrames(message);
        if (this.#capture?.trySend(message) === false) {
          await this.#capture.send(message, { signal: this.#stop.signal });
        }
        // A `mandatory` Router or a `noDrop` publisher may be writable and still have no room for this message.
        if (!target.socket.trySend(message)) await target.socket.send(message, { signal: this.#stop.signal });
        target.count.messagesSent++;
        target.count.bytesSent += bytes;
      } catch (error) {
        this.#dropped++;
        if (!(error instanceof ZmqError) || error.code === "ENOTSOCK") throw error;
      }
    }
    this.#batched = 0;
    await nextTurnOf(source.socket);
  }

  #wake(): void {
    const waiting = this.#onResume;
    this.#onResume = [];
    for (const wake of waiting) wake();
  }
}

function side(socket: ProxySocket): Side {
  return { socket, count: { messagesReceived: 0, bytesReceived: 0, messagesSent: 0, bytesSent: 0 } };
}

/** True if the target can send a message received now. A socket on both sides may have to receive before it can send. */
function takes(source: Source, { socket }: Target): boolean {
  return socket.writable || (source.socket === socket && repliesOnly(socket));
}

function receives(socket: ProxySocket): socket is Socket & Readable {
  return "tryReceive" in socket;
}

function sends(socket: ProxySocket): socket is Socket & Writable {
  return "trySend" in socket;
}
