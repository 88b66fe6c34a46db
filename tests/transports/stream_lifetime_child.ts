/**
 * Run by `byte_stream_test.ts` as a process of its own, which must live as long as its link is paused, and no longer than the link.
 *
 * @module
 */

import { linkOf } from "../../src/transport/byte_stream.ts";

/** A timer that does not keep the process alive. */
function idleTimer(then: () => void, ms: number): void {
  const timer = setTimeout(then, ms) as unknown;
  const { Deno } = globalThis as unknown as { Deno?: { unrefTimer(id: unknown): void } };
  if (Deno !== undefined) Deno.unrefTimer(timer);
  else (timer as { unref(): void }).unref();
}

const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
const link = linkOf({ readable, writable });
link.start({
  onData() {},
  onDrain() {},
  onClose: () => console.log("link closed"),
});
link.pause();
console.log("paused");
// Fires only if the paused link keeps the process alive so long.
idleTimer(() => {
  console.log("resumed");
  link.resume();
  link.close();
}, 200);
