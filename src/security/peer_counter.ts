/**
 * The counters in a peer's CURVE commands (RFC 26). From its last handshake command on, each must be above the one before,
 * so that nothing can be sent again, left in the wrong order or taken from an earlier place. Commands of the handshake can
 * come only once, each with a nonce prefix of its own, and may count as they like (libzmq does not compare them either).
 *
 * @module
 */

/** The last counter of one peer: 64 bits, in two halves. */
export class PeerCounter {
  #high = 0;
  #low = 0;

  /** Whether the counter at this place is above the last one. */
  isNext(bytes: Uint8Array, at: number): boolean {
    const high = half(bytes, at);
    return high > this.#high || high === this.#high && half(bytes, at + 4) > this.#low;
  }

  /** Makes it the last one. Only of a command that was decrypted: anybody can send a high number. */
  advance(bytes: Uint8Array, at: number): void {
    this.#high = half(bytes, at);
    this.#low = half(bytes, at + 4);
  }
}

function half(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}
