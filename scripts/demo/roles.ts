/**
 * The role of each party in each pattern, independent of runtime and library.
 *
 * @module
 */

import type { Library, PeerSocket, Receiver, Sender, SubscribingReceiver } from "../../bench/peers/library.ts";
import { isMessage, messageOf, OTHER_TOPIC, SYNC, textOf, TOPIC } from "./messages.ts";

/** The patterns, in the order of the table. */
export const PATTERNS = ["REQ/REP", "PUB/SUB", "PUSH/PULL"] as const;

/** One of {@link PATTERNS}; the first type is the sender's. */
export type Pattern = typeof PATTERNS[number];

/** The counts of a run so far. */
export interface Tally {
  /** Messages that were the next one expected, byte by byte. */
  good: number;
  /** All others. */
  bad: number;
  /** From the first message to the last, in ms. */
  elapsed: number;
}

/** The context in which a role runs. */
export interface Stage {
  readonly library: Library;
  readonly count: number;
  readonly tally: Tally;
  /** Resolves when the receiver is known to be connected. */
  readonly go: Promise<void>;
  /** Reports that this receiver is connected. */
  readonly synced: () => void;
}

/** A part in a pattern: a socket, and what is done with it once it is bound or connected. */
export interface Role {
  readonly socket: PeerSocket;
  /** `true` if this side binds and its peer connects. */
  readonly binds: boolean;
  run(stage: Stage): Promise<void>;
}

/** The sender's part. */
export function sender(pattern: Pattern, library: Library): Role {
  switch (pattern) {
    case "REQ/REP": {
      const socket = library.request();
      return { socket, binds: false, run: (stage) => ask(socket, stage) };
    }
    case "PUB/SUB": {
      const socket = library.publisher({ unlimited: true });
      return { socket, binds: true, run: (stage) => publish(socket, stage) };
    }
    case "PUSH/PULL": {
      const socket = library.push();
      return { socket, binds: false, run: (stage) => push(socket, stage) };
    }
  }
}

/** The receiver's part. */
export function receiver(pattern: Pattern, library: Library): Role {
  switch (pattern) {
    case "REQ/REP": {
      const socket = library.reply();
      return { socket, binds: true, run: (stage) => answer(socket, stage) };
    }
    case "PUB/SUB": {
      const socket = library.subscriber({ unlimited: true });
      return { socket, binds: false, run: (stage) => subscribe(socket, stage) };
    }
    case "PUSH/PULL": {
      const socket = library.pull();
      return { socket, binds: true, run: (stage) => pull(socket, stage) };
    }
  }
}

async function ask(socket: Sender & Receiver, { count, tally }: Stage): Promise<void> {
  const watch = new StopWatch(tally);
  for (let i = 0; i < count; i++) {
    await socket.send(messageOf(i));
    watch.check(await socket.receive(), i);
  }
}

async function answer(socket: Sender & Receiver, { count, tally }: Stage): Promise<void> {
  const watch = new StopWatch(tally);
  for (let i = 0; i < count; i++) {
    const request = await socket.receive();
    watch.check(request, i);
    await socket.send(request);
  }
}

async function publish(socket: Sender, { library, count, tally, go }: Stage): Promise<void> {
  if (library.waitForSubscriber !== undefined) await library.waitForSubscriber(socket);
  else await publishUntil(socket, go);
  for (let i = 0; i < count; i++) {
    if (i % 100 === 0) await socket.send(OTHER_TOPIC);
    await socket.send(messageOf(i));
    tally.good++;
  }
}

/** A PUB of libzmq does not know its subscribers: sends until one of them has received something. */
async function publishUntil(socket: Sender, go: Promise<void>): Promise<void> {
  let heard = false;
  go.then(() => heard = true);
  while (!heard) {
    await socket.send(SYNC);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function subscribe(socket: SubscribingReceiver, { count, tally, synced }: Stage): Promise<void> {
  socket.subscribe(TOPIC);
  const watch = new StopWatch(tally);
  let syncs = 0;
  for (let i = 0; i < count;) {
    const message = await socket.receive();
    if (textOf(message[0]!) !== SYNC) watch.check(message, i++);
    else if (syncs++ === 0) synced();
  }
}

async function push(socket: Sender, { count, tally }: Stage): Promise<void> {
  for (let i = 0; i < count; i++) {
    await socket.send(messageOf(i));
    tally.good++;
  }
}

async function pull(socket: Receiver, { count, tally }: Stage): Promise<void> {
  const watch = new StopWatch(tally);
  for (let i = 0; i < count; i++) watch.check(await socket.receive(), i);
}

/** Checks messages and takes the time from the first to the last. */
class StopWatch {
  readonly #tally: Tally;
  #start = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  check(message: readonly Uint8Array[], number: number): void {
    const now = performance.now();
    if (number === 0) this.#start = now;
    this.#tally.elapsed = now - this.#start;
    if (isMessage(message, number)) this.#tally.good++;
    else this.#tally.bad++;
  }
}
