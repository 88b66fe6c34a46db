/**
 * Properties of a socket type on the wire. A session gets the type of its socket; there is no list of types here.
 *
 * @module
 */

/** A socket type on the wire. */
export interface ZmtpSocketType {
  /** The name in the handshake, such as `PUSH`. */
  readonly name: string;
  /** The names of compatible socket types (RFC 37 §3.2). */
  readonly partners: readonly string[];
  /** The number of the type in ZMTP 2.0 (RFC 15). Default: none, and ZMTP 2.0 peers are rejected. */
  readonly code?: number;
  /** True if its routing id is sent in the handshake. Default: false. */
  readonly tellsRoutingId?: boolean;
  /**
   * True if peers subscribe to its messages. A ZMTP 1.0 peer cannot subscribe, so it gets all messages. Default: false.
   */
  readonly publishes?: boolean;
}

/** Checks if a socket of type `ours` is compatible with a peer of type `theirs`. */
export function compatible(ours: ZmtpSocketType, theirs: string): boolean {
  return ours.partners.includes(theirs);
}
