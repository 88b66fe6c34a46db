/**
 * Statistics of queued, held and dropped messages, per peer and in total.
 *
 * @module
 */

import { Publisher, Pull, Push, Router } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { command } from "../support/raw_peer.ts";
import { comeIn, numbers, shakeHands, wire } from "../options/support.ts";
import { deserted, nextEvent, take } from "./support.ts";
import { assertCounts, assertPeers } from "./counts.ts";

test("queued: messages that wait for a peer, or for room with it; sends that wait for the queue are not among them", async () => {
  const transport = new PlayedTransport();
  transport.succeed();
  await using push = new Push({ sendHighWaterMark: 3, linger: 0 });
  const connected = nextEvent(push, "connect");
  push.connect(transport.endpoint);
  for (const text of numbers(3)) await push.send(text);
  const fourth = push.send("3");
  assertCounts(push, { queued: 3 });
  assertPeers(push);
  await connected;
  const link = transport.links[0]!;
  shakeHands(link, push);
  await fourth;
  // The fourth is written at the end of one turn, and after the end of another the next message is written at once.
  await turn();
  await turn();
  assertCounts(push, { messagesSent: 4, bytesSent: 4 });
  link.takes = false;
  for (const text of numbers(4)) await push.send(text);
  const counts = { messagesSent: 5, bytesSent: 5, queued: 3 };
  assertCounts(push, counts);
  assertPeers(push, counts);
});

test("held: messages that wait to be received, also from disconnected peers", async () => {
  await using pull = new Pull();
  const one = comeIn(pull);
  const other = comeIn(pull);
  one.arrive(...wire("1", "22"));
  other.arrive(...wire("333"));
  assertCounts(pull, { messagesReceived: 3, bytesReceived: 6, held: 3 });
  assertPeers(pull, { messagesReceived: 2, bytesReceived: 3, held: 2 }, {
    messagesReceived: 1,
    bytesReceived: 3,
    held: 1,
  });
  await one.lose();
  assertCounts(pull, { messagesReceived: 3, bytesReceived: 6, held: 3 });
  assertPeers(pull, { messagesReceived: 1, bytesReceived: 3, held: 1 });
  await take(pull, 3);
  assertCounts(pull, { messagesReceived: 3, bytesReceived: 6 });
});

test("dropped: for a full subscriber, per peer and in total; the queue of a disconnected one is dropped too", async () => {
  await using pub = new Publisher({ sendHighWaterMark: 2 });
  const slow = comeIn(pub);
  const quick = comeIn(pub);
  for (const link of [slow, quick]) link.arrive(command("SUBSCRIBE"));
  await turn();
  slow.takes = false;
  for (const text of numbers(10)) {
    await pub.send(text);
    await turn();
  }
  const one = { messagesSent: 1, bytesSent: 1, queued: 2, dropped: 7 };
  const ten = { messagesSent: 10, bytesSent: 10 };
  assertPeers(pub, one, ten);
  assertCounts(pub, { messagesSent: 11, bytesSent: 11, queued: 2, dropped: 7 });
  await slow.lose();
  assertPeers(pub, ten);
  assertCounts(pub, { messagesSent: 11, bytesSent: 11, dropped: 9 });
});

test("dropped: a Router's messages to a peer that is full", async () => {
  await using router = new Router({ sendHighWaterMark: 1, linger: 0 });
  const link = comeIn(router, "a");
  await turn();
  link.takes = false;
  for (const text of numbers(5)) await router.send(["a", text]);
  const counts = { messagesSent: 1, bytesSent: 1, queued: 1, dropped: 3 };
  assertPeers(router, counts);
  assertCounts(router, counts);
});

test("dropped: messages replaced with conflate", async () => {
  await using push = new Push({ conflate: true, linger: 0 });
  push.connect(await deserted());
  for (const text of numbers(5)) await push.send(text);
  assertCounts(push, { queued: 1, dropped: 4 });
});

test("dropped: messages dropped by close and disconnect", async () => {
  const push = new Push({ linger: 0 });
  const [first, second] = [await deserted(), await deserted()];
  push.connect(first);
  push.connect(second);
  for (const text of numbers(4)) await push.send(text);
  push.disconnect(first);
  await push.close();
  assertCounts(push, { dropped: 4 });
});
