/**
 * The threads that serve the subscribers of one socket: they are started, listen on the same endpoints, are replaced when they end by
 * themselves, and are shown as one socket.
 *
 * More than 20 members because the socket, its subscriptions and its threads each have their contract with it.
 *
 * @module
 */

import type { Clock, Timer } from "../../base/clock.ts";
import { ZmqError } from "../../base/errors.ts";
import { type Message, toKey } from "../../base/message.ts";
import type { Pattern } from "../../routing/pattern.ts";
import type { Pipe } from "../../routing/pipe.ts";
import type { Subscribers, SubscribersElsewhere } from "../../routing/subscribers.ts";
import type { ZapRequest, ZapVerdict } from "../../security/zap.ts";
import type { ThreadPort } from "../../transport/thread_port.ts";
import type { Connection, ConnectionHost } from "../connection/contract.ts";
import type { Context } from "../context.ts";
import type { SocketEvent } from "../events.ts";
import { authenticatorOf, mechanismOf } from "../mechanisms.ts";
import type { PeerChoice } from "../peers_shown.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { Pipes } from "../pipes.ts";
import { DEFAULTS, optionsOf, type Settings } from "../settings.ts";
import type { SocketDefinition } from "../socket_definition.ts";
import type { PeerStatistics } from "../statistics.ts";
import type { ThreadCounts } from "./messages.ts";
import { type Beginning, PoolThread, type PoolThreadHost } from "./pool_thread.ts";

/** The time that a thread has to load the library and to call `servePublisher`, in ms. */
const START_TIME = 30_000;
/** Waits before a thread is replaced, in ms: the first one, and the longest. */
const [FIRST_WAIT, LONGEST_WAIT] = [100, 5000];
/** Number of topics whose subscribers are counted at a time. */
const MOST_WATCHED = 1000;
/** Options that a thread does not have, or must not be sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...["threads", "authenticate", "manual", "manualLastValue"],
  ...["sendTimeout", "receiveTimeout"],
]);

/** The socket, as its threads together see it. */
export interface PoolHost {
  readonly definition: SocketDefinition;
  readonly settings: Settings;
  readonly context: Context;
  readonly clock: Clock;
  readonly pattern: Pattern;
  readonly pipes: Pipes;
  /** @throws {ZmqError} `ENOTSOCK` if the socket is closed. */
  requireOpen(): void;
  emit(event: SocketEvent): void;
  /** Peers or subscribers have changed. */
  subscribersChanged(): void;
  /** Counts messages that `close` could not send. */
  gaveUp(messages: number): void;
  /** A thread has ended. */
  poolChanged(): void;
}

interface Bound {
  readonly endpoint: string;
  readonly values: object | undefined;
}

/** All threads of one socket. */
export class Pool implements PoolThreadHost, SubscribersElsewhere {
  readonly #host: PoolHost;
  readonly #connect: (port: ThreadPort, owner: ConnectionHost) => Connection;
  readonly #threads = new Set<PoolThread>();
  readonly #bound = new Set<Bound>();
  /** The counts of threads that have ended. */
  readonly #past: ThreadCounts[] = [];
  readonly #shown = new WeakMap<PeerStatistics, PoolThread>();
  /** Watched topics, the one that was asked for last at the end. */
  readonly #watched = new Map<string, { readonly id: number; readonly topic: Uint8Array }>();
  readonly #restarts = new Set<Timer>();
  #started: Promise<void> | undefined;
  #lastWatch = 0;
  #wait = FIRST_WAIT;
  #finishing = false;

  constructor(host: PoolHost, connect: (port: ThreadPort, owner: ConnectionHost) => Connection) {
    this.#host = host;
    this.#connect = connect;
    (host.pattern as unknown as { readonly subscribers: Subscribers }).subscribers.elsewhere = this;
  }

  /** Listens on an endpoint with all threads, and returns it with its port. */
  async bind(endpoint: string, values: object | undefined): Promise<string> {
    await this.#start();
    const threads = [...this.#threads].filter(({ ended }) => !ended);
    const [first, ...others] = threads;
    const bound = await first!.bind(endpoint, values);
    const outcomes = await Promise.allSettled(others.map((thread) => thread.bind(bound, values)));
    const failed = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    if (failed === undefined) {
      this.#bound.add({ endpoint: bound, values });
      return bound;
    }
    await Promise.allSettled(threads.map((thread) => thread.unbind(bound)));
    throw failed.reason;
  }

  /** No longer listens on an endpoint. */
  async unbind(endpoint: string): Promise<void> {
    for (const bound of this.#bound) {
      if (bound.endpoint === endpoint && this.#bound.delete(bound)) break;
    }
    // A thread that is ending no longer listens.
    await Promise.allSettled([...this.#threads].map((thread) => thread.unbind(endpoint)));
  }

  /** Ends the connections that were accepted at an endpoint, within the socket's linger. */
  unbound(endpoint: string): void {
    for (const thread of this.#threads) thread.unbound(endpoint);
  }

  /** Passes an option on that was changed. */
  setOption(name: string): void {
    if (NOT_SENT.has(name)) return;
    const value = (this.#host.settings as unknown as Readonly<Record<string, unknown>>)[name];
    for (const thread of this.#threads) thread.say({ type: "option", name, value });
  }

  // As one socket.

  /** The pipes to the threads. */
  get pipes(): Pipe[] {
    return [...this.#threads].flatMap(({ pipe }) => pipe ?? []);
  }

  /** The number of peers of all threads. */
  get peerCount(): number {
    let count = 0;
    for (const { peers } of this.#threads) count += peers.size;
    return count;
  }

  /** The peers of all threads. Their traffic is that of the previous call. */
  peerStatistics(): PeerStatistics[] {
    const list: PeerStatistics[] = [];
    for (const thread of this.#threads) {
      thread.say({ type: "peers" });
      for (const peer of thread.peers.values()) {
        this.#shown.set(peer, thread);
        list.push(peer);
      }
    }
    return list;
  }

  /** The number of peers at an endpoint. */
  peersAt(endpoint: string): number {
    let count = 0;
    for (const { peers } of this.#threads) for (const peer of peers.values()) if (peer.endpoint === endpoint) count++;
    return count;
  }

  /** See {@link SubscribersElsewhere.count}. */
  count(topic?: Uint8Array): number {
    const id = topic && this.#watch(topic);
    let count = 0;
    for (const { subscribers, watched } of this.#threads) {
      count += id === undefined ? subscribers : watched.get(id) ?? 0;
    }
    return count;
  }

  /** Adds the counts of all threads to those of the socket. */
  addCounts(counts: ThreadCounts): ThreadCounts {
    let sum = counts;
    for (const past of this.#past) sum = add(sum, past);
    for (const { counts: present } of this.#threads) if (present !== undefined) sum = add(sum, present);
    return sum;
  }

  /** Disconnects peers; `undefined` if it is a peer that no thread has. Returns how many there were. */
  disconnectPeer(which: PeerChoice): number | undefined {
    const anew = typeof which === "function";
    if (typeof which === "object" && !(which instanceof Uint8Array)) {
      const thread = this.#shown.get(which);
      if (thread === undefined) return undefined;
      return disconnect(thread, [which.remote], anew);
    }
    const key = anew ? "" : toKey(which as Uint8Array);
    const chosen = anew ? which : ({ routingId }: PeerStatistics) => toKey(routingId) === key;
    let count = 0;
    for (const thread of this.#threads) {
      const remotes = [...thread.peers.values()].filter(chosen).map(({ remote }) => remote);
      if (remotes.length > 0 || anew) count += disconnect(thread, remotes, anew);
    }
    return count;
  }

  // Its end.

  /** The number of threads that have not ended. */
  get size(): number {
    return this.#threads.size;
  }

  /** Ends all threads as soon as everything is sent, at the latest at the deadline, when the socket calls `drop`. */
  finish(deadline: number): void {
    this.#finishing = true;
    for (const restart of this.#restarts) restart.cancel();
    this.#restarts.clear();
    for (const thread of [...this.#threads]) thread.finish(deadline);
  }

  /** Ends all threads now. */
  drop(): void {
    for (const thread of [...this.#threads]) thread.drop();
  }

  // Reports of threads.

  openPipe(inbound: (message: Message) => Message | undefined): PeerPipe {
    return this.#host.pipes.openToThread(inbound);
  }

  attachPipe(pipe: PeerPipe): void {
    this.#host.pipes.attach(pipe);
  }

  endPipe(pipe: PeerPipe): number {
    this.#host.pipes.detach(pipe);
    return this.#host.pipes.drop(pipe);
  }

  connect(port: ThreadPort, host: ConnectionHost): Connection {
    return this.#connect(port, host);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async authenticate(request: ZapRequest, over: AbortSignal): Promise<ZapVerdict> {
    return authenticatorOf(this.#host.settings, this.#host.context)(request, over);
  }

  get mechanism(): PeerStatistics["mechanism"] {
    return mechanismOf(this.#host.settings);
  }

  emit(event: SocketEvent): void {
    this.#host.emit(event);
  }

  threadChanged(): void {
    this.#host.subscribersChanged();
  }

  threadEnded(thread: PoolThread, lost: number, error: Error | undefined): void {
    this.#threads.delete(thread);
    if (thread.counts !== undefined) {
      // Messages that waited in it are lost.
      this.#past.push({ ...thread.counts, queued: 0, held: 0 });
      if (this.#past.length > 1) this.#past.splice(0, 2, add(this.#past[0]!, this.#past[1]!));
    }
    this.#host.gaveUp(lost);
    if (!this.#finishing && error !== undefined && this.#bound.size > 0) {
      for (const { endpoint } of this.#bound) this.#host.emit({ type: "accept:error", endpoint, error });
      this.#restartLater();
    }
    this.#host.poolChanged();
  }

  // Starting.

  async #start(): Promise<void> {
    this.#host.requireOpen();
    const { threads } = this.#host.settings;
    // The threads of an earlier bind serve this endpoint as well.
    this.#started ??= this.#startAll(threads!.count).catch((error) => {
      this.#started = undefined;
      throw error;
    });
    await this.#started;
    // All may have ended since.
    if ([...this.#threads].every(({ ended }) => ended)) await this.#startAll(threads!.count);
  }

  async #startAll(count: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: count }, () => this.#startOne()));
    } catch (cause) {
      for (const thread of [...this.#threads]) thread.drop();
      // It may have been closed meanwhile.
      this.#host.requireOpen();
      throw cause;
    }
  }

  async #startOne(): Promise<PoolThread> {
    const { settings, clock } = this.#host;
    let thread: PoolThread | undefined;
    let late: Timer | undefined;
    try {
      thread = new PoolThread(settings.threads!, this, this.#beginning());
      this.#threads.add(thread);
      const starting = thread;
      for (const { id, topic } of this.#watched.values()) thread.say({ type: "watch", id, topic });
      await Promise.race([
        thread.ready,
        new Promise((_resolve, reject) => {
          late = clock.timer(START_TIME, () => {
            reject(new Error(`it did not call servePublisher() within ${START_TIME} ms`));
            starting.drop();
          });
        }),
      ]);
      return thread;
    } catch (cause) {
      const { message } = Object(cause) as { readonly message?: string };
      throw new ZmqError("EIO", `Cannot start a thread of the socket: ${message}`, { cause });
    } finally {
      late?.cancel();
    }
  }

  #beginning(): Beginning {
    const { definition, settings } = this.#host;
    const values = settings as unknown as Readonly<Record<string, unknown>>;
    const defaults = DEFAULTS as unknown as Readonly<Record<string, unknown>>;
    const names = optionsOf(definition).filter((name) => !NOT_SENT.has(name) && values[name] !== defaults[name]);
    return {
      name: definition.name as "PUB" | "XPUB",
      options: Object.fromEntries(names.map((name) => [name, values[name]])),
      authenticates: settings.authenticate !== null,
    };
  }

  #restartLater(): void {
    const timer = this.#host.clock.timer(this.#wait, () => {
      this.#restarts.delete(timer);
      void this.#restart();
    });
    this.#restarts.add(timer);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
  }

  /** Replaces a thread that has ended by itself. */
  async #restart(): Promise<void> {
    let thread: PoolThread | undefined;
    try {
      thread = await this.#startOne();
      for (const { endpoint, values } of [...this.#bound]) await thread.bind(endpoint, values);
      this.#wait = FIRST_WAIT;
    } catch (error) {
      if (this.#finishing) return;
      for (const { endpoint } of this.#bound) {
        this.#host.emit({ type: "accept:error", endpoint, error: error as Error });
      }
      // A thread that has ended is replaced by `threadEnded`.
      if (thread !== undefined && !thread.ended) thread.drop();
      if (this.#bound.size > 0 && this.#restarts.size === 0) this.#restartLater();
    }
  }

  // Topics.

  /** Returns the id of a topic whose subscribers all threads count. */
  #watch(topic: Uint8Array): number {
    const key = toKey(topic);
    const known = this.#watched.get(key);
    if (known !== undefined) {
      this.#watched.delete(key);
      this.#watched.set(key, known);
      return known.id;
    }
    if (this.#watched.size >= MOST_WATCHED) {
      for (const [oldest, { id }] of this.#watched) {
        this.#watched.delete(oldest);
        for (const thread of this.#threads) thread.say({ type: "watch", id, topic: undefined });
        break;
      }
    }
    const id = ++this.#lastWatch;
    this.#watched.set(key, { id, topic });
    for (const thread of this.#threads) thread.say({ type: "watch", id, topic });
    return id;
  }
}

function disconnect(thread: PoolThread, remotes: readonly string[], anew: boolean): number {
  thread.say({ type: "disconnect", remotes, anew });
  return remotes.length;
}

/** Adds counts, and the counts in them. */
function add<T extends object>(a: T, b: T): T {
  const entries = Object.entries(a).map(([name, value]) => {
    const other = (b as Readonly<Record<string, unknown>>)[name];
    return [name, typeof value === "number" ? value + (other as number) : add(value as object, other as object)];
  });
  return Object.fromEntries(entries) as T;
}
