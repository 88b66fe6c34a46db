/**
 * What ZMTP knows of a socket type. Sessions are given the type that they speak for: there is no list of types here.
 *
 * @module
 */

/** A socket type on the wire. */
export interface WireType {
  /** The name in the handshake, such as `PUSH`. */
  readonly name: string;
  /** The names of the types that it may talk to (RFC 37 §3.2). */
  readonly partners: readonly string[];
  /** The number that tells it to a peer of ZMTP 2.0 (RFC 15). Default: none, and such peers are refused. */
  readonly code?: number;
  /** Whether its routing id goes out in the handshake. Default: no. */
  readonly tellsRoutingId?: boolean;
  /** Whether peers get what they subscribed to. One of ZMTP 1.0 cannot subscribe, and is taken to want all. Default: no. */
  readonly publishes?: boolean;
}

/** Whether a socket of type `ours` may talk to a peer that says it is a `theirs`. */
export function compatible(ours: WireType, theirs: string): boolean {
  return ours.partners.includes(theirs);
}
