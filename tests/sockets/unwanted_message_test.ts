/**
 * A message that is larger than the peer accepts: it is sent again a few times, then dropped and reported, and later
 * messages arrive. A message that is only in flight when servers restart is kept.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Dealer, Pair, Pull, Push, type Request, Router, type SocketEvent } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { type Introduction, RawListener } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "./support.ts";

const OPTIONS = { reconnectInterval: 2, linger: 0 };
/** More than any system holds between two processes, so that a part of it is always still here. */
const LARGE = 16 * 1024 * 1024;
const PULL: Introduction = { type: "PULL" };

/** A peer that shakes hands, reads the beginning of what comes, and goes. */
async function cut(listener: RawListener, introduction: Introduction, how: "reset" | "end"): Promise<void> {
  const peer = await listener.join(introduction);
  await peer.read(1000);
  if (how === "end") await peer.end();
  else await peer[Symbol.asyncDispose]();
}

function events(socket: Push | Dealer | Request | Pair): SocketEvent[] {
  const list: SocketEvent[] = [];
  socket.events.listen((event) => event.type !== "hint" && list.push(event));
  return list;
}

const dropped = (list: SocketEvent[]) => list.filter(({ type }) => type === "message:dropped");

const TYPES = [
  { make: () => new Push(OPTIONS), peer: "PULL", frames: 1 },
  { make: () => new Dealer(OPTIONS), peer: "ROUTER", frames: 1 },
  { make: () => new Pair(OPTIONS), peer: "PAIR", frames: 1 },
] as const;

for (const { make, peer: type, frames } of TYPES) {
  for (const how of ["reset", "end"] as const) {
    test(`a ${type} disconnects by ${how} amid the same message three times: it is dropped, and the next one arrives`, async () => {
      await using listener = await RawListener.bind();
      await using socket = make();
      const told = nextEvent(socket, "message:dropped");
      socket.connect(listener.endpoint);
      await socket.send(new Uint8Array(LARGE));
      await socket.send("next");
      for (let i = 0; i < 3; i++) await cut(listener, { type }, how);
      const peer = await listener.join({ type });
      assertEquals(await peer.message(), ["next"]);
      const { endpoint, bytes, error, ...event } = await told;
      assertEquals([endpoint, event.frames, bytes, error.code], [listener.endpoint, frames, LARGE, "EMSGSIZE"]);
      assertStringIncludes(error.message, `${LARGE} bytes`);
      const { dropped, messagesSent, queued } = socket.statistics();
      assertEquals([dropped, messagesSent, queued], [1, 1, 0]);
    });
  }
}

test("the interval grows while the same message is in flight: from the second loss on as after an error of the protocol", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 20, linger: 0 });
  const list = events(push);
  push.connect(listener.endpoint);
  await push.send(new Uint8Array(LARGE));
  for (let i = 0; i < 3; i++) await cut(listener, PULL, "reset");
  await listener.join(PULL);
  const intervals = list.flatMap((event) => event.type === "connect:retry" ? [event.interval] : []);
  assertEquals(intervals.length, 3);
  const [first, second, third] = intervals;
  assert(first! <= 40 && second! >= 100 && third! <= 40, intervals.join());
});

test("with reconnectMaxInterval, a handshake with the same message in flight does not start the back-off again", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 10, reconnectMaxInterval: 40, linger: 0 });
  const list = events(push);
  push.connect(listener.endpoint);
  await push.send(new Uint8Array(LARGE));
  for (let i = 0; i < 2; i++) await cut(listener, PULL, "reset");
  await listener.accept();
  const intervals = list.flatMap((event) => event.type === "connect:retry" ? [event.interval] : []);
  assert(intervals[1]! >= 50, intervals.join());
});

test("a message that goes through after two losses is not counted against the next one", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push(OPTIONS);
  const list = events(push);
  push.connect(listener.endpoint);
  for (const last of ["a", "b"]) {
    await push.send([new Uint8Array(LARGE), last]);
    for (let i = 0; i < 2; i++) await cut(listener, PULL, "reset");
    const peer = await listener.join(PULL);
    assertEquals([(await peer.frame()).body.length, (await peer.message())[0]], [LARGE, last]);
    const lost = nextEvent(push, "disconnect");
    await peer.end();
    await lost;
  }
  assertEquals([dropped(list), push.statistics().dropped], [[], 0]);
});

test("restarted servers, with no server in between, never lose a message", async () => {
  let listener = await RawListener.bind();
  const { endpoint } = listener;
  await using push = new Push(OPTIONS);
  const list = events(push);
  push.connect(endpoint);
  await push.send([new Uint8Array(LARGE), "kept"]);
  for (let i = 0; i < 8; i++) {
    await cut(listener, PULL, "reset");
    await listener[Symbol.asyncDispose]();
    // An attempt without an answer.
    await nextEvent(
      push,
      "connect:retry",
      ({ error }) => (error as { code?: string } | undefined)?.code === "ECONNREFUSED",
    );
    let bound: RawListener | undefined;
    await bindAgain({ bind: async () => (bound = await RawListener.bind(endpoint)).endpoint }, endpoint);
    listener = bound!;
  }
  const peer = await listener.join(PULL);
  assertEquals([(await peer.frame()).body.length, await peer.message()], [LARGE, ["kept"]]);
  assertEquals([dropped(list), push.statistics().dropped], [[], 0]);
  await listener[Symbol.asyncDispose]();
}, { timeout: 30_000 });

test("no message is dropped because peers disconnect during the handshake, or before any of it was written", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push(OPTIONS);
  const list = events(push);
  push.connect(listener.endpoint);
  await push.send([new Uint8Array(LARGE), "kept"]);
  for (let i = 0; i < 6; i++) {
    // Twice amid the message, which is no more than chance, then before it.
    if (i % 3 < 2) await cut(listener, PULL, "end");
    else await (await listener.accept())[Symbol.asyncDispose]();
  }
  const peer = await listener.join(PULL);
  assertEquals([(await peer.frame()).body.length, await peer.message()], [LARGE, ["kept"]]);
  assertEquals(dropped(list), []);
});

test(
  "no message is dropped because this side disconnects: heartbeats without an answer, amid the message",
  async () => {
    await using listener = await RawListener.bind();
    await using push = new Push({ ...OPTIONS, heartbeatInterval: 20, heartbeatTimeout: 60 });
    const list = events(push);
    push.connect(listener.endpoint);
    await push.send([new Uint8Array(LARGE), "kept"]);
    for (let i = 0; i < 5; i++) {
      const lost = nextEvent(push, "disconnect");
      const peer = await listener.join(PULL);
      peer.pause();
      await lost;
      peer.resume();
    }
    push.heartbeatInterval = 0;
    const peer = await listener.join(PULL);
    // It may be that of the last interval that was set.
    let frame = await peer.frame();
    while ((frame.flags & 4) !== 0) frame = await peer.frame();
    assertEquals([frame.body.length, dropped(list)], [LARGE, []]);
  },
  { timeout: 30_000 },
);

test("a receiver of ours with maxMessageSize: the message behind the large one arrives", async () => {
  await using pull = new Pull({ maxMessageSize: 1024 * 1024 });
  await using push = new Push({ linger: 0 });
  push.connect(await pull.bind(ANY));
  await push.send(new Uint8Array(LARGE));
  await push.send("next");
  assertEquals(await take(pull, 1), ["next"]);
  const { dropped, messagesSent } = push.statistics();
  // Dropped after a few losses, or gone as a whole into the buffers of the operating system.
  assertEquals(dropped + messagesSent, 2);
}, { timeout: 30_000 });

test("a Router that connected under a routing id drops it as well; a queue that was full takes messages again", async () => {
  await using listener = await RawListener.bind();
  await using router = new Router({ ...OPTIONS, mandatory: true, sendHighWaterMark: 1 });
  router.connect(listener.endpoint, { routingId: "peer" });
  await router.send(["peer", new Uint8Array(LARGE)]);
  const introduction = { type: "DEALER", identity: "peer" };
  await cut(listener, introduction, "reset");
  const waiting = router.send(["peer", "a"]).then(() => router.send(["peer", "b"]));
  for (let i = 0; i < 2; i++) await cut(listener, introduction, "reset");
  const peer = await listener.join(introduction);
  assertEquals([await peer.message(), await peer.message()], [["a"], ["b"]]);
  await waiting;
});
