/**
 * Counts the memory that code asks for: proves that an announced length alone costs nothing.
 *
 * @module
 */

/** Runs `fn` and returns how many bytes it took by `new Uint8Array(length)`. `fn` must be synchronous. */
export function bytesAllocated(fn: () => void): number {
  const original = globalThis.Uint8Array;
  let bytes = 0;
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, args) {
      if (typeof args[0] === "number") bytes += args[0];
      return Reflect.construct(target, args);
    },
  });
  try {
    fn();
  } finally {
    globalThis.Uint8Array = original;
  }
  return bytes;
}
