/**
 * Proxies: what comes in at one socket goes out at another, both ways, with back-pressure (libzmq zmq_proxy_steerable).
 *
 * @module
 */

import { whenAborted } from "../base/abort.ts";
import { ZmqError } from "../base/errors.ts";
import { messageBytes } from "../base/message.ts";
import { nextTurnOf } from "../sockets/clock.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { Socket } from "../sockets/socket.ts";
import { keepFrames } from "../base/untransferable.ts";

/** Messages forwarded in one go before the event loop has its turn. */
const BATCH = 256;

/** A socket that a proxy can take from, send to, or both. */
export type ProxySocket = Socket & (Readable | Writable);

/** Options of {@link Proxy}. */
export interface ProxyOptions {
  /** Gets a copy of every message, whichever way it goes: a `Publisher`, `Push`, `Pair` or `Dealer`. */
  readonly capture?: Socket & Writable | undefined;
}

/** Options of {@link Proxy.run}. */
export interface ProxyRunOptions {
  /** Ends the proxy: `run` rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** What a proxy took from one of its sockets, and sent to it. */
export interface ProxySideStatistics {
  /** Messages taken from it. */
  readonly messagesReceived: number;
  /** Bytes of these. */
  readonly bytesReceived: number;
  /** Messages sent to it. */
  readonly messagesSent: number;
  /** Bytes of these. */
  readonly bytesSent: number;
}

/** What a proxy has counted. */
export interface ProxyStatistics {
  /** Of the first socket. */
  readonly front: ProxySideStatistics;
  /** Of the second socket. */
  readonly back: ProxySideStatistics;
  /** Messages that the other socket did not take: it has no such peer, its time ran out, or the proxy was ended. */
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
 * Forwards whole messages between two sockets: an `XSubscriber` and an `XPublisher` make a forwarder, a `Router` and a `Dealer`
 * a queue, a `Pull` and a `Push` a streamer. A message is taken from one side only when the other can take it, so that
 * back-pressure goes through. One socket may be both sides: it echoes, and a `Reply` is then
 * received from before it is asked for room. The sockets stay the program's: the proxy neither binds nor closes them.
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
  /** Messages forwarded since the event loop had its turn. */
  #batched = 0;
  /** Ends all waits of a proxy that runs. */
  readonly #stop = new AbortController();
  /** Wakes those who wait while it is paused. */
  #onResume: (() => void)[] = [];

  /**
   * Makes a proxy that does not run yet.
   *
   * @throws {TypeError} If one is no socket, or nothing could be forwarded between the two.
   */
  constructor(front: ProxySocket, back: ProxySocket, options: ProxyOptions = {}) {
    for (const socket of options.capture === undefined ? [front, back] : [front, back, options.capture]) {
      if (typeof socket !== "object" || socket === null || !(receives(socket) || sends(socket))) {
        throw new TypeError("A proxy is made of sockets");
      }
    }
    if (options.capture !== undefined && !sends(options.capture)) {
      throw new TypeError("The capture socket of a proxy must be able to send");
    }
    this.#front = side(front);
    this.#back = side(back);
    this.#capture = options.capture;
    if (this.#ways().length === 0) {
      throw new TypeError(`A proxy has nothing to forward between a ${front.type} and a ${back.type}`);
    }
  }

  /**
   * Forwards until `terminate()` is called or one of the sockets is closed.
   *
   * @throws What `options.signal` was aborted with.
   * @throws {ZmqError} `EFSM` if it runs already or has run.
   */
  async run(options: ProxyRunOptions = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#started) throw new ZmqError("EFSM", "A proxy runs once: create a new one");
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

  /** Stops forwarding until `resume()`; messages wait in the sockets. */
  pause(): void {
    if (this.#state === RUNNING) this.#state = PAUSED;
  }

  /** Undoes `pause()`. */
  resume(): void {
    if (this.#state !== PAUSED) return;
    this.#state = RUNNING;
    this.#wake();
  }

  /**
   * Ends the proxy for good; `run` resolves. What it has taken from one socket has been given to the other, but for a message
   * that waits for room in a `Router` with `mandatory` or a publisher with `noDrop`: it is dropped, and counted.
   */
  terminate(): void {
    if (this.#state === TERMINATED) return;
    this.#state = TERMINATED;
    this.#stop.abort();
    this.#wake();
  }

  /** What it has forwarded so far. */
  statistics(): ProxyStatistics {
    return { front: { ...this.#front.count }, back: { ...this.#back.count }, dropped: this.#dropped };
  }

  /** From where to where something can be forwarded; a socket may be its own other side. */
  #ways(): [Source, Target][] {
    const [front, back] = [this.#front, this.#back];
    const pairs: [Side, Side][] = front.socket === back.socket ? [[front, back]] : [[front, back], [back, front]];
    return pairs.filter(([from, to]) => receives(from.socket) && sends(to.socket)) as [Source, Target][];
  }

  /** Ends the proxy when a socket is closed, whatever it waits for: that many peers never come. */
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
      // Closed by the program, or terminated: nothing is left to do in either case.
      const over = signal.aborted || (error instanceof ZmqError && error.code === "ENOTSOCK");
      this.terminate();
      if (!over) throw error;
    }
  }

  /** Forwards what can be forwarded now, with a turn of the event loop after each batch: over inproc nothing else gives one. */
  async #forwardBatch(source: Source, target: Target): Promise<void> {
    for (; this.#batched < BATCH; this.#batched++) {
      if (this.#state !== RUNNING || !takes(source, target) || this.#capture?.writable === false) return;
      // A socket that takes turns has to be asked first.
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
        // A mandatory Router and a Publisher with noDrop look writable and yet may have no room for this very message.
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

/** Whether the target would take what is received now. A Reply that is its own other side can send only after that. */
function takes(source: Source, { socket }: Target): boolean {
  return socket.writable || (socket.type === "REP" && source.socket === socket);
}

function receives(socket: ProxySocket): socket is Socket & Readable {
  return "tryReceive" in socket;
}

function sends(socket: ProxySocket): socket is Socket & Writable {
  return "trySend" in socket;
}
