/**
 * Requests with timeouts and retries, and servers in one call.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { type Message, Reply, Request, Requester, Router, serve, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, rejectsWith } from "../sockets/support.ts";

const textOf = ([frame]: Message) => toText(frame!);
const PATIENT = { timeout: 20_000, retries: 0 };

/** A Router that serves, and how to end it. */
async function server(handler: Parameters<typeof serve>[1], options: Parameters<typeof serve>[2] = {}) {
  const router = new Router();
  const endpoint = await router.bind(ANY);
  const serving = serve(router, handler, options);
  return {
    router,
    endpoint,
    serving,
    async [Symbol.asyncDispose]() {
      await router.close();
      await serving;
    },
  };
}

test("requester: many requests at a time over one socket, replies in any order", async () => {
  const gates: (() => void)[] = [];
  await using one = await server(async ([body]) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return ["re", body!];
  });
  await using requester = new Requester(one.endpoint, PATIENT);
  const replies = Array.from({ length: 10 }, (_, i) => requester.request(`${i}`));
  while (gates.length < 10) await new Promise((resolve) => setImmediate(resolve));
  for (const open of gates.reverse()) open();
  assertEquals((await Promise.all(replies)).map((reply) => reply.map(toText).join("|")), [
    ...Array.from({ length: 10 }, (_, i) => `re|${i}`),
  ]);
});

test("requester: a try that is not answered is made again, and goes to the next endpoint", async () => {
  await using deaf = new Router();
  const nowhere = await deaf.bind(ANY);
  await using one = await server(([body]) => textOf([body!]));
  await using requester = new Requester([nowhere, one.endpoint], { timeout: 50, retries: 5 });
  await requester.socket.waitForPeers(2);
  for (const text of ["a", "b", "c"]) assertEquals(textOf(await requester.request(text)), text);
});

test("requester: nobody answers: ETIMEDOUT after all tries, and a late reply is dropped", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  await using requester = new Requester(endpoint, { timeout: 10, retries: 2 });
  const error = await rejectsWith("ETIMEDOUT", () => requester.request("anybody?"));
  assertEquals(error.message, "No reply came to 3 requests, each within 10 ms");
  const late = await router.receive();
  await router.send(late);
  const asked = requester.request("now", PATIENT);
  for (;;) {
    const message = await router.receive();
    await router.send(message);
    if (toText(message.at(-1)!) === "now") break;
  }
  assertEquals(textOf(await asked), "now");
});

test("requester: a server that was away does not find the tries that were made meanwhile", async () => {
  const away = new Router();
  const endpoint = await away.bind(ANY);
  await away.close();
  await using requester = new Requester(endpoint, { reconnectInterval: 1 });
  await rejectsWith("ETIMEDOUT", () => requester.request("gone", { timeout: 5, retries: 3 }));
  assertEquals(requester.socket.statistics().queued, 0);
  await using back = new Router();
  await back.bind(endpoint);
  const asked = requester.request("here", PATIENT);
  const request = await back.receive();
  assertEquals(toText(request.at(-1)!), "here");
  await back.send(request);
  await asked;
  assertEquals(back.statistics().messagesReceived, 1);
});

test("requester: ends by a signal, and when it is closed", async () => {
  await using router = new Router();
  const requester = new Requester(await router.bind(ANY), PATIENT);
  const controller = new AbortController();
  const reason = new Error("enough");
  const first = requester.request("1", { signal: controller.signal }).catch((error) => error);
  controller.abort(reason);
  assertStrictEquals(await first, reason);
  assertStrictEquals(await requester.request("1", { signal: controller.signal }).catch((error) => error), reason);
  const second = rejectsWith("ENOTSOCK", () => requester.request("2"));
  await requester.close();
  await second;
  await rejectsWith("ENOTSOCK", () => requester.request("3"));
});

test("requester: asks a Reply, which knows nothing of it", async () => {
  await using reply = new Reply();
  await using requester = new Requester(await reply.bind(ANY), PATIENT);
  const asked = [requester.request(["two", "frames"]), requester.request("one")];
  for (let i = 0; i < 2; i++) {
    const message = await reply.receive();
    await reply.send([`${message.length}`, ...message]);
  }
  assertEquals((await Promise.all(asked)).map((message) => message.map(toText).join("|")), ["2|two|frames", "1|one"]);
});

test("requester: what a server sends that is no reply is passed over", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), PATIENT);
  const asked = requester.request("x");
  const [id, request, ...rest] = await router.receive();
  for (const junk of [[id!], [id!, ""], [id!, request!], [id!, request!, ""], [id!, "12345678", "", "junk"]]) {
    await router.send(junk);
  }
  await router.send([id!, request!, ...rest]);
  assertEquals(textOf(await asked), "x");
});

test("serve: requests of REQ sockets, at most so many at a time", async () => {
  let running = 0;
  let most = 0;
  await using one = await server(async ([body]) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
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

test("serve: a handler that throws sends what onError says, or nothing, and the server goes on", async () => {
  await using one = await server(([body]) => {
    if (textOf([body!]) === "bad") throw new Error("bad request");
    return "good";
  }, { onError: (error) => `error: ${(error as Error).message}` });
  await using silent = await server(() => Promise.reject(new Error("silent")));
  await using requester = new Requester(one.endpoint, PATIENT);
  assertEquals(textOf(await requester.request("bad")), "error: bad request");
  assertEquals(textOf(await requester.request("fine")), "good");
  await using asker = new Requester(silent.endpoint, { timeout: 10, retries: 1 });
  await rejectsWith("ETIMEDOUT", () => asker.request("anything"));
});

test("serve: stops by its signal, answers what it has begun, and leaves the socket open", async () => {
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
  while (router.statistics().messagesReceived === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  finish();
  assertEquals(textOf(await asked), "was stopping");
  await serving;
  assertEquals(router.closed, false);
  await assertRejects(() => serve(router, () => "x", { concurrency: 0 }), RangeError);
});

test("serve: the handler is told who asks, and sees the message as it came", async () => {
  await using one = await server((_, { routingId, received }) => [routingId, `${received.length}`]);
  await using requester = new Requester(one.endpoint, { ...PATIENT, routingId: "me" });
  assertEquals((await requester.request("x")).map(toText), ["me", "4"]);
});
