/**
 * Limits the processes that run at a time, whatever step they belong to: while one waits, others have the processors.
 *
 * @module
 */

/** Runs a job as soon as there are free slots. Jobs begin in the order in which they were asked for. */
export type Slot = <T>(job: () => Promise<T>, slots?: number) => Promise<T>;

/** The machines have two cores, and the tests wait twice as long as they compute. */
const SLOTS = 6;
/** For a job that computes all the time. */
export const HEAVY = 2;

/** Returns a function that runs jobs in this number of slots. */
export function slots(count = SLOTS): Slot {
  let free = count;
  const waiting: { readonly needs: number; readonly begin: () => void }[] = [];
  const next = () => {
    while (waiting.length > 0 && waiting[0]!.needs <= free) {
      const { needs, begin } = waiting.shift()!;
      free -= needs;
      begin();
    }
  };
  return async (job, needs = 1) => {
    const began = new Promise<void>((begin) => waiting.push({ needs, begin }));
    next();
    await began;
    try {
      return await job();
    } finally {
      free += needs;
      next();
    }
  };
}
