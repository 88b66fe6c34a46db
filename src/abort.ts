/**
 * Callbacks of abort signals: one listener a signal, however many wait with it (Node warns of a leak from the 11th on).
 *
 * @module
 */

/** What a signal is to set off. */
type Act = (reason: unknown) => void;

const acts = new WeakMap<AbortSignal, Set<Act>>();

/**
 * Has `act` called when the signal is aborted; never if it is already. Every call needs an `act` of its own, which must not
 * throw: others come after it.
 *
 * @returns Takes that back. To be called once `act` has nothing left to do, or the signal keeps it.
 */
export function whenAborted(signal: AbortSignal, act: Act): () => void {
  if (signal.aborted) return () => {};
  let set = acts.get(signal);
  if (set === undefined) {
    acts.set(signal, set = new Set());
    signal.addEventListener("abort", run);
  }
  set.add(act);
  return () => {
    if (!set.delete(act) || set.size > 0) return;
    acts.delete(signal);
    signal.removeEventListener("abort", run);
  };
}

function run(event: Event): void {
  const signal = event.target as AbortSignal;
  for (const act of acts.get(signal) ?? []) act(signal.reason);
}
