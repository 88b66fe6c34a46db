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
