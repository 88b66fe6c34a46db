/**
 * A carrier creates the connections of a socket: the one place where the kind of a scheme determines behavior.
 * Everything else in the engine asks the carrier of an endpoint, and no class of endpoints.
 *
 * @module
 */

import type { Endpoint, EndpointAttempt, EndpointUse } from "../../schemes/endpoint.ts";
import type { Listener } from "../../transport/transport.ts";
import type { Connection } from "../connection/contract.ts";
import type { Hold } from "../waits/process_hold.ts";

/** One attempt to connect. Exactly one of `connected` and `failed` is called: before `Dial` returns, or later. */
export interface Attempt {
  /** The endpoint, in canonical form. */
  readonly endpoint: string;
  /** Aborted when the attempt is to end. */
  readonly signal: AbortSignal;
  /** The attempt succeeded: the connection is not started yet. */
  connected(connection: Connection): void;
  /** The attempt failed, or the signal was aborted. */
  failed(error: Error): void;
}

/** Makes an attempt to connect. Over inproc there is a connection at once where the name is bound, as in libzmq. */
export type Dial = (attempt: Attempt) => void;

/** The options that the scheme of an endpoint brings, checked; `undefined` if it brings none. */
export type EndpointValues = Readonly<Record<string, unknown>> | undefined;

/** Carries the connections of one socket to endpoints of one kind. */
export interface Carrier {
  /** Keeps the process alive while an endpoint is bound or connected. */
  readonly hold: Hold;
  /** @throws {ZmqError} If this socket cannot be bound or connected to an endpoint like this one, whatever its options. */
  require(address: Endpoint, attempt: EndpointAttempt): void;
  /** @throws {ZmqError} If new connections cannot be made at an endpoint: its options do not fit, or it cannot be reached. */
  requireNew?(address: Endpoint, use: EndpointUse): void;
  /** Listens, at once where it can; `bound` returns the endpoint, with its real port once that is known. */
  listen(address: Endpoint, bound: () => string, values: EndpointValues): Listener | Promise<Listener>;
  /** An endpoint is bound, and its event emitted. */
  bound?(address: Endpoint): void;
  /** Returns the function that attempts to connect. */
  dial(address: Endpoint, values: EndpointValues): Dial;
}
