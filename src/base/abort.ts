/**
 * Callbacks of abort signals: one listener a signal, however many wait with it (Node warns of a leak from the 11th on).
 *
 * @module
 */

/** What a signal is to set off. */
type Act = (reason: unknown) => void;

/** What a signal sets off, and the listener that does it. */
interface Watch {
  readonly acts: Set<Act>;
  readonly run: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Has `act` called when the signal is aborted; never if it is already. Every call needs an `act` of its own, which must not
 * throw: others come after it.
 *
 * @returns Takes that back. To be called once `act` has nothing left to do, or the signal keeps it.
 */
export function whenAborted(signal: AbortSignal, act: Act): () => void {
  if (signal.aborted) return () => {};
  let watch = watches.get(signal);
  if (watch === undefined) {
    watches.set(signal, watch = newWatch(signal));
    signal.addEventListener("abort", watch.run);
  }
  const { acts, run } = watch;
  acts.add(act);
  return () => {
    if (!acts.delete(act) || acts.size > 0) return;
    watches.delete(signal);
    signal.removeEventListener("abort", run);
  };
}

/** By the signal that was given, which the event may not name: behind a Proxy it names the signal inside. */
function newWatch(signal: AbortSignal): Watch {
  const acts = new Set<Act>();
  const run = () => {
    for (const act of acts) act(signal.reason);
  };
  return { acts, run };
}
