/**
 * Closing a socket in the background, as libzmq does: until its messages are sent, within `linger`. Unlike `close()` of
 * this library it does not wait without a limit for a peer that stops reading.
 *
 * @module
 */

import type { Socket as NativeSocket } from "../../mod.ts";
import { systemClock, type Timer } from "../base/clock.ts";

/** Time that peers have to read what was sent to them, in ms. */
const READING = 5000;
/** Interval between two looks at the queues, in ms. */
const INTERVAL = 50;

/** Closes a socket; resolves when it is closed. */
export function closeNative(native: NativeSocket): Promise<unknown> {
  const closed = native.close();
  if ((native as unknown as { readonly linger: number }).linger < 0) watch(native, closed);
  return closed;
}

function watch(native: NativeSocket, closed: Promise<unknown>): void {
  let timer: Timer | undefined;
  const look = () => {
    if (native.statistics().queued === 0) void native.close({ linger: READING });
    else (timer = systemClock.timer(INTERVAL, look)).unref();
  };
  const over = () => timer?.cancel();
  closed.then(over, over);
  look();
}
