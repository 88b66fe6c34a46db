/**
 * inproc connections are established when `connect` has returned, or `bind` has resolved: for every pair of socket types, in both
 * orders, a message that is sent at once arrives. The same cases run with two sockets of libzmq in one process, which
 * proves what is expected.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Dealer,
  type DuplexSocket,
  Pair,
  Publisher,
  Pull,
  Push,
  type ReceivingSocket,
  Reply,
  Request,
  Router,
  type SendingSocket,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { EndOptions, EndType } from "../support/peers/end.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { texts } from "./frames.ts";

const libzmq = new Peer("libzmq");

const CLASSES = {
  DEALER: Dealer,
  PAIR: Pair,
  PUB: Publisher,
  PULL: Pull,
  PUSH: Push,
  REP: Reply,
  REQ: Request,
  ROUTER: Router,
  SUB: Subscriber,
  XPUB: XPublisher,
  XSUB: XSubscriber,
} as const;

/** The first sends to the second. */
const PAIRS: readonly (readonly [sender: EndType, receiver: EndType])[] = [
  ["PUSH", "PULL"],
  ["PAIR", "PAIR"],
  ["PUB", "SUB"],
  ["PUB", "XSUB"],
  ["XPUB", "SUB"],
  ["XPUB", "XSUB"],
  ["XSUB", "XPUB"],
  ["DEALER", "DEALER"],
  ["DEALER", "ROUTER"],
  ["DEALER", "REP"],
  ["REQ", "REP"],
  ["REQ", "ROUTER"],
  ["ROUTER", "DEALER"],
  ["ROUTER", "ROUTER"],
];

/** The binder and the connector, the order of both calls, and the moment when a subscriber subscribes. */
interface Order {
  readonly binder: "sender" | "receiver";
  readonly first: "bind" | "connect";
  readonly subscribe: "before" | "after";
  /** A ROUTER that connects chooses by which id it knows the peer. */
  readonly chosen: boolean;
}

/** The number of messages of `sent` that arrived, and the reason why the rest was rejected. */
interface Outcome {
  readonly received: readonly string[];
  readonly refused?: string | undefined;
}

const subscribes = (type: EndType) => type === "SUB" || type === "XSUB";
/** Types that have a routing id for a ROUTER. */
const namesItself = (type: EndType) => type === "DEALER" || type === "ROUTER";
/** The routing id by which a ROUTER reaches its peer. */
const PEER = "peer";

function orders([sender, receiver]: readonly [EndType, EndType]): Order[] {
  const all: Order[] = [];
  for (const binder of ["sender", "receiver"] as const) {
    for (const first of ["bind", "connect"] as const) {
      for (const subscribe of subscribes(receiver) ? ["before", "after"] as const : ["before"] as const) {
        for (const chosen of sender === "ROUTER" && binder === "receiver" ? [false, true] : [false]) {
          all.push({ binder, first, subscribe, chosen });
        }
      }
    }
  }
  return all;
}

/** The message to send: a ROUTER addresses the peer, a REP needs a delimiter from a DEALER. */
function messageFor([sender, receiver]: readonly [EndType, EndType], text: string): string[] {
  const delimiter = receiver === "REP" && sender !== "REQ" ? [""] : [];
  return [...sender === "ROUTER" ? [PEER] : [], ...delimiter, text];
}

function optionsOf(type: EndType): EndOptions {
  return type === "ROUTER" ? { mandatory: true } : {};
}

const describe = ({ binder, first, subscribe, chosen }: Order) =>
  `the ${binder} binds, ${first} first, subscribed ${subscribe}${chosen ? ", chosen id" : ""}`;

// With libzmq.

async function withLibzmq(pair: readonly [EndType, EndType], order: Order): Promise<Outcome> {
  const [senderType, receiverType] = pair;
  const named: EndOptions = namesItself(receiverType) ? { routingId: PEER } : {};
  await using sender = await libzmq.open(senderType, { ...optionsOf(senderType), sendTimeout: 0 });
  await using receiver = await libzmq.open(receiverType, { ...named, receiveTimeout: 300 });
  const wish = async () => {
    if (receiverType === "SUB") await receiver.subscribe("");
    if (receiverType === "XSUB") await receiver.send([new Uint8Array([1])]);
  };
  const endpoint = name();
  const [binder, caller] = order.binder === "sender" ? [sender, receiver] : [receiver, sender];
  const connect = () => caller.connect(endpoint, order.chosen ? PEER : undefined);
  if (order.subscribe === "before") await wish();
  if (order.first === "connect") await connect();
  await binder.bind(endpoint);
  if (order.first === "bind") await connect();
  if (order.subscribe === "after") await wish();
  // A socket of libzmq processes commands of others when it is used: a bound SUB sends its subscriptions then.
  await receiver.look();
  await sender.look();
  try {
    await sender.send(messageFor(pair, "at once"));
  } catch (error) {
    return { received: [], refused: (error as { code?: string }).code };
  }
  return { received: [texts(await receiver.receive()).at(-1)!] };
}

// With ours.

const WAYS = ["send", "trySend", "sendTimeout 0"] as const;
type Sender = DuplexSocket | SendingSocket;
type Receiver = DuplexSocket | ReceivingSocket;

async function withOurs(pair: readonly [EndType, EndType], order: Order, way: typeof WAYS[number]): Promise<Outcome> {
  const [senderType, receiverType] = pair;
  const timeout: EndOptions = way === "sendTimeout 0" ? { sendTimeout: 0 } : {};
  const named: EndOptions = namesItself(receiverType) ? { routingId: PEER } : {};
  await using sender = open(senderType, { ...optionsOf(senderType), ...timeout }) as Sender;
  await using receiver = open(receiverType, named) as Receiver;
  const wish = () => {
    if (receiver instanceof Subscriber) receiver.subscribe("");
    if (receiver instanceof XSubscriber) receiver.trySend(new Uint8Array([1]));
  };
  const endpoint = name();
  const [binder, caller] = order.binder === "sender" ? [sender, receiver] : [receiver, sender];
  const connect = () => (caller as Router).connect(endpoint, order.chosen ? { routingId: PEER } : undefined);
  if (order.subscribe === "before") wish();
  if (order.first === "connect") connect();
  await binder.bind(endpoint);
  if (order.first === "bind") connect();
  if (order.subscribe === "after") wish();
  try {
    const message = messageFor(pair, "at once");
    if (way === "trySend") assertEquals(sender.trySend(message), true);
    else await sender.send(message);
  } catch (error) {
    if (error instanceof ZmqError) return { received: [], refused: error.code };
    throw error;
  }
  const received = receiver.tryReceive();
  return { received: received === undefined ? [] : [texts(received).at(-1)!] };
}

function open(type: EndType, options: EndOptions): Sender | Receiver {
  return new CLASSES[type as keyof typeof CLASSES](options as never);
}

let names = 0;
const name = () => `inproc://at-once-${++names}`;

for (const pair of PAIRS) {
  const cases = orders(pair);
  const expected: Outcome = { received: ["at once"] };

  test(`libzmq itself: ${pair.join(" to ")} over inproc, sent immediately, in ${cases.length} orders`, async () => {
    for (const order of cases) assertEquals(await withLibzmq(pair, order), expected, describe(order));
  });

  test(`ours: ${pair.join(" to ")} over inproc, sent immediately, in ${cases.length} orders and three ways`, async () => {
    for (const order of cases) {
      for (const way of WAYS) {
        assertEquals(await withOurs(pair, order, way), expected, `${describe(order)}, ${way}`);
      }
    }
  });
}

// The room of both queues.

const numbered = new Numbered(4);
const FILLED: readonly (readonly [EndType, EndType])[] = [
  ["PUSH", "PULL"],
  ["PAIR", "PAIR"],
  ["DEALER", "DEALER"],
  ["DEALER", "ROUTER"],
];

for (const pair of FILLED) {
  for (const binder of ["sender", "receiver"] as const) {
    for (const first of ["bind", "connect"] as const) {
      const what = `${pair.join(" to ")} over inproc fills both queues, the ${binder} binds, ${first} first`;
      for (const [mark, other] of [[3, 4], [1000, 1000]] as const) {
        test(`libzmq itself: ${what}, ${mark} + ${other}`, async () => {
          await using sender = await libzmq.open(pair[0], { sendHighWaterMark: mark, sendTimeout: 0 });
          await using receiver = await libzmq.open(pair[1], { receiveHighWaterMark: other });
          const endpoint = name();
          const [one, two] = binder === "sender" ? [sender, receiver] : [receiver, sender];
          if (first === "connect") await two.connect(endpoint);
          await one.bind(endpoint);
          if (first === "bind") await two.connect(endpoint);
          await sender.look();
          assertEquals(await numbered.fill(sender, 3000), mark + other);
        });

        test(`ours: ${what}, ${mark} + ${other}`, async () => {
          await using sender = open(pair[0], { sendHighWaterMark: mark, linger: 0 }) as Sender;
          await using receiver = open(pair[1], { receiveHighWaterMark: other });
          const endpoint = name();
          const [one, two] = binder === "sender" ? [sender, receiver] : [receiver, sender];
          if (first === "connect") two.connect(endpoint);
          await one.bind(endpoint);
          if (first === "bind") two.connect(endpoint);
          let sent = 0;
          while (sent < 3000 && sender.trySend(numbered.message(sent))) sent++;
          assertEquals(sent, mark + other);
        });
      }
    }
  }
}
