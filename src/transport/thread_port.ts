/**
 * Ports through which threads of one process talk: what Node, Bun, Deno and browsers have in common, and what only some of them have.
 *
 * The end of the other thread is reported by the event `close`. On Deno a port has it only if `node:worker_threads` is loaded, which
 * `mod.ts` does, and if the port was created in this thread or arrived in a message for a listener that `on` added. A port that
 * arrived otherwise is sent through such a listener first.
 *
 * | Event   | OPENING | OPEN | OVER |
 * | ------- | ------- | ---- | ---- |
 * | adopted | OPEN    |      | -    |
 * | post    | -       | -    | -    |
 * | message |         | -    | -    |
 * | goodbye |         | OVER | -    |
 * | ends    |         | OVER | -    |
 * | close   | OVER    | OVER | -    |
 *
 * The states of an open port. `adopted`: the port has come through such a listener, and is closed at once in OVER. `ends`: the event `close`. `-` changes
 * nothing; an empty cell cannot happen, as nothing comes from a port that was not adopted, and it is adopted once.
 * `tests/transports/thread_port_states_test.ts` walks the table.
 *
 * @module
 */

/** A `MessagePort` that carries a context to another thread: see `Context.share`. */
export type ContextPort = InstanceType<typeof MessageChannel>["port1"];

/** One end of a `MessageChannel`. */
export interface ThreadPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown, transfer?: readonly object[]): void;
  close(): void;
  /** As of `node:worker_threads`. */
  on?(type: "message" | "close", listener: (data: unknown) => void): unknown;
  addEventListener?(type: "close", listener: () => void): unknown;
  unref?(): unknown;
}

/** The last message to a port: not all browsers report that a port was closed. */
const GOODBYE = null;

/** Creates two connected ports. */
export function newPorts(): [ThreadPort, ThreadPort] {
  const { port1, port2 } = new MessageChannel();
  return [port1 as unknown as ThreadPort, port2 as unknown as ThreadPort];
}

/** Closes a port that was not opened. */
export function refusePort(port: ThreadPort): void {
  port.postMessage(GOODBYE);
  port.close();
}

/** A port that delivers messages, and keeps no process alive. */
export class OpenPort {
  readonly #received: (data: unknown) => void;
  readonly #ended: () => void;
  #port: ThreadPort | undefined;
  /** Messages for a port that is not open yet. */
  #early: [message: unknown, transfer: readonly object[]][] = [];
  #open = true;

  /**
   * Opens a port.
   *
   * @param ended Called once, after all messages, when the peer closed it or its thread has ended. Not after `close`.
   */
  constructor(port: ThreadPort, received: (data: unknown) => void, ended: () => void) {
    this.#received = received;
    this.#ended = ended;
    const [near, far] = port.on === undefined ? newPorts() : [];
    if (near?.on === undefined) this.#begin(port);
    else {
      near.on("message", (adopted) => {
        near.close();
        this.#begin((adopted as { readonly port: ThreadPort }).port);
      });
      far!.postMessage({ port }, [port]);
    }
  }

  /** Posts a message. All that are posted before `close` are delivered. */
  post(message: unknown, transfer: readonly object[] = []): void {
    if (!this.#open) return;
    if (this.#port === undefined) this.#early.push([message, transfer]);
    else this.#port.postMessage(message, transfer);
  }

  /** Ends both ends. Idempotent. */
  close(): void {
    this.post(GOODBYE);
    this.#open = false;
    this.#port?.close();
  }

  #begin(port: ThreadPort): void {
    this.#port = port;
    // Listeners are never removed: on Deno, messages that arrive without one are lost.
    if (port.on !== undefined) {
      port.on("message", (data) => this.#take(data));
      port.on("close", () => this.#end());
    } else {
      port.onmessage = ({ data }) => this.#take(data);
      port.addEventListener?.("close", () => this.#end());
    }
    port.unref?.();
    for (const [message, transfer] of this.#early) port.postMessage(message, transfer);
    this.#early = [];
    if (!this.#open) port.close();
  }

  #take(data: unknown): void {
    if (!this.#open) return;
    if (data === GOODBYE) this.#end();
    else this.#received(data);
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#port!.close();
    this.#ended();
  }
}
