/**
 * Code with requests, servers, streams and subscriptions that must compile, and code that must not. Every
 * `@ts-expect-error` fails the type check if the line below it compiles.
 *
 * Checked by `deno check` and `tsc`, never run.
 *
 * @module
 */

import {
  type Message,
  poll,
  type Publisher,
  type Pull,
  type Push,
  readableStreamOf,
  Requester,
  type Router,
  serve,
  subscriptionMessage,
  writableStreamOf,
  type XPublisher,
} from "../../mod.ts";

// Handlers that return a reply, or nothing, at once or later, and wherever they are declared.

declare function replies(body: Message): Message;
declare function later(body: Message): Promise<string>;
declare function nothing(body: Message): void;
declare function nothingLater(): Promise<void>;
declare function wrong(body: Message): boolean;

export async function servers(router: Router): Promise<void> {
  for (const handler of [replies, later, nothing, nothingLater]) await serve(router, handler);
  await serve(router, replies, { onError: nothingLater });
  await serve(router, replies, { onError: (error, body) => [String(error), ...body] });
  // @ts-expect-error A boolean is not a message.
  await serve(router, wrong);
  // @ts-expect-error It is spelt differently.
  await serve(router, replies, { concurency: 3 });
}

export async function requesters(): Promise<Message> {
  const requester = new Requester("tcp://127.0.0.1:1", { timeout: 1, retries: 0, routingId: "me" });
  // @ts-expect-error Each request has a time of its own.
  new Requester("tcp://127.0.0.1:1", { receiveTimeout: 1 });
  // @ts-expect-error Every message counts.
  new Requester("tcp://127.0.0.1:1", { conflate: true });
  return await requester.request(["a", 1, null], { timeout: -1 });
}

export function streams(pull: Pull, push: Push, publisher: Publisher): Promise<void> {
  // @ts-expect-error A Push receives nothing.
  readableStreamOf(push);
  // @ts-expect-error A Pull sends nothing.
  writableStreamOf(pull);
  writableStreamOf(publisher);
  return readableStreamOf(pull).pipeTo(writableStreamOf(push, { closeSocket: true }));
}

export async function polls(pull: Pull, push: Push): Promise<Pull[]> {
  await poll([pull, { socket: push, for: "writable" }], { timeout: 0 });
  // @ts-expect-error A Pull sends nothing.
  await poll([{ socket: pull, for: "writable" }]);
  return await poll([pull]);
}

export async function subscriptions(xpub: XPublisher): Promise<"subscribe" | "cancel" | undefined> {
  subscriptionMessage("subscribe", "a");
  // @ts-expect-error The word is "cancel".
  subscriptionMessage("unsubscribe", "a");
  for await (const { type, topic } of xpub.subscriptions()) if (topic.length > 0) return type;
  return undefined;
}
