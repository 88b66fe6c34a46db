/**
 * Checks that an input does not make the library allocate more memory than it justifies.
 *
 * @module
 */

import { bytesAllocated } from "../support/allocations.ts";
import { hashOf } from "./chunking.ts";
import { require } from "./target.ts";

/** Measuring slows down every allocation, so one of this many inputs is measured; its bytes decide which. */
const ONE_OF = 16;

/** Calls `fn`, and checks for some inputs that it allocates at most `most` bytes. */
export function withinMemory<T>(input: Uint8Array, most: number, fn: () => T): T {
  if (hashOf(input) % ONE_OF !== 0) return fn();
  let result: { readonly value: T } | undefined;
  const allocated = bytesAllocated(() => void (result = { value: fn() }));
  require(allocated <= most, "allocates at most what the input justifies", allocated, most);
  return result!.value;
}
