/**
 * A rate limit with bursts: each use takes a token, and at most the tokens of one second are stored.
 *
 * @module
 */

/** Tokens by the time of the caller's clock. */
export class TokenBucket {
  #tokens = Infinity;
  #filledAt = 0;

  /** Takes a token at the time `now` (ms), where `rate` come per second; `false` if there is none. A rate of 0 means no limit. */
  take(now: number, rate: number): boolean {
    if (rate === 0) {
      // A limit that is set later begins with a full store.
      this.#tokens = Infinity;
      return true;
    }
    this.#tokens = Math.min(rate, this.#tokens + (now - this.#filledAt) * rate / 1000);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
