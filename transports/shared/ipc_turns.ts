/**
 * Serial per path within the process: what is begun first on a path is done first, so that a `bind` right after an `unbind`
 * finds the path free.
 *
 * @module
 */

/** The last that was begun on each path. Module-level, because sockets of all contexts share the file system. */
const last = new Map<string, Promise<unknown>>();

/** Runs `task` when all that was begun on the path before is done. */
export function inTurn<T>(path: string, task: () => Promise<T>): Promise<T> {
  const before = last.get(path) ?? Promise.resolve();
  const done = before.then(task);
  const settled: Promise<unknown> = done.catch(() => {}).then(() => {
    if (last.get(path) === settled) last.delete(path);
  });
  last.set(path, settled);
  return done;
}
