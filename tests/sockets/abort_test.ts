/**
 * AbortSignal on every wait: the reason is unchanged, only that wait ends, and no message is lost or duplicated.
 *
 * @module
 */

import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { Pair, Publisher, Pull, Push, Request, Router, toText, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, rejectsWithReason, take } from "./support.ts";

const REASON = { why: "not an Error on purpose" };

test("every wait rejects with the signal's reason, for any type of reason", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using pub = new Publisher();
  await using xpub = new XPublisher();
  const waits: ((options: { signal: AbortSignal }) => Promise<unknown>)[] = [
    (options) => pull.receive(options),
    (options) => push.send("x", options),
    (options) => pull.waitForPeers(1, options),
    (options) => pub.waitForSubscribers(1, options),
    (options) => xpub.waitForSubscribers(1, { ...options, topic: "t" }),
  ];
  for (const wait of waits) {
    const controller = new AbortController();
    const waiting = wait({ signal: controller.signal });
    controller.abort(REASON);
    await rejectsWithReason(REASON, waiting);
    await rejectsWithReason(REASON, wait({ signal: AbortSignal.abort(REASON) }));
  }
});

test("an aborted signal also prevents operations that could complete immediately", async () => {
  await using pull = new Pull();
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  await rejectsWithReason(REASON, push.send("not sent", { signal: AbortSignal.abort(REASON) }));
  await push.send("sent");
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  peer.write(message("from the peer"));
  await peer.sync();
  await rejectsWithReason(REASON, pull.receive({ signal: AbortSignal.abort(REASON) }));
  assertEquals((await take(pull, 2)).sort(), ["from the peer", "sent"]);
});

test("send: an abort cancels only that message", async () => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  const controllers = Array.from({ length: 5 }, () => new AbortController());
  const sends = controllers.map(({ signal }, i) => push.send(`${i}`, { signal }));
  const settled = Promise.allSettled(sends);
  controllers[3]!.abort();
  controllers[0]!.abort();
  await using peer = await RawPeer.join(endpoint, { type: "PULL" });
  assertEquals((await settled).map(({ status }) => status === "fulfilled"), [false, true, true, false, true]);
  for (const i of [1, 2, 4]) assertEquals(await peer.message(), [`${i}`]);
  // Too late now: they are sent.
  for (const controller of controllers) controller.abort();
  await push.send("end");
  assertEquals(await peer.message(), ["end"]);
});

test("receive: an abort passes the message on to the next in line", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  const controller = new AbortController();
  const first = pull.receive({ signal: controller.signal });
  const second = take(pull, 1);
  controller.abort(REASON);
  await rejectsWithReason(REASON, first);
  peer.write(message("a"), message("b"));
  assertEquals(await second, ["a"]);
  assertEquals(await take(pull, 1), ["b"]);
});

test("one signal may end many waits, and may be aborted after they are done", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const { signal, abort } = (() => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort(REASON) };
  })();
  push.connect(await pull.bind(ANY));
  await push.send("a", { signal });
  assertEquals((await pull.receive({ signal })).length, 1);
  const waits = Array.from({ length: 10 }, () => pull.receive({ signal }));
  const settled = Promise.allSettled(waits);
  abort();
  assertEquals((await settled).every((outcome) => outcome.status === "rejected" && outcome.reason === REASON), true);
  await push.send("b");
  assertEquals(await take(pull, 1), ["b"]);
});

test("a signal is listened to only while something waits", async () => {
  await using pull = new Pull();
  await using push = new Push();
  push.connect(await pull.bind(ANY));
  const { signal } = new AbortController();
  let listening = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening--;
    removeEventListener.apply(signal, args);
  };
  const waiting = pull.receive({ signal });
  assertEquals(listening, 1);
  await push.send("a", { signal });
  await waiting;
  assertEquals(listening, 0);
});

test("a Request whose receive was aborted can still receive the reply", async () => {
  await using router = new Router();
  await using request = new Request();
  request.connect(await router.bind(ANY));
  await request.send("q");
  const [id] = await router.receive();
  const controller = new AbortController();
  const waiting = request.receive({ signal: controller.signal });
  controller.abort(REASON);
  await rejectsWithReason(REASON, waiting);
  await router.send([id, "", "a"]);
  assertEquals(await take(request, 1), ["a"]);
});

test("random aborts of sends and receives against live traffic lose and double nothing", async () => {
  const plan = fc.array(fc.record({ sendAbort: fc.nat(6), receiveAbort: fc.nat(6) }), {
    minLength: 20,
    maxLength: 120,
  });
  await fc.assert(fc.asyncProperty(plan, fc.integer({ min: 1, max: 4 }), runWithAborts), { numRuns: 25 });
}, { timeout: 60_000 });

/** Aborts each wait after so many turns of the event loop; 0 never does. */
function abortAfter(turns: number): AbortSignal {
  const controller = new AbortController();
  const step = (left: number) => void (left === 0 ? controller.abort(REASON) : setImmediate(() => step(left - 1)));
  if (turns > 0) step(turns - 1);
  return controller.signal;
}

async function runWithAborts(plan: { sendAbort: number; receiveAbort: number }[], mark: number): Promise<void> {
  const pull = new Pair({ receiveHighWaterMark: mark });
  const push = new Pair({ sendHighWaterMark: mark });
  push.connect(await pull.bind(ANY));
  const accepted: string[] = [];
  const sending = plan.map(({ sendAbort }, i) =>
    push.send([`${i}`, "x".repeat(i * 100)], { signal: abortAfter(sendAbort) })
      .then(() => void accepted.push(`${i}`), () => {})
  );
  const received: string[] = [];
  let allSeen = () => {};
  const all = new Promise<void>((resolve) => allSeen = resolve);
  const note = ([number]: Uint8Array[]) => {
    if (received.push(toText(number!)) && received.at(-1) === "last") allSeen();
  };
  const receiving = plan.map(({ receiveAbort }) =>
    pull.receive({ signal: abortAfter(receiveAbort) }).then(note, () => {})
  );
  const rest = (async () => {
    for await (const message of pull) note(message);
  })();
  await Promise.all(sending);
  await push.send("last");
  await all;
  await push.close();
  await pull.close();
  await Promise.all([...receiving, rest]);
  assertEquals(received, [...accepted, "last"]);
}

test("a wait on an endpoint without a peer can be aborted", async () => {
  await using request = new Request({ linger: 0 });
  request.connect(await deserted());
  await request.send("anybody?");
  const controller = new AbortController();
  const waiting = request.receive({ signal: controller.signal });
  controller.abort(REASON);
  await rejectsWithReason(REASON, waiting);
});
