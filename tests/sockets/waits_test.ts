/**
 * send, receive, trySend, tryReceive and for await: immediate or pending, first come first served, with timeouts.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Publisher, Pull, Push, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, rejectsWith, take, texts } from "./support.ts";

test("receive: pending receives are served in the order of the calls", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const order: number[] = [];
  const receives = [0, 1, 2, 3].map((i) =>
    pull.receive().then((message) => {
      order.push(i);
      return texts(message);
    })
  );
  // No later call gets ahead of them.
  assertEquals(pull.tryReceive(), undefined);
  push.connect(await pull.bind(ANY));
  for (let i = 0; i < 5; i++) await push.send(`${i}`);
  assertEquals(await Promise.all(receives), [["0"], ["1"], ["2"], ["3"]]);
  assertEquals(order, [0, 1, 2, 3]);
  assertEquals(await take(pull, 1), ["4"]);
});

test("send: pending sends are served in the order of the calls, and a later one never overtakes them", async () => {
  await using push = new Push();
  const order: number[] = [];
  const sends = [0, 1, 2, 3].map((i) => push.send(`${i}`).then(() => order.push(i)));
  assertEquals(push.trySend("ahead"), false);
  await using peer = await RawPeer.join(await push.bind(ANY), { type: "PULL" });
  await Promise.all(sends);
  assertEquals(order, [0, 1, 2, 3]);
  for (let i = 0; i < 4; i++) assertEquals(await peer.message(), [`${i}`]);
});

test("send: continues as soon as connect creates a queue, before there is a peer", async () => {
  await using push = new Push({ linger: 0 });
  const sent = push.send("queued");
  push.connect(await deserted());
  await sent;
  assertEquals(push.peerCount, 0);
});

test("iterations and receives on one socket share the messages, each message once", async () => {
  await using pull = new Pull();
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  const seen: string[] = [];
  const iterate = async () => {
    for await (const message of pull) if (seen.push(...texts(message)) === 100) pull.close();
  };
  const loops = [iterate(), iterate(), iterate()];
  for (let i = 0; i < 100; i++) await push.send(`${i}`);
  await Promise.all(loops);
  assertEquals(new Set(seen).size, 100);
  assertEquals(seen.length, 100);
});

test("iteration: leaving the loop leaves the socket open and the messages in it", async () => {
  await using pull = new Pull();
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  for (const text of ["a", "b", "c"]) await push.send(text);
  for await (const message of pull) {
    assertEquals(texts(message), ["a"]);
    break;
  }
  assertEquals(pull.closed, false);
  assertEquals(await take(pull, 2), ["b", "c"]);
});

test("trySend and tryReceive: succeed immediately or not at all", async () => {
  await using pull = new Pull();
  await using push = new Push();
  assertEquals(push.trySend("nobody"), false);
  assertEquals(pull.tryReceive(), undefined);
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  await peer.sync();
  assertEquals(pull.tryReceive(), undefined);
  peer.write(message("a"));
  await peer.sync();
  assertEquals(texts(pull.tryReceive()!), ["a"]);
  assertEquals(pull.tryReceive(), undefined);
});

test("sendTimeout: a send that waits too long is EAGAIN and is not sent; with 0 it does not wait", async () => {
  for (const sendTimeout of [0, 20]) {
    await using push = new Push({ sendTimeout });
    const endpoint = await push.bind(ANY);
    const error = await rejectsWith("EAGAIN", () => push.send("late"));
    assertStringIncludes(error.message, "no peer is connected");
    await using peer = await RawPeer.join(endpoint, { type: "PULL" });
    await push.waitForPeers(1);
    await push.send("next");
    assertEquals(await peer.message(), ["next"]);
  }
});

test("receiveTimeout: a receive that waits too long is EAGAIN and loses nothing; with 0 it does not wait", async () => {
  for (const receiveTimeout of [0, 20]) {
    await using pull = new Pull({ receiveTimeout });
    await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
    const error = await rejectsWith("EAGAIN", () => pull.receive());
    assertStringIncludes(error.message, "no message arrived");
    peer.write(message("a"));
    await peer.sync();
    assertEquals(await take(pull, 1), ["a"]);
  }
});

test("receiveTimeout: holds for each step of an iteration, which then fails", async () => {
  await using pull = new Pull({ receiveTimeout: 20 });
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  await push.send("one");
  await pull.whenReadable();
  const seen: string[] = [];
  await rejectsWith("EAGAIN", async () => {
    for await (const message of pull) seen.push(...texts(message));
  });
  assertEquals(seen, ["one"]);
});

test("a timeout ends only the wait that it belongs to", async () => {
  await using pull = new Pull({ receiveTimeout: 1000 });
  const endpoint = await pull.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
  const waits = [pull.receive(), pull.receive()];
  peer.write(message("a"));
  const [one, two] = await Promise.allSettled(waits);
  assertEquals(one!.status === "fulfilled" && texts(one!.value), ["a"]);
  assertEquals(two!.status, "rejected");
});

test("waitForPeers: several pending waits, each for its own number", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  const reached: number[] = [];
  const waits = [2, 1, 3].map((count) => pull.waitForPeers(count).then(() => reached.push(count)));
  await pull.waitForPeers(0);
  const pushes = [new Push(), new Push(), new Push()];
  for (const [i, push] of pushes.entries()) {
    push.connect(endpoint);
    await pull.waitForPeers(i + 1);
  }
  await Promise.all(waits);
  assertEquals(reached, [1, 2, 3]);
  for (const push of pushes) await push.close();
});

test("an error of a wait is a ZmqError with its code, for instanceof as well", async () => {
  await using pull = new Pull({ receiveTimeout: 0 });
  const error = await pull.receive().catch((error: unknown) => error);
  assertEquals(error instanceof ZmqError && error instanceof Error, true);
  assertEquals((error as ZmqError).name, "ZmqError");
  assertEquals((error as ZmqError).code, "EAGAIN");
  assertEquals(new TypeError("no") instanceof ZmqError, false);
});

test("publisher: send never waits, for any timeout", async () => {
  await using pub = new Publisher({ sendTimeout: 0 });
  await pub.bind(ANY);
  await pub.send("nobody");
  assertEquals(pub.trySend("nobody"), true);
});
