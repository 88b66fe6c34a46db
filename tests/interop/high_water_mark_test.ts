/**
 * High-water marks between our sockets and libzmq's: a receiver that does not read blocks the sender, and nothing is
 * lost when it continues. Publishers drop instead.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer, type PeerEnd } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { freeEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";

const libzmq = new Peer("libzmq");

const SIZE = 65_536;
const MARK = 10;
/** Both high-water marks, and 25 MB for the buffers of the system and of both libraries. */
const MOST = 400;
/** More than any of them holds: 100 MB. */
const LIMIT = 1600;

/** The timeout of a send that is to fail, in ms. If it were too short, the tests would prove less, but not fail. */
const TIMEOUT = 300;

const numbered = new Numbered(SIZE);

for (const [senderType, readerType] of [["PUSH", "PULL"], ["DEALER", "DEALER"]] as const) {
  test(`our ${senderType} stops when a ${readerType} of libzmq does not read`, async () => {
    await using reader = await libzmq.open(readerType, { receiveHighWaterMark: MARK });
    await using sender = new OurEnd(senderType, { sendHighWaterMark: MARK, sendTimeout: TIMEOUT });
    await sender.connect(await reader.bind("tcp://127.0.0.1:0"));
    const sent = await numbered.fill(sender, LIMIT);
    assert(sent >= 2 * MARK && sent <= MOST, `${sent} messages were accepted`);
    await reader.drain(SIZE, 0, sent);
    await sender.send(numbered.message(sent));
    await reader.drain(SIZE, sent, 1);
  });

  test(`a ${senderType} of libzmq stops when our ${readerType} does not read`, async () => {
    await using reader = new OurEnd(readerType, { receiveHighWaterMark: MARK });
    await using sender = await libzmq.open(senderType, { sendHighWaterMark: MARK, sendTimeout: TIMEOUT });
    await sender.connect(await reader.bind("tcp://127.0.0.1:0"));
    const sent = await sender.fill(SIZE, LIMIT);
    assert(sent >= 2 * MARK && sent <= MOST, `${sent} messages were accepted`);
    await numbered.drain(reader, 0, sent);
    await sender.send(numbered.message(sent));
    await numbered.drain(reader, sent, 1);
  });
}

test("without a peer, exactly as many messages are queued as the high-water mark allows", async () => {
  await using reader = await libzmq.open("PULL");
  await using sender = new OurEnd("PUSH", { sendHighWaterMark: MARK, sendTimeout: 0, reconnectInterval: 20 });
  const endpoint = await freeEndpoint(libzmq);
  await sender.connect(endpoint);
  assertEquals(await numbered.fill(sender, LIMIT), MARK);
  await reader.bind(endpoint);
  await reader.drain(SIZE, 0, MARK);
});

for (const publisherType of ["PUB", "XPUB"] as const) {
  test(`our ${publisherType} drops messages for a full SUB of libzmq, and nothing later`, async () => {
    await using publisher = new OurEnd(publisherType, { sendHighWaterMark: MARK });
    await using subscriber = await libzmq.open("SUB", { receiveHighWaterMark: MARK });
    await subscriber.subscribe("");
    await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
    await flood(publisher, subscriber);
  });
}

test("our SUB, unread, makes a PUB of libzmq drop, and gets later messages", async () => {
  await using publisher = await libzmq.open("PUB", { sendHighWaterMark: MARK });
  await using subscriber = new OurEnd("SUB", { receiveHighWaterMark: MARK });
  await subscriber.subscribe("");
  await subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await flood(publisher, subscriber);
});

/** Publishes more than fits before the subscriber reads; that then gets a part, in order, and what follows. */
async function flood(publisher: OurEnd | PeerEnd, subscriber: End): Promise<void> {
  await publishUntilHeard(publisher, subscriber);
  const sent = publisher instanceof OurEnd ? numbered.fill(publisher, LIMIT) : publisher.fill(SIZE, LIMIT);
  assertEquals(await sent, LIMIT, "a publisher never waits");
  const received: number[] = [];
  for (;;) {
    // Repeatedly, because it may be dropped too.
    await publisher.send(["end"]);
    const message = await subscriber.receive();
    if (texts(message)[0] === "end") break;
    received.push(numbered.number(message));
  }
  assertEquals(received, [...new Set(received)].sort((a, b) => a - b));
  // A writer of libzmq is notified only after every (HWM + 1) / 2 messages that were read: that number may still count
  // when the flood begins.
  const sure = MARK - Math.ceil((MARK + 1) / 2);
  assertEquals(received.slice(0, sure), Array.from({ length: sure }, (_, number) => number));
  assert(received.length <= MOST, `${received.length} messages were not dropped`);
}
