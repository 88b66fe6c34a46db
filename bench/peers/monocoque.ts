/**
 * This library, as a {@link Library}.
 *
 * @module
 */

import { Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../mod.ts";
import type { Library } from "./library.ts";

/** This library. */
export const monocoque: Library = {
  name: "this library",
  push: () => new Push(),
  pull: () => new Pull(),
  publisher: ({ unlimited }) => new Publisher(unlimited ? { sendHighWaterMark: 0 } : {}),
  subscriber: ({ unlimited }) => new Subscriber(unlimited ? { receiveHighWaterMark: 0 } : {}),
  request: () => new Request(),
  reply: () => new Reply(),
  bind: (socket) => (socket as Socket).bind("tcp://127.0.0.1:0"),
  waitForSubscriber: (publisher) => (publisher as Publisher).waitForSubscribers(1),
};
