/**
 * Watches the messages of one socket, for the debug log only: its pattern and its pipes get methods of their own, which call the
 * original and report. A socket without a log has the methods of its classes, so it pays nothing, not even a condition.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { PeerPipe } from "../engine/pipe/pipe.ts";
import type { SocketCore } from "../engine/socket_core.ts";
import type { DropCount, DropReason } from "../routing/drops.ts";

/** Called with what happens to the messages of a socket. `remote` is empty while the peer is not connected. */
export interface TapReports {
  /** A message was queued for a peer. */
  sent(remote: string, message: Message): void;
  /** A message arrived. */
  received(remote: string, message: Message): void;
  /** A topic is sent to a publisher. */
  subscribing(remote: string, cancel: boolean, topic: Uint8Array): void;
  /** A topic arrived from a subscriber. */
  subscribed(remote: string, cancel: boolean, topic: Uint8Array): void;
  /** Messages were dropped. */
  dropped(remote: string, reason: DropReason, messages: number): void;
  /** A publisher sent a message for which there is no subscription. */
  unwanted(message: Message): void;
  /** A queue of this many messages is full: to send, or to receive. */
  full(remote: string, direction: "send" | "receive", messages: number): void;
  /** A message cannot be sent now. */
  waits(peers: number): void;
}

/**
 * Installs methods on an object; the function returned removes them. The last one first: V8 undoes additions only in that
 * order, and otherwise keeps the object as a slow dictionary, long after the log is off.
 */
function install<T extends object>(object: T, methods: Partial<T>): () => void {
  Object.assign(object, methods);
  return () => {
    for (const name of Object.keys(methods).reverse()) delete (object as Record<string, unknown>)[name];
  };
}

/** A socket with its observers: the methods are installed once for all of them. */
interface Tapped {
  readonly observers: Set<TapReports>;
  readonly remove: () => void;
}

const tapped = new WeakMap<SocketCore, Tapped>();

/** Reports the messages of a socket, until the function returned is called. */
export function tap(core: SocketCore, reports: TapReports): () => void {
  let known = tapped.get(core);
  if (known === undefined) {
    const observers = new Set<TapReports>();
    tapped.set(core, known = { observers, remove: tapSocket(core, toAll(observers)) });
  }
  const { observers, remove } = known;
  observers.add(reports);
  return () => {
    if (!observers.delete(reports) || observers.size > 0) return;
    tapped.delete(core);
    remove();
  };
}

/** Reports to every observer. */
function toAll(observers: ReadonlySet<TapReports>): TapReports {
  return {
    sent: (...report) => observers.forEach((observer) => observer.sent(...report)),
    received: (...report) => observers.forEach((observer) => observer.received(...report)),
    subscribing: (...report) => observers.forEach((observer) => observer.subscribing(...report)),
    subscribed: (...report) => observers.forEach((observer) => observer.subscribed(...report)),
    dropped: (...report) => observers.forEach((observer) => observer.dropped(...report)),
    unwanted: (...report) => observers.forEach((observer) => observer.unwanted(...report)),
    full: (...report) => observers.forEach((observer) => observer.full(...report)),
    waits: (...report) => observers.forEach((observer) => observer.waits(...report)),
  };
}

function tapSocket(core: SocketCore, reports: TapReports): () => void {
  /** Removes the methods of each pipe. */
  const taps = new Map<PeerPipe, () => void>();
  const counter = { queued: 0 };
  const add = (pipe: PeerPipe) => {
    taps.set(pipe, tapPipe(core, pipe, reports, counter));
  };
  core.pipes.onOpen = add;
  for (const pipe of core.pipes) add(pipe);
  core.pipes.onEnd = (pipe) => {
    taps.get(pipe)?.();
    taps.delete(pipe);
  };
  const removals = [
    tapPattern(core, reports, counter),
    tapDrops(core.drops, (reason, messages) => reports.dropped("", reason, messages)),
  ];
  if (core.pattern.drops !== undefined) {
    removals.push(tapDrops(core.pattern.drops, (reason, messages) => reports.dropped("", reason, messages)));
  }
  return () => {
    core.pipes.onOpen = core.pipes.onEnd = undefined;
    for (const remove of [...removals, ...taps.values()]) remove();
    taps.clear();
  };
}

function tapPattern(core: SocketCore, reports: TapReports, counter: { queued: number }): () => void {
  const { pattern, definition } = core;
  const send = pattern.trySend?.bind(pattern);
  if (send === undefined) return () => {};
  let waiting = false;
  return install(pattern, {
    trySend(message) {
      const before = counter.queued;
      const sent = send(message);
      // The calls in line are tried repeatedly.
      if (!sent && !waiting) reports.waits(core.peerCount);
      waiting = !sent;
      if (sent && definition.publishes === true && counter.queued === before) reports.unwanted(message);
      return sent;
    },
  });
}

function tapDrops(drops: DropCount, report: (reason: DropReason, messages: number) => void): () => void {
  const add = drops.add.bind(drops);
  return install(drops, {
    add(reason, messages = 1) {
      add(reason, messages);
      if (messages > 0) report(reason, messages);
    },
  });
}

function tapPipe(core: SocketCore, pipe: PeerPipe, reports: TapReports, counter: { queued: number }): () => void {
  let known = "";
  const remote = () => known ||= core.connections.remoteOf(pipe);
  /** True if the last broadcast was reported by another method. */
  let reported = false;
  let full = false;
  let stopped = false;
  const queued = (message: Message, sent: boolean) => {
    reported = true;
    counter.queued++;
    if (sent) reports.sent(remote(), message);
    if (!sent && !full) reports.full(remote(), "send", pipe.outbox.messages);
    full = !sent;
  };
  const original = Object.getPrototypeOf(pipe) as PeerPipe;
  const removals = [
    tapDrops(pipe.counters.drops, (reason, messages) => {
      reported = true;
      counter.queued++;
      reports.dropped(remote(), reason, messages);
    }),
    install<PeerPipe>(pipe, {
      connect(connection) {
        known = "";
        original.connect.call(pipe, connection);
      },
      trySend(message) {
        const sent = original.trySend.call(pipe, message);
        queued(message, sent);
        return sent;
      },
      broadcast(broadcast) {
        reported = false;
        original.broadcast.call(pipe, broadcast);
        if (!reported) queued(broadcast.message, true);
      },
      sendFirst(message) {
        original.sendFirst.call(pipe, message);
        queued(message, true);
      },
      subscribe(cancel, topic) {
        reports.subscribing(remote(), cancel, topic);
        return original.subscribe.call(pipe, cancel, topic);
      },
      subscribeAll(topics) {
        return original.subscribeAll.call(
          pipe,
          reportEach(topics, (topic) => reports.subscribing(remote(), false, topic)),
        );
      },
      arrived(message) {
        reports.received(remote(), message);
        const room = original.arrived.call(pipe, message);
        if (!room && !stopped) reports.full(remote(), "receive", pipe.inbox.length);
        stopped = !room;
        return room;
      },
      subscribed(cancel, topic) {
        reports.subscribed(remote(), cancel, topic);
        return original.subscribed.call(pipe, cancel, topic);
      },
    }),
  ];
  return () => {
    for (const remove of removals) remove();
  };
}

function* reportEach(topics: Iterator<Uint8Array>, report: (topic: Uint8Array) => void): Generator<Uint8Array> {
  for (const topic of { [Symbol.iterator]: () => topics }) {
    report(topic);
    yield topic;
  }
}
