/**
 * A parallel pipeline: a ventilator distributes jobs, workers process them, a sink collects the results. When it
 * has all of them, it publishes a signal, and the workers, which receive from both, exit.
 *
 * Run: deno run -A examples/ventilator.ts (or: bun examples/ventilator.ts, npx tsx examples/ventilator.ts)
 *
 * Prints:
 *     there are 1229 primes below 10000
 *     worker 0 goes home after 4 jobs
 *     worker 1 goes home after 3 jobs
 *     worker 2 goes home after 3 jobs
 */

import { poll, Publisher, Pull, Push, Subscriber, toText } from "@monocoque/zmq";

const STEP = 1000;

await using ventilator = new Push();
await using sink = new Pull();
await using control = new Publisher();
const [jobs, results, signals] = await Promise.all(
  [ventilator, sink, control].map((socket) => socket.bind("tcp://127.0.0.1:0")),
);

async function work(): Promise<number> {
  await using inbox = new Pull();
  await using outbox = new Push();
  await using signal = new Subscriber();
  signal.subscribe();
  signal.connect(signals!);
  outbox.connect(results!);
  inbox.connect(jobs!);
  for (let done = 0;;) {
    const ready = await poll([signal, inbox]);
    if (ready.includes(signal)) return done;
    const [from] = inbox.tryReceive()!;
    await outbox.send(primesFrom(Number(toText(from))));
    done++;
  }
}

function primesFrom(start: number): number {
  let count = 0;
  for (let n = Math.max(2, start); n < start + STEP; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

const workers = [work(), work(), work()];
await ventilator.waitForPeers(workers.length); // otherwise the first worker would get all jobs
await control.waitForSubscribers(workers.length);

for (let from = 0; from < 10 * STEP; from += STEP) await ventilator.send(from);

let primes = 0;
for (let done = 0; done < 10; done++) primes += Number(toText((await sink.receive())[0]));
console.log(`there are ${primes} primes below ${10 * STEP}`);

await control.send("stop");
// Round-robin, beginning with the first connection, which is random.
const counts = (await Promise.all(workers)).sort((a, b) => b - a);
for (const [worker, count] of counts.entries()) console.log(`worker ${worker} goes home after ${count} jobs`);
