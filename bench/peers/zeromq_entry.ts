/**
 * The drop-in for zeromq.js, as a {@link Library}.
 *
 * @module
 */

import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
} from "../../src/zeromq/mod.ts";
import { ANY_PORT, CURVE_CLIENT, CURVE_SERVER, type Library } from "./library.ts";

/** The drop-in. */
export const zeromqEntry: Library = {
  name: "the drop-in for zeromq.js",
  push: (options) => new Push(options?.curve ? CURVE_CLIENT : {}),
  pull: (options) => new Pull(options?.curve ? CURVE_SERVER : {}),
  publisher: (options) => new Publisher(options?.unlimited ? { sendHighWaterMark: 0 } : {}),
  subscriber: (options) => new Subscriber(options?.unlimited ? { receiveHighWaterMark: 0 } : {}),
  request: () => new Request(),
  reply: () => new Reply(),
  dealer: () => new Dealer(),
  router: () => new Router(),
  async bind(socket, endpoint = ANY_PORT) {
    const bindable = socket as unknown as Socket;
    await bindable.bind(endpoint);
    return bindable.lastEndpoint!;
  },
};
