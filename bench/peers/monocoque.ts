/**
 * This library, as a {@link Library}.
 *
 * @module
 */

import { Dealer, Publisher, Pull, Push, Reply, Request, Router, type Socket, Subscriber } from "../../mod.ts";
import { ANY_PORT, CURVE_CLIENT, CURVE_SERVER, type Library } from "./library.ts";

/** This library. */
export const monocoque: Library = {
  name: "this library",
  push: (options) => new Push(options?.curve ? CURVE_CLIENT : {}),
  pull: (options) => {
    const maxHandshakesPerSecond = options?.handshakes ?? 0;
    return new Pull(options?.curve ? { ...CURVE_SERVER, authenticate: () => true, maxHandshakesPerSecond } : {});
  },
  publisher: (options) => new Publisher(options?.unlimited ? { sendHighWaterMark: 0 } : {}),
  subscriber: (options) => new Subscriber(options?.unlimited ? { receiveHighWaterMark: 0 } : {}),
  request: () => new Request(),
  reply: () => new Reply(),
  dealer: () => new Dealer(),
  router: () => new Router(),
  bind: (socket, endpoint = ANY_PORT) => (socket as Socket).bind(endpoint),
  waitForSubscriber: (publisher) => (publisher as Publisher).waitForSubscribers(1),
};
