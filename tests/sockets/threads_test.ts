/**
 * A context that threads share: `inproc://` names over all of them, and the end of a thread. Most tests join the context in the same
 * thread, which is the same to the library; the last part has workers.
 *
 * Over 400 lines because every test needs the contexts and threads of this file.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import {
  Context,
  type ContextPort,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import type { ThreadHub } from "../../src/engine/carriers/thread_hub.ts";
import { namesOf } from "../../src/engine/context.ts";
import { useSharedMemory } from "../../src/transport/shared_ring.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { fill, nextEvent, numbers, rejectsWith, take, texts, turn, until } from "./support.ts";
import type { Part } from "./threads_child.ts";

// On Deno a test may not leave a port open, and a context is never closed: its ports are those of the file.
const root = new Context();
const members = [Context.from(root.share()), Context.from(root.share())];
members.push(Context.from(members[0]!.share()));
/** Each thread with each other one: the first binds, the second connects. */
const PAIRS = [[0, 1], [1, 0], [1, 2], [1, 3], [3, 2]].map(([a, b]) => [a!, b!] as const);
const contexts = [root, ...members];
let made = 0;
const fresh = () => `inproc://threads-${made++}`;

for (const [a, b] of PAIRS) {
  const [here, there] = [contexts[a]!, contexts[b]!];
  const title = `threads ${a} and ${b}`;

  test(`${title}: connect after and before bind, to the same name`, async () => {
    const endpoint = fresh();
    await using early = new Push({ context: there });
    early.connect(endpoint);
    await early.send("early");
    await using pull = new Pull({ context: here });
    assertEquals(await pull.bind(endpoint), endpoint);
    assertEquals(await take(pull, 1), ["early"]);
    await using late = new Push({ context: there });
    late.connect(endpoint);
    await late.send("late");
    assertEquals(await take(pull, 1), ["late"]);
  });

  test(`${title}: a name is bound once, and free after unbind and close`, async () => {
    const endpoint = fresh();
    await using first = new Pull({ context: here });
    await using second = new Pull({ context: there });
    await first.bind(endpoint);
    const error = await rejectsWith("EADDRINUSE", () => second.bind(endpoint));
    assertEquals(error.endpoint, endpoint);
    await first.unbind(endpoint);
    await second.bind(endpoint);
    await rejectsWith("EADDRINUSE", () => first.bind(endpoint));
    await second.close();
    await first.bind(endpoint);
  });

  test(`${title}: a name that moves to the other thread is reconnected, with its queue`, async () => {
    const endpoint = fresh();
    await using push = new Push({ context: there, reconnectInterval: 1 });
    push.connect(endpoint);
    const first = new Pull({ context: here });
    await first.bind(endpoint);
    await push.send("1");
    assertEquals(await take(first, 1), ["1"]);
    const lost = nextEvent(push, "disconnect");
    await first.close();
    await lost;
    assert(push.trySend("2"));
    await using second = new Pull({ context: there });
    await second.bind(endpoint);
    assertEquals(await take(second, 1), ["2"]);
  });

  test(`${title}: every socket type`, async () => {
    const [bodies, sizes] = [["", "x", "y".repeat(300)], [0, 1, 100_000, 1 << 20]];
    const pairs = [
      [new Push({ context: here }), new Pull({ context: there })],
      [new Pair({ context: here }), new Pair({ context: there })],
      [new Dealer({ context: here }), new Dealer({ context: there })],
      [new Publisher({ context: here }), new Subscriber({ context: there })],
      [new XPublisher({ context: here }), new XSubscriber({ context: there })],
    ] as const;
    for (const [sender, receiver] of pairs) {
      const endpoint = fresh();
      if (receiver instanceof Subscriber) receiver.subscribe("");
      await sender.bind(endpoint);
      receiver.connect(endpoint);
      await sender.waitForPeers(1);
      if (receiver instanceof XSubscriber) await receiver.send("\x01");
      if (sender instanceof XPublisher) assertEquals(await take(sender, 1), ["\x01"]);
      else if (sender instanceof Publisher) await sender.waitForSubscribers(1);
      await sender.send(bodies);
      assertEquals(texts(await receiver.receive()), bodies);
      for (const size of sizes) {
        await sender.send(new Uint8Array(size).fill(7));
        const [frame] = await receiver.receive();
        assertEquals([frame.length, frame.every((byte) => byte === 7)], [size, true]);
      }
      await sender.close();
      await receiver.close();
    }
  });

  test(`${title}: requests, replies and routing ids`, async () => {
    const [front, back] = [fresh(), fresh()];
    await using reply = new Reply({ context: here });
    await using request = new Request({ context: there });
    await reply.bind(front);
    request.connect(front);
    for (const text of numbers(20)) {
      await request.send(text);
      const [body] = await reply.receive();
      await reply.send(`re ${toText(body)}`);
      assertEquals(await take(request, 1), [`re ${text}`]);
    }
    await using router = new Router({ context: here, mandatory: true });
    await using dealer = new Dealer({ context: there, routingId: "me" });
    dealer.connect(back);
    await router.bind(back);
    await router.waitForPeers(1);
    await router.send(["me", "hello"]);
    assertEquals(await take(dealer, 1), ["hello"]);
    await dealer.send("and back");
    assertEquals(texts(await router.receive()), ["me", "and back"]);
    assertEquals(router.statistics().peers.map(({ peerType }) => peerType), ["DEALER"]);
  });

  test(`${title}: a sender waits for a receiver that takes nothing, and loses nothing`, async () => {
    const endpoint = fresh();
    await using pull = new Pull({ context: here, receiveHighWaterMark: 10 });
    await using push = new Push({ context: there, sendHighWaterMark: 10 });
    await pull.bind(endpoint);
    push.connect(endpoint);
    await push.waitForPeers(1);
    // Larger than what may be in the port.
    const body = new Uint8Array(100_000);
    const count = fill({ trySend: () => push.trySend(body) }, 1000);
    assert(count >= 10 && count < 100, `${count} messages were taken`);
    const more = push.send(new Uint8Array(1));
    for (let i = 0; i < count; i++) assertEquals((await pull.receive())[0].length, body.length);
    await more;
    assertEquals((await pull.receive())[0].length, 1);
    assertEquals([push.statistics().messagesSent, pull.statistics().messagesReceived], [count + 1, count + 1]);
  });

  test(`${title}: events of both sides`, async () => {
    const endpoint = fresh();
    const pull = new Pull({ context: here });
    const push = new Push({ context: there, reconnectInterval: 0 });
    const accepted = nextEvent(pull, "handshake");
    const connected = nextEvent(push, "handshake");
    await pull.bind(endpoint);
    push.connect(endpoint);
    assertEquals((await accepted).peerType, "PUSH");
    const { peerType, remote, endpoint: where } = await connected;
    assertEquals([peerType, remote, where], ["PULL", endpoint, endpoint]);
    assertEquals(pull.statistics().peers.map(({ mechanism, remote }) => [mechanism, remote]), [[null, endpoint]]);
    const lost = nextEvent(push, "disconnect");
    await pull.close();
    assertEquals((await lost).reason, "peer");
    await push.close();
  });

  test(`${title}: sockets that do not fit fail in their handshake`, async () => {
    const endpoint = fresh();
    await using reply = new Reply({ context: here });
    await using push = new Push({ context: there });
    const refused = nextEvent(push, "handshake:error:protocol");
    await reply.bind(endpoint);
    push.connect(endpoint);
    await refused;
  });

  test(`${title}: messages that were queued before close arrive`, async () => {
    const endpoint = fresh();
    await using pull = new Pull({ context: here });
    const push = new Push({ context: there });
    push.connect(endpoint);
    for (const text of numbers(500)) assert(push.trySend(text));
    const closed = push.close();
    await pull.bind(endpoint);
    assertEquals(await take(pull, 500), numbers(500));
    assertEquals(await closed, 0);
  });
}

for (const [how, memory] of Object.entries({ "messages wake": true, "no shared memory": false })) {
  test(`threads, ${how}: messages of all sizes both ways, back-pressure, and an orderly end`, async () => {
    useSharedMemory({ rings: memory, notifications: false });
    try {
      const endpoint = fresh();
      await using here = new Pair({ context: root, receiveHighWaterMark: 10 });
      const there = new Pair({ context: members[0]!, sendHighWaterMark: 10 });
      there.connect(endpoint);
      await here.bind(endpoint);
      await here.waitForPeers(1);
      const sizes = [0, 1, 100, 20_000, 65_000, 66_000, 300_000];
      const messages = Array.from({ length: 300 }, (_, i) => new Uint8Array(sizes[i * 5 % 7]!).fill(i));
      for (const [from, to] of [[there, here], [here, there]] as const) {
        const sending = (async () => {
          for (const message of messages) await from.send(message);
        })();
        for (const message of messages) assertEquals((await to.receive())[0], message);
        await sending;
      }
      for (const text of numbers(5)) await there.send(text);
      const closed = there.close();
      assertEquals(await take(here, 5), numbers(5));
      assertEquals(await closed, 0);
    } finally {
      useSharedMemory();
    }
  });
}

test("a context that is shared still connects sockets of one thread by reference", async () => {
  for (const context of contexts) {
    const endpoint = fresh();
    await using push = new Push({ context });
    await using pull = new Pull({ context });
    push.connect(endpoint);
    await pull.bind(endpoint);
    const frame = new Uint8Array(100);
    await push.send(frame);
    assert((await pull.receive())[0] === frame);
  }
});

test("sockets of several threads wait for one name, some give up, and all others are connected", async () => {
  const endpoint = fresh();
  const all = contexts.flatMap((context) => [0, 1, 2].map(() => new Push({ context })));
  for (const push of all) push.connect(endpoint);
  for (const [i, push] of all.entries()) if (i % 3 === 1) push.disconnect(endpoint);
  await using pull = new Pull({ context: members[1]! });
  await pull.bind(endpoint);
  await pull.waitForPeers(8);
  for (const push of all) await push.close();
  await until(() => pull.peerCount === 0);
});

test("names are asked for at once by several threads: one gets each", async () => {
  const endpoint = fresh();
  const pulls = contexts.flatMap((context) => [new Pull({ context }), new Pull({ context })]);
  const outcomes = await Promise.allSettled(pulls.map((pull) => pull.bind(endpoint)));
  assertEquals(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const pull of pulls) await pull.close();
});

test("Context.from takes a port once, and nothing else", () => {
  for (const value of [undefined, null, 1, {}, new Context()]) {
    assertThrows(() => Context.from(value as ContextPort), TypeError, "must be a MessagePort");
  }
  const port = new Context().share();
  Context.from(port);
  assertThrows(() => Context.from(port), TypeError, "once");
  port.close();
});

// Workers.

/** A thread that runs a part of `threads_child.ts` in a shared context. */
class Thread implements AsyncDisposable {
  readonly worker: Worker;
  readonly #reports: unknown[] = [];
  #wake: (() => void) | undefined;
  static #alive = 0;
  /** The error that ended it. */
  failed: Error | undefined;

  constructor(port: ContextPort, part: Part, ...args: string[]) {
    Thread.#alive++;
    const path = fileURLToPath(new URL("threads_child.ts", import.meta.url));
    const options = { workerData: { port, part, args }, transferList: [port as never] };
    // Without the gate Node has only tsx, which a worker does not inherit.
    const [program] = runtime === "node" ? nodeProgram(path) : [path];
    this.worker = program === "--import"
      ? new Worker(`import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(path)})))`, {
        ...options,
        eval: true,
      })
      : new Worker(program!, options);
    this.worker.on("message", (report) => {
      this.#reports.push(report);
      this.#wake?.();
    });
    this.worker.on("error", (error: Error) => {
      this.failed = error;
      this.#wake?.();
    });
  }

  /** The next thing that it reports. */
  async report(): Promise<unknown> {
    while (this.#reports.length === 0) {
      if (this.failed !== undefined) throw this.failed;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#reports.shift();
  }

  order(text: string): void {
    this.worker.postMessage(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
    Thread.#alive--;
    // Deno's test runner wants its port to be closed.
    await until(() => (namesOf(root).threads as ThreadHub).size <= members.length + Thread.#alive);
  }
}

const WORKERS = { timeout: 30_000 };

test("a worker answers requests of the main thread, and of another worker's context", async () => {
  const endpoint = fresh();
  await using thread = new Thread(root.share(), "echo", endpoint);
  for (const context of [root, members[0]!]) {
    await using request = new Request({ context });
    request.connect(endpoint);
    for (const size of [1, 1000, 1_000_000]) {
      await request.send(new Uint8Array(size).fill(size));
      const [frame] = await request.receive();
      assertEquals([frame.length, frame.at(-1)], [size, size % 256]);
    }
  }
  assertEquals(await thread.report(), "bound");
}, WORKERS);

test("two workers talk to each other, connect before bind", async () => {
  const endpoint = fresh();
  await using pushes = new Thread(root.share(), "push", endpoint, "20");
  await using pulls = new Thread(root.share(), "slow", endpoint);
  assertEquals(await pulls.report(), "bound");
  assert(pushes !== pulls);
  pulls.order("0");
  assertEquals(await pulls.report(), "received");
}, WORKERS);

test("a worker pushes to the main thread, which bound later; nothing is lost when it closes", async () => {
  const endpoint = fresh();
  await using thread = new Thread(root.share(), "push", endpoint, "1000");
  await using pull = new Pull({ context: root });
  await pull.bind(endpoint);
  assertEquals(await take(pull, 1000), numbers(1000));
  assertEquals(await thread.report(), 0);
}, WORKERS);

test("back-pressure of a worker that takes nothing holds, and ends", async () => {
  const endpoint = fresh();
  await using thread = new Thread(root.share(), "slow", endpoint);
  assertEquals(await thread.report(), "bound");
  await using push = new Push({ context: root, sendHighWaterMark: 10 });
  push.connect(endpoint);
  await push.waitForPeers(1);
  const body = (i: number) => String(i).padStart(8) + "x".repeat(100_000);
  let sent = 0;
  while (push.trySend(body(sent))) assert(++sent < 1000, "there is no back-pressure");
  const more = push.send(body(sent));
  thread.order(`${sent + 1}`);
  await more;
  assertEquals(await thread.report(), "received");
}, WORKERS);

for (const how of ["terminate", "throw", "exit", "close"]) {
  test(`a worker that ends (${how}): its peers see a disconnect, and its names are free`, async () => {
    const endpoint = fresh();
    await using thread = new Thread(root.share(), "bound", endpoint);
    await using dealer = new Dealer({ context: root });
    await using other = new Dealer({ context: members[0]! });
    const lost = [dealer, other].map((socket) => nextEvent(socket, "disconnect"));
    for (const socket of [dealer, other]) socket.connect(endpoint);
    assertEquals(await thread.report(), endpoint);
    await rejectsWith("EADDRINUSE", () => new Router({ context: root }).bind(endpoint));
    await Promise.all([dealer, other].map((socket) => socket.waitForPeers(1)));
    if (how === "terminate") await thread.worker.terminate();
    else thread.order(how);
    for (const event of lost) assertEquals((await event).endpoint, endpoint);
    // The thread of the context may notice the end later than the peers do.
    await using router = new Router({ context: root });
    while (await router.bind(endpoint).catch(() => undefined) === undefined) await turn();
    await router.waitForPeers(2);
    if (how === "throw") await until(() => thread.failed !== undefined);
  }, WORKERS);
}

test("a worker shares the context further; subscribers of two threads get the same", async () => {
  const endpoint = fresh();
  await using shares = new Thread(root.share(), "shares", endpoint);
  const port = await shares.report() as ContextPort;
  await using subscriber = new Thread(port, "connected", endpoint);
  assertEquals(await subscriber.report(), "to all");
  shares.order("close");
  assertEquals(await shares.report(), "closed");
}, WORKERS);
