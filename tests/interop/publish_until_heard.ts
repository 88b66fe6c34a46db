/**
 * Waiting for a subscription to take effect, where the publisher is a PUB, which does not report when it has received
 * one.
 *
 * @module
 */

import type { End, Frame } from "../support/peers/end.ts";

/** Between two messages, in ms. If it were too short, messages would be lost, which is what they are for. */
const INTERVAL = 5;

/** Publishes on a topic until the subscriber has received it, and leaves no such message behind. */
export async function publishUntilHeard(publisher: End, subscriber: End, topic: Frame = "probe"): Promise<void> {
  let heard = false;
  const first = subscriber.receive().then((message) => {
    heard = true;
    return message;
  });
  while (!heard) {
    await publisher.send([topic, "again"]);
    await within(INTERVAL, first);
  }
  await publisher.send([topic, "last"]);
  let message = await first;
  while (new TextDecoder().decode(message[1]) !== "last") message = await subscriber.receive();
}

/** Resolves when the promise does, or after `time` ms. */
async function within(time: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([promise, new Promise((resolve) => timer = setTimeout(resolve, time))]);
  clearTimeout(timer);
}
