/**
 * The subscribers of `publisher.ts`, in a process of their own: says how many messages they have received when it is asked.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { Subscriber } from "../../mod.ts";

const [endpoint, count] = process.argv.slice(2);
let received = 0;
for (let i = 0; i < Number(count); i++) {
  const subscriber = new Subscriber({ receiveHighWaterMark: 10_000 });
  subscriber.subscribe("");
  subscriber.connect(endpoint!);
  (async () => {
    for await (const batch of subscriber.batches()) received += batch.length;
  })();
}
createInterface(process.stdin).on("line", () => console.log(received)).on("close", () => process.exit());
