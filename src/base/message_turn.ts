/**
 * Turns of the event loop where there is no `setImmediate`: each is a message to oneself.
 *
 * @module
 */

/** A channel as it is used here; that of Node keeps the process alive while it is listened to. */
interface Channel {
  readonly port1: { onmessage: ((event: never) => void) | null; ref?(): void; unref?(): void };
  readonly port2: { postMessage(message: unknown): void };
}

/**
 * Makes a function that calls back in the next turn, in the order of its calls.
 *
 * @param channels Two, used alternately: what is sent to a port while it delivers may be delivered at once, up to 1000 times before
 * the runtime looks at its sockets again (Node).
 */
export function messageTurn(channels: readonly [Channel, Channel]): (callback: () => void) => void {
  let next = 0;
  let sent = false;
  let waiting: (() => void)[] = [];
  const send = () => {
    sent = true;
    const { port1, port2 } = channels[next]!;
    next = 1 - next;
    port1.ref?.();
    port2.postMessage(undefined);
  };
  const run = () => {
    sent = false;
    const callbacks = waiting;
    waiting = [];
    let done = 0;
    try {
      while (done < callbacks.length) callbacks[done++]!();
    } finally {
      // An error in one of them does not keep the others from their turn.
      if (done < callbacks.length) waiting = [...callbacks.slice(done), ...waiting];
      if (waiting.length > 0 && !sent) send();
    }
  };
  for (const { port1 } of channels) {
    port1.onmessage = () => {
      port1.unref?.();
      run();
    };
    port1.unref?.();
  }
  return (callback) => {
    waiting.push(callback);
    if (!sent) send();
  };
}
