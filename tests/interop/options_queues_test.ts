/**
 * `immediate` and high-water marks set live, for our sockets as for libzmq's.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "../support/harness.ts";
import { bindAgain } from "../support/bind_again.ts";
import { Peer } from "../support/peers/controller.ts";
import type { EndType } from "../support/peers/end.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { freeEndpoint, ownEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { testBoth } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const numbered = new Numbered(4);
const SENDERS: readonly EndType[] = ["PUSH", "DEALER", "PAIR"];
const RECEIVER = { PUSH: "PULL", DEALER: "DEALER", PAIR: "PAIR" } as const;

for (const type of SENDERS) {
  testBoth(
    libzmq,
    `${type}: a message is queued for an endpoint where nobody is; with immediate it is not`,
    async (open) => {
      const endpoint = await freeEndpoint(libzmq);
      for (const [immediate, taken] of [[false, 2], [true, 0]] as const) {
        await using sender = await open(type, { immediate, sendTimeout: 0 });
        await sender.connect(endpoint);
        assertEquals(await numbered.fill(sender, 2), taken, `immediate: ${immediate}`);
      }
    },
  );

  testBoth(libzmq, `${type}, immediate: a send waits until somebody is connected`, async (open) => {
    const receiverType = RECEIVER[type as keyof typeof RECEIVER];
    const endpoint = await freeEndpoint(libzmq);
    await using sender = await open(type, { immediate: true, reconnectInterval: 10 });
    await sender.connect(endpoint);
    const sent = sender.send(["at last"]);
    await sender.seen("connect:retry", 2);
    await using receiver = new OurEnd(receiverType);
    await bindAgain(receiver, endpoint);
    await sent;
    assertEquals(texts(await receiver.receive()), ["at last"]);
  });

  testBoth(
    libzmq,
    `${type}: sendHighWaterMark raised live takes more at once, lowered live takes no more`,
    async (open) => {
      await using sender = await open(type, { sendHighWaterMark: 10, sendTimeout: 0 });
      await sender.connect(await freeEndpoint(libzmq));
      // Not more than fits: a queue of libzmq's that has refused a message takes none before the peer has read.
      assertEquals(await numbered.fill(sender, 10), 10);
      await sender.set("sendHighWaterMark", 15);
      assertEquals(await numbered.fill(sender, 5), 5);
      await sender.set("sendHighWaterMark", 5);
      await assertRejects(() => sender.send(["full"]));
      assertEquals(await numbered.fill(sender, 1), 0);
    },
  );
}

for (const immediate of [true, false]) {
  const what = immediate
    ? "all messages go to the peer that is up"
    : "half of the messages wait for a peer that is not up";
  testBoth(libzmq, `immediate ${immediate}: ${what}`, async (open) => {
    const endpoint = await freeEndpoint(libzmq);
    await using sender = await open("PUSH", { immediate, reconnectInterval: 10 });
    await using here = new OurEnd("PULL");
    await sender.connect(endpoint);
    await sender.connect(await here.bind("tcp://127.0.0.1:0"));
    await sender.seen("handshake", 1);
    for (let number = 0; number < 6; number++) await sender.send(numbered.message(number));
    await using late = new OurEnd("PULL");
    const received: number[] = [];
    const count = immediate ? 6 : 3;
    while (received.length < count) received.push(numbered.number(await here.receive()));
    assertEquals(received.length, count);
    await bindAgain(late, endpoint);
    if (!immediate) {
      while (received.length < 6) received.push(numbered.number(await late.receive()));
    }
    assertEquals(received.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5]);
    // Nothing else was kept for the late one.
    await sender.seen("handshake", 2);
    for (let number = 6; number < 8; number++) await sender.send(numbered.message(number));
    const rest = [numbered.number(await here.receive()), numbered.number(await late.receive())];
    assertEquals(rest.sort((a, b) => a - b), [6, 7]);
  });
}

/** Large messages: to fill what is between two sockets. */
const large = new Numbered(65_536);
const MARK = 10;
/** More than the high-water marks and the operating system hold: 100 MB. */
const LIMIT = 1600;
/** The timeout of a send that is to fail, in ms. */
const TIMEOUT = 300;

for (const immediate of [true, false]) {
  const what = immediate ? "dropped" : "kept for the next";
  testBoth(libzmq, `immediate ${immediate}: what is queued for a connection that is lost is ${what}`, async (open) => {
    const first = new OurEnd("PULL", { receiveHighWaterMark: 1 });
    await using sender = await open("PUSH", {
      immediate,
      sendHighWaterMark: MARK,
      sendTimeout: TIMEOUT,
      reconnectInterval: 10,
    });
    const endpoint = await first.bind(ownEndpoint());
    await sender.connect(endpoint);
    await sender.seen("handshake", 1);
    const sent = await large.fill(sender, LIMIT);
    assert(sent >= MARK && sent < LIMIT, `${sent} messages were accepted`);
    await first.close();
    await sender.seen("disconnect", 1);
    await using second = new OurEnd("PULL");
    await bindAgain(second, endpoint);
    await sender.seen("handshake", 2);
    await sender.set("sendTimeout", -1);
    await sender.send(["new"]);
    const received: string[] = [];
    do received.push(short(await second.receive())); while (received.at(-1) !== "new");
    // As many of the queued messages as the high-water mark.
    if (immediate) assertEquals(received, ["new"]);
    else {
      assert(received.length > MARK / 2, received.join());
      assertEquals(received.at(-2), `${sent - 1}`);
    }
  });
}

function short(message: readonly Uint8Array[]): string {
  return message[0]!.length === 3 ? texts(message)[0]! : `${large.number(message)}`;
}

test("a lower receiveHighWaterMark set live holds back a sender of libzmq, and nothing is lost", async () => {
  const accepted: number[] = [];
  for (const live of [undefined, MARK]) {
    await using reader = new OurEnd("PULL", { receiveHighWaterMark: 0 });
    // Without a high-water mark every message is accepted sooner or later.
    const sendTimeout = live === undefined ? -1 : TIMEOUT;
    await using sender = await libzmq.open("PUSH", { sendHighWaterMark: MARK, sendTimeout });
    await sender.connect(await reader.bind("tcp://127.0.0.1:0"));
    if (live !== undefined) await reader.set("receiveHighWaterMark", live);
    const sent = await sender.fill(65_536, LIMIT);
    accepted.push(sent);
    for (let number = 0; number < sent; number++) assertEquals(large.number(await reader.receive()), number);
  }
  assertEquals(accepted[0], LIMIT);
  assert(accepted[1]! < LIMIT, `${accepted[1]} messages were accepted`);
}, { timeout: 20_000 });
