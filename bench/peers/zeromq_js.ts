/**
 * The real libzmq, through npm's zeromq.js, as a {@link Library}. Node only: it crashes on Bun and stalls on Deno.
 *
 * @module
 */

import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber, version } from "zeromq";
import { ANY_PORT, CURVE_CLIENT, CURVE_SERVER, type Library } from "./library.ts";

/** A zeromq.js socket that can bind. */
interface Bindable {
  bind(endpoint: string): Promise<void>;
  readonly lastEndpoint: string | null;
}

/** libzmq. */
export const zeromqJs: Library = {
  name: `libzmq ${version}`,
  push: (options) => new Push(options?.curve ? CURVE_CLIENT : {}),
  // Without a ZAP handler every client is accepted.
  pull: (options) => new Pull(options?.curve ? CURVE_SERVER : {}),
  publisher: (options) => new Publisher(options?.unlimited ? { sendHighWaterMark: 0 } : {}),
  subscriber: (options) => new Subscriber(options?.unlimited ? { receiveHighWaterMark: 0 } : {}),
  request: () => new Request(),
  reply: () => new Reply(),
  dealer: () => new Dealer(),
  router: () => new Router(),
  async bind(socket, endpoint = ANY_PORT) {
    const bindable = socket as unknown as Bindable;
    await bindable.bind(endpoint);
    return bindable.lastEndpoint!;
  },
};
