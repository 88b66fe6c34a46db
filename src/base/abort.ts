/**
 * Abort callbacks that share one listener per signal, because Node warns about a leak from the 11th listener on.
 *
 * @module
 */

import { typeName } from "./type_name.ts";

/** Called with the reason when the signal is aborted. */
type Act = (reason: unknown) => void;

/** The callbacks of one signal, and the listener that calls them. */
interface Watch {
  readonly acts: Set<Act>;
  readonly run: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls `act` when the signal is aborted; never if it is already aborted. Each call needs its own `act`, which must not
 * throw, because the callbacks after it would not run.
 *
 * @returns Removes the callback. Call it once `act` has nothing left to do; until then the signal keeps `act` alive.
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

/**
 * Checks the signal of a call.
 *
 * @throws {TypeError} If it is something else, such as its controller.
 */
export function requireSignal(call: string, signal: unknown): void {
  if (signal === undefined) return;
  const { throwIfAborted, addEventListener } = Object(signal) as Partial<Record<keyof AbortSignal, unknown>>;
  if (typeof throwIfAborted === "function" && typeof addEventListener === "function") return;
  const advice = typeName(signal) === "AbortController" ? ": pass its signal" : "";
  throw new TypeError(`${call}: signal must be an AbortSignal, not ${typeName(signal)}${advice}`);
}

/** Reads the reason from the signal that was passed in: behind a Proxy, the target of the event is another object. */
function newWatch(signal: AbortSignal): Watch {
  const acts = new Set<Act>();
  const run = () => {
    for (const act of acts) act(signal.reason);
  };
  return { acts, run };
}
