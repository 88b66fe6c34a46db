/**
 * Received frames in Web APIs and in Hono, and the number of frames of messages. Every
 * `@ts-expect-error` fails the type check if the line below it compiles. `../package/fixtures/web.ts` does the same with older
 * compilers.
 *
 * Checked by `deno check` and `tsc`, never run.
 *
 * @module
 */

import type { Context } from "hono";
import {
  type Bytes,
  type Dealer,
  type Message,
  MessageReader,
  type Pull,
  type Push,
  readableStreamOf,
  type Reply,
  type Requester,
  type RoutedMessage,
  type Router,
  type Stream,
  toText,
  type XPublisher,
} from "../../mod.ts";

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function same<A, B>(_: Same<A, B>): void {}

// Received frames are bytes of Web APIs.

export async function web(pull: Pull, router: Router, requester: Requester, socket: WebSocket): Promise<Response> {
  const [frame] = await pull.receive();
  new Blob([frame]);
  new File([frame], "a.bin");
  await crypto.subtle.digest("SHA-256", frame);
  socket.send(frame);
  await fetch("http://127.0.0.1:1", { method: "POST", body: frame });
  const [id, body] = await router.receive();
  same<typeof id, Uint8Array<ArrayBuffer>>(true);
  new Response(body);
  for (const [part] of await pull.receiveMany()) new Response(part);
  for await (const batch of pull.batches()) for (const [part] of batch) new Response(part);
  for await (const [part] of pull) new Response(part);
  for await (const [part] of readableStreamOf(pull)) new Response(part);
  new Response(new MessageReader(await pull.receive()).bytes());
  const [answer] = await requester.request(frame);
  return new Response(answer);
}

export async function hono(context: Context, requester: Requester): Promise<Response> {
  const [answer] = await requester.request(new Uint8Array(await context.req.arrayBuffer()));
  return context.body(answer);
}

// A message has at least one frame, a routed one at least two.

export async function frames(pull: Pull, dealer: Dealer, router: Router, stream: Stream, xpub: XPublisher) {
  const [first, second] = await pull.receive();
  same<typeof first, Bytes>(true);
  same<typeof second, Bytes | undefined>(true);
  same<Awaited<ReturnType<Dealer["receive"]>>, Message>(true);
  same<Awaited<ReturnType<Router["receive"]>>, RoutedMessage>(true);
  same<Awaited<ReturnType<Stream["receiveMany"]>>, RoutedMessage[]>(true);
  const taken = pull.tryReceive();
  if (taken !== undefined) toText(taken[0]);
  for await (const [id, body, ...rest] of router) await router.send([id, body, ...rest]);
  for await (const { topic } of xpub.subscriptions()) same<typeof topic, Bytes>(true);
  await dealer.send(await dealer.receive());
  await router.send(await router.receive());
  await stream.send(await stream.receive());
}

// Messages with too few frames do not compile; where the type does not show their number, they are checked when they are sent.

export async function sends(push: Push, reply: Reply, router: Router, stream: Stream, list: string[]): Promise<void> {
  await push.send(list);
  await push.send([...list, "end"]);
  // @ts-expect-error: a message has at least one frame.
  await push.send([]);
  // @ts-expect-error: the same.
  push.trySend([]);
  // @ts-expect-error: the same.
  reply.sendBuffered([]);
  for (const one of [router, stream]) {
    await one.send(["id", "body"]);
    await one.send(list);
    await one.send(["id", ...list]);
    // @ts-expect-error: to nobody.
    await one.send([]);
    // @ts-expect-error: nothing but a routing id.
    await one.send(["id"]);
    // @ts-expect-error: the same.
    await one.send("id");
    // @ts-expect-error: the same.
    one.trySend(new Uint8Array(1));
    // @ts-expect-error: the same.
    one.sendBuffered(["id"]);
  }
}

// Options that no runtime supports are not offered.

export function unsupported(push: Push, pull: Pull): void {
  // @ts-expect-error: there is no such property.
  void push.sendBufferSize;
  // @ts-expect-error: there is no such property.
  void pull.receiveBufferSize;
  // @ts-expect-error: there is no such property.
  void push.tcpKeepaliveCount;
  // @ts-expect-error: there is no such property.
  void push.tcpKeepaliveInterval;
  // @ts-expect-error: there is no such property.
  void push.tcpMaxRetransmitTimeout;
  // @ts-expect-error: there is no such property.
  void push.interface;
}
