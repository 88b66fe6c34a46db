/**
 * Connect parts of one program: no ports, no copies, and when a part moves to another machine only its endpoint
 * changes. Names of inproc endpoints belong to a context; two contexts are separate.
 *
 * Run: deno run -A examples/inproc_workers.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     page 1: 3 words, page 2: 4 words, page 3: 2 words
 *     the same memory on both sides: true
 *     kitchen: toast, garden: roses
 *     EMFILE: This context has 2 open sockets, as many as maxSockets allows
 */

import { Context, Pair, Pull, Push, Reply, Request, toText, ZmqError } from "@monocoque/zmq";

const workers = Array.from({ length: 3 }, () => new Reply());
const working = workers.map(async (worker, i) => {
  await worker.bind(`inproc://counter-${i}`);
  for await (const [page] of worker) await worker.send(toText(page).split(" ").length);
});
const pages = ["once upon a", "time there was a", "the end"].map(async (text, i) => {
  await using request = new Request();
  request.connect(`inproc://counter-${i}`);
  await request.send(text);
  return `page ${i + 1}: ${toText((await request.receive())[0])} words`;
});
console.log((await Promise.all(pages)).join(", "));
for (const worker of workers) await worker.close();
await Promise.all(working);

// Frames are not copied: they belong to the receiver.
await using push = new Push();
await using pull = new Pull();
push.connect(await pull.bind("inproc://frames"));
const sent = new Uint8Array(1_000_000);
await push.send(sent);
console.log(`the same memory on both sides: ${(await pull.receive())[0] === sent}`);

// The same name twice, in two contexts. A library can keep its sockets to itself this way.
async function household(context: Context, message: string): Promise<string> {
  await using left = new Pair({ context });
  await using right = new Pair({ context });
  right.connect("inproc://breakfast"); // also before it is bound
  await left.bind("inproc://breakfast");
  await left.send(message);
  return toText((await right.receive())[0]);
}
const [kitchen, garden] = [new Context({ maxSockets: 2 }), new Context()];
const messages = await Promise.all([household(kitchen, "kitchen: toast"), household(garden, "garden: roses")]);
console.log(messages.join(", "));

const open = [new Pair({ context: kitchen }), new Pair({ context: kitchen })];
try {
  new Pair({ context: kitchen });
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
for (const pair of open) await pair.close();
