/**
 * Waiting until something has come to rest, by a clock that counts round trips instead of milliseconds: a pair of sockets
 * of its own on the same event loop.
 *
 * @module
 */

import { Reply, Request } from "../../mod.ts";

/**
 * The number of round trips without a change that count as rest. If they were too few, tests would prove less, but not
 * fail.
 */
const TRIPS = 300;

/** Makes so many round trips. */
export async function roundTrips(count: number = TRIPS): Promise<void> {
  await travel(count, () => true);
}

/** Resolves with the number as soon as it has not changed for many round trips. */
export async function still(number: () => number): Promise<number> {
  let last = number();
  await travel(TRIPS, () => {
    const changed = number() !== last;
    last = number();
    return !changed;
  });
  return last;
}

/** Makes so many round trips in a row after which `go` says true. */
async function travel(count: number, go: () => boolean): Promise<void> {
  await using reply = new Reply();
  await using request = new Request();
  request.connect(await reply.bind("tcp://127.0.0.1:0"));
  for (let trips = 0; trips < count;) {
    await request.send("there?");
    await reply.receive();
    await reply.send("yes");
    await request.receive();
    trips = go() ? trips + 1 : 0;
  }
}
