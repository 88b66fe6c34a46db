/**
 * The counters in a peer's CURVE commands (RFC 26). From the last handshake command on, each must be above the previous
 * one, so that no command can be replayed or reordered. Earlier handshake commands are not compared (libzmq does not
 * either): each can come only once and has its own nonce prefix.
 *
 * @module
 */

/** The last counter of one peer: 64 bits, in two halves. */
export class PeerCounter {
  #high = 0;
  #low = 0;

  /** Checks if the counter at this offset is above the last one. */
  isNext(bytes: Uint8Array, at: number): boolean {
    const high = half(bytes, at);
    return high > this.#high || high === this.#high && half(bytes, at + 4) > this.#low;
  }

  /** Makes it the last one. Call this only for a command that was decrypted, because anyone can send a high number. */
  advance(bytes: Uint8Array, at: number): void {
    this.#high = half(bytes, at);
    this.#low = half(bytes, at + 4);
  }
}

function half(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}
