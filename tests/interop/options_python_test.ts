/**
 * Options of identity, routing, pub and sub against a second real peer, Debian's python3-zmq, an older libzmq: ours with
 * its, its with ours. It serves one call at a time, so each call here waits for the last.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { texts } from "./frames.ts";
import { type OpenSubject, testTalk } from "./subjects.ts";

const ANY = "tcp://127.0.0.1:0";

/** Receives `count` messages, each as text with its frames joined by "|". */
async function take(socket: End, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await socket.receive()).join("|"));
  return taken;
}

type Talk = (open: OpenSubject, openOther: OpenSubject) => Promise<void>;

const TALKS: Readonly<Record<string, Talk>> = {
  "correlate: a REP keeps the number of a request": async (open, openOther) => {
    await using request = await open("REQ", { correlate: true });
    await using reply = await openOther("REP");
    await request.connect(await reply.bind(ANY));
    for (const question of ["one", "two"]) {
      await request.send([question]);
      assertEquals(await take(reply, 1), [question]);
      await reply.send([`to ${question}`]);
      assertEquals(await take(request, 1), [`to ${question}`]);
    }
  },

  "correlate: a ROUTER sees the number, and must send it back": async (open, openOther) => {
    await using request = await open("REQ", { correlate: true });
    await using router = await openOther("ROUTER");
    await request.connect(await router.bind(ANY));
    await request.send(["question"]);
    const [id, number, ...rest] = await router.receive();
    assertEquals([number!.length, texts(rest)], [4, ["", "question"]]);
    await router.send([id!, "", "no number"]);
    await router.send([id!, number!, "", "answer"]);
    assertEquals(await take(request, 1), ["answer"]);
  },

  "relaxed: a second request is EFSM without it; with it and correlate, late replies are told apart": async (
    open,
    openOther,
  ) => {
    await using request = await open("REQ", { correlate: true });
    await using router = await openOther("ROUTER");
    await request.connect(await router.bind(ANY));
    await request.send(["one"]);
    const error = await assertRejects(() => request.send(["too early"])) as { code?: string };
    assertEquals(error.code, "EFSM");
    await request.set("relaxed", true);
    await request.send(["two"]);
    const asked = [await router.receive(), await router.receive()];
    assertEquals(asked.map((message) => texts(message).at(-1)), ["one", "two"]);
    for (const [id, number, delimiter, question] of asked) {
      await router.send([id!, number!, delimiter!, `to ${texts([question!])}`]);
    }
    assertEquals(await take(request, 1), ["to two"]);
  },

  "probeRouter: a ROUTER knows who is there": async (open, openOther) => {
    await using router = await openOther("ROUTER", { mandatory: true });
    await using dealer = await open("DEALER", { probeRouter: true, routingId: "prober" });
    await dealer.connect(await router.bind(ANY));
    assertEquals(await take(router, 1), ["prober|"]);
    await router.send(["prober", "hello"]);
    assertEquals(await take(dealer, 1), ["hello"]);
    const error = await assertRejects(() => router.send(["nobody", "hello"])) as { code?: string };
    assertEquals(error.code, "EHOSTUNREACH");
  },

  "handover: the last who came with an id has it": async (open, openOther) => {
    await using router = await open("ROUTER", { handover: true });
    const options = { routingId: "same", reconnectInterval: -1 };
    await using first = await openOther("DEALER", options);
    await using second = await openOther("DEALER", options);
    const endpoint = await router.bind(ANY);
    for (const [name, dealer] of Object.entries({ first, second })) {
      await dealer.connect(endpoint);
      await dealer.send([name]);
      assertEquals(await take(router, 1), [`same|${name}`]);
      await router.send(["same", `to ${name}`]);
      assertEquals(await take(dealer, 1), [`to ${name}`]);
    }
  },

  "verbosity: an XPUB that tells all receives every subscribe and cancel": async (open, openOther) => {
    await using publisher = await open("XPUB", { verbosity: "allSubsUnsubs" });
    await using first = await openOther("SUB");
    await using second = await openOther("SUB");
    const endpoint = await publisher.bind(ANY);
    for (const subscriber of [first, second]) {
      await subscriber.connect(endpoint);
      await subscriber.subscribe("t");
      assertEquals(await take(publisher, 1), ["\x01t"]);
    }
    for (const subscriber of [first, second]) {
      await subscriber.unsubscribe("t");
      assertEquals(await take(publisher, 1), ["\x00t"]);
    }
  },

  "manual and welcomeMessage: a SUB gets the welcome, and what it is subscribed to": async (open, openOther) => {
    await using publisher = await open("XPUB", { manual: true, welcomeMessage: "welcome" });
    await using subscriber = await openOther("SUB");
    await subscriber.subscribe("");
    await subscriber.connect(await publisher.bind(ANY));
    assertEquals(await take(publisher, 1), ["\x01"]);
    await publisher.subscribe("given");
    for (const topic of ["not given", "given"]) await publisher.send([topic]);
    assertEquals(await take(subscriber, 2), ["welcome", "given"]);
  },

  "invertMatching: a SUB gets what it did not subscribe to": async (open, openOther) => {
    await using publisher = await open("XPUB", { invertMatching: true });
    await using subscriber = await openOther("SUB", { invertMatching: true });
    await subscriber.subscribe("debug");
    await subscriber.connect(await publisher.bind(ANY));
    assertEquals(await take(publisher, 1), ["\x01debug"]);
    for (const topic of ["debug", "info", "debug.more", "warning"]) await publisher.send([topic]);
    assertEquals(await take(subscriber, 2), ["info", "warning"]);
  },

  "conflate: a PUSH without a connection keeps the last message": async (open, openOther) => {
    await using early = await openOther("PULL");
    const endpoint = await early.bind(ANY);
    await early.unbind(endpoint);
    await early.seen("close", 1);
    await using push = await open("PUSH", { conflate: true, reconnectInterval: 10 });
    await push.connect(endpoint);
    for (const number of ["1", "2", "3"]) await push.send([number]);
    await using pull = await openOther("PULL", { conflate: true });
    await pull.bind(endpoint);
    assertEquals(await take(pull, 1), ["3"]);
  },
};

const { missing } = pythonZmq();

if (missing === undefined) {
  const python = new Peer("python");
  for (const [name, body] of Object.entries(TALKS)) testTalk(python, name, body);
} else {
  test("options against python3-zmq", () => {}, { skip: missing });
}
