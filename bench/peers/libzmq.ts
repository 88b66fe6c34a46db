/**
 * The real libzmq, by way of npm's zeromq.js, as a {@link Library}. Node only: it crashes on Bun and stalls on Deno.
 *
 * @module
 */

import { Publisher, Pull, Push, Reply, Request, Subscriber, version } from "zeromq";
import type { Library } from "./library.ts";

/** What sockets that bind have in zeromq.js. */
interface Bindable {
  bind(endpoint: string): Promise<void>;
  readonly lastEndpoint: string | null;
}

/** libzmq. */
export const libzmq: Library = {
  name: `libzmq ${version}`,
  push: () => new Push(),
  pull: () => new Pull(),
  publisher: ({ unlimited }) => new Publisher(unlimited ? { sendHighWaterMark: 0 } : {}),
  subscriber: ({ unlimited }) => new Subscriber(unlimited ? { receiveHighWaterMark: 0 } : {}),
  request: () => new Request(),
  reply: () => new Reply(),
  async bind(socket) {
    const bindable = socket as unknown as Bindable;
    await bindable.bind("tcp://127.0.0.1:*");
    return bindable.lastEndpoint!;
  },
};
