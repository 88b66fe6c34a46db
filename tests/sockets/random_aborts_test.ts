/**
 * Ten thousand aborts of pending sends and receives at random moments, with live traffic: a send that resolved arrives
 * once and in order, one that was aborted never does, and an aborted receive removes no message. The choices are
 * random, with a seed that a failure prints; the timing is up to the event loop.
 *
 * @module
 */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router, toText, type WaitOptions } from "../../mod.ts";
import { mulberry32 } from "../support/mulberry32.ts";
import { test } from "../support/harness.ts";
import { ANY, turn } from "./support.ts";

const RUNS = 10;
/**
 * Each run continues until this number of sends and of receives was aborted while waiting, and of messages was
 * received.
 */
const ENOUGH = 500;

const REASON = { why: "it is time" };
/** The last message of a lane. */
const END = "end";
/** The maximum of pending sends, and of pending receives, of a lane. */
const MOST = 20;
/** Bytes of messages. Without large ones the system would take everything, and no send would wait. */
const SIZES = [0, 1, 200, 5_000, 100_000, 200_000];

/** Whole numbers from 0 up to a limit, the same for the same seed. */
type Random = (limit: number) => number;

function seeded(seed: number): Random {
  const next = mulberry32(seed);
  return (limit) => Math.floor(next() * limit);
}

/** One way between two sockets. */
interface Way {
  send(number: string, body: Uint8Array, options?: WaitOptions): Promise<void>;
  receive(options?: WaitOptions): Promise<Uint8Array[]>;
}

/** Sends, or receives, that may still be aborted. */
class Waits {
  /** The number of calls that were aborted while they waited. */
  aborted = 0;
  /** Other errors of the calls. */
  readonly errors: unknown[] = [];

  readonly #pending = new Map<AbortController, Promise<void>>();

  /** Starts another call, unless too many are pending. */
  begin(start: (options: WaitOptions) => Promise<void>): void {
    if (this.#pending.size >= MOST) return;
    const controller = new AbortController();
    const done = start({ signal: controller.signal }).catch((error: unknown) => {
      if (error === REASON) this.aborted++;
      else this.errors.push(error);
    }).finally(() => this.#pending.delete(controller));
    this.#pending.set(controller, done);
  }

  /** Aborts one of them. */
  abortOne(random: Random): void {
    const controllers = [...this.#pending.keys()];
    if (controllers.length > 0) controllers[random(controllers.length)]!.abort(REASON);
  }

  /** Aborts all of them. */
  abortAll(): void {
    for (const controller of this.#pending.keys()) controller.abort(REASON);
  }

  /** Resolves when all of them have come to an end. */
  async over(): Promise<void> {
    await Promise.all(this.#pending.values());
  }
}

/** Traffic on a way, and what became of it. */
class Lane {
  readonly sends = new Waits();
  readonly receives = new Waits();

  readonly #way: Way;
  readonly #random: Random;
  #begun = 0;
  readonly #accepted: number[] = [];
  readonly #received: string[] = [];

  constructor(way: Way, random: Random) {
    this.#way = way;
    this.#random = random;
  }

  /** The number of received messages. */
  get received(): number {
    return this.#received.length;
  }

  send(): void {
    this.sends.begin(async (options) => {
      const number = this.#begun++;
      await this.#way.send(`${number}`, new Uint8Array(SIZES[this.#random(SIZES.length)]!), options);
      this.#accepted.push(number);
    });
  }

  receive(): void {
    this.receives.begin((options) => this.#way.receive(options).then((message) => this.#take(message)));
  }

  /** Lets all sends come to their end, receives everything, and compares. */
  async finish(): Promise<void> {
    this.receives.abortAll();
    await this.receives.over();
    const receiving = (async () => {
      while (this.#received.at(-1) !== END) this.#take(await this.#way.receive());
    })();
    await this.sends.over();
    await this.#way.send(END, new Uint8Array(0));
    await receiving;
    assertEquals([...this.sends.errors, ...this.receives.errors], []);
    // Numbers are given in the order of the calls, and that is the order in which sends are served.
    const accepted = this.#accepted.toSorted((a, b) => a - b).map(String);
    assertEquals(this.#received, [...accepted, END]);
  }

  #take([number, body]: Uint8Array[]): void {
    assert(body !== undefined && SIZES.includes(body.length), "a message that nobody sent");
    this.#received.push(toText(number!));
  }
}

/** Sends, receives and aborts at random until enough waits have been aborted. */
async function storm(lanes: readonly Lane[], random: Random): Promise<void> {
  const few = (count: (lane: Lane) => number) => lanes.reduce((sum, lane) => sum + count(lane), 0) < ENOUGH;
  while (few((lane) => lane.sends.aborted) || few((lane) => lane.receives.aborted) || few((lane) => lane.received)) {
    // For a while sends outrun receives, or receives sends.
    const bias = random(11);
    for (let step = 0; step < 300; step++) {
      const lane = lanes[random(lanes.length)]!;
      const what = random(20);
      if (what === 0) await turn();
      else if (what < 8) lane[random(10) < bias ? "sends" : "receives"].abortOne(random);
      else if (random(10) < bias) lane.send();
      else lane.receive();
    }
  }
  await Promise.all(lanes.map((lane) => lane.finish()));
}

/** Declares a test that runs a scenario with many seeds; a failure reports its seed and its high-water mark. */
function testStorm(name: string, scenario: (random: Random, mark: number) => Promise<void>): void {
  test(name, async () => {
    const property = fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      (seed, mark) => scenario(seeded(seed), mark),
    );
    // A lost message makes a run hang: its own deadline reports the seed.
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true, timeout: 120_000 });
  }, { timeout: 240_000 });
}

testStorm("10,000 random aborts between a Push and a Pull lose and double nothing", async (random, mark) => {
  await using push = new Push({ sendHighWaterMark: mark });
  await using pull = new Pull({ receiveHighWaterMark: mark });
  push.connect(await pull.bind(ANY));
  const way = {
    send: (number: string, body: Uint8Array, options?: WaitOptions) => push.send([number, body], options),
    receive: (options?: WaitOptions) => pull.receive(options),
  };
  await storm([new Lane(way, random)], random);
});

testStorm(
  "10,000 random aborts between a Dealer and a Router, both ways, lose and double nothing",
  async (random, mark) => {
    const marks = { sendHighWaterMark: mark, receiveHighWaterMark: mark };
    await using dealer = new Dealer({ ...marks, routingId: "dealer" });
    await using router = new Router({ ...marks, mandatory: true });
    dealer.connect(await router.bind(ANY));
    await router.waitForPeers(1);
    const there = {
      send: (number: string, body: Uint8Array, options?: WaitOptions) => dealer.send([number, body], options),
      receive: (options?: WaitOptions) => router.receive(options).then(([_id, ...message]) => message),
    };
    const back = {
      send: (number: string, body: Uint8Array, options?: WaitOptions) => router.send(["dealer", number, body], options),
      receive: (options?: WaitOptions) => dealer.receive(options),
    };
    await storm([new Lane(there, random), new Lane(back, random)], random);
  },
);
