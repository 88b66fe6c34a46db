/**
 * High-water marks after the loss of a connection: a full queue stays full, no queued or pending message is lost, and
 * the next connection continues.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, message, ping, RawListener } from "../support/raw_peer.ts";
import { roundTrips, still } from "../support/stillness.ts";
import { LEAVES, lose, numbers, read } from "./losses.ts";
import { nextEvent, take, turn } from "./support.ts";

const OPTIONS = { reconnectInterval: 2, linger: 0 };
const BODY = new Uint8Array(64 * 1024);

const SENDERS = [[Push, "PULL"], [Dealer, "ROUTER"], [Pair, "PAIR"]] as const;

for (const [make, type] of SENDERS) {
  test(`${make.name}: a queue that is full stays full over losses, and drains in order, those in line behind it`, async () => {
    await using listener = await RawListener.bind();
    await using socket = new make({ ...OPTIONS, sendHighWaterMark: 3 });
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    await socket.waitForPeers(1);
    await lose(socket, first);
    for (const text of numbers(0, 3)) assert(socket.trySend(text));
    assertEquals(socket.trySend("too many"), false);
    await loseEarly(socket, listener);
    assertEquals(socket.trySend("still too many"), false);
    const order: number[] = [];
    const line = [3, 4, 5].map((number) => socket.send(`${number}`).then(() => order.push(number)));
    await loseEarly(socket, listener);
    assertEquals(order, []);
    const peer = await listener.join({ type });
    assertEquals(await read(peer, 6), numbers(0, 6));
    await Promise.all(line);
    assertEquals(order, [3, 4, 5]);
    await socket.send("room again");
    assertEquals(await peer.message(), ["room again"]);
  });

  test(`${make.name}: messages queued for a peer that does not read outlive that peer`, async () => {
    await using listener = await RawListener.bind();
    // A queue of two has room again only when one of them was sent: a full one holds both.
    await using socket = new make({ ...OPTIONS, sendHighWaterMark: 2 });
    socket.connect(listener.endpoint);
    for (let round = 0, due = 0; round < 3; round++) {
      const deaf = await listener.join({ type });
      await socket.waitForPeers(1);
      deaf.pause();
      // One of them is always in line.
      let accepted = due;
      let going = true;
      const sending = (async () => {
        for (; going; accepted++) await socket.send([`${accepted}`, BODY]);
      })();
      // Awaited below, if nothing fails before.
      sending.catch(() => {});
      await still(() => accepted);
      await lose(socket, deaf, LEAVES[1]);
      await turn();
      const atLoss = accepted;
      assertEquals(socket.trySend("no queue-jumping"), false);
      going = false;
      const reader = await listener.join({ type });
      const from = Number((await reader.message())[0]);
      assert(from >= due && from <= atLoss - 2, `${from} came first, of ${atLoss} that were accepted`);
      for (let number = from + 1; number <= atLoss; number++) assertEquals((await reader.message())[0], `${number}`);
      await sending;
      due = accepted;
      await reader.sync();
      await lose(socket, reader);
    }
  });
}

/** Loses a connection before its handshake. */
async function loseEarly(socket: Push | Dealer | Pair, listener: RawListener): Promise<void> {
  const failed = nextEvent(socket, "handshake:error:other");
  await (await listener.accept()).end();
  await failed;
}

for (const [make, type] of [[Pull, "PUSH"], [Dealer, "ROUTER"], [Pair, "PAIR"]] as const) {
  test(`${make.name}: messages left in an inbox count for the next connection`, async () => {
    await using listener = await RawListener.bind();
    await using socket = new make({ ...OPTIONS, receiveHighWaterMark: 4 });
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    const lost = nextEvent(socket, "disconnect");
    first.write(...numbers(0, 4).map((text) => message(text)));
    const leaving = first.end();
    // While the inbox is full, reading stops before the end.
    assertEquals(await take(socket, 2), ["0", "1"]);
    await Promise.all([lost, leaving]);
    const second = await listener.join({ type });
    second.write(...numbers(4, 6).map((text) => message(text)));
    let answered = false;
    const answer = second.sync().then(() => answered = true);
    await roundTrips();
    assertEquals(answered, false, "four messages were there, and more was read");
    assertEquals(await take(socket, 2), ["2", "3"]);
    await answer;
    assertEquals(await take(socket, 2), ["4", "5"]);
  });
}

/** Turns in which a socket may notice that its writes are lost; Deno reports that only to a reader. */
const TURNS = 200;

for (const [make, type] of [[Dealer, "ROUTER"], [Pair, "PAIR"]] as const) {
  test(`${make.name}: an inbox that was full at the loss keeps its messages, and the next connection continues`, async () => {
    await using listener = await RawListener.bind();
    await using socket = new make({ ...OPTIONS, receiveHighWaterMark: 4, sendHighWaterMark: 0 });
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    const [a, b, c, d] = numbers(0, 4).map((text) => message(text));
    // The answer says that all of this, which is one write, has arrived.
    first.write(bytes(a!, b!, c!, ping("there?"), d!));
    assertEquals(await first.message(), ["PONGthere?"]);
    let lost = false;
    const losing = nextEvent(socket, "disconnect").then(() => lost = true);
    await first[Symbol.asyncDispose]();
    for (let turns = 0; turns < TURNS && !lost; turns++) {
      assert(socket.trySend("anybody?"));
      await turn();
    }
    let answered = false;
    const joining = listener.join({ type }).then(async (second) => {
      second.write(message("4"), message("5"), ping("done?"));
      while ((await second.message())[0] !== "PONGdone?");
      answered = true;
    });
    if (lost) {
      await socket.waitForPeers(1);
      await roundTrips();
      assertEquals(answered, false, "the inbox was full, and more was read");
    }
    assertEquals(await take(socket, 6), numbers(0, 6));
    await losing;
    await joining;
  });
}
