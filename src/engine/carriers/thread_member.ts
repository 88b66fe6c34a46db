/**
 * A thread that has joined the context of another one: it asks for names over a port.
 *
 * | Event       | NEW   | ASKED    | ANSWERED | LOST |
 * | ----------- | ----- | -------- | -------- | ---- |
 * | ask         | ASKED | x        | x        | -    |
 * | granted     | -     | ANSWERED | -        | -    |
 * | refused     | -     | ANSWERED | -        | -    |
 * | thread ends | LOST  | LOST     | LOST     | -    |
 *
 * The states of a request to bind or unbind. `thread ends` is of the one that created the context: what waits for it is lost, and so is every later request.
 * `-` changes nothing: an answer without a request is ignored. `x` would be two requests with one number.
 * `tests/engine/carriers/thread_states_test.ts` walks the table.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import { OpenPort, type ThreadPort } from "../../transport/thread_port.ts";
import { type LocalNames, nameInUse } from "./local_names.ts";
import type { OtherThreads, ToHub, ToThread } from "./other_threads.ts";

/** A request that waits for its answer. */
interface Request {
  answered(granted: boolean): void;
  lost(): void;
}

/** The other threads of a context that was joined. */
export class ThreadMember implements OtherThreads {
  readonly #names: LocalNames;
  readonly #port: OpenPort;
  readonly #requests = new Map<number, Request>();
  #lastId = 0;
  #lost = false;

  /** @param port The port that the context was shared through. */
  constructor(names: LocalNames, port: ThreadPort) {
    this.#names = names;
    this.#port = new OpenPort(port, (data) => this.#hear(data as ToThread), () => this.#end());
  }

  /** Shares the context with the thread that this port leads to. */
  join(port: ThreadPort): void {
    this.#port.post({ type: "join", port } satisfies ToHub, [port]);
  }

  bind(endpoint: string, granted: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ask("bind", endpoint, {
        answered(yes) {
          if (!yes) return reject(nameInUse(endpoint));
          granted();
          resolve();
        },
        lost: () =>
          reject(
            new ZmqError(
              "ECONNRESET",
              `Cannot listen on ${endpointText(endpoint)}: the thread that created this context has ended`,
            ),
          ),
      });
    });
  }

  bound(endpoint: string): void {
    this.#say({ type: "bound", endpoint });
  }

  unbind(endpoint: string): Promise<void> {
    return new Promise((resolve) => this.#ask("unbind", endpoint, { answered: () => resolve(), lost: resolve }));
  }

  want(endpoint: string): void {
    this.#say({ type: "want", endpoint });
  }

  unwant(endpoint: string): void {
    this.#say({ type: "unwant", endpoint });
  }

  #ask(type: "bind" | "unbind", endpoint: string, request: Request): void {
    if (this.#lost) return request.lost();
    const id = ++this.#lastId;
    this.#requests.set(id, request);
    this.#say({ type, endpoint, id });
  }

  #say(message: ToHub): void {
    if (!this.#lost) this.#port.post(message);
  }

  #hear(message: ToThread): void {
    if (message.type !== "answer") return this.#names[message.type](message.endpoint, message.port);
    const request = this.#requests.get(message.id);
    this.#requests.delete(message.id);
    request?.answered(message.granted);
  }

  #end(): void {
    this.#lost = true;
    for (const request of this.#requests.values()) request.lost();
    this.#requests.clear();
  }
}
