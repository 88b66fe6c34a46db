/**
 * Code with options that must compile, and code that must not: in constructors, as properties, and in calls. Every
 * `@ts-expect-error` fails the type check if the line below it compiles.
 *
 * Checked by `deno check` and `tsc`, never run.
 *
 * @module
 */

import {
  type ConnectionLimit,
  Context,
  type ContextOptions,
  type Counters,
  Dealer,
  Pair,
  type PeerStatistics,
  Publisher,
  Pull,
  type PullOptions,
  Push,
  type PushOptions,
  type ReconnectStop,
  Reply,
  Request,
  Router,
  type SocketStatistics,
  Stream,
  type StreamOptions,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";

declare const signal: AbortSignal;
declare const bytes: Uint8Array;
declare const context: Context;

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function same<A, B>(_: Same<A, B>): void {}

// In constructors.

export function constructors(): void {
  const reconnectStop: ReconnectStop[] = ["refused", "handshakeFailed", "afterDisconnect"];
  const every = {
    ...{ context, linger: 0, reconnectInterval: 1, reconnectMaxInterval: 2, reconnectStop, connectTimeout: 3 },
    ...{ immediate: true, handshakeInterval: 4, heartbeatInterval: 5, heartbeatTimeout: 6, heartbeatTimeToLive: 7 },
    ...{ maxMessageSize: 8, maxFrames: 9, backlog: 10, ipv6: true, tcpKeepalive: 1, tcpKeepaliveIdle: 11 },
    ...{ tcpKeepaliveCount: -1, tcpKeepaliveInterval: -1, tcpMaxRetransmitTimeout: 0, typeOfService: 0 },
    ...{ interface: null, socksProxy: "proxy:1080", socksUsername: "user", socksPassword: null },
    ...{ metadata: { "X-team": "blue" }, helloMessage: "hello" },
  };
  const send = { sendHighWaterMark: 1, sendHighWaterMarkBytes: 2, sendTimeout: 3, sendBufferSize: -1 };
  const receive = {
    ...{ receiveHighWaterMark: 1, receiveHighWaterMarkBytes: 2, receiveTimeout: 3, receiveBufferSize: -1 },
    ...{ disconnectMessage: bytes, hiccupMessage: null },
  };
  const both = { ...every, ...send, ...receive };
  new Push({ ...every, ...send, conflate: true });
  new Pull({ ...every, ...receive, conflate: true });
  new Publisher({ ...every, ...send, conflate: true, noDrop: true, invertMatching: true, maxTopics: 1 });
  new Subscriber({ ...every, ...receive, conflate: true, invertMatching: true });
  new Pair(both);
  new Reply({ ...both, routingId: "id" });
  new Request({ ...both, routingId: null, probeRouter: true, correlate: true, relaxed: true });
  new Dealer({ ...both, routingId: bytes, probeRouter: true, conflate: true });
  new Router({ ...both, routingId: "id", probeRouter: true, mandatory: true, handover: true, notify: "both" });
  new XPublisher({ ...both, maxTopicBytes: 1, noDrop: true, verbosity: "allSubs", manual: true, welcomeMessage: "hi" });
  new XPublisher({ verbosity: "allSubsUnsubs", manualLastValue: true, welcomeMessage: bytes, invertMatching: true });
  new XSubscriber({ ...both, verboseUnsubscribe: true });
  new Stream({ ...both, notify: false });
  new Push({ linger: undefined, context: undefined, metadata: undefined });
  const options: PushOptions & StreamOptions = {};
  void options;
}

export function constructorsRefuse(): void {
  // @ts-expect-error: only a router has peers by name.
  new Pull({ mandatory: true });
  // @ts-expect-error: it does not receive.
  new Push({ receiveHighWaterMarkBytes: 1 });
  // @ts-expect-error: it does not receive.
  new Push({ disconnectMessage: "gone" });
  // @ts-expect-error: it does not receive.
  new Publisher({ hiccupMessage: "gone" });
  // @ts-expect-error: it does not send.
  new Pull({ sendHighWaterMarkBytes: 1 });
  // @ts-expect-error: a pair has one peer, and keeps all messages.
  new Pair({ conflate: true });
  // @ts-expect-error: it asks nobody.
  new Reply({ correlate: true });
  // @ts-expect-error: it talks to routers as they do to it, without probes.
  new Reply({ probeRouter: true });
  // @ts-expect-error: peers subscribe by themselves.
  new Publisher({ manual: true });
  // @ts-expect-error: it does not see subscriptions.
  new Publisher({ verbosity: "allSubs" });
  // @ts-expect-error: it passes all on.
  new XSubscriber({ invertMatching: true });
  // @ts-expect-error: it does not forward cancels.
  new Subscriber({ verboseUnsubscribe: true });
  // @ts-expect-error: its peers do not speak of themselves.
  new Stream({ routingId: "id" });
  // @ts-expect-error: a router's has words.
  new Router({ notify: true });
  // @ts-expect-error: a stream's is on or off.
  new Stream({ notify: "both" });
  // @ts-expect-error: no such word.
  new XPublisher({ verbosity: "all" });
  // @ts-expect-error: no such word.
  new Push({ reconnectStop: ["never"] });
  // @ts-expect-error: an array.
  new Push({ reconnectStop: "refused" });
  // @ts-expect-error: texts only.
  new Push({ metadata: { "X-n": 1 } });
  // @ts-expect-error: a context is made by `new Context`.
  new Push({ context: {} });
}

// As properties.

export function properties(push: Push, pull: Pull, dealer: Dealer, router: Router, stream: Stream): void {
  new Push().sendHighWaterMark = 5;
  push.linger = 0;
  push.conflate = true;
  push.socksProxy = null;
  push.reconnectStop = ["refused"];
  push.metadata = { "X-team": "blue" };
  pull.receiveHighWaterMarkBytes = 1;
  pull.disconnectMessage = "gone";
  dealer.routingId = "id";
  dealer.routingId = bytes;
  router.notify = "connect";
  router.notify = null;
  stream.notify = false;
  const given: Context = push.context;
  const last: string | null = push.lastEndpoint;
  void [given, last];
}

export function propertiesAreRead(push: Push, dealer: Dealer, router: Router, stream: Stream): void {
  same<typeof push.linger, number>(true);
  same<typeof push.immediate, boolean>(true);
  same<typeof push.socksProxy, string | null>(true);
  same<typeof dealer.routingId, string | Uint8Array | null>(true);
  same<typeof router.notify, "connect" | "disconnect" | "both" | null>(true);
  same<typeof stream.notify, boolean>(true);
  same<typeof push.reconnectStop, readonly ReconnectStop[]>(true);
}

export function propertiesRefuse(push: Push, pull: Pull, router: Router, socket: XPublisher): void {
  // @ts-expect-error: it does not receive.
  new Push().receiveHighWaterMark = 5;
  // @ts-expect-error: it does not receive.
  void push.hiccupMessage;
  // @ts-expect-error: it does not send.
  pull.sendTimeout = 1;
  // @ts-expect-error: a socket stays in its context.
  push.context = context;
  // @ts-expect-error: it can be read only.
  push.lastEndpoint = "tcp://127.0.0.1:5555";
  // @ts-expect-error: the wrong type.
  push.linger = "0";
  // @ts-expect-error: null is not a number.
  push.sendHighWaterMark = null;
  // @ts-expect-error: undefined is not a value: read the default from a new socket.
  push.linger = undefined;
  // @ts-expect-error: what was read cannot be changed in place.
  push.reconnectStop.push("refused");
  // @ts-expect-error: what was read cannot be changed in place.
  push.metadata["X-team"] = "red";
  // @ts-expect-error: no such word.
  router.notify = "always";
  // @ts-expect-error: it can be read only.
  socket.writable = true;
  // @ts-expect-error: it can be read only.
  socket.topicsCount = 1;
}

// In calls.

export async function calls(router: Router, stream: Stream, dealer: Dealer, push: Push, pull: Pull): Promise<void> {
  router.connect("tcp://127.0.0.1:5555");
  for (const socket of [router, stream]) {
    socket.connect("tcp://127.0.0.1:5555", { routingId: "peer" });
    socket.connect("tcp://127.0.0.1:5555", { routingId: bytes });
    socket.connect("tcp://127.0.0.1:5555", { routingId: null });
    socket.connect("tcp://127.0.0.1:5555", {});
    // @ts-expect-error: text or bytes.
    socket.connect("tcp://127.0.0.1:5555", { routingId: 1 });
    // @ts-expect-error: there is no such option.
    socket.connect("tcp://127.0.0.1:5555", { identity: "peer" });
  }
  // @ts-expect-error: its messages do not name peers.
  dealer.connect("tcp://127.0.0.1:5555", { routingId: "peer" });
  same<ReturnType<typeof dealer.whenReadable>, Promise<void>>(true);
  same<ReturnType<typeof dealer.whenWritable>, Promise<void>>(true);
  await dealer.whenReadable({ signal });
  await push.whenWritable({ signal });
  const ready: boolean = dealer.readable && dealer.writable && push.writable && pull.readable;
  // @ts-expect-error: it does not receive.
  await push.whenReadable();
  // @ts-expect-error: it does not receive.
  void push.readable;
  // @ts-expect-error: it does not send.
  await pull.whenWritable();
  // @ts-expect-error: it does not send.
  void pull.writable;
  // @ts-expect-error: there is no such option.
  await push.whenWritable({ timeout: 5 });
  void ready;
}

// Counters.

export function counts(push: Push, sub: Subscriber, pub: Publisher): void {
  const statistics: SocketStatistics = push.statistics();
  const traffic: Counters = statistics;
  const [first]: readonly PeerStatistics[] = statistics.peers;
  same<typeof statistics.queued, number>(true);
  if (first !== undefined) same<typeof first.metadata, ReadonlyMap<string, Uint8Array>>(true);
  const refused: number = statistics.refused + statistics.refusals.maxConnections;
  const by: ConnectionLimit[] = [
    "maxConnectionsPerAddress",
    "maxHandshakesPerSecond",
    "maxHandshakes",
    "maxLeftoverBytes",
  ];
  const topics: number = sub.topicsCount + pub.topicsCount;
  // @ts-expect-error: it can be read only.
  traffic.dropped = 0;
  // @ts-expect-error: it can be read only.
  statistics.peers.length = 0;
  // @ts-expect-error: it has no topics.
  void push.topicsCount;
  void [topics, refused, by];
}

// One peer.

export function disconnects(push: Push, stream: Stream): void {
  const [peer] = push.statistics().peers;
  if (peer !== undefined) same<typeof peer.userId, string | undefined>(true);
  const count: number = push.disconnectPeer(peer!) + stream.disconnectPeer(bytes) + push.disconnectPeer("id");
  push.disconnectPeer(({ userId, address }) => userId === "ann" || address === "192.0.2.1");
  // @ts-expect-error: there may be none.
  push.disconnectPeer(undefined);
  // @ts-expect-error: it answers yes or no.
  push.disconnectPeer(({ userId }) => userId);
  // @ts-expect-error: not by an endpoint and a number.
  push.disconnectPeer("id", 1);
  void count;
}

// Contexts.

export function contexts(options: ContextOptions): void {
  const own = new Context(options);
  own.maxSockets = 5;
  const open: number = own.sockets + new Context({ maxSockets: 0 }).sockets;
  const shared: PullOptions = { context: own };
  // @ts-expect-error: there is no such option.
  new Context({ ioThreads: 2 });
  // @ts-expect-error: it can be read only.
  own.sockets = 0;
  // @ts-expect-error: a context has no sockets to make: they are given one.
  own.socket("PUSH");
  void [open, shared];
}
