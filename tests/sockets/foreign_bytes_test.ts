/**
 * Bytes of every kind, in every place that accepts bytes: from another realm (a `vm` context, such as jsdom), where
 * `instanceof` fails, and objects that only look like bytes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Authenticator,
  curvePublic,
  Dealer,
  encodeZ85,
  formatCertificate,
  linkOf,
  type Message,
  MessageBuilder,
  Pair,
  Publisher,
  Router,
  Stream,
  Subscriber,
  subscriptionMessage,
  toText,
  writableStreamOf,
  XPublisher,
} from "../../mod.ts";
import { test } from "../support/harness.ts";

const SIZE = 32;
const CONTENT = Uint8Array.from({ length: SIZE }, (_, i) => i + 1);
const NUMBERS = [...CONTENT].join();

class Mine extends Uint8Array {}

function shared(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(SIZE);
  new Uint8Array(buffer).set(CONTENT);
  return buffer;
}

function within(): Uint8Array {
  const all = new Uint8Array(SIZE + 5);
  all.set(CONTENT, 3);
  return all.subarray(3, 3 + SIZE);
}

const abroad = (code: string) => runInNewContext(code) as unknown;
const FOREIGN = `Uint8Array.of(${NUMBERS})`;

/** All hold the same bytes. */
const KINDS: Readonly<Record<string, () => unknown>> = {
  "a Uint8Array": () => CONTENT.slice(),
  "part of a buffer": within,
  "a Buffer": () => Buffer.from(CONTENT),
  "a subclass": () => Mine.from(CONTENT),
  "a Uint16Array": () => new Uint16Array(CONTENT.slice().buffer),
  "a DataView": () => new DataView(CONTENT.slice().buffer),
  "an ArrayBuffer": () => CONTENT.slice().buffer,
  "a SharedArrayBuffer": shared,
  "a view of a SharedArrayBuffer": () => new Uint8Array(shared()),
  "a foreign Uint8Array": () => abroad(FOREIGN),
  "a foreign Uint16Array": () => abroad(`new Uint16Array(${FOREIGN}.buffer)`),
  "a foreign DataView": () => abroad(`new DataView(${FOREIGN}.buffer)`),
  "a foreign ArrayBuffer": () => abroad(`${FOREIGN}.buffer`),
  "a foreign subclass": () => abroad(`class Theirs extends Uint8Array {}; Theirs.of(${NUMBERS})`),
  "our view of a foreign ArrayBuffer": () => new Uint8Array(abroad(`${FOREIGN}.buffer`) as ArrayBuffer),
};

/** None of these is bytes. */
const LOOKS: Readonly<Record<string, () => unknown>> = {
  "an array-like object": () => ({ ...CONTENT, length: SIZE, byteLength: SIZE, byteOffset: 0 }),
  "an object with the prototype": () => Object.create(Uint8Array.prototype),
  "an object with the tag": () => ({ [Symbol.toStringTag]: "Uint8Array" }),
  "an object with a buffer's prototype": () => Object.create(ArrayBuffer.prototype),
  "a Proxy of bytes": () => new Proxy(CONTENT.slice(), {}),
  "a Map": () => new Map(),
};

/** Hands bytes in, and returns what became of them. */
type Use = (bytes: never) => Promise<Uint8Array> | Uint8Array;

const name = `inproc://foreign`;

async function sent(send: (pair: Pair) => Promise<unknown> | unknown): Promise<Uint8Array> {
  await using left = new Pair({ linger: 0 });
  await using right = new Pair({ receiveTimeout: 20_000 });
  left.connect(await right.bind(name));
  await left.waitForPeers(1);
  await send(left);
  return own(await right.receive());
}

/** The last frame, which is plain bytes that no other thread can change, as the type says. */
function own(message: Message): Uint8Array {
  const frame = message.at(-1)!;
  assertEquals(Object.getPrototypeOf(frame) === Uint8Array.prototype, true);
  assertEquals(Object.prototype.toString.call(frame.buffer), "[object ArrayBuffer]");
  return frame;
}

/** Over the wire, where large frames are handed to the runtime as they are. */
async function sentFar(send: (pair: Pair) => Promise<unknown>): Promise<Uint8Array> {
  await using left = new Pair({ linger: 0 });
  await using right = new Pair({ receiveTimeout: 20_000 });
  left.connect(await right.bind("tcp://127.0.0.1:0"));
  await send(left);
  return own(await right.receive());
}

const USES: Readonly<Record<string, Use>> = {
  "send": (bytes) => sent((pair) => pair.send(bytes)),
  "send, as one of several frames": (bytes) => sent((pair) => pair.send(["first", bytes])),
  "trySend": (bytes) => sent((pair) => pair.trySend(bytes)),
  "sendBuffered": (bytes) =>
    sent((pair) => {
      assert(pair.sendBuffered(bytes));
      pair.flush();
    }),
  "sendMany": (bytes) => sent((pair) => pair.sendMany([bytes])),
  "send over tcp": (bytes) => sentFar((pair) => pair.send(bytes)),
  "a writable stream": (bytes) => sent((pair) => writableStreamOf(pair).getWriter().write(bytes)),
  "subscribe and unsubscribe": async (bytes) => {
    await using subscriber = new Subscriber();
    await using publisher = new Publisher();
    subscriber.subscribe(bytes);
    subscriber.connect(await publisher.bind(name));
    await publisher.waitForSubscribers(1, { topic: bytes });
    await publisher.send(CONTENT);
    const [topic] = await subscriber.receive();
    subscriber.unsubscribe(bytes);
    return topic;
  },
  "subscriptionMessage": (bytes) => subscriptionMessage("subscribe", bytes)[0].subarray(1),
  "routingId": async (bytes) => {
    await using dealer = new Dealer({ routingId: bytes });
    return dealer.routingId as Uint8Array;
  },
  "connect with a routingId": async (bytes) => {
    await using router = new Router({ mandatory: true, linger: 0 });
    router.connect("inproc://nobody", { routingId: bytes });
    assert(router.trySend([CONTENT, "queued"]));
    return CONTENT;
  },
  "welcomeMessage": async (bytes) => {
    await using publisher = new XPublisher({ welcomeMessage: bytes });
    return publisher.welcomeMessage as Uint8Array;
  },
  "helloMessage": async (bytes) => {
    await using router = new Router({ helloMessage: bytes });
    return router.helloMessage as Uint8Array;
  },
  "disconnectMessage": async (bytes) => {
    await using router = new Router({ disconnectMessage: bytes });
    return router.disconnectMessage as Uint8Array;
  },
  "hiccupMessage": async (bytes) => {
    await using dealer = new Dealer({ hiccupMessage: bytes });
    return dealer.hiccupMessage as Uint8Array;
  },
  "curveSecretKey": async (bytes) => {
    await using dealer = new Dealer({ curveSecretKey: bytes });
    return dealer.curveSecretKey as Uint8Array;
  },
  "curvePublic": async (bytes) => {
    assertEquals(await curvePublic(bytes), await curvePublic(CONTENT));
    return CONTENT;
  },
  "formatCertificate": (bytes) => {
    assertEquals(formatCertificate({ publicKey: bytes }), formatCertificate({ publicKey: CONTENT }));
    return CONTENT;
  },
  "Authenticator.allowKey": (bytes) => {
    new Authenticator().allowKey(bytes).removeKey(bytes);
    return CONTENT;
  },
  "encodeZ85": (bytes) => {
    assertEquals(encodeZ85(bytes), encodeZ85(CONTENT));
    return CONTENT;
  },
  "MessageBuilder.bytes": (bytes) => new MessageBuilder().bytes(bytes).build()[0],
  "a stream that is attached": async (bytes) => {
    await using stream = new Stream({ receiveTimeout: 20_000, notify: false });
    const readable = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) });
    stream.attach(linkOf({ readable, writable: new WritableStream() }));
    for (;;) {
      const message = await stream.receive();
      if (message[1].length > 0) return own(message);
    }
  },
};

for (const [use, body] of Object.entries(USES)) {
  test(`bytes of every kind: ${use}`, async () => {
    for (const [kind, make] of Object.entries(KINDS)) {
      const bytes = await body(make() as never);
      assertEquals(Array.from(bytes), [...CONTENT], kind);
    }
  });

  if (use.startsWith("a stream that")) continue;
  test(`values that only look like bytes are rejected: ${use}`, async () => {
    for (const [look, make] of Object.entries(LOOKS)) {
      await assertRejects(async () => void await body(make() as never), TypeError, undefined, look);
    }
  });
}

test("bytes of every kind: toText", () => {
  const text = String.fromCharCode(...CONTENT);
  for (const [kind, make] of Object.entries(KINDS)) {
    if (kind.includes("Shared")) continue;
    assertEquals(toText(make() as never), text, kind);
  }
});

test("options keep a copy of the bytes that they were given", async () => {
  for (const [kind, make] of Object.entries(KINDS)) {
    const bytes = make() as Uint8Array;
    await using dealer = new Dealer({ routingId: bytes });
    const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset) : new Uint8Array(bytes);
    view[0] = 99;
    assertEquals((dealer.routingId as Uint8Array)[0], 1, kind);
  }
});

test("large frames of shared and foreign memory go over tcp", async () => {
  const size = 200_000;
  const large = [
    new Uint8Array(new SharedArrayBuffer(size)).fill(7),
    abroad(`new Uint8Array(${size}).fill(7)`),
    abroad(`new Uint8Array(${size}).fill(7).buffer`),
    abroad(`new Uint8Array(new SharedArrayBuffer(${size})).fill(7)`),
  ];
  for (const bytes of large) {
    const received = await sentFar((pair) => pair.send(bytes as never));
    assertEquals([received.length, received.every((byte) => byte === 7)], [size, true]);
  }
});
