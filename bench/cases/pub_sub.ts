/**
 * PUB → SUB: messages delivered per second, counted over all subscribers.
 *
 * A PUB drops messages that do not fit into a subscriber's queue, so a publisher that sends at full speed would measure
 * how fast it can drop messages. This one pauses while a subscriber is more than 500 messages behind, which the default
 * high-water marks have room for: nothing is lost, and every subscriber gets its share. The subscribers are sockets of
 * one process, and report their progress through a PUSH socket.
 *
 * @module
 */

import { amongThemselves, type BenchCase, type Program, type Task, variant, withBothApis } from "../case.ts";
import { receiveUntil } from "../flow.ts";
import { RateMeter } from "../meter.ts";
import type { Sender, SubscribingReceiver } from "../peers/library.ts";

/** Messages to every subscriber between two progress reports. */
const BURST = 100;
/**
 * Bursts in flight. libzmq's PUB may notice only after half of its high-water mark, 500 messages by default, that its
 * queue is no longer full: with more bursts in flight it would drop some.
 */
const BURSTS = 5;
const SYNC_INTERVAL = 10;

/**
 * Topics are digits, the first byte of a message. The second byte distinguishes measured messages from those of the
 * warm-up.
 */
const DIGIT = 48;
const SYNC = 1;
const REAL = 2;

function messagesOf({ size, topics }: Task, kind: number): Uint8Array[] {
  return Array.from(
    { length: topics },
    (_, topic) => new Uint8Array(size).fill(7).fill(DIGIT + topic, 0).fill(kind, 1),
  );
}

const program: Program = {
  inC: "pub-sub",

  async server(task, bound) {
    const publisher = task.library.publisher();
    const told = task.library.pull();
    bound(`${await task.bind(publisher)} ${await task.bind(told)}`);

    // libzmq's PUB does not know its subscribers: sends until all of them have received something.
    const syncs = messagesOf(task, SYNC);
    const timer = setInterval(() => syncs.forEach((message) => publisher.send(message)), SYNC_INTERVAL);
    await told.receive();
    clearInterval(timer);

    const messages = messagesOf(task, REAL);
    for (let burst = 0;; burst++) {
      if (burst >= BURSTS) await told.receive();
      if (task.api === "await") await publish(publisher, messages);
      else tryPublish(publisher, messages);
    }
  },

  async client(task, endpoints) {
    const [endpoint, tell] = endpoints.split(" ");
    const telling = task.library.push();
    telling.connect(tell!);
    const subscribers = Array.from({ length: task.count }, (_, i) => subscribe(task, endpoint!, i));
    const stopped = Array.from({ length: task.stopped }, (_, i) => subscribe(task, endpoint!, i));
    await Promise.all([...subscribers, ...stopped].map((subscriber) => subscriber.receive()));
    await telling.send("all are here");

    const meter = new RateMeter(task);
    // One send at a time: zeromq.js rejects a send while another one waits.
    let told: Promise<void> = Promise.resolve();
    const bursts = new Bursts(task.count, () => {
      told = told.then(() => telling.send("go on"));
    });
    await Promise.race(subscribers.map((subscriber, i) =>
      receiveUntil(subscriber, ([body]) => {
        if (body?.length !== task.size) throw new Error(`Got ${body?.length} bytes instead of ${task.size}`);
        if (body[1] === SYNC) return false;
        bursts.add(i);
        return meter.add();
      }, task.api)
    ));
    return { rate: meter.rate };
  },
};

async function publish(publisher: Sender, messages: readonly Uint8Array[]): Promise<void> {
  for (let i = 0; i < BURST * messages.length; i++) await publisher.send(messages[i % messages.length]!);
}

function tryPublish(publisher: Sender, messages: readonly Uint8Array[]): void {
  for (let i = 0; i < BURST * messages.length; i++) publisher.trySend!(messages[i % messages.length]!);
}

function subscribe({ library, topics }: Task, endpoint: string, number: number): SubscribingReceiver {
  const subscriber = library.subscriber();
  subscriber.subscribe(String.fromCharCode(DIGIT + number % topics));
  subscriber.connect(endpoint);
  return subscriber;
}

/** Knows when all subscribers have got a burst. */
class Bursts {
  readonly #counts: Uint32Array;
  readonly #done = new Uint32Array(2 * BURSTS);
  readonly #onDone: () => void;

  constructor(subscribers: number, onDone: () => void) {
    this.#counts = new Uint32Array(subscribers);
    this.#onDone = onDone;
  }

  /** A subscriber got a message. */
  add(subscriber: number): void {
    const count = ++this.#counts[subscriber]!;
    if (count % BURST !== 0) return;
    const burst = (count / BURST) % this.#done.length;
    if (++this.#done[burst]! < this.#counts.length) return;
    this.#done[burst] = 0;
    this.#onDone();
  }
}

const shared = {
  transport: "tcp",
  metrics: [{ key: "rate", unit: "msgs/s", better: "higher" }],
  program,
  axis: { of: "count", label: "subscribers" },
  runs: amongThemselves,
} as const;

const COUNTS = [1, 8, 64];

/** Every subscriber gets every message. */
export const pubSub: BenchCase = {
  ...shared,
  id: "pub-sub",
  title: "PUB → SUBs",
  variants: COUNTS.flatMap((count) => withBothApis(variant(`64 B, ${named(count)}`, { count, headline: count > 1 }))),
};

/** Every subscriber gets a tenth of the messages, and a message goes to a tenth of the subscribers. */
export const pubSubTopics: BenchCase = {
  ...shared,
  id: "pub-sub-10",
  title: "PUB → SUBs, 10 % match",
  variants: COUNTS.map((count) => variant(`64 B, ${named(count)}`, { count, topics: 10, headline: count > 1 })),
};

/** The rate of a subscriber that continues reading after another one has stopped. */
export const pubSubStopped: BenchCase = {
  ...shared,
  id: "pub-sub-stopped",
  title: "PUB → SUB beside one that stopped reading",
  axis: undefined,
  variants: [variant("64 B", { stopped: 1 })],
};

function named(count: number): string {
  return `${count} ${count === 1 ? "subscriber" : "subscribers"}`;
}
