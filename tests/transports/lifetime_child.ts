/**
 * Run by `tcp_test.ts` as a process of its own, which must live exactly as long as its listener or its link does.
 *
 * @module
 */

import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { Link, Listener } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";

/** A timer that does not keep the process alive. */
function idleTimer(then: () => void, ms: number): void {
  const timer = setTimeout(then, ms) as unknown;
  const { Deno } = globalThis as unknown as { Deno?: { unrefTimer(id: unknown): void } };
  if (Deno !== undefined) Deno.unrefTimer(timer);
  else (timer as { unref(): void }).unref();
}

function onLink(link: Link): void {
  let received = 0;
  link.start({
    onData(chunk) {
      received += chunk.length;
      if (received === 1) {
        link.pause();
        console.log("paused");
        // Fires only if the paused link keeps the process alive so long.
        idleTimer(() => {
          console.log("resumed");
          link.resume();
        }, 300);
      } else {
        console.log(`received ${received}`);
        link.close();
      }
    },
    onDrain() {},
    onClose: () => console.log("link closed"),
  });
  listener.close().then(() => console.log("listener closed"));
}

const listener: Listener = await (await loadTransport()).listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), onLink);
console.log(listener.endpoint);
