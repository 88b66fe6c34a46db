/**
 * The sockets of the server under attack: the one that answers the honest peer, and the one that is attacked.
 *
 * @module
 */

import type { Library, PeerSocket, Receiver, Sender } from "../peers/library.ts";
import type { Target } from "./attack.ts";

/** The size of the busy publisher's messages, in bytes, and their number per tick. */
const SIZE = 1024;
const EACH_TIME = 100;
const EVERY = 10;
/** Handshakes per second where they are limited. */
const HANDSHAKES = 50;

/** Sends everything back. Returns the endpoint. */
export async function answerEverything(library: Library): Promise<string> {
  const router = library.router();
  const endpoint = await library.bind(router);
  echo(router);
  return endpoint;
}

async function echo(router: Sender & Receiver): Promise<void> {
  for await (const message of router) await router.send(message);
}

/** Binds a socket to be attacked. Returns the endpoint; `router` is where everything is answered. */
export async function bindTarget(library: Library, target: Target, router: string): Promise<string> {
  switch (target) {
    case "router":
      return router;
    case "pull":
    case "pull-curve":
    case "pull-curve-limited": {
      const handshakes = target === "pull-curve-limited" ? HANDSHAKES : 0;
      const pull = library.pull({ curve: target !== "pull", handshakes });
      const endpoint = await library.bind(pull);
      drop(pull);
      return endpoint;
    }
    case "pull-unread":
      return await library.bind(kept(library.pull()));
    case "subscriber": {
      const subscriber = library.subscriber();
      subscriber.subscribe("wanted");
      drop(subscriber);
      return await library.bind(subscriber);
    }
    case "publisher":
      return await library.bind(kept(library.publisher()));
    case "publisher-busy": {
      const publisher = library.publisher();
      const endpoint = await library.bind(publisher);
      publish(publisher);
      return endpoint;
    }
  }
}

const sockets: PeerSocket[] = [];

/** Keeps a reference: an unused socket would be garbage-collected. */
function kept<Some extends PeerSocket>(socket: Some): Some {
  sockets.push(socket);
  return socket;
}

async function drop(receiver: Receiver): Promise<void> {
  let received = 0;
  for await (const _ of receiver) received++;
  throw new Error(`A receiver ended after ${received} messages`);
}

function publish(publisher: Sender): void {
  const message = new Uint8Array(SIZE);
  setInterval(async () => {
    for (let i = 0; i < EACH_TIME; i++) await publisher.send(message);
  }, EVERY);
}
