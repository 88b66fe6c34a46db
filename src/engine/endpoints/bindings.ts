/**
 * The endpoints that a socket has bound, each with a life of its own:
 *
 * | Event         | PENDING | BOUND  | ENDING | ENDED |
 * | ------------- | ------- | ------ | ------ | ----- |
 * | listens       | BOUND   |        |        |       |
 * | listens, late | ENDED   |        |        |       |
 * | fails         | ENDED   |        |        |       |
 * | unbind        | -       | ENDING | -      | -     |
 * | drop          | -       | ENDING | -      | -     |
 * | closed        |         |        | ENDED  |       |
 *
 * `-` changes nothing (`unbind` rejects with `ENOENT`); an empty cell cannot happen: `listen` and `close` of a listener settle once. A listener that opens after the socket was closed
 * is `late`: it is closed at once. `closed`: the listener has closed, or failed to. `tests/engine/endpoints/bindings_states_test.ts` walks the table.
 *
 * @module
 */

import { wallTime } from "../../base/clock.ts";
import type { Endpoint } from "../../schemes/endpoint.ts";
import { ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import type { Listener } from "../../transport/transport.ts";
import type { Carrier, EndpointValues } from "../carriers/carrier.ts";
import type { SocketEvent } from "../events.ts";
import type { EndpointFailure, EndpointStatus } from "./endpoint_status.ts";
import type { Hold } from "../waits/process_hold.ts";

/** The socket, as its bindings see it. */
export interface BindingHost {
  readonly closed: boolean;
  /** The name of its class. */
  readonly title: string;
  emit(event: SocketEvent): void;
  /** @throws {ZmqError} `ENOTSOCK` if the socket is closed. */
  requireOpen(): void;
}

interface Binding {
  /** The endpoint as the user wrote it. */
  readonly asked: string;
  readonly listener: Listener;
  readonly hold: Hold;
  /** When it was bound. */
  readonly since: number;
  lastError: Error | undefined;
  lastErrorTime: number;
  /** The date of the last complete handshake at it. */
  lastConnected: number;
}

/** A bind in progress. */
interface Beginning {
  readonly endpoint: string;
  readonly since: number;
}

/** The bound endpoints of one socket. */
export class Bindings {
  readonly #host: BindingHost;
  readonly #bound = new Set<Binding>();
  /** Binds in progress: they end before the socket does. */
  readonly #pending = new Set<Promise<unknown>>();
  readonly #binding = new Set<Beginning>();

  constructor(host: BindingHost) {
    this.#host = host;
  }

  /** Listens on an endpoint, and returns it with its real port. */
  bind(asked: string, address: Endpoint, carrier: Carrier, values: EndpointValues): Promise<string> {
    let settle!: () => void;
    const settled = new Promise<void>((resolve) => settle = resolve);
    this.#pending.add(settled);
    // Nothing else awaits this promise, so that the stack of its error leads to the caller.
    return this.#bind(asked, address, carrier, values, () => {
      this.#pending.delete(settled);
      settle();
    });
  }

  /**
   * The endpoints as they are now.
   *
   * @param peers Returns the number of connected peers of an endpoint.
   */
  status(peers: (endpoint: string) => number): EndpointStatus[] {
    const none = { kind: "bind", attempts: 0, nextAttempt: undefined, peer: undefined } as const;
    const bound = [...this.#bound].map(
      ({ listener: { endpoint }, since, lastError, lastErrorTime: time }): EndpointStatus => {
        const lastErrorTime = lastError && time;
        return { ...none, endpoint, state: "bound", since, lastError, lastErrorTime, peers: peers(endpoint) };
      },
    );
    const binding = [...this.#binding].map(({ endpoint, since }): EndpointStatus => {
      return { ...none, endpoint, state: "binding", since, lastError: undefined, lastErrorTime: undefined, peers: 0 };
    });
    return [...bound, ...binding];
  }

  /** The names of the same. */
  names(): string[] {
    return [
      ...Array.from(this.#bound, ({ listener }) => listener.endpoint),
      ...Array.from(this.#binding, ({ endpoint }) => endpoint),
    ];
  }

  /** Notes the error of a connection that was accepted at an endpoint. */
  noteError(endpoint: string, error: Error): void {
    for (const binding of this.#bound) {
      if (binding.listener.endpoint !== endpoint) continue;
      binding.lastError = error;
      binding.lastErrorTime = wallTime();
    }
  }

  /** Notes that a peer has completed its handshake at an endpoint. */
  noteSuccess(endpoint: string): void {
    for (const binding of this.#bound) if (binding.listener.endpoint === endpoint) binding.lastConnected = wallTime();
  }

  /** The errors of accepted connections since the last peer completed its handshake, and all from this date on. */
  failures(since: number): EndpointFailure[] {
    const failures: EndpointFailure[] = [];
    for (const { listener: { endpoint }, lastError: error, lastErrorTime: time, lastConnected } of this.#bound) {
      if (error !== undefined && (time > lastConnected || time >= since)) failures.push({ endpoint, error, time });
    }
    return failures;
  }

  /**
   * No longer listens on an endpoint, as it was asked for or as it was bound; returns it as it was bound.
   *
   * @throws {ZmqError} `ENOENT` if it is not bound.
   */
  async unbind(asked: string, address: Endpoint): Promise<string> {
    const canonical = address.toString();
    for (const binding of this.#bound) {
      const { endpoint } = binding.listener;
      if (binding.asked !== asked && endpoint !== canonical) continue;
      await this.#close(binding);
      return endpoint;
    }
    throw new ZmqError("ENOENT", `Cannot unbind: ${endpointText(asked)} is not bound by this socket`, {
      endpoint: asked,
    });
  }

  /** Ends now: no longer listens at all. Resolves when all endpoints are free. */
  async drop(): Promise<void> {
    await Promise.all([
      ...this.#pending,
      ...[...this.#bound].map((binding) => this.#close(binding).catch(() => {})),
    ]);
  }

  async #bind(
    asked: string,
    address: Endpoint,
    carrier: Carrier,
    values: EndpointValues,
    done: () => void,
  ): Promise<string> {
    let endpoint = address.toString();
    const { hold } = carrier;
    const beginning = { endpoint, since: wallTime() };
    this.#binding.add(beginning);
    hold.take();
    try {
      const listening = carrier.listen(address, () => endpoint, values);
      const listener = "then" in listening ? await listening : listening;
      endpoint = listener.endpoint;
      if (this.#host.closed) await listener.close();
      this.#host.requireOpen();
      this.#binding.delete(beginning);
      this.#bound.add({
        asked,
        listener,
        hold,
        since: wallTime(),
        lastError: undefined,
        lastErrorTime: 0,
        lastConnected: 0,
      });
      this.#host.emit({ type: "bind", endpoint });
      carrier.bound?.(address);
      return endpoint;
    } catch (cause) {
      const error = this.#bindError(endpoint, cause);
      this.#binding.delete(beginning);
      hold.release();
      this.#host.emit({ type: "bind:error", endpoint, error });
      throw error;
    } finally {
      done();
    }
  }

  /** Created here, because the stack of an error that a transport created in a callback does not lead to the caller. */
  #bindError(endpoint: string, cause: unknown): Error {
    if (!(cause instanceof ZmqError) || cause.code === "ENOTSOCK") return cause as Error;
    const begin = `Cannot bind ${this.#host.title} to `;
    const listening = /^Cannot listen on /;
    const message = listening.test(cause.message)
      ? cause.message.replace(listening, begin)
      : `${begin}${endpointText(endpoint)}: ${cause.message}`;
    const { code, cause: below } = cause;
    return new ZmqError(code, message, { endpoint: cause.endpoint, ...below !== undefined && { cause: below } });
  }

  async #close(binding: Binding): Promise<void> {
    const { endpoint } = binding.listener;
    this.#bound.delete(binding);
    try {
      await binding.listener.close();
      this.#host.emit({ type: "close", endpoint });
    } catch (error) {
      this.#host.emit({ type: "close:error", endpoint, error: error as Error });
      throw error;
    } finally {
      binding.hold.release();
    }
  }
}
