/**
 * Order the steps of one program: each waits for a signal on a Pair socket and signals the next. No flags to poll, no
 * shared state; the signal carries the result so far.
 *
 * Run: deno run -A examples/relay.ts (or: bun examples/relay.ts, npx tsx examples/relay.ts)
 *
 * Prints:
 *     the dough rises
 *     the bread bakes
 *     the table is laid with dough, bread
 */

import { Pair, toText } from "@monocoque/zmq";

async function lay(): Promise<void> {
  await using baker = new Pair();
  await baker.bind("inproc://bread");
  const made = await baker.receive();
  console.log(`the table is laid with ${made.map(toText).join(", ")}`);
}

async function bake(): Promise<void> {
  await using kneader = new Pair();
  await using table = new Pair();
  table.connect("inproc://bread");
  await kneader.bind("inproc://dough");
  const made = await kneader.receive();
  console.log("the bread bakes");
  await table.send([...made, "bread"]);
}

async function knead(): Promise<void> {
  await using baker = new Pair();
  baker.connect("inproc://dough"); // also before it is bound
  console.log("the dough rises");
  await baker.send("dough");
}

// All begin at the same time; the order comes from the signals.
await Promise.all([knead(), bake(), lay()]);
