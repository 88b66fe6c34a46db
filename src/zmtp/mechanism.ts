/**
 * What the session asks of a security mechanism: to turn handshake commands into the peer's metadata. The mechanisms
 * themselves are in `src/security/`.
 *
 * @module
 */

import type { Metadata } from "./metadata.ts";

/** How a mechanism speaks to its session. Every call may also come later, when something outside had to be asked. */
export interface MechanismPort {
  /** Sends the body of a handshake command. */
  send(commandBody: Uint8Array): void;
  /** The handshake is complete on both sides; this is what the peer told. */
  complete(peer: Metadata): void;
  /** The handshake has failed. */
  fail(error: Error): void;
}

/** A security mechanism, for one connection. */
export interface Mechanism {
  /** Name in the greeting, such as `NULL`. */
  readonly name: string;
  /** Whether this side is the server. */
  readonly asServer: boolean;
  /**
   * Whether peers older than ZMTP 3, which have no security at all, may join. Default: no. Only NULL may say yes, and not
   * where somebody is to be asked who the peer is (a ZAP domain).
   */
  readonly admitsOlderPeers?: boolean;
  /** The greetings match: send what this side sends first. */
  start(port: MechanismPort): void;
  /**
   * A handshake command arrived.
   *
   * @throws {ProtocolError} if it is not the one expected or malformed.
   */
  receive(commandBody: Uint8Array, port: MechanismPort): void;
}
