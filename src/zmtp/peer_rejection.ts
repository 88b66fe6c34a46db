/**
 * The error for an ERROR command: the peer rejects this socket, and says why. No rule was violated.
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";

/** A peer rejected this socket, during the handshake or after it. */
export class PeerRejection extends ProtocolError {
  /** The reason that the peer gave, escaped. */
  readonly #reason: string;

  /** Creates an error with the peer's reason. */
  constructor(what: string, reason: string) {
    super("EPROTO", "UNSPECIFIED", `${what}: ${reason}`);
    this.#reason = reason;
  }

  /** The reason that the peer gave, escaped. */
  get reason(): string {
    return this.#reason;
  }
}
