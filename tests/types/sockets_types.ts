/**
 * Code with the classes that must compile, and code that must not: each class has its methods only. Every
 * `@ts-expect-error` fails the type check if the line below it compiles.
 *
 * Checked by `deno check` and `tsc`, never run.
 *
 * @module
 */

import {
  type Dealer,
  DuplexSocket,
  type Message,
  type Pair,
  type Publisher,
  Pull,
  Push,
  ReceivingSocket,
  type Reply,
  type Request,
  Requester,
  type Router,
  SendingSocket,
  Socket,
  type SocketEvent,
  type Stream,
  type Subscriber,
  toText,
  type XPublisher,
  type XSubscriber,
} from "../../mod.ts";

declare const signal: AbortSignal;
declare const bytes: Uint8Array;

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function same<A, B>(_: Same<A, B>): void {}

// Every class: endpoints, events, an end.

export async function everySocket(socket: Socket): Promise<void> {
  same<ReturnType<typeof socket.bind>, Promise<string>>(true);
  same<ReturnType<typeof socket.unbind>, Promise<void>>(true);
  same<ReturnType<typeof socket.connect>, void>(true);
  same<ReturnType<typeof socket.close>, Promise<number>>(true);
  const disposable: AsyncDisposable = socket;
  await socket.waitForPeers(1, { signal });
  const stop: () => void = socket.events.listen((event: SocketEvent) => void event);
  stop();
  await socket.close({ linger: 0 });
  // @ts-expect-error: an endpoint is text.
  socket.connect(5555);
  // @ts-expect-error: an endpoint must be given.
  await socket.bind();
  // @ts-expect-error: linger is a number.
  await socket.close({ linger: "0" });
  // @ts-expect-error: options only.
  await socket.close(0);
  // @ts-expect-error: there is no such option.
  await socket.close({ timeout: 1 });
  // @ts-expect-error: it can be read only.
  socket.closed = true;
  // @ts-expect-error: not every socket sends.
  socket.send("x");
  // @ts-expect-error: not every socket receives.
  socket.receive();
  void disposable;
}

export async function callsTakeNoFurtherArgument(): Promise<void> {
  // @ts-expect-error: one object of options.
  const push = new Push({}, {});
  // @ts-expect-error: one object of options.
  const pull = new Pull({}, undefined);
  // @ts-expect-error: the frames of a message are one array.
  await push.send("a", {}, "c");
  // @ts-expect-error: it takes none.
  push.flush(1);
  // @ts-expect-error: it takes none, and never waits.
  pull.tryReceive({});
  // @ts-expect-error: one object of options.
  await pull.receive({}, 5);
  // @ts-expect-error: one endpoint.
  push.disconnect("inproc://a", "inproc://b");
  // @ts-expect-error: it takes none.
  push.statistics({});
  // @ts-expect-error: its linger is an option of its constructor.
  await new Requester("inproc://a").close(0);
}

export function baseClassesAreNotMade(): void {
  // @ts-expect-error: abstract.
  new Socket("PUSH");
  // @ts-expect-error: abstract.
  new SendingSocket();
  // @ts-expect-error: abstract.
  new ReceivingSocket();
  // @ts-expect-error: abstract.
  new DuplexSocket();
}

// Those who only send.

export async function sendOnly(push: Push, pub: Publisher): Promise<void> {
  same<ReturnType<typeof push.send>, Promise<void>>(true);
  same<ReturnType<typeof push.trySend>, boolean>(true);
  await push.send("x", { signal });
  for (const socket of [push, pub]) {
    const sending: SendingSocket = socket;
    // @ts-expect-error: it does not receive.
    socket.receive();
    // @ts-expect-error: it does not receive.
    socket.tryReceive();
    // @ts-expect-error: it cannot be iterated over.
    socket[Symbol.asyncIterator]();
    // @ts-expect-error: it does not subscribe.
    socket.subscribe("x");
    void sending;
  }
  // @ts-expect-error: it cannot be iterated over.
  for await (const _ of push);
  // @ts-expect-error: it cannot be iterated over.
  for await (const _ of pub);
  // @ts-expect-error: nobody subscribes to it.
  push.waitForSubscribers(1);
  // @ts-expect-error: nobody subscribes to it.
  void push.subscriberCount;
  // @ts-expect-error: trySend never waits.
  push.trySend("x", { signal });
}

// Those who only receive.

export async function receiveOnly(pull: Pull, sub: Subscriber): Promise<void> {
  same<ReturnType<typeof pull.receive>, Promise<Message>>(true);
  same<ReturnType<typeof pull.tryReceive>, Message | undefined>(true);
  await pull.receive({ signal });
  for await (const message of pull) same<typeof message, Message>(true);
  for (const socket of [pull, sub]) {
    const receiving: ReceivingSocket & AsyncIterable<Message> = socket;
    // @ts-expect-error: it does not send.
    socket.send("x");
    // @ts-expect-error: it does not send.
    socket.trySend("x");
    void receiving;
  }
  sub.subscribe();
  sub.subscribe("a", bytes);
  sub.unsubscribe("a", bytes);
  // @ts-expect-error: topics are not in an array.
  sub.subscribe(["a"]);
  // @ts-expect-error: a topic is text or bytes.
  sub.subscribe(1);
  // @ts-expect-error: it subscribes to nothing.
  pull.subscribe("a");
  // @ts-expect-error: nobody subscribes to it.
  sub.waitForSubscribers(1);
  // @ts-expect-error: not iterable without await.
  for (const _ of pull);
}

// Those who do both.

export async function both(
  sockets: [Request, Reply, Dealer, Router, Pair, XPublisher, XSubscriber, Stream],
  xpub: XPublisher,
  xsub: XSubscriber,
): Promise<void> {
  for (const socket of sockets) {
    const duplex: DuplexSocket = socket;
    await duplex.send(["a", bytes]);
    const [first]: Message = await duplex.receive();
    if (first !== undefined) toText(first);
  }
  const count: number = xpub.subscriberCount;
  await xpub.waitForSubscribers(count, { topic: "a", signal });
  await xpub.waitForSubscribers(1, { topic: bytes });
  // @ts-expect-error: it subscribes by messages.
  xsub.subscribe("a");
  // @ts-expect-error: it cancels by messages.
  xsub.unsubscribe("a");
  xpub.subscribe();
  xpub.subscribe("a", bytes);
  xpub.unsubscribe("a", bytes);
  // @ts-expect-error: topics are not in an array.
  xpub.subscribe(["a"]);
  // @ts-expect-error: nobody subscribes to it.
  xsub.waitForSubscribers(1);
  // @ts-expect-error: a topic is text or bytes.
  await xpub.waitForSubscribers(1, { topic: 1 });
  // @ts-expect-error: how many must be said.
  await xpub.waitForSubscribers();
}
