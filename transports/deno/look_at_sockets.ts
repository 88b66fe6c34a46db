/**
 * Makes Deno check its sockets. An event loop of Deno (2.9.5) that is never idle checks them only in every 61st turn (tokio's
 * `event_interval`), but always before it waits for another thread.
 *
 * @module
 */

const SOME_BYTES = new Uint8Array(64 * 1024);

/** Calls back after Deno has checked its sockets. */
export function lookAtSockets(callback: () => void): void {
  crypto.subtle.digest("SHA-512", SOME_BYTES).then(callback, callback);
}
