/**
 * The names of a context in all threads that share it, in the thread in which it was created. Names of this thread are in its
 * `LocalNames`. A thread that ends frees its names.
 *
 * | Event               | FREE    | CLAIMED | OPEN | HERE |
 * | ------------------- | ------- | ------- | ---- | ---- |
 * | bind                | CLAIMED | -       | -    | -    |
 * | bind here           | HERE    | -       | -    | -    |
 * | bound               | -       | OPEN    | -    | -    |
 * | unbind              | -       | FREE    | FREE | -    |
 * | unbind here         |         |         |      | FREE |
 * | thread ends         | -       | FREE    | FREE | -    |
 * | another says bound  | -       | -       | -    | -    |
 * | another says unbind | -       | -       | -    | -    |
 * | another ends        | -       | -       | -    | -    |
 *
 * The states of a name: it is free; another thread has it, without and with a socket that takes connections; this thread has it. `-` changes nothing: a
 * `bind` of a name that is in use is refused, and threads cannot change each other's names. An empty cell cannot happen, as there is no listener.
 * `tests/engine/carriers/thread_states_test.ts` walks the table.
 *
 * @module
 */

import { newPorts, OpenPort, type ThreadPort } from "../../transport/thread_port.ts";
import { type LocalNames, nameInUse } from "./local_names.ts";
import type { OtherThreads, ToHub, ToThread } from "./other_threads.ts";

const SETTLED = Promise.resolve();

/** Another thread. */
interface Thread {
  readonly port: OpenPort;
  /** The number of its sockets that look for an endpoint. */
  readonly wants: Map<string, number>;
}

/** A name of another thread; `open` as soon as its socket takes connections. */
interface Owned {
  readonly thread: Thread;
  open: boolean;
}

/** The center of a shared context. */
export class ThreadHub implements OtherThreads {
  readonly #names: LocalNames;
  readonly #threads = new Set<Thread>();
  readonly #owned = new Map<string, Owned>();

  /** @param names The names of this thread. */
  constructor(names: LocalNames) {
    this.#names = names;
  }

  /** The number of other threads. */
  get size(): number {
    return this.#threads.size;
  }

  /** Adds the thread that this port leads to. */
  join(port: ThreadPort): void {
    const hear = (data: unknown) => this.#hear(thread, data as ToHub);
    const thread: Thread = { port: new OpenPort(port, hear, () => this.#leave(thread)), wants: new Map() };
    this.#threads.add(thread);
  }

  bind(endpoint: string, granted: () => void): undefined {
    if (this.#owned.has(endpoint)) throw nameInUse(endpoint);
    granted();
  }

  bound(endpoint: string): void {
    for (const thread of this.#threads) {
      for (let left = thread.wants.get(endpoint) ?? 0; left > 0; left--) this.#connect(endpoint, thread, undefined);
    }
  }

  unbind(): Promise<void> {
    return SETTLED;
  }

  want(endpoint: string): void {
    const owned = this.#owned.get(endpoint);
    if (owned?.open === true) this.#connect(endpoint, undefined, owned.thread);
  }

  #hear(thread: Thread, message: ToHub): void {
    switch (message.type) {
      case "join":
        return this.join(message.port);
      case "bind":
        return this.#bind(thread, message.endpoint, message.id);
      case "bound":
        return this.#opened(thread, message.endpoint);
      case "unbind":
        this.#free(thread, message.endpoint);
        return say(thread, { type: "answer", id: message.id, granted: true });
      case "want":
        return this.#wanted(thread, message.endpoint);
      case "unwant":
        return unwanted(thread, message.endpoint);
    }
  }

  #bind(thread: Thread, endpoint: string, id: number): void {
    const granted = !this.#owned.has(endpoint) && this.#names.get(endpoint) === undefined;
    if (granted) this.#owned.set(endpoint, { thread, open: false });
    say(thread, { type: "answer", id, granted });
  }

  #opened(thread: Thread, endpoint: string): void {
    const owned = this.#owned.get(endpoint);
    if (owned?.thread !== thread) return;
    owned.open = true;
    for (let left = this.#names.waiting(endpoint); left > 0; left--) this.#connect(endpoint, undefined, thread);
    for (const other of this.#threads) {
      if (other === thread) continue;
      for (let left = other.wants.get(endpoint) ?? 0; left > 0; left--) this.#connect(endpoint, other, thread);
    }
  }

  #wanted(thread: Thread, endpoint: string): void {
    thread.wants.set(endpoint, (thread.wants.get(endpoint) ?? 0) + 1);
    const owned = this.#owned.get(endpoint);
    if (owned === undefined ? this.#names.get(endpoint) !== undefined : owned.open && owned.thread !== thread) {
      this.#connect(endpoint, thread, owned?.thread);
    }
  }

  #free(thread: Thread, endpoint: string): void {
    if (this.#owned.get(endpoint)?.thread === thread) this.#owned.delete(endpoint);
  }

  #leave(thread: Thread): void {
    this.#threads.delete(thread);
    for (const [endpoint, owned] of this.#owned) if (owned.thread === thread) this.#owned.delete(endpoint);
  }

  /** Connects a socket that looks for an endpoint to the one that is bound to it; `undefined` is this thread. */
  #connect(endpoint: string, from: Thread | undefined, to: Thread | undefined): void {
    const [near, far] = newPorts();
    // First, so that both ends exist before anything is said over them.
    if (to === undefined) this.#names.incoming(endpoint, far);
    else say(to, { type: "incoming", endpoint, port: far });
    if (from === undefined) return this.#names.linked(endpoint, near);
    unwanted(from, endpoint);
    say(from, { type: "linked", endpoint, port: near });
  }
}

function say({ port }: Thread, message: ToThread): void {
  port.post(message, "port" in message ? [message.port] : []);
}

function unwanted({ wants }: Thread, endpoint: string): void {
  const left = (wants.get(endpoint) ?? 0) - 1;
  if (left > 0) wants.set(endpoint, left);
  else wants.delete(endpoint);
}
