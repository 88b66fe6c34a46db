/**
 * Serves subscribers of a publisher that another thread has: an XPUB on the publisher's endpoints, and a relay to the publisher.
 *
 * More than 20 members because a thread answers for its socket, its relay and its port.
 *
 * @module
 */

import type { Timer } from "../base/clock.ts";
import { viewOf } from "../base/bytes.ts";
import type { Message } from "../base/message.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { Context } from "../engine/context.ts";
import { AUTHENTICATORS_ELSEWHERE } from "../engine/mechanisms.ts";
import { CONFLATE } from "../engine/options/conflate.ts";
import { RECEIVE, ZERO_COPY } from "../engine/options/receive.ts";
import { SEND } from "../engine/options/send.ts";
import { SOCKET } from "../engine/options/socket.ts";
import { COUNTS, FOR_USER, type FromThread, type PortedError, type ToThread } from "../engine/pool/messages.ts";
import { portError, unportError } from "../engine/pool/ported_error.ts";
import { SocketCore } from "../engine/socket_core.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { ProcessHold } from "../engine/waits/process_hold.ts";
import { PUBLISH } from "../routing/publish.ts";
import { RelayPattern } from "../routing/relay.ts";
import { ThreadPublishPattern } from "../routing/thread_publish.ts";
import { SUBSCRIPTION_EVENTS, XPublishPattern, type XPublishSettings } from "../routing/xpublish.ts";
import type { ZapRequest, ZapVerdict } from "../security/zap.ts";
import { parseEndpoint } from "../schemes/endpoint.ts";
import { type ContextPort, OpenPort, type ThreadPort } from "../transport/thread_port.ts";
import { subscriptionOf } from "../zmtp/subscription.ts";

/** The time between two reports of counts, in ms. */
const REPORT = 100;
/** The longest wait of an `unbind()` for the messages before it, in ms. */
const LONGEST_WAIT = 1000;
/** Events of the socket that are reported by the publisher itself. */
const OWN: ReadonlySet<string> = new Set([
  ...["bind", "bind:error", "close", "close:error"],
  ...["hint", "missed", "end"],
]);
const FOR_USER_FRAME = new Uint8Array([FOR_USER]);
const COUNTS_FRAME = new Uint8Array([COUNTS]);

const OPTIONS = {
  ...SOCKET,
  ...SEND,
  ...RECEIVE,
  ...ZERO_COPY,
  ...CONFLATE,
  ...PUBLISH,
  ...SUBSCRIPTION_EVENTS,
};

const TYPES = {
  PUB: { name: "PUB", title: "Publisher", pattern: (settings: object) => new ThreadPublishPattern(settings as never) },
  XPUB: { name: "XPUB", title: "XPublisher", pattern: (settings: object) => new XPublishPattern(settings as never) },
} as const;

/**
 * Serves subscribers of a {@linkcode Publisher} or {@linkcode XPublisher} that has the option `threads`: a worker thread calls it with
 * the port that it was given, and needs to do nothing else. The publisher ends the thread when it is closed.
 *
 * @param port The port that `threads.start` was called with, transferred to this thread.
 * @throws {TypeError} If it is not a `MessagePort`.
 *
 * @example
 * ```ts ignore
 * // publisher_worker.ts
 * import { workerData } from "node:worker_threads";
 * import { servePublisher } from "@monocoque/zmq";
 *
 * servePublisher(workerData);
 * ```
 */
export function servePublisher(port: ContextPort): void {
  if (arguments.length > 1) refuseSurplus("servePublisher()", 1, arguments[1]);
  const given = port as unknown as ThreadPort | null;
  if (typeof given !== "object" || given === null || typeof given.postMessage !== "function") {
    throw new TypeError("servePublisher() takes the MessagePort that threads.start was called with");
  }
  new Serving(given);
}

type Begin = Extract<ToThread, { readonly type: "begin" }>;

/** A thread that waits to begin, and then serves. */
class Serving {
  readonly #control: OpenPort;
  /** Keeps the thread alive: its ports do not. */
  readonly #hold = new ProcessHold();
  #thread: ServingThread | undefined;

  constructor(port: ThreadPort) {
    this.#hold.take();
    this.#control = new OpenPort(port, (said) => this.#hear(said as ToThread), () => this.#end());
  }

  #hear(said: ToThread): void {
    if (said.type !== "begin") return this.#thread?.hear(said);
    this.#thread = new ServingThread(said, (report) => this.#control.post(report), () => this.#end());
  }

  #end(): void {
    this.#thread?.drop();
    this.#hold.end();
  }
}

/** A thread that serves. */
class ServingThread {
  readonly #say: (report: FromThread) => void;
  readonly #ended: () => void;
  readonly #core: SocketCore;
  readonly #pattern: XPublishPattern;
  readonly #relay: SocketCore;
  readonly #publisher: RelayPattern;
  readonly #linked: Promise<void>;
  readonly #verdicts = new Map<number, (verdict: ZapVerdict | PortedError) => void>();
  readonly #watched = new Map<number, Uint8Array>();
  /** Requests to unbind that wait for messages: how many must have gone on. */
  readonly #unbinds = new Set<{ readonly after: number; readonly go: () => void }>();
  #lastId = 0;
  #counting = false;
  #reported = "";
  #timer: Timer | undefined;
  #over = false;

  constructor({ name, options, authenticates, port }: Begin, say: (report: FromThread) => void, ended: () => void) {
    this.#say = say;
    this.#ended = ended;
    const context = new Context();
    // Compared with the ones that are set, only whether there is one counts: it is asked in the other thread.
    const authenticate = authenticates ? { authenticate: () => false } : {};
    const definition = {
      ...TYPES[name],
      ...{ code: 1, partners: ["SUB", "XSUB"], publishes: true, sharesPorts: true, options: OPTIONS },
    } as unknown as SocketDefinition;
    const core = this.#core = new SocketCore(definition, { context, ...options, ...authenticate });
    AUTHENTICATORS_ELSEWHERE.set(core.settings, (request, over) => this.#question(request, over));
    const publisher = this.#publisher = new RelayPattern(core.sending);
    const relay = {
      ...{
        name: "XSUB",
        code: 2,
        partners: ["PUB", "XPUB"],
        options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY },
      },
      pattern: () => publisher,
    } as unknown as SocketDefinition;
    // Messages that cannot go on stay with the publisher.
    this.#relay = new SocketCore(relay, { context, receiveHighWaterMark: 1 } as object);
    const pattern = this.#pattern = core.pattern as XPublishPattern;
    const changed = pattern.onSubscribers;
    pattern.onSubscribers = () => {
      changed();
      this.#countLater();
    };
    pattern.onUnion = (cancel, topic) => void publisher.pipe?.subscribe(cancel, topic);
    publisher.onForwarded = () => this.#forwarded();
    core.events.listen((event) => {
      if (OWN.has(event.type)) return;
      if (!("error" in event) || event.error === undefined) return say({ type: "event", event });
      say({ type: "event", event: { ...event, error: undefined } as never, error: portError(event.error) });
    });
    this.#relay.events.listen(({ type }) => {
      if (type === "disconnect") this.#checkDone();
    });
    this.#linked = new Promise((resolve) => {
      publisher.onWritable = () => {
        resolve();
        if (this.#counting) this.#countLater(true);
      };
    });
    this.#relay.attachThread(port);
    void this.#tellUser();
    this.#report();
    say({ type: "ready" });
  }

  hear(said: Exclude<ToThread, Begin>): void {
    switch (said.type) {
      case "bind":
        return void this.#bind(said.id, said.endpoint, said.values);
      case "unbind":
        return void this.#unbind(said.id, said.endpoint);
      case "finish":
        return void this.#reach(said.after).then(() => this.#core.unbound(said.endpoint));
      case "option":
        return this.#core.setOption(said.name, said.value);
      case "verdict":
        return this.#verdicts.get(said.id)?.(said.verdict);
      case "watch":
        if (said.topic === undefined) this.#watched.delete(said.id);
        else this.#watched.set(said.id, viewOf(said.topic)!);
        return this.#countLater();
      case "disconnect":
        return this.#disconnect(said.remotes, said.anew);
      case "peers":
        return this.#say({ type: "peers", peers: this.#core.peers() });
      case "drop":
        return this.drop();
    }
  }

  /** Ends now. */
  drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    void this.#core.close(0);
    void this.#relay.close(0);
    this.#ended();
  }

  async #bind(id: number, endpoint: string, values: object | undefined): Promise<void> {
    try {
      // Subscriptions need the publisher.
      await this.#linked;
      this.#say({ type: "answer", id, endpoint: await this.#core.endpoints.bind(endpoint, values) });
    } catch (error) {
      const { message, ...ported } = portError(error);
      this.#say({
        type: "answer",
        id,
        error: { ...ported, message: message.replace(/^Cannot bind \w+ to /, "Cannot listen on ") },
      });
    }
  }

  async #unbind(id: number, endpoint: string): Promise<void> {
    try {
      // Not of the socket: that would end the connections as well.
      await this.#core.endpoints.bindings.unbind(endpoint, parseEndpoint(endpoint, "bind"));
      this.#say({ type: "answer", id });
    } catch (error) {
      this.#say({ type: "answer", id, error: portError(error) });
    }
  }

  /** Waits until this number of messages has gone on. */
  #reach(after: number): Promise<void> {
    if (this.#publisher.forwarded >= after) return Promise.resolve();
    return new Promise((resolve) => {
      const unbind = { after, go: resolve };
      this.#unbinds.add(unbind);
      this.#publisher.notifyAt = Math.min(this.#publisher.notifyAt, after);
      // A message that the publisher dropped never comes.
      this.#core.clock.timer(LONGEST_WAIT, () => {
        this.#unbinds.delete(unbind);
        resolve();
      });
    });
  }

  #forwarded(): void {
    const { forwarded } = this.#publisher;
    let next = Infinity;
    for (const unbind of this.#unbinds) {
      if (unbind.after > forwarded) next = Math.min(next, unbind.after);
      else {
        this.#unbinds.delete(unbind);
        unbind.go();
      }
    }
    this.#publisher.notifyAt = next;
    this.#checkDone();
  }

  #disconnect(remotes: readonly string[], anew: boolean): void {
    const chosen = new Set(remotes);
    if (anew) return void this.#core.disconnectPeer(({ remote }) => chosen.has(remote));
    for (const peer of this.#core.peers()) if (chosen.has(peer.remote)) this.#core.disconnectPeer(peer);
  }

  #question(request: ZapRequest, over: AbortSignal): Promise<ZapVerdict> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.#verdicts.delete(id);
        this.#say({ type: "over", id });
        reject(over.reason);
      };
      over.addEventListener("abort", aborted);
      this.#verdicts.set(id, (verdict) => {
        this.#verdicts.delete(id);
        over.removeEventListener("abort", aborted);
        if ("status" in verdict) resolve(verdict);
        else reject(unportError(verdict));
      });
      this.#say({ type: "question", id, request });
    });
  }

  /** Sends the publisher what its user receives. */
  async #tellUser(): Promise<void> {
    const { receiving, settings } = this.#core;
    for (;;) {
      try {
        const message = await receiving.receive();
        const subscription = subscriptionOf(message);
        // The publisher knows the first subscribe and the last unsubscribe of each topic by itself.
        if (subscription !== undefined) {
          const { verbosity } = settings as unknown as XPublishSettings;
          if (verbosity === null || (subscription.type === "cancel" && verbosity !== "allSubsUnsubs")) continue;
        }
        await this.#relay.sending.send([FOR_USER_FRAME, ...message] as Message);
      } catch {
        // One of the sockets was closed.
        return;
      }
    }
  }

  /** Sends the publisher the number of subscribers, once per turn. */
  #countLater(again = false): void {
    if (this.#counting && !again) return;
    this.#counting = true;
    this.#core.clock.turn(() => {
      const { subscribers } = this.#pattern;
      const counts = [subscribers.count()];
      for (const [id, topic] of this.#watched) counts.push(id, subscribers.count(topic));
      const frame = new Uint8Array(new Uint32Array(counts).buffer);
      // Otherwise again as soon as there is room.
      if (this.#publisher.trySend([COUNTS_FRAME, frame] as Message)) this.#counting = false;
    });
  }

  /** Reports counts from time to time. */
  #report(): void {
    this.#sendCounts();
    this.#timer = this.#core.clock.timer(REPORT, () => this.#report());
  }

  #sendCounts(): void {
    const counts = this.#core.counts();
    const text = JSON.stringify(counts);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#say({ type: "counts", counts });
  }

  /** The publisher has ended its connection, and all of its messages have gone on. */
  #checkDone(): void {
    if (this.#over || this.#relay.connections.count > 0 || !this.#publisher.idle) return;
    this.#over = true;
    this.#timer?.cancel();
    void this.#relay.close(0);
    // The publisher ends this thread at its deadline.
    void this.#core.close(-1).then((lost) => {
      this.#sendCounts();
      // The publisher ends this thread then: on Node its exit could be noticed before what it has said.
      this.#say({ type: "closed", lost });
    });
  }
}
