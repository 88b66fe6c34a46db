/**
 * Runs operations on one path in order within the process, so that a `bind` right after an `unbind` finds the path free.
 *
 * @module
 */

/** The last operation on each path. Module-level, because sockets of all contexts share the file system. */
const last = new Map<string, Promise<unknown>>();

/** Runs `task` after all earlier operations on the path. */
export function inTurn<T>(path: string, task: () => Promise<T>): Promise<T> {
  const before = last.get(path) ?? Promise.resolve();
  const done = before.then(task);
  const settled: Promise<unknown> = done.catch(() => {}).then(() => {
    if (last.get(path) === settled) last.delete(path);
  });
  last.set(path, settled);
  return done;
}
