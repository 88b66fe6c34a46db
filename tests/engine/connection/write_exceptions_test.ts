/**
 * An exception at every step of the write path, at several of its calls, before and after the step has done its work.
 * In each case: no message is torn, none is sent twice, only the one that caused the exception is lost, and it is
 * counted; the `disconnect` event has the reason; and `close` completes. An uncaught exception fails the test by
 * itself. Over 400 lines because all of it is one table of steps and their results.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Publisher, Pull, Push, type SocketEvent, toText, XSubscriber, ZmqError } from "../../../mod.ts";
import { SlowEncoding } from "../../../src/engine/connection/slow_encoding.ts";
import { Inbox } from "../../../src/engine/pipe/inbox.ts";
import { Outbox } from "../../../src/engine/pipe/outbox.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { PullPattern } from "../../../src/routing/pull.ts";
import { PushPattern } from "../../../src/routing/push.ts";
import { CurveTraffic } from "../../../src/security/curve_traffic.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import type { Link } from "../../../src/transport/transport.ts";
import { BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import { Broadcast } from "../../../src/zmtp/broadcast.ts";
import type { Mechanism } from "../../../src/zmtp/mechanism.ts";
import { Session } from "../../../src/zmtp/session.ts";
import { SlicedMessage } from "../../../src/zmtp/sliced_message.ts";
import { curveServer } from "../../security/curve_rig.ts";
import { CLIENT, SERVER } from "../../security/keys.ts";
import { nextEvent } from "../../sockets/support.ts";
import { turn } from "../../support/connection_rig.ts";
import { arm, type Fault, faultsOf } from "../../support/faults.ts";
import { test } from "../../support/harness.ts";
import { HandwrittenLink } from "../../support/handwritten_link.ts";
import { PlayedTransport } from "../../support/played_transport.ts";
import { SessionPeer } from "../../support/session_peer.ts";
import { ownMetadata, type SocketType } from "../../support/socket_types.ts";

const NONE = new Uint8Array(0);
const MESSAGES = 40;
/** Copied, referred to, encrypted in a slab, encrypted apart, larger than a write, and encrypted in slices. */
const SIZES = [0, 10, 300, 17_000, 30_000, 100_000, 500_000];
const CALLS = [1, 2, 3, 7];

/** The message of this number: if it were torn or joined to another one, it would differ. */
function messageOf(i: number): Uint8Array[] {
  const name = new TextEncoder().encode(`${i}`);
  const body = new Uint8Array(SIZES[i % SIZES.length]!).fill(i);
  return i % 3 === 0 ? [name] : [name, body, name];
}

/** The number of a message that is whole. */
function numberOf(frames: readonly Uint8Array[]): number {
  const i = Number(toText(frames[0]!));
  assertEquals(frames, messageOf(i), `message ${i} is whole`);
  return i;
}

const MECHANISMS: Readonly<Record<string, (type: SocketType) => Mechanism>> = {
  NULL: (type) => new NullMechanism(ownMetadata(type, NONE)),
  CURVE: (type) => curveServer({ metadata: ownMetadata(type, NONE) }),
};
const CURVE_CLIENT = {
  curveServerKey: SERVER.publicKey,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
};

/** One end of a link, as an object whose methods can be broken, with a count of bytes as the runtimes' links have it. */
class CountedLink implements Link {
  readonly #link: HandwrittenLink;
  bytesTaken = 0;

  constructor(link: HandwrittenLink) {
    this.#link = link;
  }

  get remote(): string {
    return this.#link.remote;
  }

  start(...args: Parameters<Link["start"]>): void {
    this.#link.start(...args);
  }

  write(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.bytesTaken += chunk.length;
    return this.#link.write(chunks);
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  close(grace?: number): Promise<void> {
    return this.#link.close(grace);
  }

  abort(reason?: Error): void {
    this.#link.abort(reason);
  }
}

/** A transport to peers of this type, one after the other, and all that they have received. */
class Peers {
  readonly transport = new PlayedTransport();
  /** The messages received so far over each connection. */
  readonly messages: Uint8Array[][][] = [];
  readonly #all: Promise<Uint8Array[][]>[] = [];
  readonly ready: Promise<unknown>;

  constructor(type: SocketType, mechanism: (type: SocketType) => Mechanism) {
    let first!: (ready: Promise<unknown>) => void;
    this.ready = new Promise((resolve) => first = resolve);
    // A connection that never gets so far is some tests' matter.
    this.ready.catch(() => {});
    this.transport.onConnect = () => {
      const [near, far] = HandwrittenLink.pair();
      const peer = new SessionPeer(far, type, mechanism(type));
      first(peer.ready);
      this.#all.push(this.#collect(peer));
      return new CountedLink(near);
    };
  }

  async #collect(peer: SessionPeer): Promise<Uint8Array[][]> {
    const messages: Uint8Array[][] = [];
    this.messages.push(messages);
    try {
      for (;;) messages.push(await peer.receive());
    } catch {
      // The connection is closed.
    }
    return messages;
  }

  /** The messages received over each connection, when all connections are closed. */
  received(): Promise<Uint8Array[][][]> {
    return Promise.all(this.#all);
  }
}

const COMMON: readonly Fault[] = [
  ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["expect", "complete", "reset"]),
  ...faultsOf("SlabPool", SlabPool.prototype, ["take", "takeSmall", "give"]),
  ...faultsOf("Outbox", Outbox.prototype, ["moveTo", "handedOver", "flushed"]),
  ...faultsOf("Push", PushPattern.prototype, ["pipeWritable"]),
  ...faultsOf("Link", CountedLink.prototype, ["write"]),
];
const STEPS: Readonly<Record<string, readonly Fault[]>> = {
  NULL: [...COMMON, ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["addMessage"])],
  CURVE: [
    ...COMMON,
    ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["addSealed"]),
    ...faultsOf("CurveTraffic", CurveTraffic.prototype, ["seal", "reserve"]),
    ...faultsOf("Session", Session.prototype, ["encode", "slices"]),
    ...faultsOf("SlicedMessage", SlicedMessage.prototype, ["next"]),
    ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["addSealedFrame", "addEncoded"]),
    ...faultsOf("SlowEncoding", SlowEncoding.prototype, ["start", "goOn"]),
  ],
};

for (const [name, mechanism] of Object.entries(MECHANISMS)) {
  for (const fault of STEPS[name]!) {
    test(`${name}: ${fault.name} throws, and no other message is lost, sent twice or torn`, async () => {
      let fired = 0;
      for (const call of CALLS) {
        for (const error of [new Error("the test threw this"), new RangeError("Array buffer allocation failed")]) {
          if (await sendAll(name, mechanism, fault, call, error)) fired++;
        }
      }
      assert(fired > 0, "the step is not on the path");
    });
  }
}

/** Sends messages while a step throws once; returns whether it did. */
async function sendAll(
  name: string,
  mechanism: (type: SocketType) => Mechanism,
  fault: Fault,
  call: number,
  error: Error,
): Promise<boolean> {
  const peers = new Peers("PULL", mechanism);
  // So that a send waits for room now and then.
  const options = { sendHighWaterMark: 8, reconnectInterval: 1, ...(name === "CURVE" ? CURVE_CLIENT : {}) };
  const push = new Push(options);
  const errors: (Error | undefined)[] = [];
  const dropped: SocketEvent[] = [];
  push.events.listen((event) => {
    if (event.type === "disconnect") errors.push(event.error);
    if (event.type === "message:dropped") dropped.push(event);
  });
  push.connect(peers.transport.endpoint);
  await peers.ready;
  // The greeting and the handshake are other tests' matter.
  await push.send(messageOf(0));
  const armed = arm(fault, call, error);
  try {
    for (let i = 1; i < MESSAGES; i++) await push.send(messageOf(i));
    assertEquals(await push.close({ linger: -1 }), 0);
  } finally {
    armed[Symbol.dispose]();
  }
  const numbers = (await peers.received()).flat().map(numberOf);
  const { drops } = push.statistics();
  const what = `call ${call}, ${error.name}`;
  assertEquals(new Set(numbers).size, numbers.length, `${what}: none came twice: ${numbers}`);
  assert(drops.unsendable <= 1, what);
  assertEquals(numbers.length, MESSAGES - drops.unsendable, `${what}: none is lost uncounted: ${numbers}`);
  if (armed.thrown === undefined) return false;
  const reasons = errors.filter((one) => one !== undefined);
  for (const reason of reasons) {
    assertInstanceOf(reason, ZmqError);
    assertEquals([reason.code, reason.cause], [error instanceof RangeError ? "ENOMEM" : "EIO", error], what);
  }
  // Where a message is dropped, that and the reason must have been reported.
  assertEquals(dropped.length, drops.unsendable, what);
  assert(drops.unsendable <= reasons.length, what);
  return true;
}

test("a message that can never be encoded is dropped alone, wherever it stands among others", async () => {
  for (const [name, mechanism] of Object.entries(MECHANISMS)) {
    for (const bad of [[1], [5, 6], [2, 9, 30]]) {
      const peers = new Peers("PULL", mechanism);
      const push = new Push({ reconnectInterval: 1, ...(name === "CURVE" ? CURVE_CLIENT : {}) });
      push.connect(peers.transport.endpoint);
      const fail = ([number]: readonly Uint8Array[]) => {
        if (bad.includes(Number(toText(number!)))) throw new RangeError("Array buffer allocation failed");
      };
      // Messages that are encoded as they are need no session.
      const { encode } = Session.prototype;
      const { addMessage } = BatchEncoder.prototype;
      Session.prototype.encode = function (message, batch) {
        encode.call(this, message, batch);
        fail(message);
      };
      BatchEncoder.prototype.addMessage = function (message) {
        addMessage.call(this, message);
        fail(message);
      };
      try {
        // All of them are queued before there is a connection.
        for (let i = 0; i < MESSAGES; i++) await push.send(messageOf(i));
        assertEquals(await push.close({ linger: -1 }), 0);
      } finally {
        Session.prototype.encode = encode;
        BatchEncoder.prototype.addMessage = addMessage;
      }
      const numbers = (await peers.received()).flat().map(numberOf).toSorted((a, b) => a - b);
      const good = Array.from({ length: MESSAGES }, (_, i) => i).filter((i) => !bad.includes(i));
      assertEquals([numbers, push.statistics().drops.unsendable], [good, bad.length], `${name} ${bad}`);
    }
  }
});

test("a message that no link can write is found among others and dropped, after one more attempt", async () => {
  for (const bad of [0, 3, 20]) {
    const peers = new Peers("PULL", MECHANISMS["NULL"]!);
    const push = new Push({ reconnectInterval: 1 });
    push.connect(peers.transport.endpoint);
    const { write } = CountedLink.prototype;
    const marker = new Uint8Array(50_000).fill(bad);
    let attempts = 0;
    CountedLink.prototype.write = function (chunks) {
      if (!chunks.includes(marker)) return write.call(this, chunks);
      attempts++;
      throw new Error("ERR_OUT_OF_RANGE");
    };
    try {
      for (let i = 0; i < MESSAGES; i++) await push.send(i === bad ? ["bad", marker] : messageOf(i));
      assertEquals(await push.close({ linger: -1 }), 0);
    } finally {
      CountedLink.prototype.write = write;
    }
    const numbers = (await peers.received()).flat().map(numberOf).toSorted((a, b) => a - b);
    const good = Array.from({ length: MESSAGES }, (_, i) => i).filter((i) => i !== bad);
    assertEquals([numbers, push.statistics().drops.unsendable, attempts], [good, 1, 2], `${bad}`);
  }
});

for (const [name, mechanism] of Object.entries(MECHANISMS)) {
  const steps = [
    ...faultsOf("Session", Session.prototype, ["encodeSubscription"]),
    ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["addEncoded"]),
    ...(name === "CURVE" ? faultsOf("CurveTraffic", CurveTraffic.prototype, ["seal"]) : []),
  ];
  for (const fault of steps) {
    test(`${name}: ${fault.name} throws while subscriptions go out, and the next connection has all of them`, async () => {
      let fired = 0;
      for (const call of CALLS) {
        const peers = new Peers("XPUB", mechanism);
        const socket = new XSubscriber({ reconnectInterval: 1, ...(name === "CURVE" ? CURVE_CLIENT : {}) });
        const topics = Array.from({ length: 20 }, (_, i) => `topic ${i}`);
        socket.connect(peers.transport.endpoint);
        if (!fault.method.startsWith("add")) await peers.ready;
        const heard = () => {
          const last = peers.messages.at(-1)!.map((frames) => frames.map(toText));
          return new Set(last.filter(([first]) => first === "\x01").map(([_, topic]) => topic));
        };
        {
          using armed = arm(fault, call);
          for (const topic of topics) await socket.send(`\x01${topic}`);
          await socket.send("last");
          // The deadline of the test is the limit.
          while (heard().size < topics.length) await turn();
          if (armed.thrown !== undefined) fired++;
        }
        await socket.close({ linger: -1 });
        await peers.received();
        assertEquals([...heard()].toSorted(), topics.toSorted(), `call ${call}`);
      }
      assert(fired > 0, "the step is not on the path");
    });
  }

  for (const step of ["addEncoded", "complete", ...(name === "CURVE" ? ["seal"] : [])]) {
    test(`${name}: ${step} throws while a PING is sent, and the socket continues`, async () => {
      const peers = new Peers("PULL", mechanism);
      const options = { heartbeatInterval: 10, heartbeatTimeout: 0, reconnectInterval: 1 };
      const push = new Push({ ...options, ...(name === "CURVE" ? CURVE_CLIENT : {}) });
      const lost = new Promise<Error | undefined>((resolve) => {
        push.events.listen((event) => event.type === "disconnect" && resolve(event.error));
      });
      const handshaken = nextEvent(push, "handshake");
      push.connect(peers.transport.endpoint);
      await handshaken;
      await push.send(messageOf(1));
      const of = step === "seal" ? CurveTraffic.prototype : BatchEncoder.prototype;
      using armed = arm({ name: step, of, method: step, late: false }, 1);
      assertInstanceOf(await lost, ZmqError);
      assert(armed.thrown !== undefined);
      await push.send(messageOf(2));
      assertEquals(await push.close({ linger: -1 }), 0);
      assertEquals((await peers.received()).flat().map(numberOf), [1, 2]);
    });
  }
}

for (const fault of faultsOf("Link", CountedLink.prototype, ["close", "abort", "start"])) {
  test(`${fault.name} throws, and close ends`, async () => {
    for (const linger of [0, 500, -1]) {
      const peers = new Peers("PULL", MECHANISMS["NULL"]!);
      const push = new Push({ reconnectInterval: 1 });
      const early = fault.method === "start";
      using armed = early ? arm(fault, 1) : undefined;
      push.connect(peers.transport.endpoint);
      if (!early) await peers.ready;
      await push.send(messageOf(1));
      using late = early ? undefined : arm(fault, 1);
      // `abort` is for a peer that does not end its side.
      await push.close({ linger });
      assert(fault.method === "abort" || (armed ?? late)!.thrown !== undefined);
    }
  });
}

test("close ends within linger while every write throws, and every encoding, and every close", async () => {
  for (const linger of [0, 100]) {
    for (
      const [of, method] of [
        [CountedLink.prototype, "write"],
        [BatchEncoder.prototype, "addMessage"],
        [BatchEncoder.prototype, "complete"],
        [BatchEncoder.prototype, "expect"],
      ] as const
    ) {
      const peers = new Peers("PULL", MECHANISMS["NULL"]!);
      const push = new Push({ reconnectInterval: 1 });
      push.connect(peers.transport.endpoint);
      await peers.ready;
      await push.send(messageOf(0));
      // deno-lint-ignore no-explicit-any -- any method
      const target = of as any;
      const real = target[method];
      target[method] = () => {
        throw new Error("always");
      };
      try {
        for (let i = 1; i < 10; i++) await push.send(messageOf(i));
        await push.close({ linger });
      } finally {
        target[method] = real;
      }
      const { drops } = push.statistics();
      const came = (await peers.received()).flat().map(numberOf);
      assertEquals(came.length + drops.unsendable + drops.lost, 10, `${method} ${linger}`);
    }
  }
});

for (
  const fault of [
    ...faultsOf("Broadcast", Broadcast.prototype, ["encode"]),
    ...faultsOf("BatchEncoder", BatchEncoder.prototype, ["addEncoded", "addMessage", "complete"]),
    ...faultsOf("Link", CountedLink.prototype, ["write"]),
  ]
) {
  test(`Publisher: ${fault.name} throws, and no send fails, and at most one subscriber is cut off`, async () => {
    let fired = 0;
    for (const call of [1, 2, 40, 70]) {
      const publisher = new Publisher();
      const subscribers: SessionPeer[] = [];
      const received: Promise<number[]>[] = [];
      for (let i = 0; i < 3; i++) {
        const [near, far] = HandwrittenLink.pair();
        const peer = new SessionPeer(far, "SUB", MECHANISMS["NULL"]!("SUB"));
        publisher.attach(new CountedLink(near));
        await peer.ready;
        peer.subscribe(NONE);
        subscribers.push(peer);
        received.push(collectNumbers(peer));
      }
      await publisher.waitForSubscribers(3);
      {
        using armed = arm(fault, call);
        for (let i = 0; i < 100; i++) await publisher.send(`${i}`);
        await publisher.close({ linger: -1 });
        if (armed.thrown !== undefined) fired++;
      }
      const lists = await Promise.all(received);
      const whole = lists.filter((list) => list.length === 100);
      assert(whole.length >= 2, `call ${call}: ${lists.map((list) => list.length)}`);
      for (const list of lists) assertEquals(list, Array.from(list, (_, i) => i));
    }
    assert(fired > 0, "the step is not on the path");
  });
}

async function collectNumbers(peer: SessionPeer): Promise<number[]> {
  const numbers: number[] = [];
  try {
    for (;;) numbers.push(Number(toText((await peer.receive())[0]!)));
  } catch {
    // The connection is closed.
  }
  return numbers;
}

for (
  const fault of [
    ...faultsOf("PeerPipe", PeerPipe.prototype, ["arrived"]),
    ...faultsOf("Inbox", Inbox.prototype, ["push", "hasRoom"]),
    ...faultsOf("Outbox", Outbox.prototype, ["handedOver", "flushed", "moveTo"]),
    ...faultsOf("Pull", PullPattern.prototype, ["pipeReadable"]),
    ...faultsOf("Push", PushPattern.prototype, ["pipeWritable"]),
  ]
) {
  test(`inproc: ${fault.name} throws, and no other message is lost or sent twice`, async () => {
    let fired = 0;
    for (const call of [...CALLS, 11]) {
      const name = `inproc://write-exceptions-${Math.random()}`;
      const pull = new Pull({ receiveHighWaterMark: 4 });
      const push = new Push({ sendHighWaterMark: 4, reconnectInterval: 1 });
      await pull.bind(name);
      push.connect(name);
      const numbers: number[] = [];
      const reading = (async () => {
        for await (const message of pull) {
          const number = numberOf(message);
          if (number === MESSAGES) return;
          numbers.push(number);
        }
      })();
      {
        using armed = arm(fault, call);
        await Promise.all(Array.from({ length: MESSAGES }, (_, i) => push.send(messageOf(i))));
        if (armed.thrown !== undefined) fired++;
      }
      await push.send(messageOf(MESSAGES));
      await reading;
      await push.close({ linger: 500 });
      await pull.close({ linger: 500 });
      const { drops } = push.statistics();
      assertEquals(new Set(numbers).size, numbers.length, `call ${call}: none came twice`);
      // One that had arrived when something threw behind it is counted, and was received.
      assert(drops.unsendable <= 1);
      assert(MESSAGES - numbers.length <= drops.unsendable, `call ${call}: ${numbers} and ${JSON.stringify(drops)}`);
    }
    assert(fired > 0, "the step is not on the path");
  });
}

test("send rejects frames that CURVE cannot encrypt, and detached frames, before queueing", async () => {
  const length = 2 ** 31;
  // Not touched, so it costs no memory.
  const huge = new Uint8Array(length);
  const gone = new Uint8Array(10);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const push = new Push({ ...CURVE_CLIENT, immediate: false });
  push.connect(new Peers("PULL", MECHANISMS["CURVE"]!).transport.endpoint);
  const error = await assertRejects(() => push.send(["first frame", huge]), ZmqError, `${length} bytes`);
  assertEquals(error.code, "EMSGSIZE");
  await assertRejects(() => push.sendMany([["first frame", huge]]), ZmqError, `${length} bytes`);
  await assertRejects(() => push.send(["first frame", gone]), TypeError, "transferred");
  assertEquals(push.statistics().queued, 0);
  assertEquals(await push.close({ linger: 0 }), 0);
});
