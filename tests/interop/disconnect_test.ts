/**
 * `disconnect` of our sockets and of libzmq's: queued messages are still sent within `linger`.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { freeEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { testBoth } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const RECONNECT = { reconnectInterval: 20 };

/** Sends three messages to an endpoint that is not bound, and disconnects from it. */
async function leaveUnsent(push: End): Promise<string> {
  const endpoint = await freeEndpoint(libzmq);
  await push.connect(endpoint);
  for (const number of ["1", "2", "3"]) await push.send([number]);
  await push.disconnect(endpoint);
  return endpoint;
}

testBoth(libzmq, "messages queued before there was a connection go out after disconnect", async (open) => {
  await using push = await open("PUSH", { ...RECONNECT, linger: -1 });
  await using pull = await libzmq.open("PULL");
  await pull.bind(await leaveUnsent(push));
  assertEquals((await pull.receiveAll(3)).map(texts), [["1"], ["2"], ["3"]]);
});

testBoth(libzmq, "with linger 0 they are dropped", async (open) => {
  await using push = await open("PUSH", { ...RECONNECT, linger: 0 });
  await using clock = await libzmq.open("PUSH", { reconnectInterval: 50 });
  await using other = await libzmq.open("PUSH");
  await using pull = await libzmq.open("PULL");
  const endpoint = await leaveUnsent(push);
  await pull.bind(endpoint);
  // Time enough for a dialer that went on: a slower one makes three attempts meanwhile.
  await clock.connect(await freeEndpoint(libzmq));
  await clock.seen("connect:retry", 3);
  await other.connect(endpoint);
  await other.send(["from another"]);
  assertEquals(texts(await pull.receive()), ["from another"]);
});

testBoth(libzmq, "what is sent after disconnect does not go there", async (open) => {
  await using push = await open("PUSH", { ...RECONNECT, linger: -1, sendTimeout: 0 });
  await using pull = await libzmq.open("PULL");
  const endpoint = await leaveUnsent(push);
  const error = await assertRejects(() => push.send(["nowhere to go"])) as Error & { code?: string };
  assertEquals(error.code, "EAGAIN");
  await pull.bind(endpoint);
  assertEquals((await pull.receiveAll(3)).map(texts), [["1"], ["2"], ["3"]]);
});

testBoth(libzmq, "all that is queued for a slow reader goes out before the connection is closed", async (open) => {
  const messages = new Numbered(65_536);
  const count = 400;
  await using push = await open("PUSH", { linger: -1 });
  await using pull = await libzmq.open("PULL", { receiveHighWaterMark: 1 });
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  await push.connect(endpoint);
  await push.seen("handshake", 1);
  for (let number = 0; number < count; number++) await push.send(messages.message(number));
  await push.disconnect(endpoint);
  await pull.drain(65_536, 0, count);
  // libzmq closes it only when its user calls it again.
  if (push instanceof OurEnd) await pull.seen("disconnect", 1);
});

testBoth(libzmq, "a reply that comes after disconnect is not received", async (open) => {
  await using dealer = await open("DEALER", { linger: -1 });
  await using router = await libzmq.open("ROUTER");
  await using other = await libzmq.open("ROUTER");
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  const otherEndpoint = await other.bind("tcp://127.0.0.1:0");
  await dealer.connect(endpoint);
  await dealer.send(["question"]);
  const [id] = await router.receive();
  await dealer.disconnect(endpoint);
  await router.send([id!, "too late"]);
  await dealer.connect(otherEndpoint);
  await dealer.send(["question"]);
  const [otherId] = await other.receive();
  await other.send([otherId!, "in time"]);
  assertEquals(texts(await dealer.receive()), ["in time"]);
});

testBoth(libzmq, "disconnect from an endpoint that is not connected fails", async (open) => {
  await using push = await open("PUSH");
  const endpoint = await freeEndpoint(libzmq);
  await push.connect(endpoint);
  await push.disconnect(endpoint);
  const error = await assertRejects(() => push.disconnect(endpoint)) as Error & { code?: string };
  assertEquals(error.code, "ENOENT");
});
