/**
 * High-water marks in bytes: of send queues and receive queues, over tcp with messages of every size, and with a
 * receiver that stopped.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, type QueueStatistics } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { command, message } from "../support/raw_peer.ts";
import { ANY, deserted, rejectsWith, take } from "../sockets/support.ts";
import { comeIn, numbers, watch, wire } from "./support.ts";

const NO_SEND_MARK = { sendHighWaterMark: 0 };
const NO_RECEIVE_MARK = { receiveHighWaterMark: 0 };

/** Returns the number of messages of `size` bytes that are accepted without waiting. */
function fill(socket: Push | Dealer | Pair, size: number, limit = 5000): number {
  let sent = 0;
  while (sent < limit && socket.trySend(new Uint8Array(size))) sent++;
  return sent;
}

for (const make of [Push, Dealer, Pair]) {
  test(`${make.name}: sendHighWaterMarkBytes: nothing more is queued from that many bytes on`, async () => {
    const endpoint = await deserted();
    for (const [mark, size, expected] of [[100, 30, 4], [100, 50, 2], [100, 100, 1], [100, 1000, 1], [1, 1, 1]]) {
      await using socket = new make({ sendHighWaterMarkBytes: mark!, linger: 0 });
      socket.connect(endpoint);
      assertEquals(fill(socket, size!), expected, `${size} of ${mark}`);
    }
  });
}

test("sendHighWaterMarkBytes: all frames of a message count, empty messages only as messages", async () => {
  await using push = new Push({ sendHighWaterMarkBytes: 100, sendHighWaterMark: 10, linger: 0 });
  push.connect(await deserted());
  assertEquals(push.trySend([new Uint8Array(40), "", new Uint8Array(59)]), true);
  assertEquals(fill(push, 0), 9);
  push.sendHighWaterMark = 0;
  assertEquals(fill(push, 0, 1000), 1000);
  assertEquals(fill(push, 1), 1);
  assertEquals(fill(push, 0), 0);
});

test("sendHighWaterMarkBytes and sendHighWaterMark: whichever is reached first", async () => {
  await using push = new Push({ sendHighWaterMarkBytes: 100, sendHighWaterMark: 3, linger: 0 });
  push.connect(await deserted());
  assertEquals(fill(push, 10), 3);
  push.sendHighWaterMark = 0;
  assertEquals(fill(push, 10), 7);
});

test("sendHighWaterMarkBytes set live: a higher one resumes pending sends, a lower one keeps queued messages", async () => {
  await using push = new Push({ sendHighWaterMarkBytes: 20, linger: 0 });
  push.connect(await deserted());
  const sends = Array.from({ length: 8 }, () => push.send(new Uint8Array(10)));
  const waits = sends.map(watch);
  await turn();
  const settled = () => waits.filter(({ settled }) => settled).length;
  assertEquals(settled(), 2);
  push.sendHighWaterMarkBytes = 40;
  await turn();
  assertEquals(settled(), 4);
  push.sendHighWaterMarkBytes = 10;
  await turn();
  assertEquals([settled(), push.statistics().queued], [4, 4]);
  push.sendHighWaterMarkBytes = 0;
  await Promise.all(sends);
  assertEquals(fill(push, 10, 100), 100);
});

test("sendHighWaterMarkBytes set live, when something is queued: that counts", async () => {
  await using push = new Push({ linger: 0 });
  push.connect(await deserted());
  assertEquals(fill(push, 30, 3), 3);
  push.sendHighWaterMarkBytes = 100;
  assertEquals(fill(push, 30), 1);
});

test("sendHighWaterMarkBytes: a full queue has room again at half of the high-water mark", async () => {
  await using push = new Push({ sendHighWaterMarkBytes: 400_000, linger: 0 });
  const link = comeIn(push);
  await turn();
  link.takes = false;
  assertEquals(push.trySend("1"), true);
  assertEquals(fill(push, 10_000), 40);
  await turn();
  // The link takes about 60 KiB at a time.
  const queued = [40];
  while (!push.writable) {
    assertEquals(push.trySend("not yet"), false);
    link.drain(false);
    queued.unshift(push.statistics().queued);
  }
  assert(queued[0]! <= 20 && queued[1]! > 20, `${queued} messages were queued`);
  assertEquals(fill(push, 10_000), 40 - queued[0]!);
});

test("Publisher: sendHighWaterMarkBytes drops for the peer that is full, and counts it", async () => {
  await using pub = new Publisher({ sendHighWaterMarkBytes: 20, linger: 0 });
  const link = comeIn(pub);
  link.arrive(command("SUBSCRIBE"));
  await turn();
  link.takes = false;
  for (const text of numbers(6)) await pub.send(text.padEnd(10));
  await turn();
  assertEquals(counts(pub.statistics()), { messagesSent: 1, queued: 2, dropped: 3 });
});

function counts({ messagesSent, queued, dropped }: QueueStatistics) {
  return { messagesSent, queued, dropped };
}

test("receiveHighWaterMarkBytes: a peer is not read from that many bytes on, and again from half of them down", async () => {
  await using pull = new Pull({ receiveHighWaterMarkBytes: 100 });
  const link = comeIn(pull);
  link.arrive(...wire(...numbers(9).map((text) => text.padEnd(30))));
  const held = () => [pull.statistics().held, link.paused];
  assertEquals(held(), [4, true]);
  await take(pull, 1);
  await take(pull, 1);
  // 60 bytes are more than half.
  assertEquals(held(), [2, true]);
  await take(pull, 1);
  assertEquals(held(), [4, true]);
  await take(pull, 6);
  assertEquals(held(), [0, false]);
});

test("receiveHighWaterMarkBytes: a message larger than the limit is received when it is the only one", async () => {
  await using pull = new Pull({ receiveHighWaterMarkBytes: 100 });
  const link = comeIn(pull);
  const big = numbers(3).map((text) => text.padEnd(1000));
  link.arrive(message(big[0]!, "and", "more"), message(big[1]!), message(big[2]!));
  assertEquals([pull.statistics().held, link.paused], [1, true]);
  assertEquals(await take(pull, 1), [`${big[0]}|and|more`]);
  assertEquals([pull.statistics().held, link.paused], [1, true]);
  assertEquals(await take(pull, 2), big.slice(1));
  assertEquals(link.paused, false);
});

test("receiveHighWaterMarkBytes set live: queued bytes count; a higher one or 0 resumes reading immediately", async () => {
  await using pull = new Pull();
  const link = comeIn(pull);
  link.arrive(...wire(...numbers(3).map((text) => text.padEnd(30))));
  pull.receiveHighWaterMarkBytes = 100;
  link.arrive(...wire(...numbers(9).map((text) => text.padEnd(30))));
  const held = () => [pull.statistics().held, link.paused];
  assertEquals(held(), [4, true]);
  pull.receiveHighWaterMarkBytes = 150;
  assertEquals(held(), [5, true]);
  pull.receiveHighWaterMarkBytes = 50;
  assertEquals(held(), [5, true]);
  pull.receiveHighWaterMarkBytes = 0;
  assertEquals(held(), [12, false]);
});

test("inproc: the high-water marks in bytes of both sides count", async () => {
  await using pull = new Pull({ ...NO_RECEIVE_MARK, receiveHighWaterMarkBytes: 100 });
  await using push = new Push({ ...NO_SEND_MARK, sendHighWaterMarkBytes: 50, linger: 0 });
  await pull.bind("inproc://bytes");
  push.connect("inproc://bytes");
  await push.waitForPeers(1);
  assertEquals(fill(push, 20), 5 + 3);
  await take(pull, 8);
  assertEquals([push.trySend("room again"), pull.statistics().held], [true, 1]);
});

/** The timeout of a send that is to fail, in ms. If it were too short, the tests would prove less, but not fail. */
const TIMEOUT = 200;

interface Load {
  readonly size: number;
  readonly mark: number;
  /** More than the high-water marks and the operating system hold. */
  readonly limit: number;
}

const LOADS: readonly Load[] = [
  { size: 100, mark: 64 << 10, limit: 400_000 },
  { size: 64 << 10, mark: 1 << 20, limit: 800 },
  { size: 1 << 20, mark: 256 << 10, limit: 60 },
];

for (const { size, mark, limit } of LOADS) {
  for (const binder of ["receiver", "sender"] as const) {
    const name =
      `byte marks of ${mark} over tcp with messages of ${size}: both sides hold at most that and one message`;
    test(`${name}; the ${binder} binds`, async () => {
      await using pull = new Pull({ ...NO_RECEIVE_MARK, receiveHighWaterMarkBytes: mark });
      await using push = new Push({ ...NO_SEND_MARK, sendHighWaterMarkBytes: mark, sendTimeout: TIMEOUT, linger: 0 });
      if (binder === "receiver") push.connect(await pull.bind(ANY));
      else pull.connect(await push.bind(ANY));
      await push.waitForPeers(1);
      let sent = 0;
      const numbered = () => {
        const body = new Uint8Array(size);
        new DataView(body.buffer).setUint32(0, sent);
        return body;
      };
      // On a busy machine a send may be refused before the receiver has had its turn: that is not the end yet.
      do {
        await rejectsWith("EAGAIN", async () => {
          for (; sent < limit; sent++) await push.send(numbered());
          throw new Error("the sender was never stopped");
        });
      } while (pull.statistics().held * size < mark);
      const there = push.statistics();
      const here = pull.statistics();
      assertEquals(there.messagesSent + there.queued, sent);
      for (const held of [there.queued * size, here.held * size]) {
        // Full, and no fuller than one message more.
        assert(held < mark + size, `${held} bytes are held`);
      }
      for (let expected = 0; expected < sent; expected++) {
        const [body] = await pull.receive();
        const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
        if (number !== expected || body.length !== size) throw new Error(`message ${number} instead of ${expected}`);
      }
      await push.send("room again");
      assertEquals(await take(pull, 1), ["room again"]);
    }, { timeout: 30_000 });
  }
}
