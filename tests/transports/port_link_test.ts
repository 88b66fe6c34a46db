/**
 * The compliance suite on links between threads, with both ends in this one: over rings in shared memory, woken by notifications or by
 * messages, and over ports alone.
 *
 * @module
 */

import { assert } from "@std/assert";
// As `mod.ts` does: on Deno it gives ports the event `close`.
import "node:worker_threads";
import { portLink } from "../../src/transport/port_driver.ts";
import { newPorts } from "../../src/transport/thread_port.ts";
import { newRing, useSharedMemory } from "../../src/transport/shared_ring.ts";
import type { Link } from "../../src/transport/transport.ts";
import { runtime, test } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";
import { PairTransport } from "./pair_transport.ts";

const KINDS = {
  "rings and notifications": undefined,
  "rings and messages": { rings: true, notifications: false },
  "ports alone": { rings: false, notifications: false },
};

for (const [kind, memory] of Object.entries(KINDS)) {
  const transport = new PairTransport((server, client): [Link, Link] => {
    useSharedMemory(memory);
    const [near, far] = newPorts();
    return [portLink(near, server), portLink(far, client)];
  });
  const load = () => Promise.resolve(transport);
  transportCompliance(`a link between threads, ${kind}, on ${runtime}`, load, "tcp://127.0.0.1:0", {
    knows: "most",
    except: {
      "bytesTaken grows while one large write is in flight, and tells at the end what onClose tells":
        "a large write is moved at once",
    },
  });
}

// Test files may share a process.
test("links between threads use what the runtime has, after these tests", () => {
  useSharedMemory();
  assert(newRing() !== undefined);
});
