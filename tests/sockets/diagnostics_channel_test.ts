/**
 * `node:diagnostics_channel`: sockets and their events on named channels, on all three runtimes, and nothing without a
 * subscriber.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import diagnostics from "node:diagnostics_channel";
import { Context, Pull, Push, Router, type Socket, type SocketEvent } from "../../mod.ts";
import { publishOn } from "../../src/base/channels.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { channelsOfRuntime } from "../../transports/mod.ts";
import { test } from "../support/harness.ts";

interface Published {
  readonly socket: Socket;
  readonly event?: SocketEvent;
}

/** Gathers what is published on a channel while `body` runs. */
async function published(name: string, body: () => Promise<void>): Promise<Published[]> {
  const messages: Published[] = [];
  const listener = (message: unknown) => void messages.push(message as Published);
  diagnostics.subscribe(name, listener);
  try {
    await body();
  } finally {
    diagnostics.unsubscribe(name, listener);
  }
  return messages;
}

/** Two sockets that exchange a message over inproc. */
async function exchange(): Promise<readonly [Pull, Push, string[]]> {
  const context = new Context();
  const pull = new Pull({ context });
  const push = new Push({ context });
  const listened: string[] = [];
  for (const socket of [pull, push]) socket.events.listen(({ type }) => void listened.push(`${socket.type} ${type}`));
  push.connect(await pull.bind("inproc://channels"));
  await push.send("x");
  await pull.receive();
  await push.close();
  await pull.close();
  return [pull, push, listened];
}

test("diagnostics_channel: every event of every socket, as listeners get it", async () => {
  let sockets!: readonly [Pull, Push, string[]];
  const messages = await published("monocoque-zmq.event", async () => {
    sockets = await exchange();
  });
  const [pull, push, listened] = sockets;
  const ours = messages.filter(({ socket }) => socket === pull || socket === push);
  assertEquals(ours.map(({ socket, event }) => `${socket.type} ${event!.type}`), listened);
  assertEquals(listened.includes("PUSH handshake"), true);
});

test("diagnostics_channel: nothing is published behind the last event, and hints do not see it", async () => {
  const context = new Context();
  const router = new Router({ context });
  const messages = await published("monocoque-zmq.event", async () => {
    // Its hint is emitted in a microtask, when the socket has closed.
    router.trySend(["nobody", "x"]);
    coreOf(router).events.emit({ type: "end" });
    coreOf(router).emit({ type: "bind", endpoint: "inproc://late" });
    await router.close();
  });
  assertEquals(messages.filter(({ socket }) => socket === router).map(({ event }) => event!.type), []);
});

test("diagnostics_channel: every socket that is created", async () => {
  const created: Socket[] = [];
  const messages = await published("monocoque-zmq.socket", async () => {
    for (const make of [() => new Push(), () => new Pull()]) {
      await using socket = make();
      created.push(socket);
    }
  });
  assertEquals(messages.length, 2);
  messages.forEach(({ socket }, i) => assertStrictEquals(socket, created[i]));
});

test("diagnostics_channel: without a subscriber nothing is published, and without the module nothing breaks", async () => {
  const sent: string[] = [];
  const channel = (hasSubscribers: boolean) => (name: string) => ({
    hasSubscribers,
    publish: () => void sent.push(name),
  });
  try {
    for (const open of [channel(false), undefined]) {
      publishOn(open);
      await exchange();
      assertEquals(sent, []);
    }
    publishOn(channel(true));
    await exchange();
    assertEquals([...new Set(sent)], ["monocoque-zmq.socket", "monocoque-zmq.event"]);
  } finally {
    publishOn(channelsOfRuntime());
  }
});
