/**
 * Connections from socket to socket of a context, for the schemes that are local: inproc. There is nothing to prove or to encrypt,
 * as in libzmq, and nothing that keeps the process alive. Within a thread there are no bytes either.
 *
 * @module
 */

import type { Endpoint, EndpointAttempt } from "../../schemes/endpoint.ts";
import { ZmqError } from "../../base/errors.ts";
import type { ThreadPort } from "../../transport/thread_port.ts";
import type { Listener } from "../../transport/transport.ts";
import { LocalConnection, type LocalSocket } from "../connection/local_connection.ts";
import { type Hold, NO_HOLD } from "../waits/process_hold.ts";
import type { SocketDefinition } from "../socket_definition.ts";
import type { Carrier, Dial } from "./carrier.ts";
import type { LocalNames } from "./local_names.ts";

/** The local connections of one socket. */
export class LocalCarrier implements Carrier {
  readonly hold: Hold = NO_HOLD;
  readonly #asking: Hold;
  readonly #names: LocalNames;
  readonly #socket: LocalSocket;
  readonly #definition: SocketDefinition;

  /** @param asking Keeps the process alive while a name is asked for. */
  constructor(names: LocalNames, socket: LocalSocket, definition: SocketDefinition, asking: Hold) {
    this.#asking = asking;
    this.#names = names;
    this.#socket = socket;
    this.#definition = definition;
  }

  require({ scheme }: Endpoint, attempt: EndpointAttempt): void {
    if (this.#definition.local !== false) return;
    throw new ZmqError(
      "EPROTONOSUPPORT",
      `Cannot ${attempt}: a ${this.#definition.name} socket does not support ${scheme}://`,
    );
  }

  listen(_address: Endpoint, bound: () => string): Listener | Promise<Listener> {
    const listening = this.#names.claim(bound(), this.#socket);
    return "then" in listening ? this.#holding(listening).then((listener) => this.#waiting(listener)) : listening;
  }

  /** A listener whose end waits for another thread. */
  #waiting({ endpoint, close }: Listener): Listener {
    return { endpoint, close: () => this.#holding(close()) };
  }

  /** The process must not end while another thread is asked for a name. */
  async #holding<T>(answer: Promise<T>): Promise<T> {
    this.#asking.take();
    try {
      return await answer;
    } finally {
      this.#asking.release();
    }
  }

  bound(address: Endpoint): void {
    this.#names.answer(address.toString());
  }

  /** Connects at once where the endpoint is bound, else as soon as it is. */
  dial(): Dial {
    return ({ endpoint, signal, connected, failed }) => {
      const found = (other: LocalSocket) => {
        const crowded = other.owner.crowded?.();
        if (crowded === undefined) connected(LocalConnection.to(endpoint, this.#socket, other));
        else failed(crowded);
      };
      const linked = (port: ThreadPort) => connected(this.#socket.over!(port, endpoint));
      this.#names.call(endpoint, { found, linked, gone: failed }, signal);
    };
  }
}
