/**
 * A thread of `threads_test.ts`: joins the context that it is given, plays a part, and reports to the main thread.
 *
 * @module
 */

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import {
  Context,
  type ContextPort,
  Pull,
  Push,
  Reply,
  Router,
  Subscriber,
  toText,
  XPublisher,
  type ZmqError,
} from "../../mod.ts";

/** A part that a thread can play. */
export type Part = keyof typeof PARTS;

const { port, part, args } = workerData as { port: ContextPort; part: Part; args: readonly string[] };
const say = (report: unknown) => parentPort!.postMessage(report);
/** The next order of the main thread. */
const order = () => new Promise<unknown>((resolve) => parentPort!.once("message", resolve));

const PARTS = {
  /** Answers requests. */
  async echo(context: Context, endpoint: string): Promise<void> {
    const reply = new Reply({ context });
    await reply.bind(endpoint);
    say("bound");
    for await (const message of reply) await reply.send(message);
  },
  /** Sends numbers to a PULL that may not be bound yet. */
  async push(context: Context, endpoint: string, count: string): Promise<void> {
    const push = new Push({ context });
    push.connect(endpoint);
    for (let i = 0; i < Number(count); i++) await push.send(`${i}`);
    say(await push.close());
  },
  /** Binds, and ends as it is ordered to. */
  async bound(context: Context, endpoint: string): Promise<void> {
    const router = new Router({ context });
    say(await router.bind(endpoint).catch((error: ZmqError) => error.code));
    const how = await order();
    if (how === "exit") process.exit(0);
    if (how === "throw") throw new Error("thrown by the test");
    await router.close();
    say("closed");
  },
  /** Connects, and waits for messages. */
  async connected(context: Context, endpoint: string): Promise<void> {
    const subscriber = new Subscriber({ context });
    subscriber.subscribe("");
    subscriber.connect(endpoint);
    for await (const [frame] of subscriber) say(toText(frame));
  },
  /** Takes nothing until it is ordered to. */
  async slow(context: Context, endpoint: string): Promise<void> {
    const pull = new Pull({ context, receiveHighWaterMark: 10 });
    await pull.bind(endpoint);
    say("bound");
    const count = Number(await order());
    for (let i = 0; i < count; i++) {
      const [frame] = await pull.receive();
      if (toText(frame.subarray(0, 8)) !== String(i).padStart(8)) throw new Error(`${i} is missing`);
    }
    await pull.close();
    say("received");
  },
  /** Shares the context further: returns a port for another thread. */
  async shares(context: Context, endpoint: string): Promise<void> {
    const publisher = new XPublisher({ context });
    await publisher.bind(endpoint);
    const further = context.share();
    parentPort!.postMessage(further, [further as never]);
    await publisher.receive();
    await publisher.send("to all");
    await order();
    await publisher.close();
    say("closed");
  },
};

await PARTS[part](Context.from(port), args[0]!, args[1]!);
