/**
 * Bytes as programs pass them in: any view or buffer, including those of another realm (a `vm` context, jsdom under a
 * test runner), for which `instanceof` is false.
 *
 * @module
 */

/** No bytes. Programs get a copy of it, because they may transfer the memory of what they get. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

const sizeOf = getterOf(ArrayBuffer.prototype, "byteLength")!;
const sharedSizeOf = typeof SharedArrayBuffer === "function"
  ? getterOf(SharedArrayBuffer.prototype, "byteLength")
  : undefined;

/**
 * Returns the memory of a value as a plain `Uint8Array`, without a copy; `undefined` if it is neither a view nor a
 * buffer.
 *
 * @throws {TypeError} If its memory was transferred.
 */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return plain(value);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}

/**
 * Returns a view as a plain `Uint8Array`, never as a Node `Buffer`, whose `slice` does not copy: messages are the same
 * on every runtime.
 */
function plain(view: ArrayBufferView): Uint8Array {
  if (Object.getPrototypeOf(view) === Uint8Array.prototype) return view as Uint8Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * Returns a view as programs receive it: plain, and of memory that no other thread can change. Web APIs reject views of a
 * `SharedArrayBuffer`, so its bytes are copied.
 */
export function received(view: ArrayBufferView): Uint8Array {
  const bytes = plain(view);
  return bytes.buffer instanceof ArrayBuffer || !isShared(bytes.buffer) ? bytes : bytes.slice();
}

/** True for shared memory of every realm. */
function isShared(value: unknown): boolean {
  return sharedSizeOf !== undefined && hasSize(value, sharedSizeOf);
}

/** Calls the getter of `byteLength`, which throws for every object that is not a buffer, whatever its prototype says. */
function isBuffer(value: unknown): value is ArrayBuffer {
  return hasSize(value, sizeOf) || isShared(value);
}

function hasSize(value: unknown, getter: () => unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    Reflect.apply(getter, value, []);
    return true;
  } catch {
    return false;
  }
}

function getterOf(prototype: object, name: string): (() => unknown) | undefined {
  return Reflect.getOwnPropertyDescriptor(prototype, name)?.get;
}
