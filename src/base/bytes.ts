/**
 * Bytes as programs hand them in: any view or buffer, also of another realm (a `vm` context, jsdom under a test runner), whose
 * classes are not ours, so that `instanceof` does not know them.
 *
 * @module
 */

/** No bytes. Programs get a copy of it, because they may transfer what they get. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

const sizeOf = getterOf(ArrayBuffer.prototype, "byteLength")!;
const sharedSizeOf = typeof SharedArrayBuffer === "function"
  ? getterOf(SharedArrayBuffer.prototype, "byteLength")
  : undefined;

/**
 * The memory of a value as a plain `Uint8Array`, without a copy; `undefined` if it is neither a view nor a buffer.
 *
 * @throws {TypeError} If its memory was transferred.
 */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return plain(value);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}

/** A view as a plain `Uint8Array`. Not a Node `Buffer`: its `slice` does not copy, and messages are the same on every runtime. */
export function plain(view: ArrayBufferView): Uint8Array {
  if (Object.getPrototypeOf(view) === Uint8Array.prototype) return view as Uint8Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** By the getter of its size, which throws for all other objects, whatever they say they are. */
function isBuffer(value: unknown): value is ArrayBuffer {
  return hasSize(value, sizeOf) || (sharedSizeOf !== undefined && hasSize(value, sharedSizeOf));
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
