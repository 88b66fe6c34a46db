/**
 * Requests with timeouts and retries.
 *
 * @module
 */

import process from "node:process";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { context, debugLog, Reply, Requester, Router, RpcError, toText } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { runtime, test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";
import { ANY, rejectsWith, turn } from "../sockets/support.ts";
import { PATIENT, server, textOf } from "./server.ts";

test("requester: many requests at a time over one socket, replies in any order", async () => {
  const gates: (() => void)[] = [];
  await using one = await server(async ([body]) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return ["re", body];
  });
  await using requester = new Requester(one.endpoint, PATIENT);
  const replies = Array.from({ length: 10 }, (_, i) => requester.request(`${i}`));
  while (gates.length < 10) await turn();
  for (const open of gates.reverse()) open();
  assertEquals((await Promise.all(replies)).map((reply) => reply.map(toText).join("|")), [
    ...Array.from({ length: 10 }, (_, i) => `re|${i}`),
  ]);
});

test("requester: an attempt without a reply is retried with the next endpoint", async () => {
  await using deaf = new Router();
  const nowhere = await deaf.bind(ANY);
  await using one = await server(([body]) => textOf([body]));
  await using requester = new Requester([nowhere, one.endpoint], { timeout: 20_000, retries: 400 });
  await requester.waitForPeers(2);
  for (const text of ["a", "b", "c"]) assertEquals(textOf(await requester.request(text)), text);
});

test("requester: ETIMEDOUT after its timeout without a reply, and a late reply is dropped", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  await using requester = new Requester(endpoint, { timeout: 10 });
  await requester.waitForPeers(1);
  const error = await rejectsWith("ETIMEDOUT", () => requester.request("anybody?"));
  assertEquals(error.message, `No reply to the request within 10 ms (Requester, 1 server, ${endpoint})`);
  assertEquals([error.endpoint, error.cause], [endpoint, undefined]);
  const late = await router.receive();
  await router.send(late);
  const asked = requester.request("now", PATIENT);
  const message = await router.receive();
  assertEquals(toText(message.at(-1)!), "now");
  await router.send(message);
  assertEquals(textOf(await asked), "now");
  assertEquals(requester.statistics().drops.unexpectedReply, 1);
});

test("requester: late, second, foreign and malformed replies are counted, and each kind is reported once", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), { timeout: 10_000 });
  const hints: string[] = [];
  requester.events.on("hint", ({ kind, message }) => {
    // On a busy machine there may be hints about the connection.
    if (kind === "noDelimiter" || kind === "unexpectedReply") hints.push(`${kind}: ${message}`);
  });
  const lines: string[] = [];
  const stop = debugLog({ scopes: ["drops"], sockets: [requester], write: (line) => lines.push(line) });
  const asked = requester.request("x");
  const [client, id, ...rest] = await router.receive();
  const foreign = id.slice();
  foreign[0]! ^= 1;
  const unknown = id.slice();
  unknown[15]! ^= 1;
  for (let i = 0; i < 2; i++) {
    for (
      const wrong of [["short", ...rest], [id, "no delimiter"], [id, ""], [id], [foreign, ...rest], [
        unknown,
        ...rest,
      ]]
    ) {
      await router.send([client, ...wrong] as [Uint8Array, ...Uint8Array[]]);
    }
  }
  for (let i = 0; i < 3; i++) await router.send([client, id, ...rest]);
  assertEquals(textOf(await asked), "x");
  while (requester.statistics().dropped < 14) await turn();
  stop();
  const { drops, dropped } = requester.statistics();
  assertEquals([drops.noDelimiter, drops.unexpectedReply, dropped], [8, 6, 14]);
  assertEquals(hints.map((hint) => hint.split(":")[0]).sort(), ["noDelimiter", "unexpectedReply"]);
  assertMatch(hints.join(), /DEALER dropped a reply .*timeout of its request, or twice/);
  assertEquals(lines.length, 14);
});

test("requester: a server that was offline does not receive the attempts made meanwhile", async () => {
  const away = new Router();
  const endpoint = await away.bind(ANY);
  await away.close();
  await using requester = new Requester(endpoint, { reconnectInterval: 1 });
  await rejectsWith("ETIMEDOUT", () => requester.request("gone", { timeout: 5, retries: 3 }));
  assertEquals(requester.statistics().queued, 0);
  await using back = new Router();
  await bindAgain(back, endpoint);
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

test("requester: a Reply answers it like a Request", async () => {
  await using reply = new Reply();
  await using requester = new Requester(await reply.bind(ANY), PATIENT);
  const asked = [requester.request(["two", "frames"]), requester.request("one")];
  for (let i = 0; i < 2; i++) {
    const message = await reply.receive();
    await reply.send([`${message.length}`, ...message]);
  }
  assertEquals((await Promise.all(asked)).map((message) => message.map(toText).join("|")), ["2|two|frames", "1|one"]);
});

test("requester: messages of a server that are not replies are ignored", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), PATIENT);
  const asked = requester.request("x");
  const [id, request, ...rest] = await router.receive();
  for (const junk of [[id], [id, ""], [id, request], [id, request, ""], [id, "12345678", "", "junk"]]) {
    await router.send(junk);
  }
  await router.send([id, request, ...rest]);
  assertEquals(textOf(await asked), "x");
});

test("requester: a reply to an earlier attempt still answers the request", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), { timeout: 20_000, retries: 2000 });
  const asked = requester.request("slow");
  const first = await router.receive();
  const second = await router.receive();
  assertEquals(second.map(toText), first.map(toText));
  await router.send([...first.slice(0, 3), "late"]);
  assertEquals(textOf(await asked), "late");
});

test("requester: many requests at a time leave one listener at a signal, and none when they are over", async () => {
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown) => void warnings.push(warning);
  if (runtime === "node") process.on("warning", onWarning);
  await using one = await server(([body]) => body);
  await using requester = new Requester(one.endpoint, PATIENT);
  const controller = new SpyController();
  const asked = Array.from({ length: 50 }, (_, i) => requester.request(`${i}`, { signal: controller.signal }));
  const plain = Array.from({ length: 50 }, (_, i) => requester.request(`${i}`));
  assertEquals(controller.listeners, 1);
  await Promise.all([...asked, ...plain]);
  assertEquals(controller.listeners, 0);
  await turn();
  if (runtime === "node") process.off("warning", onWarning);
  assertEquals(warnings, []);
});

test("requester: a constructor that throws leaves no socket open", async () => {
  const before = context.sockets;
  for (
    const make of [
      () => new Requester([]),
      () => new Requester(["tcp://127.0.0.1:9", "bogus"]),
      () => new Requester("tcp://127.0.0.1:9", { receiveTimeout: 1 } as never),
      () => new Requester("tcp://127.0.0.1:9", { sendTimeout: 1 } as never),
      () => new Requester("tcp://127.0.0.1:9", { conflate: true } as never),
      () => new Requester("tcp://127.0.0.1:9", { timout: 1 } as never),
      () => new Requester("tcp://127.0.0.1:9", { timeout: "1" as never }),
    ]
  ) assertThrows(make, TypeError);
  for (const options of [{ timeout: NaN }, { timeout: Infinity }, { timeout: -2 }, { retries: -1 }, { retries: 1.5 }]) {
    assertThrows(() => new Requester("tcp://127.0.0.1:9", options), RangeError);
  }
  assertThrows(() => new Requester(["tcp://127.0.0.1:9", "nosuch://x"]), Error, "nosuch");
  while (context.sockets > before) await turn();
});

test("requester: invalid arguments are rejected before a request is sent", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), PATIENT);
  await requester.waitForPeers(1);
  await assertRejects(() => requester.request([]), TypeError, "empty message");
  await assertRejects(() => requester.request(["x", undefined as never]), TypeError);
  await assertRejects(() => requester.request("x", { timout: 1 } as never), TypeError, "timout");
  for (const options of [{ timeout: NaN }, { timeout: 3e9 }, { timeout: -2 }, { retries: -1 }, { retries: Infinity }]) {
    await assertRejects(() => requester.request("x", options), RangeError);
  }
  assertEquals(requester.statistics().messagesSent, 0);
});

test("requester: a timeout of −1 waits until the reply comes", async () => {
  await using router = new Router();
  await using requester = new Requester(await router.bind(ANY), { timeout: -1 });
  const asked = requester.request("x");
  const request = await router.receive();
  await router.send(request);
  assertEquals(textOf(await asked), "x");
  const closed = rejectsWith("ENOTSOCK", () => requester.request("y"));
  await router.receive();
  await requester.close();
  await closed;
});

test("requester: a reply to another requester of the same routing id answers nothing", async () => {
  await using router = new Router({ handover: true });
  const endpoint = await router.bind(ANY);
  const first = new Requester(endpoint, { ...PATIENT, routingId: "client" });
  const lost = rejectsWith("ENOTSOCK", () => first.request("old"));
  const old = await router.receive();
  await Promise.all([first.close(), lost]);
  await using second = new Requester(endpoint, { ...PATIENT, routingId: "client" });
  const asked = second.request("new");
  const request = await router.receive();
  await router.send([...old.slice(0, 3), "answer to old"]);
  await router.send([...request.slice(0, 3), "answer to new"]);
  assertEquals(textOf(await asked), "answer to new");
});

test("requester: an error reply rejects with RpcError, whose texts are safe to print", async () => {
  await using reply = new Reply();
  await using requester = new Requester(await reply.bind(ANY), PATIENT);
  const error = async (...frames: (string | Uint8Array)[]) => {
    const asked = requester.request("x").catch((error) => error);
    await reply.receive();
    await reply.send(frames);
    return await asked;
  };
  const marker = "\0zmq-error";
  const plain = await error(marker, "NOT_FOUND", "no such user");
  assert(plain instanceof RpcError && plain instanceof Error);
  assertEquals([plain.name, plain.code, plain.message], ["RpcError", "NOT_FOUND", "no such user"]);
  const hostile = await error(marker, new Uint8Array([0xff, 0x1b]), "a\n\u001b[2J".padEnd(100_000, "x"), "reserved");
  assertEquals(hostile.code, "\\xff\\u{1b}");
  assertEquals([hostile.message.length, hostile.message.slice(0, 12)], [1000, "a\\n\\u{1b}[2J"]);
  const empty = await error(marker, "", "");
  assertEquals([empty.code, empty.message], ["", ""]);
  // Everything else is a reply.
  for (
    const frames of [[marker], [marker, "x"], ["x", marker, "x"], [`${marker}!`, "x", "y"], ["zmq-error", "x", "y"]]
  ) {
    assertEquals((await error(...frames)).map(toText), frames);
  }
});
