/**
 * Large encrypted messages between sockets over tcp: the event loop continues meanwhile, and a close, a loss or a
 * reconnect in the middle leaves every message whole, in order, and counted.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { Publisher, Pull, Push, Subscriber, toText } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { roundTrips } from "../support/stillness.ts";
import { CLIENT, SERVER } from "./keys.ts";

const SIZE = 4_000_000;
const LARGE = new Uint8Array(SIZE).map((_, i) => i * 7 + (i >> 9));
const AS_SERVER = {
  curveServer: true,
  curveSecretKey: SERVER.secretKey,
  authenticate: () => ({ userId: "anyone" }),
} as const;
const AS_CLIENT = { curveServerKey: SERVER.publicKey, curveSecretKey: CLIENT.secretKey, reconnectInterval: 1 } as const;
const LIMIT = { timeout: 60_000 };

/** Turns of the event loop that pass until it is done. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let done = false;
  const end = () => void (done = true);
  work.then(end, end);
  let turns = 0;
  for (; !done; turns++) await turn();
  await work;
  return turns;
}

function isWhole(message: readonly Uint8Array[] | undefined, name: string): void {
  assertEquals(toText(message![0]!), name);
  assert(Buffer.compare(message![1]!, LARGE) === 0, name);
}

test("many turns of the event loop pass while a large message is encrypted and decrypted", async () => {
  await using pull = new Pull(AS_SERVER);
  await using push = new Push(AS_CLIENT);
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  await push.send("first");
  await pull.receive();
  const arrived = pull.receive();
  void push.send(["large", LARGE]);
  // At most 16 slices per turn, of 63 to encrypt, and as many to authenticate and to decrypt.
  assertGreater(await turnsOf(arrived), 5);
  isWhole(await arrived, "large");
}, LIMIT);

test("close with infinite linger sends all large messages, and later ones", async () => {
  await using pull = new Pull(AS_SERVER);
  const push = new Push(AS_CLIENT);
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  await push.send("first");
  await pull.receive();
  for (let i = 0; i < 3; i++) await push.send([`${i}`, LARGE]);
  await push.send("last");
  const closed = push.close({ linger: -1 });
  for (let i = 0; i < 3; i++) isWhole(await pull.receive(), `${i}`);
  assertEquals(toText((await pull.receive())[0]), "last");
  assertEquals(await closed, 0);
}, LIMIT);

test(
  "close without linger in the middle of a large message ends immediately, and returns the unsent messages",
  async () => {
    await using pull = new Pull(AS_SERVER);
    const push = new Push(AS_CLIENT);
    push.connect(await pull.bind("tcp://127.0.0.1:0"));
    await push.send("first");
    await pull.receive();
    for (let i = 0; i < 4; i++) await push.send([`${i}`, LARGE]);
    await turn();
    const unsent = await push.close({ linger: 0 });
    assert(unsent >= 2 && unsent <= 4, `${unsent}`);
    const { messagesSent, drops } = push.statistics();
    assertEquals(messagesSent + drops.lost, 5);
    // On Deno a look at its sockets may have begun.
    await roundTrips(5);
  },
  LIMIT,
);

test(
  "a receiver that disconnects in the middle of large messages: its successor gets whole ones, in order, and none twice",
  async () => {
    const first = new Pull(AS_SERVER);
    const endpoint = await first.bind("tcp://127.0.0.1:0");
    await using push = new Push(AS_CLIENT);
    push.connect(endpoint);
    await push.send("first");
    await first.receive();
    const sent = (async () => {
      for (let i = 0; i < 8; i++) await push.send([`${i}`, LARGE]);
      await push.send("last");
    })();
    isWhole(await first.receive(), "0");
    await first.close();
    await using second = new Pull(AS_SERVER);
    await bindAgain(second, endpoint);
    const names: number[] = [];
    for (;;) {
      const message = await second.receive();
      const name = toText(message[0]);
      if (name === "last") break;
      isWhole(message, name);
      names.push(Number(name));
    }
    await sent;
    assertEquals(names, names.toSorted((a, b) => a - b));
    assertEquals(new Set(names).size, names.length);
    assertGreater(names.length, 0);
    assertEquals(names.at(-1), 7);
  },
  LIMIT,
);

test(
  "several subscribers get a large message and the small ones around it, and one that disconnects does not block others",
  async () => {
    await using publisher = new Publisher(AS_SERVER);
    const endpoint = await publisher.bind("tcp://127.0.0.1:0");
    const subscribers = [0, 1, 2].map(() => new Subscriber(AS_CLIENT));
    for (const subscriber of subscribers) {
      subscriber.subscribe("");
      subscriber.connect(endpoint);
    }
    await publisher.waitForSubscribers(3);
    for (let i = 0; i < 3; i++) {
      await publisher.send(`before ${i}`);
      await publisher.send([`${i}`, LARGE]);
      await publisher.send(`behind ${i}`);
    }
    await turn();
    await subscribers.pop()!.close();
    for (const subscriber of subscribers) {
      for (let i = 0; i < 3; i++) {
        assertEquals(toText((await subscriber.receive())[0]), `before ${i}`);
        isWhole(await subscriber.receive(), `${i}`);
        assertEquals(toText((await subscriber.receive())[0]), `behind ${i}`);
      }
      await subscriber.close();
    }
  },
  LIMIT,
);
