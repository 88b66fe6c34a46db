/**
 * One thread that serves subscribers, as its socket sees it.
 *
 * | Event  | STARTING | SERVING   | FINISHING | ENDED |
 * | ------ | -------- | --------- | --------- | ----- |
 * | ready  | SERVING  |           |           | -     |
 * | finish | ENDED    | FINISHING | -         | -     |
 * | closed |          |           | ENDED     | -     |
 * | lost   | ENDED    | ENDED     | ENDED     | -     |
 * | drop   | ENDED    | ENDED     | ENDED     | -     |
 *
 * `-` changes nothing; an empty cell cannot happen: a thread is ready once, and closes after the socket has ended its connection for messages. It is `ready`
 * when it has said so and that connection is open. In FINISHING what was queued for it goes out, then it sends that to its subscribers, and
 * says that it has `closed`. `lost`: it ended by itself. `tests/engine/pool/pool_thread_states_test.ts` walks the table.
 *
 * More than 20 members because the socket, its connection and its thread each have their contract with it.
 *
 * @module
 */

import { wallTime } from "../../base/clock.ts";
import { ZmqError } from "../../base/errors.ts";
import { type Message, toText } from "../../base/message.ts";
import { DropCount } from "../../routing/drops.ts";
import type { ZapRequest, ZapVerdict } from "../../security/zap.ts";
import { newPorts, OpenPort, type ThreadPort } from "../../transport/thread_port.ts";
import type { Connection, ConnectionHost } from "../connection/contract.ts";
import type { SocketEvent } from "../events.ts";
import type { PublisherThread, PublisherThreads } from "../options/threads.ts";
import { addressOf } from "../peer_address.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { PeerStatistics } from "../statistics.ts";
import { COUNTS, type FromThread, type ThreadCounts, type ToThread } from "./messages.ts";
import { portError, unportError } from "./ported_error.ts";

/** The socket, as its threads see it: they report to it. */
export interface PoolThreadHost {
  /** Opens a pipe to a thread, which the pattern does not know yet. */
  openPipe(inbound: (message: Message) => Message | undefined): PeerPipe;
  attachPipe(pipe: PeerPipe): void;
  /** Ends a pipe; returns the number of messages that are lost. */
  endPipe(pipe: PeerPipe): number;
  connect(port: ThreadPort, host: ConnectionHost): Connection;
  /** Asks the authenticator of the socket. */
  authenticate(request: ZapRequest, over: AbortSignal): Promise<ZapVerdict>;
  /** The mechanism of new connections, as statistics show it. */
  readonly mechanism: PeerStatistics["mechanism"];
  emit(event: SocketEvent): void;
  /** The subscribers or the peers of the thread have changed. */
  threadChanged(): void;
  /** The thread has ended, with this number of lost messages; `error` if it ended by itself. */
  threadEnded(thread: PoolThread, lost: number, error: Error | undefined): void;
}

/** The beginning of a thread: its socket type and options. */
export type Beginning = Omit<Extract<ToThread, { readonly type: "begin" }>, "type" | "port">;

interface Answer {
  readonly endpoint?: string;
}

interface Request {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const STARTING = 0;
const SERVING = 1;
const FINISHING = 2;
const ENDED = 3;

/** One thread. */
export class PoolThread implements ConnectionHost {
  /** Resolves when it serves; rejects when it ends before that. */
  readonly ready: Promise<void>;
  /** Number of its peers that have subscribed. */
  subscribers: number = 0;
  /** The same by watched topic. */
  readonly watched: Map<number, number> = new Map();
  /** The latest counts that it has sent. */
  counts: ThreadCounts | undefined;
  /** Its connected peers, by their addresses. */
  readonly peers: Map<string, PeerStatistics> = new Map();
  pipe: PeerPipe | undefined;

  readonly #host: PoolThreadHost;
  readonly #worker: PublisherThread;
  readonly #control: OpenPort;
  readonly #connection: Connection;
  readonly #requests = new Map<number, Request>();
  readonly #questions = new Map<number, AbortController>();
  #settle!: { resolve(): void; reject(error: Error): void };
  #state = STARTING;
  #said = false;
  #lastId = 0;
  #error: Error | undefined;
  /** It has ended its connection for messages, as it does when it ends in order. */
  #unlinked = false;

  constructor(threads: PublisherThreads, host: PoolThreadHost, beginning: Beginning) {
    this.#host = host;
    this.ready = new Promise((resolve, reject) => this.#settle = { resolve, reject });
    this.ready.catch(() => {});
    const [near, far] = newPorts();
    const [nearData, farData] = newPorts();
    try {
      this.#worker = threads.start(far as never);
    } catch (error) {
      for (const port of [near, far, nearData, farData]) port.close();
      throw error;
    }
    watch(this.#worker, (error) => this.#lost(error));
    this.#control = new OpenPort(near, (said) => this.#hear(said as FromThread), () => this.#lost());
    this.#control.post({ type: "begin", ...beginning, port: farData } satisfies ToThread, [farData]);
    this.#connection = host.connect(nearData, this);
    this.#connection.start();
  }

  /** True once it has ended. */
  get ended(): boolean {
    return this.#state === ENDED;
  }

  /** Listens on an endpoint, and returns it with its port. */
  async bind(endpoint: string, values: object | undefined): Promise<string> {
    const answer = await this.#ask((id) => ({ type: "bind", id, endpoint, values }));
    return answer.endpoint!;
  }

  /** No longer listens on an endpoint. */
  async unbind(endpoint: string): Promise<void> {
    await this.#ask((id) => ({ type: "unbind", id, endpoint }));
  }

  /** Ends the connections that were accepted at an endpoint, once all messages that were sent before are with the thread. */
  unbound(endpoint: string): void {
    const { pipe } = this;
    const after = pipe === undefined ? 0 : pipe.counters.messagesSent + pipe.outbox.messages;
    this.say({ type: "finish", endpoint, after });
  }

  /** Posts a message to the thread. */
  say(message: ToThread): void {
    if (this.#state !== ENDED) this.#control.post(message);
  }

  /** Ends as soon as everything is sent, at the latest at the deadline, when the socket calls `drop`. */
  finish(deadline: number): void {
    if (this.#state === STARTING) return this.drop();
    if (this.#state !== SERVING) return;
    this.#state = FINISHING;
    this.#connection.finish(deadline);
  }

  /** Ends now. */
  drop(): void {
    if (this.#state === ENDED) return;
    this.say({ type: "drop" });
    this.#end(undefined);
  }

  // Reports of the connection for messages.

  connectionReady(connection: Connection): PeerPipe {
    const pipe = this.pipe = this.#host.openPipe((message) => this.#inbound(message));
    pipe.connect(connection);
    this.#host.attachPipe(pipe);
    this.#checkReady();
    return pipe;
  }

  connectionEnding(): void {
    const { pipe } = this;
    this.pipe = undefined;
    if (pipe !== undefined) this.#unsent += this.#host.endPipe(pipe);
  }

  connectionClosed(connection: Connection): void {
    this.#unlinked = true;
    this.#unsent += connection.unsent;
    // Otherwise the thread still says that it has closed, or that it has ended.
    if (this.#state === STARTING || this.#state === SERVING) this.#lost(new Error("its connection was lost"));
  }

  #unsent = 0;

  // Reports of the thread.

  /** Takes what the thread sends over the connection for messages. */
  #inbound([tag, ...frames]: Message): Message | undefined {
    if (tag![0] !== COUNTS) return frames as unknown as Message;
    const bytes = frames[0]!;
    const counts = new Uint32Array(bytes.slice().buffer);
    this.subscribers = counts[0]!;
    this.watched.clear();
    for (let i = 1; i < counts.length; i += 2) this.watched.set(counts[i]!, counts[i + 1]!);
    this.#host.threadChanged();
    return undefined;
  }

  #hear(said: FromThread): void {
    if (this.#state === ENDED) return;
    switch (said.type) {
      case "ready":
        this.#said = true;
        return this.#checkReady();
      case "answer":
        return this.#answered(said);
      case "event":
        return this.#saw(
          said.error === undefined ? said.event : { ...said.event, error: unportError(said.error) } as never,
        );
      case "question":
        return void this.#question(said.id, said.request);
      case "over":
        return this.#questions.get(said.id)?.abort();
      case "counts":
        this.counts = said.counts;
        return;
      case "peers":
        for (const peer of said.peers) if (this.peers.has(peer.remote)) this.peers.set(peer.remote, peer);
        return;
      case "closed":
        this.#unsent += said.lost;
        return this.#end(undefined);
    }
  }

  #checkReady(): void {
    if (this.#state !== STARTING || !this.#said || this.pipe === undefined) return;
    this.#state = SERVING;
    this.#settle.resolve();
  }

  #answered({ id, endpoint, error }: Extract<FromThread, { readonly type: "answer" }>): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (error !== undefined) request?.reject(unportError(error));
    else request?.resolve(endpoint === undefined ? {} : { endpoint });
  }

  #ask(message: (id: number) => ToThread): Promise<Answer> {
    if (this.#state === ENDED) return Promise.reject(this.#endedError());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      this.say(message(id));
    });
  }

  async #question(id: number, request: ZapRequest): Promise<void> {
    const over = new AbortController();
    this.#questions.set(id, over);
    try {
      this.say({ type: "verdict", id, verdict: await this.#host.authenticate(request, over.signal) });
    } catch (error) {
      this.say({ type: "verdict", id, verdict: portError(error) });
    } finally {
      this.#questions.delete(id);
    }
  }

  #saw(event: SocketEvent): void {
    if (event.type === "handshake") this.peers.set(event.remote, this.#newPeer(event));
    else if (event.type === "disconnect" || event.type === "disconnect:local") this.peers.delete(event.remote);
    this.#host.emit(event);
    this.#host.threadChanged();
  }

  #newPeer(
    { endpoint, remote, peerType, version, metadata }: Extract<SocketEvent, { type: "handshake" }>,
  ): PeerStatistics {
    const userId = metadata.get("user-id");
    return {
      ...{
        endpoint,
        remote,
        address: addressOf(remote),
        userId: userId && toText(userId),
        peerType,
        version,
        metadata,
      },
      routingId: metadata.get("identity")?.slice() ?? new Uint8Array(0),
      ignored: false,
      mechanism: this.#host.mechanism,
      since: wallTime(),
      ...NO_TRAFFIC,
    };
  }

  // Its end.

  #lost(error: Error | undefined = this.#error): void {
    this.#error ??= error;
    if (this.#state === ENDED) return;
    this.#end(this.#endedError());
  }

  #endedError(): ZmqError {
    const why = this.#error === undefined ? "" : `: ${this.#error.message}`;
    return new ZmqError("ECONNRESET", `A thread of this socket has ended${why}`, {
      ...this.#error !== undefined && { cause: this.#error },
    });
  }

  #end(error: ZmqError | undefined): void {
    this.#state = ENDED;
    this.#control.close();
    if (!this.#unlinked) this.#connection.drop();
    this.connectionEnding();
    for (const over of this.#questions.values()) over.abort();
    const reason = error ?? this.#endedError();
    for (const { reject } of this.#requests.values()) reject(reason);
    this.#requests.clear();
    this.#settle.reject(reason);
    const peers = [...this.peers.values()];
    this.peers.clear();
    this.subscribers = 0;
    this.watched.clear();
    for (const { endpoint, remote } of peers) {
      this.#host.emit(
        error === undefined
          ? { type: "disconnect:local", endpoint, remote, reason: "close" }
          : { type: "disconnect", endpoint, remote, reason: "lost", error },
      );
    }
    this.#host.threadChanged();
    // A thread may not end by itself. Its ports are free when it has ended.
    const terminated = async () => await this.#worker.terminate();
    const ended = () => this.#host.threadEnded(this, this.#unsent, error);
    terminated().then(ended, ended);
  }
}

const NO_TRAFFIC = {
  ...{ messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0, dropped: 0, reconnects: 0 },
  ...{ queued: 0, held: 0, queuedBytes: 0, heldBytes: 0, drops: new DropCount().snapshot() },
};

/** Notices the end of a thread by an error, or before it has opened its port. */
function watch(worker: PublisherThread, ended: (error?: Error) => void): void {
  interface Emitter {
    on?(type: "error" | "exit", listener: (value: unknown) => void): unknown;
    addEventListener?(type: "error", listener: (event: { message?: string; preventDefault?(): void }) => void): void;
    unref?(): unknown;
  }
  const emitter = worker as Emitter;
  const asError = (value: unknown) => value instanceof Error ? value : new Error(String(value));
  if (emitter.on !== undefined) {
    emitter.on("error", (error) => ended(asError(error)));
    emitter.on("exit", () => ended());
  } else {
    emitter.addEventListener?.("error", (event) => {
      event.preventDefault?.();
      ended(asError(event.message ?? "it threw"));
    });
  }
  emitter.unref?.();
}
