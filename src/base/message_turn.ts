/**
 * Event loop turns for runtimes without `setImmediate`: each turn is a message that the process posts to itself.
 *
 * @module
 */

/** The part of a `MessageChannel` that is used here. In Node, a port with a listener keeps the process alive. */
interface Channel {
  readonly port1: { onmessage: ((event: never) => void) | null; ref?(): void; unref?(): void };
  readonly port2: { postMessage(message: unknown): void };
}

/**
 * Creates a function that calls back in the next turn of the event loop, in the order of the calls.
 *
 * @param channels Two, used alternately: Node may deliver a message that is posted to a port during delivery
 * immediately, up to 1000 times before it polls its sockets again.
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
      // If a callback throws, the rest run in another turn.
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
