/**
 * The opening of a connection: what both sides send before the protocol of the connection is known.
 *
 * @module
 */

import type { Greeting } from "./greeting.ts";
import { GreetingExchange } from "./greeting_exchange.ts";
import type { Mechanism } from "./mechanism.ts";
import type { PeerWithoutHandshake } from "./older_peer.ts";
import type { ProtocolError } from "./protocol_error.ts";
import type { SessionOptions } from "./session_handler.ts";
import { ZwsOpening } from "./zws_opening.ts";

/** The first bytes of one connection. Started once; read as long as `peer` is not known, and not after an exception. */
export interface Opening {
  /**
   * The peer, once it is known: with a handshake (`Greeting`), or with everything that it sends about itself
   * (`PeerWithoutHandshake`).
   */
  readonly peer: Greeting | PeerWithoutHandshake | undefined;
  /** Sends the first bytes of this side, if there are any. */
  start(): void;
  /**
   * Takes bytes from `chunk`, and returns how many belonged to the opening.
   *
   * @throws {ProtocolError} As soon as the bytes show that the peer is not compatible.
   */
  read(chunk: Uint8Array): number;
  /**
   * Returns the likely reason if the peer ends the connection now. Not implemented where both sides know the mechanism
   * before the link is open.
   */
  leftBy?(cause?: Error): ProtocolError | undefined;
}

/** Creates the opening of a link: greetings on a link of bytes, ZWS 2.0 on a link of whole frames. */
export function newOpening(options: SessionOptions, mechanism: Mechanism, send: (bytes: Uint8Array) => void): Opening {
  const { protocol } = options;
  if (protocol === undefined) return new GreetingExchange(options, mechanism, send);
  return new ZwsOpening(protocol, options.identity, mechanism, send);
}
