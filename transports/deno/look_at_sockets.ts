/**
 * A loop of Deno's (2.9.5) that is never idle looks at its sockets only in every 61st turn (tokio's `event_interval`), but always
 * before it waits for what another thread does.
 *
 * @module
 */

const SOME_BYTES = new Uint8Array(64 * 1024);

/** Calls back when Deno has looked at its sockets. */
export function lookAtSockets(callback: () => void): void {
  crypto.subtle.digest("SHA-512", SOME_BYTES).then(callback, callback);
}
