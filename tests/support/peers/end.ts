/**
 * One socket of a conversation under test, whoever implements it: this library in this process, this library in another
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
  | "SUB"
  | "XPUB"
  | "XSUB";

/** Socket options by the names that zeromq.js and this library share. Values go through JSON on their way to a peer. */
export type EndOptions = Readonly<Record<string, string | number | boolean>>;

/** A frame as tests write it; text is UTF-8. */
export type Frame = string | Uint8Array;

/** What happens to a socket's connections, by the names that zeromq.js and this library share. */
export const EVENT_TYPES = [
  "accept",
  "bind",
  "close",
  "connect",
  "connect:retry",
  "disconnect",
  "handshake",
  "handshake:error:other",
  "handshake:error:protocol",
] as const;

/** One of {@link EVENT_TYPES}. */
export type EventType = typeof EVENT_TYPES[number];

/** A socket under test. */
export interface End {
  readonly type: EndType;
  /** Resolves with the endpoint as it is bound. */
  bind(endpoint: string): Promise<string>;
  unbind(endpoint: string): Promise<void>;
  connect(endpoint: string): Promise<void>;
  disconnect(endpoint: string): Promise<void>;
  /** Sets an option while the socket lives. */
  set(option: string, value: string | number | boolean): Promise<void>;
  /** Sends are made one after the other, in the order of the calls. */
  send(message: readonly Frame[]): Promise<void>;
  /** Receives are made one after the other, in the order of the calls. */
  receive(): Promise<Uint8Array[]>;
  /** For a SUB. */
  subscribe(topic: Frame): Promise<void>;
  /** For a SUB. */
  unsubscribe(topic: Frame): Promise<void>;
  /** Resolves as soon as `count` events of this type have happened since the socket was made. */
  seen(event: EventType, count: number): Promise<void>;
  /** Drops what is queued unless the `linger` option says otherwise. */
  close(): Promise<void>;
}

/** Counts events by type, and tells those who wait for a count. */
export class EventCounts {
  readonly #counts = new Map<string, number>();
  #waits: { readonly event: string; readonly count: number; readonly resolve: () => void }[] = [];

  /** Notes an event. */
  add(event: string): void {
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
