/**
 * The order in which a publisher receives subscriptions, and the messages that an XSUB sends before its connection is
 * up: the same as in libzmq. Sequences of calls are generated, and the expected result follows from one rule: all
 * topics in byte order at `connect` and after a loss, then every call in order.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { bindAgain } from "../support/bind_again.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { text, texts } from "./frames.ts";
import { type OpenSubject, testBoth as testEach } from "./subjects.ts";

const { missing } = pythonZmq();
// Debian's build has libzmq's trie. That of zeromq.js has its radix tree, which goes through topics in no order.
const libzmq = new Peer(missing === undefined ? "python" : "libzmq");
const testBoth: typeof testEach = (peer, name, body) => {
  if (missing === undefined) return testEach(peer, name, body);
  test(`ours: ${name}`, () => body((type, options) => Promise.resolve(new OurEnd(type, options))));
  test(`libzmq itself: ${name}`, () => {}, { skip: missing });
};

/** `+topic`, `-topic`; of an XSUB also `!message`. */
type Call = string;

/** A small generator of numbers, so that a failing sequence can be repeated. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    yield state >> 8;
  }
}

const TOPICS = ["", "a", "ab", "abc", "abd", "b", "js", "luna", "z", "za", "~"];

function calls(random: Generator<number, never>, count: number, sends: boolean): Call[] {
  return Array.from({ length: count }, (_, i) => {
    const kind = random.next().value % 8;
    if (sends && kind === 0) return `!message ${i}`;
    return (kind < 6 ? "+" : "-") + TOPICS[random.next().value % TOPICS.length];
  });
}

/** The subscriptions of a publisher, as its user receives them from a verbose XPUB. */
class Expected {
  readonly #counts = new Map<string, number>();

  /** All topics. */
  all(): string[] {
    return [...this.#counts.keys()].sort().map((topic) => `\x01${topic}`);
  }

  /** Records calls, and returns the subscriptions that the publisher receives for them. */
  after(made: readonly Call[]): string[] {
    return made.flatMap((call) => {
      const [kind, topic] = [call[0], call.slice(1)];
      if (kind === "!") return [topic];
      const count = this.#counts.get(topic) ?? 0;
      if (kind === "+") {
        this.#counts.set(topic, count + 1);
        return [`\x01${topic}`];
      }
      if (count > 1) this.#counts.set(topic, count - 1);
      return count === 1 && this.#counts.delete(topic) ? [`\x00${topic}`] : [];
    });
  }
}

async function make(socket: End, made: readonly Call[]): Promise<void> {
  for (const call of made) {
    const [kind, topic] = [call[0], call.slice(1)];
    if (kind === "!") await socket.send([topic]);
    else if (socket.type === "XSUB") await socket.send([new Uint8Array([kind === "+" ? 1 : 0, ...text(topic)])]);
    else if (kind === "+") await socket.subscribe(topic);
    else await socket.unsubscribe(topic);
  }
}

async function hear(publisher: End, count: number): Promise<string[]> {
  const heard: string[] = [];
  while (heard.length < count) heard.push(texts(await publisher.receive()).join("|"));
  return heard;
}

const VERBOSE = { verbosity: "allSubsUnsubs" };
let made = 0;

/** Endpoints to bind: over inproc both ends are of one library. */
const TRANSPORTS = {
  tcp: ownEndpoint,
  ipc: () => `ipc://${join(tmpdir(), `order-${randomUUID()}`)}`,
  inproc: () => `inproc://order-${made++}`,
} as const;

/** An endpoint that is not bound. */
async function free(transport: keyof typeof TRANSPORTS): Promise<string> {
  const endpoint = TRANSPORTS[transport]();
  if (transport !== "tcp") return endpoint;
  await using early = new OurEnd("XPUB");
  return await early.bind(endpoint);
}

const opens = (transport: keyof typeof TRANSPORTS, open: OpenSubject): OpenSubject =>
  transport === "inproc" ? open : (type, options) => Promise.resolve(new OurEnd(type, options));

for (const type of ["SUB", "XSUB"] as const) {
  for (const transport of ["tcp", "ipc", "inproc"] as const) {
    for (const first of ["bind", "connect"] as const) {
      const seed = type.length * 1000 + transport.length * 100 + first.length;
      testBoth(libzmq, `${type} over ${transport}, ${first} first: every call in its order`, async (open) => {
        const random = numbers(seed);
        for (const marked of [false, true]) {
          const [before, after] = [calls(random, 15, false), calls(random, 25, type === "XSUB")];
          await using subscriber = await open(type);
          await using publisher = await opens(transport, open)("XPUB", VERBOSE);
          const expected = new Expected();
          expected.after(before);
          const heard = [...expected.all(), ...expected.after(after)];
          await make(subscriber, before);
          const endpoint = await free(transport);
          if (first === "bind") await publisher.bind(endpoint);
          await subscriber.connect(endpoint);
          if (marked && transport !== "inproc" && first === "bind") await subscriber.seen("handshake", 1);
          await make(subscriber, after);
          if (first === "connect") await bindAgain(publisher, endpoint);
          assertEquals(await hear(publisher, heard.length), heard);
        }
      });
    }
  }

  for (const transport of ["tcp", "ipc"] as const) {
    testBoth(libzmq, `${type} over ${transport}: all topics again after a loss, then the calls since`, async (open) => {
      const random = numbers(type.length * 77 + transport.length);
      await using subscriber = await open(type, { reconnectInterval: 20 });
      const expected = new Expected();
      const endpoint = await free(transport);
      let publisher = new OurEnd("XPUB", VERBOSE);
      await bindAgain(publisher, endpoint);
      await subscriber.connect(endpoint);
      const once = calls(random, 20, type === "XSUB");
      await make(subscriber, once);
      const first = expected.after(once);
      assertEquals(await hear(publisher, first.length), first);
      for (let loss = 1; loss <= 3; loss++) {
        await publisher.close();
        await subscriber.seen("disconnect", loss);
        await subscriber.look();
        const meanwhile = calls(random, 12, type === "XSUB");
        await make(subscriber, meanwhile);
        const again = [...expected.all(), ...expected.after(meanwhile)];
        publisher = new OurEnd("XPUB", VERBOSE);
        await bindAgain(publisher, endpoint);
        assertEquals(await hear(publisher, again.length), again);
      }
      await publisher.close();
    });
  }
}

testBoth(libzmq, "XPUB reports what a subscriber that goes had asked for in the order of the bytes", async (open) => {
  await using publisher = await open("XPUB");
  await using subscriber = new OurEnd("SUB");
  const topics = ["z", "a", "m", "", "aa", "ab", "~", "b"];
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  for (const topic of topics) await subscriber.subscribe(topic);
  assertEquals(await hear(publisher, topics.length), topics.map((topic) => `\x01${topic}`));
  await subscriber.close();
  assertEquals(await hear(publisher, topics.length), topics.toSorted().map((topic) => `\x00${topic}`));
});

// Messages of an XSUB.

for (const transport of ["tcp", "ipc", "inproc"] as const) {
  testBoth(libzmq, `XSUB over ${transport}: messages wait for a connection up to the high-water mark`, async (open) => {
    await using subscriber = await open("XSUB", { sendHighWaterMark: 3 });
    await using publisher = await opens(transport, open)("XPUB");
    const endpoint = await free(transport);
    await subscriber.connect(endpoint);
    for (let n = 0; n < 6; n++) await subscriber.send([`${n}`, "body"]);
    await bindAgain(publisher, endpoint);
    assertEquals(await hear(publisher, 3), ["0|body", "1|body", "2|body"]);
    // libzmq looks for room only now and then when it sends.
    await subscriber.look();
    await subscriber.send(["next"]);
    assertEquals(await hear(publisher, 1), ["next"]);
  });

  testBoth(libzmq, `XSUB over ${transport}: a message that no pipe is there for goes nowhere`, async (open) => {
    await using subscriber = await open("XSUB");
    await using publisher = await opens(transport, open)("XPUB");
    await subscriber.send(["to nobody"]);
    await make(subscriber, ["+topic"]);
    await publisher.connect(await subscriber.bind(TRANSPORTS[transport]()));
    // A socket of libzmq sends its subscriptions when it is used.
    if (transport !== "inproc") await subscriber.seen("handshake", 1);
    await subscriber.look();
    assertEquals(await hear(publisher, 1), ["\x01topic"]);
    await subscriber.send(["to somebody"]);
    assertEquals(await hear(publisher, 1), ["to somebody"]);
  });
}

// A forwarder.

test("a Proxy passes subscriptions on in the order of the calls, and keeps those made before its own connection", async () => {
  const { Proxy, Subscriber, XPublisher, XSubscriber } = await import("../../mod.ts");
  await using source = await libzmq.open("XPUB", VERBOSE);
  await using xsub = new XSubscriber();
  await using xpub = new XPublisher();
  await using sub = new Subscriber();
  const proxy = new Proxy(xsub, xpub);
  const running = proxy.run();
  const endpoint = await free("tcp");
  xsub.connect(endpoint);
  sub.connect(await xpub.bind("tcp://127.0.0.1:0"));
  sub.subscribe("js", "luna", "abc");
  await xpub.waitForSubscribers(1, { topic: "abc" });
  sub.unsubscribe("luna");
  sub.subscribe("a");
  await xpub.waitForSubscribers(1, { topic: "a" });
  await bindAgain(source, endpoint);
  const heard = ["\x01js", "\x01luna", "\x01abc", "\x00luna", "\x01a"];
  assertEquals(await hear(source, heard.length), heard);
  proxy.terminate();
  await running;
});
