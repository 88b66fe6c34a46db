/**
 * The socket types of zeromq.js.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Message, MessageLike } from "./messages.ts";
import { TYPE_OPTIONS } from "./native_types.ts";
import { Socket, type SocketOptions } from "./socket.ts";
import { defineOptions, type Readable, type Writable } from "./socket_options.ts";

/** Options of `connect` of a Router. */
export interface RouterConnectOptions {
  /** The routing id to know the peer by. */
  routingId?: string;
}

/** Options of `connect` of a Stream. */
export interface StreamConnectOptions {
  /** The routing id to know the peer by. */
  routingId?: string;
}

const CONNECT_ROUTING_ID = 61;
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;
const XPUB_VERBOSE = 40;
const XPUB_VERBOSER = 78;

/** PAIR. Exchanges messages with exactly one peer. */
export class Pair extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Pair>) {
    super(0, options);
  }
}

/** Sending, receiving and options of a Pair. */
export interface Pair extends Writable, Readable {}

/** PUB. Publishes messages to all of its subscribers. */
export class Publisher extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Publisher>) {
    super(1, options);
  }
}

/** Sending, receiving and options of a Publisher. */
export interface Publisher extends Writable {
  /** Fails with `EAGAIN` instead of dropping a message for a subscriber without room. Default false. */
  noDrop: boolean;
  /** Keeps only the last message. Default false. */
  conflate: boolean;
  /** Inverts the matching of topics. Default false. */
  invertMatching: boolean;
}

/** SUB. Receives the messages of publishers that begin with its topics. */
export class Subscriber extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Subscriber>) {
    super(2, options);
  }

  /** Subscribes to messages that begin with these prefixes; without one to every message. */
  subscribe(...prefixes: Array<Buffer | string>): void {
    for (const prefix of prefixes.length === 0 ? [null] : prefixes) this.setStringOption(SUBSCRIBE, prefix);
  }

  /** Unsubscribes from prefixes; without one from every message. */
  unsubscribe(...prefixes: Array<Buffer | string>): void {
    for (const prefix of prefixes.length === 0 ? [null] : prefixes) this.setStringOption(UNSUBSCRIBE, prefix);
  }
}

/** Sending, receiving and options of a Subscriber. */
export interface Subscriber extends Readable {
  /** Keeps only the last message. Default false. */
  conflate: boolean;
  /** Inverts the matching of topics. Default false. */
  invertMatching: boolean;
}

/** REQ. Sends requests, each followed by the receipt of its reply. */
export class Request extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Request>) {
    super(3, options);
  }
}

/** Sending, receiving and options of a Request. */
export interface Request extends Readable, Writable {
  /** The id by which a ROUTER addresses this socket; null if a ROUTER generates it. */
  routingId: string | null;
  /** Sends an empty message to each new peer. Default false. */
  probeRouter: boolean;
  /** Matches replies with their requests by a number. Default false. */
  correlate: boolean;
  /** Permits a new request before the reply of the last one. Default false. */
  relaxed: boolean;
}

/** REP. Receives requests, each followed by the sending of its reply. */
export class Reply extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Reply>) {
    super(4, options);
  }
}

/** Sending, receiving and options of a Reply. */
export interface Reply extends Readable, Writable {
  /** The id by which a ROUTER addresses this socket; null if a ROUTER generates it. */
  routingId: string | null;
}

/** DEALER. Sends to its peers round-robin, and receives from all of them. */
export class Dealer extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Dealer>) {
    super(5, options);
  }
}

/** Sending, receiving and options of a Dealer. */
export interface Dealer extends Readable, Writable {
  /** The id by which a ROUTER addresses this socket; null if a ROUTER generates it. */
  routingId: string | null;
  /** Sends an empty message to each new peer. Default false. */
  probeRouter: boolean;
  /** Keeps only the last message. Default false. */
  conflate: boolean;
}

/** ROUTER. Addresses its peers by their routing ids, the first frame of every message. */
export class Router extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Router>) {
    super(6, options);
  }

  /** Connects to an endpoint in the background; `routingId` is the id to know the peer by. */
  override connect(address: string, options: RouterConnectOptions = {}): void {
    if (options.routingId) this.setStringOption(CONNECT_ROUTING_ID, options.routingId);
    super.connect(address);
  }
}

/** Sending, receiving and options of a Router. */
export interface Router extends Readable, Writable {
  /** The id by which a ROUTER addresses this socket; null if a ROUTER generates it. */
  routingId: string | null;
  /** Fails with `EHOSTUNREACH` for a message that no peer can get. Default false. */
  mandatory: boolean;
  /** Sends an empty message to each new peer. Default false. */
  probeRouter: boolean;
  /** A new peer takes over the routing id of an older one. Default false. */
  handover: boolean;
}

/** PULL. Receives messages from all of its peers. */
export class Pull extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Pull>) {
    super(7, options);
  }
}

/** Sending, receiving and options of a Pull. */
export interface Pull extends Readable {
  /** Keeps only the last message. Default false. */
  conflate: boolean;
}

/** PUSH. Distributes messages among its peers. */
export class Push extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Push>) {
    super(8, options);
  }
}

/** Sending, receiving and options of a Push. */
export interface Push extends Writable {
  /** Keeps only the last message. Default false. */
  conflate: boolean;
}

/** XPUB. A publisher that also receives the subscriptions of its peers. */
export class XPublisher extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<XPublisher>) {
    super(9, options);
  }

  /**
   * The subscriptions that are received: `null` for the first and the last of each topic, `"allSubs"` for every
   * subscription, `"allSubsUnsubs"` for the ends of subscriptions as well.
   */
  set verbosity(value: null | "allSubs" | "allSubsUnsubs") {
    if (value === null) this.setBoolOption(XPUB_VERBOSE, false);
    else if (value === "allSubs") this.setBoolOption(XPUB_VERBOSE, true);
    else if (value === "allSubsUnsubs") this.setBoolOption(XPUB_VERBOSER, true);
  }
}

/** Sending, receiving and options of a XPublisher. */
export interface XPublisher extends Readable, Writable {
  /** Fails with `EAGAIN` instead of dropping a message for a subscriber without room. Default false. */
  noDrop: boolean;
  /** Subscriptions are only received, not applied. Default false. */
  manual: boolean;
  /** A message that each new subscriber gets. */
  welcomeMessage: string | null;
  /** Inverts the matching of topics. Default false. */
  invertMatching: boolean;
}

/** XSUB. A subscriber that subscribes by messages that it sends. */
export class XSubscriber extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<XSubscriber>) {
    super(10, options);
  }
}

/** Sending, receiving and options of a XSubscriber. */
export interface XSubscriber extends Readable, Writable {}

/** STREAM. Exchanges bytes with peers that do not speak ZMTP, over tcp. */
export class Stream extends Socket {
  /** Creates a socket. It has no peers until `bind` or `connect` is called. */
  constructor(options?: SocketOptions<Stream>) {
    super(11, options);
  }

  /** Connects to an endpoint in the background; `routingId` is the id to know the peer by. */
  override connect(address: string, options: StreamConnectOptions = {}): void {
    if (options.routingId) this.setStringOption(CONNECT_ROUTING_ID, options.routingId);
    super.connect(address);
  }
}

/** Sending, receiving and options of a Stream. */
export interface Stream extends Readable<[Message, Message]>, Writable<[MessageLike, MessageLike]> {
  /** Connections and disconnections are received as empty messages. Default true. */
  notify: boolean;
}

const CLASSES = [
  Pair,
  Publisher,
  Subscriber,
  Request,
  Reply,
  Dealer,
  Router,
  Pull,
  Push,
  XPublisher,
  XSubscriber,
  Stream,
];
CLASSES.forEach(({ prototype }, type) => defineOptions(prototype, TYPE_OPTIONS[type]!));
