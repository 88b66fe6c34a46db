/**
 * `serve()`: servers with a handler function.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  Context,
  Dealer,
  Proxy,
  Request,
  Requester,
  Router,
  RpcError,
  serve,
  toText,
  type ZmqError,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, rejectsWith, turn } from "../sockets/support.ts";
import { PATIENT, server, textOf } from "./server.ts";

test("serve: requests of REQ sockets, with at most `concurrency` at a time", async () => {
  let running = 0;
  let most = 0;
  await using one = await server(async ([body]) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < 3; i++) await turn();
    running--;
    return body;
  }, { concurrency: 3 });
  await Promise.all(Array.from({ length: 20 }, async (_, i) => {
    await using request = new Request();
    request.connect(one.endpoint);
    await request.send(`${i}`);
    assertEquals(textOf(await request.receive()), `${i}`);
  }));
  assert(most > 1 && most <= 3, `${most}`);
});

test("serve: after an error in a handler the result of onError is sent, and the server continues", async () => {
  await using one = await server(([body]) => {
    if (textOf([body]) === "bad") throw new Error("bad request");
    return "good";
  }, { onError: (error) => `error: ${(error as Error).message}` });
  let failed = 0;
  await using silent = await server(() => Promise.reject(new Error("silent")), { onError: () => void failed++ });
  await using requester = new Requester(one.endpoint, PATIENT);
  assertEquals(textOf(await requester.request("bad")), "error: bad request");
  assertEquals(textOf(await requester.request("fine")), "good");
  await using asker = new Requester(silent.endpoint, PATIENT);
  const over = new AbortController();
  const asked = asker.request("anything", { signal: over.signal }).catch((error) => error.name);
  while (failed === 0) await turn();
  assertEquals(textOf(await requester.request("fine")), "good");
  over.abort();
  assertEquals([await asked, failed], ["AbortError", 1]);
});

test("serve: stops by its signal, answers the requests in progress, and leaves the socket open", async () => {
  const controller = new AbortController();
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  let finish = () => {};
  const serving = serve(router, async (_, { signal }) => {
    await new Promise<void>((resolve) => finish = resolve);
    return signal.aborted ? "was stopping" : "was not";
  }, { signal: controller.signal });
  await using requester = new Requester(endpoint, PATIENT);
  const asked = requester.request("x");
  while (router.statistics().messagesReceived === 0) await turn();
  await turn();
  controller.abort();
  finish();
  assertEquals(textOf(await asked), "was stopping");
  await serving;
  assertEquals(router.closed, false);
});

test("serve: the handler gets the routing id and the received message", async () => {
  await using one = await server((_, { routingId, received }) => [routingId, `${received.length}`]);
  await using requester = new Requester(one.endpoint, { ...PATIENT, routingId: "me" });
  assertEquals((await requester.request("x")).map(toText), ["me", "4"]);
});

test("serve: without onError an error is written to the console, and the server continues", async () => {
  const said: unknown[][] = [];
  const { error: log } = console;
  console.error = (...args: unknown[]) => void said.push(args);
  try {
    const wrong = new Error("wrong");
    await using one = await server(([body]) => {
      if (textOf([body]) === "bad") throw wrong;
      return "good";
    });
    await using requester = new Requester(one.endpoint, PATIENT);
    const bad = requester.request("bad").catch((error) => error.code);
    while (said.length === 0) await turn();
    assertEquals(textOf(await requester.request("fine")), "good");
    assertEquals(said.length, 1);
    assertStrictEquals(said[0]!.at(-1), wrong);
    await requester.close();
    assertEquals(await bad, "ENOTSOCK");
  } finally {
    console.error = log;
  }
});

test("serve: an error in onError ends the server after the requests in progress are answered", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  let finish = () => {};
  const serving = serve(router, async ([body]) => {
    if (textOf([body]) === "bad") throw new Error("bad");
    await new Promise<void>((resolve) => finish = resolve);
    return "slow";
  }, {
    onError(error) {
      throw error;
    },
  });
  const ended = assertRejects(() => serving, Error, "bad");
  await using requester = new Requester(endpoint, PATIENT);
  const slow = requester.request("good");
  const bad = requester.request("bad").catch((error: ZmqError) => error.code);
  while (router.statistics().messagesReceived < 2) await turn();
  await turn();
  finish();
  assertEquals(textOf(await slow), "slow");
  await ended;
  await requester.close();
  assertEquals(await bad, "ENOTSOCK");
  assertEquals(router.closed, false);
});

test("serve: a reply that is not a message is passed to onError, like an error in the handler", async () => {
  const replies = [{ a: 1 }, [], ["x", undefined], true];
  const told: unknown[] = [];
  await using one = await server(() => replies.shift() as never, {
    onError(error) {
      told.push((error as Error).constructor);
      return "no message";
    },
  });
  await using requester = new Requester(one.endpoint, PATIENT);
  for (let i = 0; i < 4; i++) assertEquals(textOf(await requester.request("x")), "no message");
  assertEquals(told, [TypeError, TypeError, TypeError, TypeError]);
  assertEquals(
    await requester.request("undefined: no reply", { timeout: 20, retries: 0 }).catch(({ code }) => code),
    "ETIMEDOUT",
  );
});

test("serve: clients that do not read their replies do not block other clients, even with mandatory", async () => {
  const router = new Router({ mandatory: true, sendHighWaterMark: 1 });
  const endpoint = await router.bind("inproc://serve-deaf");
  const serving = serve(router, ([body]) => body, { concurrency: 2 });
  const deaf = new Dealer({ receiveHighWaterMark: 1 });
  deaf.connect(endpoint);
  for (let i = 0; i < 20; i++) await deaf.send(["", `${i}`]);
  while (router.statistics().messagesReceived < 20) await turn();
  await using requester = new Requester(endpoint, PATIENT);
  assertEquals(textOf(await requester.request("heard")), "heard");
  await Promise.all([router.close(), deaf.close()]);
  await serving;
});

for (const mandatory of [false, true]) {
  test(`serve: a client that has left before the reply is counted as noPeer, without a hint; mandatory ${mandatory}`, async () => {
    await using router = new Router({ mandatory });
    const hints: string[] = [];
    router.events.on("hint", ({ message }) => hints.push(message));
    const endpoint = await router.bind(ANY);
    let answer: (() => void) | undefined;
    const serving = serve(router, async ([body]) => {
      await new Promise<void>((resolve) => answer = resolve);
      return body;
    });
    const client = new Requester(endpoint, PATIENT);
    const request = client.request("x").catch(({ code }) => code);
    while (answer === undefined) await turn();
    await client.close();
    assertEquals(await request, "ENOTSOCK");
    while (router.peerCount > 0) await turn();
    (answer as () => void)();
    while (router.statistics().dropped === 0) await turn();
    await turn();
    const { drops, dropped } = router.statistics();
    assertEquals([drops.noPeer, dropped, hints], [1, 1, []]);
    // A mistake of the program itself is still reported.
    if (!mandatory) {
      await router.send(["nobody", "x"]);
      await turn();
      assertEquals(hints.length, 1);
      assert(hints[0]!.includes("no connected peer has the routing id"), hints[0]);
    }
    await router.close();
    await serving;
  });
}

for (const receiveTimeout of [0, 1]) {
  test(`serve: continues with a receiveTimeout of ${receiveTimeout}`, async () => {
    await using router = new Router({ receiveTimeout });
    const endpoint = await router.bind(ANY);
    let ended = false;
    const serving = serve(router, ([body]) => body).then(() => ended = true);
    await rejectsWith("EAGAIN", () => router.receive());
    await turn();
    assertEquals(ended, false);
    await using requester = new Requester(endpoint, PATIENT);
    for (const text of ["x", "y"]) assertEquals(textOf(await requester.request(text)), text);
    await router.close();
    await serving;
  });
}

test("serve: options that it does not have are refused", async () => {
  await using router = new Router();
  await assertRejects(() => serve(router, () => "x", { concurency: 1 } as never), TypeError, "concurency");
  await assertRejects(() => serve(router, () => "x", null as never), TypeError);
  for (const concurrency of [0, 1.5, NaN]) {
    await assertRejects(() => serve(router, () => "x", { concurrency }), RangeError, `${concurrency}`);
  }
});

test("serve: detects the close of its socket while all handlers are busy", async () => {
  const router = new Router();
  const endpoint = await router.bind(ANY);
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => begun = resolve);
  const serving = serve(router, (_, { signal }) => {
    begun();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
  }, { concurrency: 1 });
  await using requester = new Requester(endpoint, PATIENT);
  const asked = requester.request("x").catch(({ code }) => code);
  await beginning;
  await router.close();
  await serving;
  await requester.close();
  assertEquals(await asked, "ENOTSOCK");
});

test("serve: with errorReplies an RpcError reaches the client unchanged, and no other error does", async () => {
  const told: unknown[] = [];
  const errors: Record<string, unknown> = {
    rpc: new RpcError("NOT_FOUND", "no such user", { cause: new Error("secret") }),
    other: new Error("secret"),
    text: "secret",
  };
  await using one = await server(([body]) => {
    const name = textOf([body]);
    if (name in errors) throw errors[name];
    return name === "no message" ? true as never : name === "silent" ? undefined : name;
  }, { errorReplies: true, onError: (error) => void told.push(error) });
  await using requester = new Requester(one.endpoint, PATIENT);
  const outcome = (text: string) =>
    requester.request(text).then(textOf, (error) => error instanceof RpcError && `${error.code}: ${error.message}`);
  assertEquals(await outcome("rpc"), "NOT_FOUND: no such user");
  assertEquals(told, []);
  for (const name of ["other", "text", "no message"]) {
    assertEquals(await outcome(name), "INTERNAL: The server failed to handle the request");
  }
  assertEquals([told.length, told[0], told[1]], [3, errors.other, "secret"]);
  assertEquals(await outcome("fine"), "fine");
  // A handler that returns `undefined` has decided not to reply.
  const asked = requester.request("silent").catch((error: ZmqError) => error.code);
  assertEquals(await outcome("fine"), "fine");
  await requester.close();
  assertEquals(await asked, "ENOTSOCK");
});

test("serve: with errorReplies the reply of onError comes first; without it an RpcError is an error like all others", async () => {
  const told: unknown[] = [];
  const fails = () => {
    throw told.length === 0 ? new Error("first") : new RpcError("CODE", "text");
  };
  const onError = (error: unknown) => {
    told.push((error as Error).message);
    return "from onError";
  };
  await using polite = await server(fails, { errorReplies: true, onError });
  await using plain = await server(fails, { onError });
  await using first = new Requester(polite.endpoint, PATIENT);
  await using second = new Requester(plain.endpoint, PATIENT);
  assertEquals(textOf(await first.request("x")), "from onError");
  assertEquals(textOf(await second.request("x")), "from onError");
  assertEquals(told, ["first", "text"]);
});

test("serve: an error reply to a Request is a message of three frames, also through a proxy", async () => {
  await using one = await server(() => Promise.reject(new RpcError("BUSY", "try again")), { errorReplies: true });
  await using front = new Router();
  await using back = new Dealer();
  back.connect(one.endpoint);
  const proxy = new Proxy(front, back);
  const running = proxy.run();
  await using request = new Request({ correlate: true });
  request.connect(await front.bind(ANY));
  await request.send("x");
  const reply = await request.receive();
  assertEquals(reply.map(toText), ["\0zmq-error", "BUSY", "try again"]);
  const error = RpcError.fromMessage(reply)!;
  assertEquals([error.code, error.message, error.toMessage()], ["BUSY", "try again", reply]);
  proxy.terminate();
  await running;
});

test("serve: errorReplies must be true or false", async () => {
  await using router = new Router();
  await assertRejects(() => serve(router, () => {}, { errorReplies: 1 as never }), TypeError, "errorReplies");
});

test("serve: requests without a body, and replies that find no room, are counted and reported once; those without a client counted", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1 });
  const hints: string[] = [];
  router.events.on("hint", ({ kind }) => hints.push(kind));
  const context = new Context();
  await using local = new Router({ mandatory: true, sendHighWaterMark: 1, context });
  local.events.on("hint", ({ kind }) => hints.push(`local ${kind}`));
  const endpoint = await router.bind(ANY);
  let answer = () => {};
  let asked = 0;
  const serving = serve(router, async () => {
    asked++;
    await new Promise<void>((resolve) => answer = resolve);
    return "late";
  });
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(endpoint);
  for (let i = 0; i < 2; i++) await dealer.send([new Uint8Array()]);
  await dealer.send(["", "x"]);
  while (asked === 0) await turn();
  await dealer.close();
  while (router.peerCount > 0) await turn();
  answer();
  while (router.statistics().drops.noPeer === 0) await turn();
  const { drops } = router.statistics();
  assertEquals([drops.noDelimiter, drops.noPeer], [2, 1]);
  const servingLocal = serve(local, () => "reply");
  await using slow = new Dealer({ context, linger: 0, receiveHighWaterMark: 1 });
  slow.connect(await local.bind("inproc://slow"));
  for (let i = 0; i < 9; i++) await slow.send(["", "x"]);
  while (local.statistics().drops.highWaterMark === 0) await turn();
  await Promise.all([router.close(), local.close()]);
  await Promise.all([serving, servingLocal]);
  assertEquals(hints.sort(), ["local highWaterMark", "noDelimiter"]);
});
