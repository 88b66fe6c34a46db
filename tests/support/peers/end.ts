/**
 * One socket of a conversation under test, in any implementation: this library in this process, this library in another
 * runtime, or libzmq in a child process. Tests are written against this, so that roles can be swapped.
 *
 * @module
 */

/** The socket types that both this library and libzmq have. */
export type EndType =
  | "DEALER"
  | "PAIR"
  | "PUB"
  | "PULL"
  | "PUSH"
  | "REP"
  | "REQ"
  | "ROUTER"
  | "STREAM"
  | "SUB"
  | "XPUB"
  | "XSUB";

/** The value of a socket option. It is passed to a peer process as JSON. */
export type OptionValue = string | number | boolean | null | Uint8Array;

/** Socket options by the names that zeromq.js and this library share, or by ours where zeromq.js has none. */
export type EndOptions = Readonly<Record<string, OptionValue>>;

/** A frame as tests write it; text is UTF-8. */
export type Frame = string | Uint8Array;

/** The events of a socket's connections, by the names that zeromq.js and this library share. */
export const EVENT_TYPES = [
  "accept",
  "accept:error",
  "bind",
  "bind:error",
  "close",
  "close:error",
  "connect",
  "connect:delay",
  "connect:retry",
  "disconnect",
  "end",
  "handshake",
  "handshake:error:auth",
  "handshake:error:other",
  "handshake:error:protocol",
] as const;

/** One of {@link EVENT_TYPES}, any of those of a handshake that failed, or one that only this library has. */
export type EventType = typeof EVENT_TYPES[number] | "handshake:error" | "disconnect:local";

/** A socket under test. */
export interface End {
  readonly type: EndType;
  /** True for one of this library in this process. */
  readonly ours?: true;
  /** Resolves with the endpoint as it is bound. */
  bind(endpoint: string): Promise<string>;
  unbind(endpoint: string): Promise<void>;
  /** A ROUTER and a STREAM may choose by which routing id they know the peer. */
  connect(endpoint: string, routingId?: string): Promise<void>;
  disconnect(endpoint: string): Promise<void>;
  /** Sets an option while the socket lives. */
  set(option: string, value: OptionValue): Promise<void>;
  /** Reads an option. */
  get(option: string): Promise<unknown>;
  /** Does what is to be done about peers and what they sent: a socket of libzmq does its part only while it is used. */
  look(): Promise<void>;
  /** Sends are made one after the other, in the order of the calls. */
  send(message: readonly Frame[]): Promise<void>;
  /** Receives are made one after the other, in the order of the calls. */
  receive(): Promise<Uint8Array[]>;
  /** For a SUB, and an XPUB with `manual`. */
  subscribe(topic: Frame): Promise<void>;
  /** Subscribes to so many topics: `prefix0`, `prefix1`, … */
  subscribeMany(prefix: string, count: number): Promise<void>;
  /** For a SUB, and an XPUB with `manual`. */
  unsubscribe(topic: Frame): Promise<void>;
  /** Resolves as soon as `count` events of this type have happened since the socket was made. */
  seen(event: EventType, count: number): Promise<void>;
  /** The events that have been reported so far, in their order; `end` is left out. */
  history(): Promise<string[]>;
  /** Closes the socket, and returns all events of its life. */
  lastWords(): Promise<string[]>;
  /** Drops what is queued unless the `linger` option says otherwise. */
  close(): Promise<void>;
}

/** Counts events by type, and resolves the waits for a count. */
export class EventCounts {
  /** All of them, in their order; `end` is left out. */
  readonly history: string[] = [];
  readonly #counts = new Map<string, number>();
  #waits: { readonly event: string; readonly count: number; readonly resolve: () => void }[] = [];

  /** Notes an event. */
  add(event: string): void {
    if (event !== "end") this.history.push(event);
    this.#count(event);
    if (event.startsWith("handshake:error:")) this.#count("handshake:error");
  }

  #count(event: string): void {
    const count = (this.#counts.get(event) ?? 0) + 1;
    this.#counts.set(event, count);
    const due = this.#waits.filter((wait) => wait.event === event && wait.count <= count);
    this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    for (const { resolve } of due) resolve();
  }

  /** Resolves as soon as `count` events of this type have been noted. */
  reached(event: EventType, count: number): Promise<void> {
    if ((this.#counts.get(event) ?? 0) >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ event, count, resolve }));
  }
}

/** Runs tasks one after the other, in the order they came. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task when all earlier ones are done, failed ones too. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
