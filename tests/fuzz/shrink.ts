/**
 * Reduces an input that fails: removes parts of it, and makes its bytes smaller, as long as it still fails.
 *
 * @module
 */

const MOST_RUNS = 20_000;

/**
 * Returns a shorter and simpler input for which `fails` is true.
 *
 * @param most Maximum number of calls.
 */
export function shrink(input: Uint8Array, fails: (input: Uint8Array) => boolean, most = MOST_RUNS): Uint8Array {
  let best: Uint8Array = input.slice();
  let runs = 0;
  const accept = (candidate: Uint8Array) => {
    if (runs++ >= most || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = -1; before !== runs && runs < most;) {
    let better = false;
    for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
      for (let at = 0; at < best.length;) {
        if (accept(without(best, at, size))) better = true;
        else at += size;
      }
    }
    for (let at = 0; at < best.length; at++) {
      for (const value of [0, 1, best[at]! >> 1, best[at]! - 1]) {
        if (value < 0 || value >= best[at]!) continue;
        const candidate = best.slice();
        candidate[at] = value;
        if (!accept(candidate)) continue;
        better = true;
        break;
      }
    }
    before = better ? -1 : runs;
  }
  return best;
}

function without(bytes: Uint8Array, at: number, count: number): Uint8Array {
  const end = Math.min(bytes.length, at + count);
  const out = new Uint8Array(bytes.length - (end - at));
  out.set(bytes.subarray(0, at));
  out.set(bytes.subarray(end), at);
  return out;
}
