/**
 * Random bytes, random frames and random cuts: the socket continues, and good peers are not affected.
 *
 * @module
 */

import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { Publisher, Push, Reply, Request, Router, Subscriber, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, frame, frameV1, greeting, message, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { Victim } from "./support.ts";

const RUNS = { numRuns: 60 };
const OPTIONS = { timeout: 60_000 };

const noise = fc.uint8Array({ maxLength: 400 }).map((data) => new Uint8Array(data));
const anyFrame = fc.tuple(fc.constantFrom(0, 0, 1, 1, 4, 4, 2, 8, 255), noise).map(([flags, body]) =>
  frame(flags, body)
);
const traffic = fc.array(anyFrame, { maxLength: 12 }).map((frames) => bytes(...frames));
const splits = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });

/** Writes in pieces of these sizes, repeatedly, then ends; the peer may have disconnected long before. */
async function writeAndEnd(peer: RawPeer, data: Uint8Array, sizes: readonly number[]): Promise<void> {
  for (let at = 0, i = 0; at < data.length; i++) {
    const size = sizes[i % sizes.length]!;
    await peer.write(data.subarray(at, at + size));
    at += size;
  }
  await peer.end();
  await peer.gone;
}

test("random bytes instead of a handshake", async () => {
  // Few bytes make a peer of ZMTP 1.0, so noise may become one by chance: a publisher's other subscribers do not notice.
  await using pub = new Publisher();
  await using sub = new Subscriber();
  const endpoint = await pub.bind(ANY);
  sub.subscribe("");
  sub.connect(endpoint);
  await pub.waitForSubscribers(1);
  await fc.assert(
    fc.asyncProperty(noise, fc.integer({ min: 0, max: 64 }), splits, fc.string(), async (data, kept, sizes, text) => {
      await using peer = await RawPeer.connect(endpoint);
      await writeAndEnd(peer, bytes(greeting().subarray(0, kept), data), sizes);
      await pub.send(text);
      assertEquals(await take(sub, 1), [text]);
    }),
    RUNS,
  );
}, OPTIONS);

test("random frames of ZMTP 2.0 and 1.0", async () => {
  const v2 = fc.array(fc.tuple(fc.constantFrom(0, 0, 1, 2, 4, 255), noise).map(([flags, body]) => frame(flags, body)));
  const v1 = fc.array(
    fc.tuple(fc.constantFrom(0, 0, 1, 0x7e, 0x7f, 2), noise).map(([flags, body]) => frameV1(flags, body)),
  );
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  const draining = (async () => {
    for await (const _ of router);
  })();
  const versions = [[bytes(greeting().subarray(0, 10), 1, 5, 0, 0), v2], [bytes(1, 0), v1]] as const;
  for (const [start, frames] of versions) {
    await fc.assert(
      fc.asyncProperty(frames, splits, async (list, sizes) => {
        await using peer = await RawPeer.connect(endpoint);
        await writeAndEnd(peer, bytes(start, ...list), sizes);
      }),
      RUNS,
    );
  }
  await using good = await RawPeer.join(endpoint, { type: "DEALER" });
  await good.sync();
  await router.close();
  await draining;
}, OPTIONS);

test("random frames instead of traffic, to sockets of several types", async () => {
  for (
    const [socket, type] of [[new Reply(), "DEALER"], [new Router(), "DEALER"], [new XPublisher(), "SUB"]] as const
  ) {
    const endpoint = await socket.bind(ANY);
    // Received messages are ignored.
    const draining = (async () => {
      for await (const _ of socket) if (socket.type === "REP") await socket.send("answer" as never);
    })();
    await fc.assert(
      fc.asyncProperty(traffic, splits, async (data, sizes) => {
        await using peer = await RawPeer.connect(endpoint);
        await writeAndEnd(peer, bytes(greeting(), ready(type), data), sizes);
      }),
      RUNS,
    );
    await using good = await RawPeer.join(endpoint, { type });
    await good.sync();
    await socket.close();
    await draining;
  }
}, OPTIONS);

test("random frames from a server that a Request and a Subscriber connect to", async () => {
  await using listener = await RawListener.bind();
  for (const type of ["REP", "PUB"]) {
    await fc.assert(
      fc.asyncProperty(traffic, splits, async (data, sizes) => {
        await using socket = type === "REP"
          ? new Request({ reconnectInterval: -1 })
          : new Subscriber({ reconnectInterval: -1 });
        const over = nextEvent(socket, "disconnect");
        if (socket instanceof Request) socket.bind(ANY);
        else socket.subscribe("");
        socket.connect(listener.endpoint);
        if (socket instanceof Request) await socket.send("question");
        const peer = await listener.join({ type });
        await writeAndEnd(peer, data, sizes);
        await over;
      }),
      RUNS,
    );
  }
}, OPTIONS);

test("all messages arrive while other peers send random bytes", async () => {
  await using victim = await Victim.make();
  await fc.assert(
    fc.asyncProperty(traffic, splits, fc.nat(20), async (data, sizes, count) => {
      await using good = new Push();
      good.connect(victim.endpoint);
      await using bad = await RawPeer.connect(victim.endpoint);
      // Noise that may end the connection, but cannot be taken for a message.
      const noisy = writeAndEnd(bad, bytes(greeting(), ready("PUSH"), frame(1, "never ends"), frame(8, data)), sizes);
      for (let i = 0; i < count; i++) await good.send([`${i}`, "whole"]);
      assertEquals(await take(victim.pull, count), Array.from({ length: count }, (_, i) => `${i}|whole`));
      await noisy;
    }),
    RUNS,
  );
  await victim.unharmed();
}, OPTIONS);

test("a message that is cut anywhere is not delivered", async () => {
  await using victim = await Victim.make();
  const whole = message("a", "b".repeat(300), "c");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), splits, async (cut, sizes) => {
      await using peer = await RawPeer.join(victim.endpoint, { type: "PUSH" });
      await writeAndEnd(peer, whole.subarray(0, cut), sizes);
    }),
    RUNS,
  );
  await victim.unharmed();
}, OPTIONS);
