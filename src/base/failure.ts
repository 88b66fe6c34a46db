/**
 * The end of a wait whose error is created where the caller waits: a stack that is captured in a timer, or in a callback of a
 * connection, does not lead to the caller.
 *
 * @module
 */

/** Creates the error of a wait that ended. */
export class Failure {
  readonly create: () => unknown;

  constructor(create: () => unknown) {
    this.create = create;
  }
}

/** Returns the reason of a rejection as the caller gets it. To be called in a continuation of the caller's call. */
export function reasonOf(rejection: unknown): unknown {
  return rejection instanceof Failure ? rejection.create() : rejection;
}

/**
 * An error leads to the caller if it is created in a continuation of the caller's call. V8 also follows promises that were
 * resolved with other promises. JavaScriptCore, whose errors have `line`, follows only `await`.
 */
const FOLLOWS_AWAIT_ONLY = "line" in new Error();
let awaits = FOLLOWS_AWAIT_ONLY;

/**
 * Lets calls that wait settle alike on every runtime: in as many microtasks as on JavaScriptCore. For the simulation, whose seeds
 * give the same trace everywhere; `false` ends it.
 *
 * @lintignore Here, because only this module knows how a runtime finds the caller (`knip.published.jsonc`).
 */
export function settleAlike(alike: boolean): void {
  awaits = alike || FOLLOWS_AWAIT_ONLY;
}

/**
 * Returns a promise that rejects with an error whose stack leads to the caller. To be passed to the `resolve` function of what
 * the caller awaits.
 */
export function failing<R>(create: () => unknown): Promise<R> {
  return awaits ? Promise.reject(new Failure(create)) : rejectLater(create);
}

async function rejectLater(create: () => unknown): Promise<never> {
  // The promise that is resolved with this one listens to it a microtask later. Before that, the stack would end here.
  await undefined;
  await undefined;
  throw create();
}

/**
 * Returns the outcome of a wait as its caller gets it. A captured stack for each wait would cost 5 µs on Node; an async function
 * around it costs 0.15 µs, and is needed on JavaScriptCore only.
 */
export function asCaller<R>(outcome: Promise<R>): Promise<R> {
  return awaits ? settled(outcome) : outcome;
}

async function settled<R>(outcome: Promise<R>): Promise<R> {
  try {
    return await outcome;
  } catch (rejection) {
    throw reasonOf(rejection);
  }
}
