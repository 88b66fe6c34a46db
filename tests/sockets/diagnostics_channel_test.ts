/**
 * `node:diagnostics_channel`: sockets, their events and requests on named channels, on all three runtimes, and nothing without
 * a subscriber.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import {
  Context,
  Pull,
  Push,
  Requester,
  Router,
  RpcError,
  serve,
  type Socket,
  type SocketEvent,
  toText,
  type ZmqError,
} from "../../mod.ts";
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

/** Phases of a traced call, with what was published. */
type Traced = readonly [phase: string, about: object];

const PHASES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

/** Gathers the phases of traced calls while `body` runs. */
async function phasesOf(name: string, body: () => Promise<void>): Promise<Traced[]> {
  const phases: Traced[] = [];
  const listeners = PHASES.map((phase) => {
    const listener = (about: unknown) => void phases.push([phase, about as object]);
    return [`tracing:monocoque-zmq.${name}:${phase}`, listener] as const;
  });
  for (const [channel, listener] of listeners) diagnostics.subscribe(channel, listener);
  try {
    await body();
  } finally {
    for (const [channel, listener] of listeners) diagnostics.unsubscribe(channel, listener);
  }
  return phases;
}

/** A server whose handler fails for the request `no`, and a client. */
async function withServer(
  handler: (text: string) => string | Promise<string>,
  body: (requester: Requester, router: Router) => Promise<void>,
): Promise<void> {
  const context = new Context();
  await using router = new Router({ context });
  await router.bind("inproc://traced");
  const serving = serve(router, async ([text]) => {
    if (toText(text) === "no") throw new RpcError("NO", "no");
    return await handler(toText(text));
  }, { errorReplies: true });
  await using requester = new Requester("inproc://traced", { context });
  await body(requester, router);
  await router.close();
  await serving;
}

test("tracing channels: a request and its handler, with the phases of tracePromise and one object per call", async () => {
  for (const [text, failed] of [["yes", false], ["no", true]] as const) {
    let requester!: Requester;
    let router!: Router;
    let handled: Traced[] = [];
    let rejection: unknown;
    const requested = await phasesOf("request", async () => {
      handled = await phasesOf("handler", () =>
        withServer((body) => body, async (...both) => {
          [requester, router] = both;
          await requester.request(text).catch((error: unknown) => rejection = error);
        }));
    });
    const order = ["start", "end", ...failed ? ["error"] : [], "asyncStart", "asyncEnd"];
    assertEquals(requested.map(([phase]) => phase), order);
    assertEquals(handled.map(([phase]) => phase), order);
    for (const phases of [requested, handled]) {
      for (const [, about] of phases) assertStrictEquals(about, phases[0]![1]);
    }
    const [client, server] = [requested[0]![1], handled[0]![1]] as Record<string, unknown>[];
    assertStrictEquals(client!.requester, requester);
    assertStrictEquals(server!.router, router);
    assertEquals(Object.keys(client!).sort(), failed ? ["error", "requester"] : ["requester"]);
    assertEquals(Object.keys(server!).sort(), [...failed ? ["error"] : [], "router", "routingId"]);
    assertStrictEquals(client!.error, rejection);
    assertEquals((server!.error as RpcError | undefined)?.code, failed ? "NO" : undefined);
  }
});

test("tracing channels: a request that is misused or late is traced as failed, and its stack has the caller", async () => {
  await using requester = new Requester("inproc://traced-nobody", { context: new Context(), timeout: 1 });
  const phases = await phasesOf("request", async () => {
    const misused = await theCaller(() => requester.request("x", { timout: 1 } as never));
    assertEquals(misused instanceof TypeError, true);
    const late = await theCaller(() => requester.request("x")) as ZmqError;
    assertEquals(late.code, "ETIMEDOUT");
    assertStringIncludes(late.stack!, "theCaller");
  });
  assertEquals(phases.filter(([phase]) => phase === "error").length, 2);
});

async function theCaller(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return error;
  }
}

test("tracing channels: a store that is bound to `start` is seen by the handler, and by requests that it makes", async () => {
  const storage = new AsyncLocalStorage<string>();
  const outer = diagnostics.channel("tracing:monocoque-zmq.handler:start") as unknown as {
    bindStore(store: AsyncLocalStorage<string>, transform: (about: unknown) => string): void;
    unbindStore(store: AsyncLocalStorage<string>): void;
  };
  let spans = 0;
  outer.bindStore(storage, () => `span ${++spans}`);
  try {
    await withServer(async () => {
      await Promise.resolve();
      return storage.getStore() ?? "none";
    }, async (requester) => {
      const replies = await Promise.all([requester.request("a"), requester.request("b")]);
      assertEquals(replies.map(([text]) => toText(text)).sort(), ["span 1", "span 2"]);
    });
  } finally {
    outer.unbindStore(storage);
  }
  assertEquals(storage.getStore(), undefined);
});

test("tracing channels: channels without runStores, as those of other makers", async () => {
  const published: string[] = [];
  publishOn((name) => ({
    hasSubscribers: name.startsWith("tracing:"),
    publish: () => void published.push(name.split(":")[2]!),
  }));
  try {
    await withServer((text) => text, async (requester) => {
      assertEquals(toText((await requester.request("x"))[0]), "x");
    });
  } finally {
    publishOn(channelsOfRuntime());
  }
  assertEquals(published.sort(), ["asyncEnd", "asyncEnd", "asyncStart", "asyncStart", "end", "end", "start", "start"]);
});
