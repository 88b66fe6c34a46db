/**
 * Limits per peer: `maxMessageSize`, `maxFrames` and `handshakeInterval`. A peer that exceeds one is disconnected with
 * an event that has the reason, and the socket reconnects to it with back-off.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { Pull, Push, type SocketEvent, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { frame, greeting, longHeader, message, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, type EventOf, nextEvent, rejectsWith, take } from "../sockets/support.ts";
import { comeIn } from "./support.ts";

/** Fails unless the event says that the peer sent more than it may. */
function assertTooMuch(event: EventOf<"disconnect">, words: RegExp): void {
  assertInstanceOf(event.error, ZmqError);
  assertEquals(event.error.code, "EMSGSIZE", event.error.message);
  assertMatch(event.error.message, words);
}

/** Messages that each limit accepts and rejects. */
const CASES: readonly {
  readonly name: string;
  readonly options: object;
  readonly taken: Uint8Array;
  readonly text: string;
  readonly refused: Uint8Array;
  readonly words: RegExp;
}[] = [
  {
    name: "maxMessageSize: a frame",
    options: { maxMessageSize: 300 },
    taken: message("x".repeat(300)),
    text: "x".repeat(300),
    refused: message("x".repeat(301)),
    words: /301 bytes; the limit is 300/,
  },
  {
    name: "maxMessageSize: all frames of a message together",
    options: { maxMessageSize: 10 },
    taken: message("12345", "", "67890"),
    text: "12345||67890",
    refused: message("12345", "", "678901"),
    words: /6 bytes; the limit is 5/,
  },
  {
    name: "maxMessageSize 0: only empty messages",
    options: { maxMessageSize: 0 },
    taken: message("", ""),
    text: "|",
    refused: message("", "1"),
    words: /1 bytes; the limit is 0/,
  },
  {
    name: "maxMessageSize: an announced length is enough",
    options: { maxMessageSize: 1 << 20 },
    taken: message("small"),
    text: "small",
    refused: longHeader(0, 1n << 40n),
    words: /1099511627776 bytes; the limit is 1048576/,
  },
  {
    name: "maxFrames",
    options: { maxFrames: 3 },
    taken: message("1", "2", "3"),
    text: "1|2|3",
    refused: message("1", "2", "3", "4"),
    words: /more than 3 frames/,
  },
  {
    name: "maxMessageSize: what frames take besides their bytes counts as well, from the 65th on",
    options: { maxMessageSize: 100 },
    taken: message(...new Array(64).fill("")),
    text: "|".repeat(63),
    refused: message(...new Array(65).fill("")),
    words: /more than 64 frames/,
  },
  {
    name: "maxMessageSize: a thousand empty frames of 192 bytes each",
    options: { maxMessageSize: 192_000 },
    taken: message(...new Array(1000).fill("")),
    text: "|".repeat(999),
    refused: message(...new Array(1001).fill("")),
    words: /more than 1000 frames/,
  },
  {
    name: "maxFrames: a message that has no end",
    options: { maxFrames: 1 },
    taken: message("one"),
    text: "one",
    refused: new Uint8Array([...frame(1, "1"), ...frame(1, "2")]),
    words: /more than 1 frames/,
  },
];

for (const { name, options, taken, text, refused, words } of CASES) {
  test(`${name}: an incoming connection is closed, and the messages before the violation are kept`, async () => {
    await using pull = new Pull(options);
    await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
    const lost = nextEvent(pull, "disconnect");
    await peer.write(taken, refused, message("not heard any more"));
    assertTooMuch(await lost, words);
    await peer.gone;
    assertEquals(await take(pull, 1), [text]);
    assertEquals([pull.peerCount, pull.tryReceive()], [0, undefined]);
  });

  test(`${name}: an outgoing connection is closed, and reestablished after ten times the interval`, async () => {
    await using listener = await RawListener.bind();
    await using pull = new Pull({ ...options, reconnectInterval: 4 });
    const events: SocketEvent[] = [];
    pull.events.listen((event) => events.push(event));
    pull.connect(listener.endpoint);
    const first = await listener.join({ type: "PUSH" });
    const retried = nextEvent(pull, "connect:retry");
    first.write(taken, refused);
    const { interval, error } = await retried;
    assert(interval >= 20 && interval <= 40, `${interval}`);
    const last = events.at(-2);
    assert(last?.type === "disconnect", last?.type);
    assertTooMuch(last, words);
    assert(error === last.error);
    await first.gone;
    const second = await listener.join({ type: "PUSH" });
    second.write(taken);
    assertEquals(await take(pull, 2), [text, text]);
  });

  test(`${name}: set live, it is that of the next connection`, async () => {
    await using pull = new Pull();
    const endpoint = await pull.bind(ANY);
    await using before = await RawPeer.join(endpoint, { type: "PUSH" });
    Object.assign(pull, options);
    await using after = await RawPeer.join(endpoint, { type: "PUSH" });
    const lost = nextEvent(pull, "disconnect");
    after.write(refused);
    assertTooMuch(await lost, words);
    await after.gone;
    // The first connection keeps the limit that applied when it was accepted.
    before.write(message("12345", "678901", "", "x".repeat(400)));
    assertEquals(await take(pull, 1), [`12345|678901||${"x".repeat(400)}`]);
  });
}

test("maxMessageSize -1: no limit, where the default has one", async () => {
  const announced = longHeader(0, 1n << 40n);
  for (const [options, dropped] of [[{}, true], [{ maxMessageSize: -1 }, false]] as const) {
    await using pull = new Pull(options);
    const link = comeIn(pull);
    link.arrive(announced);
    assertEquals(pull.peerCount, dropped ? 0 : 1);
  }
});

test("handshakeInterval: a peer whose handshake times out is disconnected, at a bound and at a connected endpoint", async () => {
  await using pull = new Pull({ handshakeInterval: 20 });
  await using silent = await RawPeer.connect(await pull.bind(ANY));
  assertLate(await nextEvent(pull, "handshake:error:other"), pull.lastEndpoint!);
  await silent.gone;
  await using listener = await RawListener.bind();
  const refused = nextEvent(pull, "handshake:error:other");
  pull.connect(listener.endpoint);
  const slow = await listener.accept();
  slow.write(greeting());
  assertLate(await refused, listener.endpoint);
  await slow.gone;
});

function assertLate(event: EventOf<"handshake:error:other">, endpoint: string): void {
  const { error } = event;
  assertEquals([event.endpoint, error instanceof ZmqError && error.code], [endpoint, "ETIMEDOUT"]);
  assertMatch(error.message, /handshake took longer than 20 ms/);
}

test("handshakeInterval set live is that of the next connection; 0 means no limit", async () => {
  await using pull = new Pull({ handshakeInterval: 0 });
  const endpoint = await pull.bind(ANY);
  const accepted = nextEvent(pull, "accept");
  await using patient = await RawPeer.connect(endpoint);
  await accepted;
  pull.handshakeInterval = 20;
  for (let i = 0; i < 5; i++) {
    const late = nextEvent(pull, "handshake:error:other");
    await using silent = await RawPeer.connect(endpoint);
    assertLate(await late, endpoint);
    await silent.gone;
  }
  // Five limits have passed for others, none for this one.
  patient.write(greeting(), ready("PUSH"), message("at last"));
  assertEquals(await take(pull, 1), ["at last"]);
});

test("handshakeInterval: after the handshake a peer may be silent", async () => {
  await using pull = new Pull({ handshakeInterval: 20 });
  const endpoint = await pull.bind(ANY);
  const quiet = comeIn(pull);
  for (let i = 0; i < 5; i++) {
    await using clock = await RawPeer.connect(endpoint);
    await clock.gone;
  }
  quiet.arrive(message("still here"));
  assertEquals(await take(pull, 1), ["still here"]);
});

test("limits are those of a peer's messages, not of our own", async () => {
  await using push = new Push({ maxMessageSize: 1, maxFrames: 1 });
  await using pull = new Pull();
  push.connect(await pull.bind(ANY));
  await push.send(["two", "frames"]);
  assertEquals(await take(pull, 1), ["two|frames"]);
  await rejectsWith("EAGAIN", async () => {
    pull.receiveTimeout = 0;
    await pull.receive();
  });
});
