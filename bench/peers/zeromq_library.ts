/**
 * A {@link Library} of sockets with zeromq.js's API: those of zeromq.js itself, or of the drop-in.
 *
 * @module
 */

import { ANY_PORT, CURVE_CLIENT, CURVE_SERVER, type Library } from "./library.ts";

type Name = "Dealer" | "Publisher" | "Pull" | "Push" | "Reply" | "Request" | "Router" | "Subscriber";
type Sockets = Pick<typeof import("../../src/zeromq/mod.ts"), Name>;

/** A socket that can bind. */
interface Bindable {
  bind(endpoint: string): Promise<void>;
  readonly lastEndpoint: string | null;
}

/** Makes it. Without a ZAP handler its CURVE server accepts every client. */
export function zeromqLibrary(name: string, sockets: Sockets): Library {
  const { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } = sockets;
  return {
    name,
    push: (options) => new Push(options?.curve ? CURVE_CLIENT : {}),
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
}
