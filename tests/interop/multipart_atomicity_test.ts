/**
 * A message of several frames arrives whole or not at all, also while other peers send, and when a peer ends in the
 * middle of one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pull, Push, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { bytes, texts } from "./frames.ts";
import { nextEvent } from "./next_event.ts";

const libzmq = new Peer("libzmq");

/** Large enough to be cut in the middle of a message most of the time. */
const SIZE = 1 << 20;
const FRAMES = 5;
const numbered = new Numbered(SIZE, FRAMES);

test("messages of several libzmq peers do not mix", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  const senders = await Promise.all(["a", "b", "c", "d", "e"].map(async (name) => {
    const push = await libzmq.open("PUSH");
    await push.connect(endpoint);
    return { name, push };
  }));
  const middle = bytes(20_000);
  const sent = Promise.all(senders.map(async ({ name, push }) => {
    const messages = Array.from({ length: 40 }, (_, number) => [name, `${number}`, middle, "", `${name}${number}`]);
    await push.sendAll(messages);
  }));
  const next = new Map(senders.map(({ name }) => [name, 0]));
  for (let received = 0; received < senders.length * 40; received++) {
    const [name, number, large, empty, last, ...more] = await pull.receive();
    const sender = toText(name);
    assertEquals(texts([number!, empty!, last!]), [`${next.get(sender)}`, "", `${sender}${next.get(sender)}`]);
    assertEquals(large, middle);
    assertEquals(more, []);
    next.set(sender, next.get(sender)! + 1);
  }
  await sent;
  for (const { push } of senders) await push.close();
});

test("only whole messages are received from a libzmq peer that is killed in the middle of one", async () => {
  await using peer = new Peer("libzmq");
  await using pull = new Pull();
  await using other = await libzmq.open("PUSH");
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  const push = await peer.open("PUSH");
  await push.connect(endpoint);
  const killed = push.fill(SIZE, 10_000, FRAMES).catch(() => {});
  for (let number = 0; number < 3; number++) assertEquals(numbered.number(await pull.receive()), number);
  const down = nextEvent(pull, "disconnect");
  await peer.kill();
  await killed;
  await down;

  await other.connect(endpoint);
  await other.send(["next", "sender"]);
  for (let expected = 3;; expected++) {
    const message = await pull.receive();
    if (message.length === 2) return assertEquals(texts(message), ["next", "sender"]);
    assertEquals(numbered.number(message), expected);
  }
});

test("libzmq receives only whole messages from our PUSH that is closed in the middle of one", async () => {
  await using pull = await libzmq.open("PULL");
  await using other = new Push();
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  const push = new Push();
  push.connect(endpoint);
  for (let number = 0; number < 10; number++) await push.send(numbered.message(number));
  await push.waitForPeers(1);
  await push.close({ linger: 0 });

  other.connect(endpoint);
  await other.send(["next", "sender"]);
  for (let expected = 0;; expected++) {
    const message = await pull.receive();
    if (message.length === 2) return assertEquals(texts(message), ["next", "sender"]);
    assertEquals(numbered.number(message), expected);
  }
});
