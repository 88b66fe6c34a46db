/**
 * A libzmq process that receives a continuous stream of numbered messages is killed by SIGKILL, and another one
 * replaces it on the same endpoint, repeatedly. Messages that the operating system had taken may be lost with the
 * process: a run of messages right before each kill. All messages that were still queued here go to the next process,
 * in order, once.
 *
 * The test knows what was queued, because a full queue has room again only when half of it is empty. So as long as a
 * send waits, it holds more than half of the high-water mark; with a high-water mark of 2, both messages.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Dealer, type DealerOptions, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer, type PeerEnd } from "../support/peers/controller.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { still } from "../support/stillness.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { nextEvent } from "./next_event.ts";

/** The number of kills. */
const ROUNDS = 3;
/** Bytes of messages for a peer that does not read, so that few fill what the system holds, and for one that does. */
const LARGE = 32 * 1024;
const SMALL = 1024;
const OPTIONS: DealerOptions = { reconnectInterval: 10, linger: 0 };

const TYPES = {
  PUSH: [(options: DealerOptions) => new Push(options), "PULL"],
  DEALER: [(options: DealerOptions) => new Dealer(options), "DEALER"],
} as const;

/** Numbered messages, one send after the other. */
class Stream {
  /** The number of sends that were started. The last one usually waits in line. */
  begun = 0;
  /** The number of completed sends. */
  accepted = 0;
  /** Set to make the pending send the last one. */
  stopped = false;

  constructor(socket: Push | Dealer, numbered: Numbered) {
    // A send that waits when the socket is closed fails.
    this.#run(socket, numbered).catch(() => {});
  }

  /** `true` when no send is pending, and none will be started. */
  get over(): boolean {
    return this.stopped && this.accepted === this.begun;
  }

  async #run(socket: Push | Dealer, numbered: Numbered): Promise<void> {
    for (; !this.stopped; this.accepted++) await socket.send(numbered.message(this.begun++));
  }
}

/** Processes one after the other on one endpoint. The next one starts before the last one is killed. */
class Successors implements AsyncDisposable {
  readonly #type: "PULL" | "DEALER";
  #next = new Peer("libzmq");
  #current: Peer | undefined;
  #endpoint: string;

  constructor(type: "PULL" | "DEALER", endpoint: string) {
    this.#type = type;
    this.#endpoint = endpoint;
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  /** The socket of the next process, bound. */
  async succeed(): Promise<PeerEnd> {
    this.#current = this.#next;
    this.#next = new Peer("libzmq");
    const end = await this.#current.open(this.#type, { receiveHighWaterMark: 10 });
    this.#endpoint = await end.bind(this.#endpoint);
    return end;
  }

  async kill(): Promise<void> {
    await this.#current!.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#current?.kill(), this.#next.kill()]);
  }
}

/** Runs `body` with an endpoint of each transport. */
async function withEndpoint(scheme: "tcp" | "ipc", body: (endpoint: string) => Promise<void>): Promise<void> {
  if (scheme === "tcp") return await body(ownEndpoint());
  const folder = mkdtempSync(`${tmpdir()}/zmq-kill-`);
  try {
    await body(`ipc://${folder}/socket`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const scheme of ["tcp", "ipc"] as const) {
  for (const [type, mark] of [["PUSH", 2], ["DEALER", 40]] as const) {
    test(
      `${type} over ${scheme}: no message of a full queue of ${mark} is lost with a peer that did not read`,
      () => withEndpoint(scheme, (endpoint) => killTheDeaf(type, mark, endpoint)),
      { timeout: 30_000 },
    );
  }
  for (const type of ["PUSH", "DEALER"] as const) {
    test(
      `${type} over ${scheme}: messages sent after a loss arrive, and earlier ones stay in order`,
      () => withEndpoint(scheme, (endpoint) => killTheBusy(type, endpoint)),
      { timeout: 30_000 },
    );
  }
}

async function killTheDeaf(type: "PUSH" | "DEALER", mark: number, endpoint: string): Promise<void> {
  const numbered = new Numbered(LARGE);
  const [make, peerType] = TYPES[type];
  await using socket = make({ ...OPTIONS, sendHighWaterMark: mark });
  await using peers = new Successors(peerType, endpoint);
  let end = await peers.succeed();
  socket.connect(peers.endpoint);
  await socket.waitForPeers(1);
  const stream = new Stream(socket, numbered);
  let due = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // The peer does not read. If more were accepted later, the test would prove less, but not fail.
    await still(() => stream.accepted);
    const lost = nextEvent(socket, "disconnect");
    await peers.kill();
    await lost;
    const atLoss = await still(() => stream.accepted);
    assertEquals(socket.trySend("no queue-jumping"), false);
    end = await peers.succeed();
    const from = numbered.number(await end.receive());
    const queued = Math.floor(mark / 2) + 1;
    assert(from > due, `${from} was the first: nothing was in flight to a peer that did not read`);
    assert(from <= atLoss - queued, `${from} was the first, and of ${atLoss} at least ${queued} were queued`);
    due = atLoss + 1;
    await end.drain(LARGE, from + 1, due - from - 1);
  }
  await finish(stream, end, LARGE, due);
}

async function killTheBusy(type: "PUSH" | "DEALER", endpoint: string): Promise<void> {
  const numbered = new Numbered(SMALL);
  const [make, peerType] = TYPES[type];
  await using socket = make({ ...OPTIONS, sendHighWaterMark: 100 });
  await using peers = new Successors(peerType, endpoint);
  let end = await peers.succeed();
  socket.connect(peers.endpoint);
  const stream = new Stream(socket, numbered);
  let due = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const enough = due + 500 + Math.floor(Math.random() * 500);
    for (; due < enough; due += 50) await end.drain(SMALL, due, 50);
    let atLoss = Infinity;
    const lost = new Promise<void>((resolve) => {
      const stop = socket.events.listen((event) => {
        if (event.type !== "disconnect") return;
        stop();
        atLoss = stream.begun;
        resolve();
      });
    });
    // Killed while it reads.
    const last = end.receiveAll(1000).catch(() => []);
    await peers.kill();
    await lost;
    for (const message of await last) assertEquals(numbered.number(message), due++);
    end = await peers.succeed();
    const from = numbered.number(await end.receive());
    assert(
      from >= due && from <= atLoss,
      `${from} came first, where ${due} was due, and ${atLoss} sent after the loss`,
    );
    due = from + 1;
  }
  await finish(stream, end, SMALL, due);
}

/** Ends the stream, and fails unless the peer receives all of it from number `due` on. */
async function finish(stream: Stream, end: PeerEnd, size: number, due: number): Promise<void> {
  stream.stopped = true;
  while (!stream.over || due < stream.accepted) {
    const count = Math.max(1, stream.accepted - due);
    await end.drain(size, due, count);
    due += count;
  }
}
