/**
 * A receiver that stopped receiving while its peers send continuously: its queue stays within the high-water marks and
 * the buffers of the system, for any number of senders. Counted in messages that the senders could queue; over ipc,
 * with small system buffers, the count is close to the high-water marks. When it receives again, all messages arrive.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router, type Socket, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawPeer } from "../support/raw_peer.ts";
import { still } from "../support/stillness.ts";
import type { Receiver } from "./support.ts";

const SEND_MARK = 40;
const RECEIVE_MARK = 60;
const SEND = { sendHighWaterMark: SEND_MARK, linger: 0 };
const RECEIVE = { receiveHighWaterMark: RECEIVE_MARK };
const KIB = 1024;

/**
 * Bytes that one connection may hold besides its two queues: buffers of the system, and what each end has read or is about to
 * write. Twice what was found: Linux lets the window of a tcp reader that was quick at first grow up to `tcp_rmem`, 32 MiB
 * here; over ipc it is less than 300 KiB.
 */
const BUFFERS = { "tcp://127.0.0.1:0": 64 * KIB * KIB, "ipc://*": KIB * KIB };

type Where = keyof typeof BUFFERS;

/** Receivers, with the peers that send to them. */
const RECEIVERS: readonly (readonly [make: () => Socket & Receiver, peer: string, sender: () => Push | Dealer])[] = [
  [() => new Pull(RECEIVE), "PUSH", () => new Push(SEND)],
  [() => new Router(RECEIVE), "DEALER", () => new Dealer(SEND)],
  [() => new Dealer(RECEIVE), "DEALER", () => new Dealer(SEND)],
];

/** A peer that sends numbered messages as long as they are taken from it. */
class Sender implements AsyncDisposable {
  /** The number of accepted messages. */
  handed = 0;
  /** The number of those that were received, in order. */
  received = 0;
  /** No more than this may be taken. */
  readonly bound: number;

  readonly #peer: AsyncDisposable;
  readonly #send: (number: string) => Promise<void>;
  #begun = 0;
  #stopped = false;

  constructor(
    peer: AsyncDisposable,
    marks: number,
    where: Where,
    size: number,
    send: (number: string) => Promise<void>,
  ) {
    this.#peer = peer;
    // One message may be cut in two.
    this.bound = marks + Math.ceil(BUFFERS[where] / size) + 1;
    this.#send = send;
    // A send that waits when the peer is closed fails.
    this.#run().catch(() => {});
  }

  /** `true` when no send is pending, none will be started, and every message has been received. */
  get done(): boolean {
    return this.#stopped && this.handed === this.#begun && this.received === this.handed;
  }

  stop(): void {
    this.#stopped = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    // One too many is enough to know.
    for (; !this.#stopped && this.#begun <= this.bound; this.handed++) await this.#send(`${this.#begun++}`);
  }
}

/** Lets so many peers of both kinds send to a receiver that does not receive, and then has it receive again. */
async function flood(
  [make, type, makeSender]: typeof RECEIVERS[number],
  where: Where,
  size: number,
  ours: number,
  byHand: number,
): Promise<void> {
  const body = new Uint8Array(size);
  await using receiver = make();
  const endpoint = await receiver.bind(where);
  const senders: Sender[] = [];
  try {
    for (let i = 0; i < ours; i++) {
      const socket = makeSender();
      socket.connect(endpoint);
      const send = (number: string) => socket.send([`${i}`, number, body]);
      senders.push(new Sender(socket, SEND_MARK + RECEIVE_MARK, where, size, send));
    }
    for (let i = ours; i < ours + byHand; i++) {
      const peer = await RawPeer.join(endpoint, { type });
      const send = (number: string) => peer.write(message(`${i}`, number, body));
      senders.push(new Sender(peer, RECEIVE_MARK, where, size, send));
    }
    do await still(() => senders.reduce((sum, sender) => sum + sender.handed, 0)); while (
      senders.some(({ handed }) => handed < RECEIVE_MARK)
    );
    for (const { handed, bound } of senders) assert(handed <= bound, `${handed} were taken, of at most ${bound}`);
    for (const sender of senders) sender.stop();
    while (!senders.every((sender) => sender.done)) {
      const [sender, number] = (await receiver.receive()).slice(-3);
      assertEquals(toText(number!), `${senders[Number(toText(sender!))]!.received++}`);
    }
  } finally {
    for (const sender of senders) await sender[Symbol.asyncDispose]();
  }
}

for (const where of Object.keys(BUFFERS) as Where[]) {
  const scheme = where.split(":")[0];
  for (const receiver of RECEIVERS) {
    const [make, type] = receiver;
    for (const size of [KIB, 64 * KIB]) {
      test(`${scheme}: memory for a stopped ${make().type} is bounded while a ${type} sends ${size} bytes at a time`, async () => {
        await flood(receiver, where, size, 1, 0);
        await flood(receiver, where, size, 0, 1);
      });
    }
  }

  test(`${scheme}: memory for a stopped receiver is bounded for messages of 1 MiB`, () =>
    flood(RECEIVERS[0]!, where, KIB * KIB, 1, 1));

  const many = scheme === "ipc" ? 10 : 4;
  test(`${scheme}: memory for each of ${2 * many} stopped receivers is bounded`, () =>
    flood(RECEIVERS[0]!, where, 16 * KIB, many, many));
}
