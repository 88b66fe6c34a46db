/**
 * `conflate`: sockets of this library and of libzmq as the subjects of the same tests with scripted peers, and the two
 * libraries with each other.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import { command, message, RawListener } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const CONFLATE = { conflate: true };

// Receiving.

for (const [type, partner] of [["PULL", "PUSH"], ["DEALER", "DEALER"]] as const) {
  testBoth(libzmq, `a ${type} that nobody reads keeps the last message`, async (open) => {
    await using socket = await open(type, CONFLATE);
    await using peer = await comeIn(socket, await socket.bind(ANY), { type: partner });
    for (const round of ["a", "b"]) {
      peer.write(message(`${round}1`), message(`${round}2`), message(`${round}3`));
      await taken(libzmq, socket, peer);
      assertEquals(texts(await socket.receive()), [`${round}3`]);
    }
  });
}

testBoth(libzmq, "the last message of each peer is kept", async (open) => {
  await using pull = await open("PULL", CONFLATE);
  const endpoint = await pull.bind(ANY);
  await using one = await comeIn(pull, endpoint, { type: "PUSH" });
  await using two = await comeIn(pull, endpoint, { type: "PUSH" });
  for (const [name, peer] of Object.entries({ one, two })) {
    peer.write(message(`${name}: 1`), message(`${name}: 2`));
    await taken(libzmq, pull, peer);
  }
  const received = [texts(await pull.receive()), texts(await pull.receive())];
  assertEquals(received.flat().sort(), ["one: 2", "two: 2"]);
});

testBoth(libzmq, "a receive that waits gets the first message, not just the last", async (open) => {
  await using pull = await open("PULL", CONFLATE);
  await using peer = await comeIn(pull, await pull.bind(ANY), { type: "PUSH" });
  for (const number of ["1", "2", "3"]) {
    const received = pull.receive();
    peer.write(message(number));
    assertEquals(texts(await received), [number]);
  }
});

testBoth(libzmq, "the receive high-water mark does not count", async (open) => {
  await using pull = await open("PULL", { ...CONFLATE, receiveHighWaterMark: 1 });
  await using peer = await comeIn(pull, await pull.bind(ANY), { type: "PUSH" });
  for (let number = 0; number < 1000; number++) peer.write(message(`${number}`));
  // A socket that stopped reading would not answer.
  await taken(libzmq, pull, peer);
  assertEquals(texts(await pull.receive()), ["999"]);
});

testBoth(libzmq, "a SUB keeps the last message", async (open) => {
  await using listener = await RawListener.bind();
  await using subscriber = await open("SUB", CONFLATE);
  await subscriber.subscribe("");
  await subscriber.connect(listener.endpoint);
  const peer = await comeTo(subscriber, listener, { type: "PUB" });
  assertEquals(await peer.message(), ["SUBSCRIBE"]);
  peer.write(message("1"), message("2"), message("3"));
  await taken(libzmq, subscriber, peer);
  assertEquals(texts(await subscriber.receive()), ["3"]);
  peer.write(message("4"));
  assertEquals(texts(await subscriber.receive()), ["4"]);
});

// Sending.

for (const [type, partner] of [["PUSH", "PULL"], ["DEALER", "ROUTER"]] as const) {
  testBoth(libzmq, `a ${type} without a connection takes any number of messages, and sends the last`, async (open) => {
    await using listener = await RawListener.bind();
    await using socket = await open(type, { ...CONFLATE, sendHighWaterMark: 2, sendTimeout: 0 });
    await socket.connect(listener.endpoint);
    const peer = await listener.accept();
    for (let number = 1; number <= 10; number++) await socket.send([`${number}`]);
    await peer.handshake({ type: partner });
    assertEquals(await peer.message(), ["10"]);
    await socket.send(["next"]);
    assertEquals(await peer.message(), ["next"]);
  });
}

/** More than twice what the system holds for a peer that does not read: 60 MB. */
const FLOOD = 60;
const SIZE = 1 << 20;

/** A large message with a number. */
function numbered(number: number): Uint8Array {
  const frame = new Uint8Array(SIZE);
  frame[0] = number;
  return frame;
}

for (const [type, partner] of [["PUSH", "PULL"], ["PUB", "SUB"], ["DEALER", "DEALER"]] as const) {
  testBoth(libzmq, `a ${type} whose peer does not read keeps the last message for it`, async (open) => {
    await using socket = await open(type, { ...CONFLATE, sendTimeout: 0 });
    await using peer = await comeIn(socket, await socket.bind(ANY), { type: partner });
    if (type === "PUB") {
      peer.write(command("SUBSCRIBE"));
      await taken(libzmq, socket, peer);
    }
    peer.pause();
    for (let number = 1; number <= FLOOD; number++) await socket.send([numbered(number)]);
    peer.resume();
    const received: number[] = [];
    while (received.at(-1) !== FLOOD) received.push((await peer.frame()).body[0]!);
    assertEquals(received, [...received].sort((a, b) => a - b));
    assert(received.length < FLOOD / 2, `${received.length} of ${FLOOD} messages were sent`);
  }, { timeout: 30_000 });
}

// With each other.

testTalk(libzmq, "PUSH and PULL: what was missed is missed, what comes last is received", async (open, openOther) => {
  await using pull = await open("PULL", CONFLATE);
  await using push = await openOther("PUSH", CONFLATE);
  await push.connect(await pull.bind(ANY));
  for (let number = 0; number <= 1000; number++) await push.send([`${number}`]);
  let last = -1;
  while (last < 1000) {
    const number = Number(texts(await pull.receive())[0]);
    assert(number > last, `${number} after ${last}`);
    last = number;
  }
  await push.send(["end"]);
  assertEquals(texts(await pull.receive()), ["end"]);
});
