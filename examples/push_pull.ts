/**
 * Distribute work: a PUSH sends jobs to workers round-robin, and a PULL collects the results.
 *
 * Run: deno run -A examples/push_pull.ts (or: bun examples/push_pull.ts, npx tsx examples/push_pull.ts)
 *
 * Prints:
 *     worker …: …² = …
 *     worker …: …² = …
 *     worker …: …² = …
 *     worker …: …² = …
 *     worker …: …² = …
 *     worker …: …² = …
 */

import { Pull, Push, toText } from "@monocoque/zmq";

const JOBS = 6;

await using jobs = new Push();
const jobsEndpoint = await jobs.bind("tcp://127.0.0.1:0");
await using results = new Pull();
const resultsEndpoint = await results.bind("tcp://127.0.0.1:0");

const inboxes = [new Pull(), new Pull(), new Pull()];
const workers = inboxes.map(async (inbox, number) => {
  await using outbox = new Push();
  inbox.connect(jobsEndpoint);
  outbox.connect(resultsEndpoint);
  for await (const [job] of inbox) {
    const n = Number(toText(job));
    await outbox.send(`worker ${number}: ${n}² = ${n * n}`);
  }
});

await jobs.waitForPeers(inboxes.length); // otherwise the first worker would get everything
for (let n = 1; n <= JOBS; n++) await jobs.send(n);

let done = 0;
for await (const [result] of results) {
  console.log(toText(result));
  if (++done === JOBS) break;
}

for (const inbox of inboxes) await inbox.close();
await Promise.all(workers);
