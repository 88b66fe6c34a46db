/**
 * The counts of a pipe, its greetings on each connection, and its end.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { CounterSet } from "../../../src/engine/counters.ts";
import { DropCount } from "../../../src/routing/drops.ts";
import { PublishPattern } from "../../../src/routing/publish.ts";
import { PushPattern } from "../../../src/routing/push.ts";
import { bytes, message } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { drain, type Marks, PipeWatcher } from "../../support/pipe_watcher.ts";

const NO_DROPS = new DropCount().snapshot();
const NOTHING = {
  messagesSent: 0,
  bytesSent: 0,
  messagesReceived: 0,
  bytesReceived: 0,
  dropped: 0,
  drops: NO_DROPS,
};

/** A connected pipe with these high-water marks. */
function connected(marks: Marks = {}): { host: PipeWatcher; pipe: PeerPipe } {
  const host = new PipeWatcher(marks);
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  return { host, pipe };
}

test("messages and the bytes of all their frames are counted as they go out, not as they are queued", () => {
  const { pipe } = connected();
  pipe.trySend(message("abc"));
  pipe.trySend(message("de", "", "f"));
  pipe.trySend(message("g"));
  assertEquals(pipe.counters.snapshot(), NOTHING);
  drain(pipe, 4);
  assertEquals(pipe.counters.snapshot(), { ...NOTHING, messagesSent: 2, bytesSent: 6 });
  drain(pipe);
  assertEquals(pipe.counters.snapshot(), { ...NOTHING, messagesSent: 3, bytesSent: 7 });
});

test("messages are counted as they arrive, those that the pattern drops too", () => {
  for (const pattern of [undefined, new PushPattern()]) {
    const pipe = new PeerPipe(new PipeWatcher({}, pattern), false);
    pipe.arrived(message("abc"));
    pipe.arrived(message("de", "", "f"));
    const drops = pattern && { dropped: 2, drops: { ...NO_DROPS, unexpectedMessage: 2 } };
    const expected = { ...NOTHING, messagesReceived: 2, bytesReceived: 6, ...drops };
    assertEquals(pipe.counters.snapshot(), expected);
    while (pipe.tryReceive() !== undefined);
    assertEquals(pipe.counters.snapshot(), expected);
  }
});

test("messages that routing delivers did not come from the peer, and are not counted", () => {
  const { pipe } = connected();
  pipe.deliver(message("notice"));
  assertEquals([pipe.counters.snapshot(), pipe.inbox.length], [NOTHING, 1]);
});

test("subscriptions do not count as messages", () => {
  const pattern = new PublishPattern({ noDrop: false, invertMatching: false });
  const host = new PipeWatcher({}, pattern);
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  assertEquals(pipe.subscribed(false, bytes("topic")), true);
  pipe.subscribe(false, bytes("topic"));
  drain(pipe);
  assertEquals([pipe.counters.snapshot(), pattern.subscribers.count()], [NOTHING, 1]);
});

test("a message without room is counted as dropped by methods that drop, and only by those", () => {
  const { pipe } = connected({ sendHighWaterMark: 2 });
  for (const text of ["1", "2", "3", "4"]) pipe.sendOrDrop(message(text));
  assertEquals([pipe.outbox.messages, pipe.counters.dropped], [2, 2]);
  assertEquals([pipe.trySend(message("5")), pipe.counters.dropped], [false, 2]);
  assertEquals([drain(pipe), pipe.counters.dropped], [["1", "2"], 2]);
});

test("messages dropped by a closed pipe, and later ones, are counted", () => {
  const { pipe } = connected();
  for (const text of ["1", "2", "3"]) pipe.trySend(message(text));
  drain(pipe, 1);
  pipe.drop();
  pipe.drop();
  assertEquals(pipe.counters.snapshot(), {
    ...NOTHING,
    messagesSent: 1,
    bytesSent: 1,
    dropped: 2,
    drops: { ...NO_DROPS, lost: 2 },
  });
  pipe.sendOrDrop(message("4"));
  assertEquals(pipe.counters.dropped, 3);
  pipe.arrived(message("late"));
  assertEquals(pipe.counters.messagesReceived, 0);
  assertEquals(pipe.counters.snapshot().drops, { ...NO_DROPS, lost: 2, noPeer: 1, closed: 1 });
});

test("counts continue over connections", () => {
  const { host, pipe } = connected();
  pipe.trySend(message("1"));
  drain(pipe);
  pipe.disconnect();
  pipe.trySend(message("2"));
  pipe.connect(host);
  drain(pipe);
  pipe.arrived(message("3"));
  assertEquals(pipe.counters.snapshot(), {
    messagesSent: 2,
    bytesSent: 2,
    messagesReceived: 1,
    bytesReceived: 1,
    dropped: 0,
    drops: NO_DROPS,
  });
});

test("counts add up, and a snapshot stays as it was", () => {
  const count = new CounterSet();
  count.messagesSent = 1;
  count.bytesSent = 2;
  count.messagesReceived = 3;
  count.bytesReceived = 4;
  count.drops.add("lost", 2);
  count.drops.add("highWaterMark", 3);
  count.drops.add("noPeer", 0);
  const sum = new CounterSet();
  sum.add(count);
  const before = sum.snapshot();
  sum.add(count);
  assertEquals(before, count.snapshot());
  assertEquals(sum.snapshot(), {
    messagesSent: 2,
    bytesSent: 4,
    messagesReceived: 6,
    bytesReceived: 8,
    dropped: 10,
    drops: { ...NO_DROPS, lost: 4, highWaterMark: 6 },
  });
});

test("a greeting is sent before all queued messages, in order, regardless of the high-water mark", () => {
  const { host, pipe } = connected({ sendHighWaterMark: 1 });
  pipe.trySend(message("queued before"));
  pipe.sendFirst(message("hello"));
  pipe.sendFirst(message("welcome", "in two"));
  assertEquals(host.told.slice(1), ["queued 13", "queued 13"]);
  assertEquals([pipe.outbox.messages, pipe.counters.dropped], [1, 0]);
  assertEquals(drain(pipe), ["hello", "welcome|in two", "queued before"]);
  assertEquals(drain(pipe), []);
});

test("a greeting is counted when it is sent, and not as a queued message", () => {
  const { pipe } = connected();
  pipe.sendFirst(message("hello", "you"));
  pipe.trySend(message("m"));
  assertEquals(pipe.counters.snapshot(), NOTHING);
  assertEquals(drain(pipe), ["hello|you", "m"]);
  assertEquals(pipe.counters.snapshot(), { ...NOTHING, messagesSent: 2, bytesSent: 9 });
});

test("a greeting goes before subscriptions, too", () => {
  const { pipe } = connected();
  pipe.subscribe(false, bytes("topic"));
  pipe.sendFirst(message("hello"));
  assertEquals(drain(pipe), ["hello", "+topic"]);
});

test("a greeting is for this connection only: the next one does not get it", () => {
  const { host, pipe } = connected();
  pipe.sendFirst(message("hello"));
  pipe.disconnect();
  pipe.trySend(message("stays"));
  pipe.connect(host);
  assertEquals(drain(pipe), ["stays"]);
  pipe.sendFirst(message("hello again"));
  pipe.trySend(message("more"));
  assertEquals(drain(pipe), ["hello again", "more"]);
});

test("a greeting before the connection is made waits for it", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.sendFirst(message("hello"));
  assertEquals(host.told, []);
  pipe.connect(host);
  assertEquals(drain(pipe), ["hello"]);
});

test("a closed pipe sends no greeting", () => {
  const { host, pipe } = connected();
  pipe.drop();
  pipe.sendFirst(message("hello"));
  assertEquals([drain(pipe), host.told], [[], []]);
});

test("finish and reject are passed on to the connection, once there is one", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.finish();
  pipe.fail(new Error("to nobody"));
  assertEquals(host.told, []);
  pipe.connect(host);
  pipe.finish();
  pipe.fail(new Error("reason"));
  pipe.disconnect();
  pipe.finish();
  assertEquals(host.told, ["finish", "reason"]);
});

test("a pipe keeps the id that the user chose for its peer", () => {
  const host = new PipeWatcher();
  assertEquals(new PeerPipe(host, false).assignedId, undefined);
  assertEquals(new PeerPipe(host, false, bytes("id")).assignedId, bytes("id"));
});
