/**
 * The path of a message within a process: a queue, and two sockets over inproc.
 *
 * @module
 */

import { Pull, Push } from "../../mod.ts";
import { Ring } from "../../src/routing/ring.ts";
import { receiveUntil, sendTimes } from "../flow.ts";
import type { Api } from "../case.ts";
import { bench } from "./harness.ts";

const COUNT = 1000;

/** Puts `depth` values into a queue and takes them out again, until as many have gone through as in the other. */
function ring(depth: number): void {
  const queue = new Ring<number>();
  bench({
    group: "queue and take a value",
    name: `${depth.toLocaleString("en")} deep`,
    count: COUNT,
    run() {
      let sum = 0;
      for (let done = 0; done < COUNT; done += depth) {
        for (let i = 0; i < depth; i++) queue.push(i);
        for (let i = 0; i < depth; i++) sum += queue.shift()!;
      }
      return sum;
    },
  });
}

/** Messages through a pair of sockets that stays. */
function inproc(api: Api): void {
  const message = new Uint8Array(64);
  let sockets: Promise<{ push: Push; pull: Pull }> | undefined;
  bench({
    group: "inproc PUSH → PULL, 64 B",
    name: api,
    count: COUNT,
    waits: true,
    async run() {
      const { push, pull } = await (sockets ??= pair(api));
      let left = COUNT;
      const received = receiveUntil(pull, () => --left === 0, api);
      await sendTimes(push, message, COUNT, api);
      await received;
    },
  });
}

async function pair(name: string): Promise<{ push: Push; pull: Pull }> {
  const pull = new Pull();
  const push = new Push();
  push.connect(await pull.bind(`inproc://bench-${name}`));
  return { push, pull };
}

for (const depth of [1, 1000]) ring(depth);
for (const api of ["await", "batch"] as const) inproc(api);
