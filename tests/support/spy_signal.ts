/**
 * An AbortSignal that knows how many listen to it: nothing may go on listening once its wait is over.
 *
 * @module
 */

/** A controller whose signal counts its listeners. */
export class SpyController extends AbortController {
  #listeners = 0;

  constructor() {
    super();
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.#listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.#listeners--;
      remove(...args);
    };
  }

  /** The number of listeners. */
  get listeners(): number {
    return this.#listeners;
  }
}
