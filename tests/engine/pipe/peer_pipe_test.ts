/**
 * A pipe by itself: its two queues, their high-water marks in messages, and the state that survives a lost connection
 * or a close.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import type { PipeSink } from "../../../src/engine/pipe/contracts.ts";
import type { Message } from "../../../src/base/message.ts";
import { DealerPattern } from "../../../src/routing/dealer.ts";
import { PushPattern } from "../../../src/routing/push.ts";
import { XPublishPattern } from "../../../src/routing/xpublish.ts";
import { bytes, message, texts } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { drain, PipeWatcher, TextSink } from "../../support/pipe_watcher.ts";
import { settle } from "../../support/socket_types.ts";

/** Sends `count` messages of a text. */
const send = (pipe: PeerPipe, count: number, text = "m") =>
  Array.from({ length: count }, () => pipe.trySend(message(text)));

test("messages queue without a connection up to the high-water mark, counted whole", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 2, receiveHighWaterMark: 10 });
  const pipe = new PeerPipe(host, false);
  assertEquals([1, 2, 3].map(() => pipe.trySend(message("a", "b", "c"))), [true, true, false]);
  assertEquals([pipe.outbox.messages, pipe.outbox.drained, host.told], [2, false, []]);
  assertEquals(drain(pipe), ["a|b|c", "a|b|c"]);
  assertEquals([pipe.outbox.messages, pipe.outbox.drained, host.told], [0, true, ["writable"]]);
});

test("a message is moved out as it was put in: the same frames, not copies", () => {
  const pipe = new PeerPipe(new PipeWatcher(), false);
  const sent = message("a", "");
  pipe.trySend(sent);
  const moved: Message[] = [];
  const sink: PipeSink = {
    full: false,
    written: 0,
    message: (one) => moved.push(one),
    first: () => {},
    run: () => {},
    subscription: () => {},
  };
  pipe.outbox.moveTo(sink);
  assertEquals(moved.length, 1);
  assertStrictEquals(moved[0], sent);
});

test("a connection gets the number of queued bytes", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  pipe.trySend(message("abc"));
  pipe.trySend(message("de", "f", ""));
  drain(pipe);
  pipe.trySend(message("g"));
  assertEquals(host.told, ["queued 3", "queued 6", "queued 1"]);
});

test("a large write is due when enough bytes are queued, or when the socket waits for room", () => {
  const pipe = new PeerPipe(new PipeWatcher({ sendHighWaterMark: 2 }), false);
  pipe.trySend(message("12345678"));
  assertEquals([pipe.outbox.wantsWrite(8), pipe.outbox.wantsWrite(9)], [true, false]);
  send(pipe, 2);
  assertEquals(pipe.outbox.wantsWrite(1000), true);
});

test("moving stops when the sink is full, with whole messages", () => {
  const pipe = new PeerPipe(new PipeWatcher(), false);
  send(pipe, 10, "12345678");
  const sink = new TextSink(20);
  pipe.outbox.moveTo(sink);
  assertEquals([sink.taken.length, pipe.outbox.messages], [3, 7]);
  pipe.outbox.moveTo(sink);
  pipe.outbox.moveTo(new TextSink(1));
  assertEquals([sink.taken.length, pipe.outbox.messages], [3, 6]);
  assertEquals([pipe.outbox.wantsWrite(48), pipe.outbox.wantsWrite(49)], [true, false]);
});

test("a full pipe asks its connection to flush before it refuses", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 1, receiveHighWaterMark: 10 });
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  pipe.trySend(message("1"));
  host.onFlush = () => void drain(pipe);
  assertEquals(pipe.trySend(message("2")), true);
  host.onFlush = () => {};
  assertEquals([pipe.trySend(message("3")), pipe.trySend(message("4"))], [false, false]);
  assertEquals(host.told, ["queued 1", "flush", "queued 1", "flush"]);
  drain(pipe);
  drain(pipe);
  assertEquals(host.told.slice(4), ["writable"]);
});

test("room is reported when half of the high-water mark is free, and only to a waiting socket", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 4, receiveHighWaterMark: 10 });
  const pipe = new PeerPipe(host, false);
  send(pipe, 5, "123");
  drain(pipe, 1);
  assertEquals([pipe.outbox.messages, host.told], [3, []]);
  drain(pipe, 1);
  assertEquals([pipe.outbox.messages, host.told], [2, ["writable"]]);
  drain(pipe);
  assertEquals(host.told, ["writable"]);
});

test("a socket that asks for room is notified like a rejected one, and is not overtaken", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 4 });
  const pipe = new PeerPipe(host, false);
  assertEquals([pipe.writable, pipe.outbox.messages], [true, 0]);
  send(pipe, 3);
  assertEquals(pipe.writable, true);
  send(pipe, 1);
  assertEquals(pipe.writable, false);
  drain(pipe, 1);
  assertEquals([pipe.writable, pipe.trySend(message("5")), host.told], [false, false, []]);
  drain(pipe, 1);
  assertEquals([pipe.writable, host.told], [true, ["writable"]]);
});

test("the connection is asked for room first, as before a message is rejected", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 1 });
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  send(pipe, 1);
  host.onFlush = () => void drain(pipe);
  assertEquals(pipe.writable, true);
  host.onFlush = () => {};
  send(pipe, 1);
  assertEquals(pipe.writable, false);
  assertEquals(host.told, ["queued 1", "flush", "queued 1", "flush"]);
  pipe.drop();
  assertEquals([pipe.writable, host.told.length], [false, 4]);
});

test("the inbox reports when it is full, and its connection when half of it is free", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 10, receiveHighWaterMark: 4 });
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  assertEquals([1, 2, 3, 4].map((n) => pipe.arrived(message(`${n}`))), [true, true, true, false]);
  assertEquals(pipe.inbox.length, 4);
  const taken = [1, 2, 3, 4, 5].map(() => texts(pipe.tryReceive())?.join());
  assertEquals([taken, host.told], [["1", "2", "3", "4", undefined], ["readable", "resume"]]);
  assertEquals(pipe.inbox.length, 0);
});

test("messages that the pattern drops fill nothing", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 10, receiveHighWaterMark: 1 }, new PushPattern());
  const pipe = new PeerPipe(host, false);
  assertEquals([pipe.arrived(message("1")), pipe.arrived(message("2")), pipe.readable], [true, true, false]);
  assertEquals(host.told, []);
});

test("a delivered message goes after received ones, regardless of the high-water mark", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 10, receiveHighWaterMark: 1 });
  const pipe = new PeerPipe(host, false);
  pipe.arrived(message("came"));
  pipe.deliver(message("delivered"));
  assertEquals([texts(pipe.tryReceive()), texts(pipe.tryReceive())], [["came"], ["delivered"]]);
  assertEquals(host.told, ["readable"]);
});

test("the pattern is notified of each message in the inbox, before the socket is", () => {
  const told: string[] = [];
  const pattern = Object.assign(new DealerPattern({ probeRouter: false }), {
    delivered: () => void told.push("delivered"),
    inbound: (_pipe: unknown, message: Message) => texts(message)?.join() === "dropped" ? undefined : message,
  });
  const host = new PipeWatcher({}, pattern);
  host.pipeReadable = () => void told.push("readable");
  const pipe = new PeerPipe(host, false);
  pipe.arrived(message("1"));
  pipe.arrived(message("dropped"));
  pipe.deliver(message("2"));
  assertEquals([told, pipe.inbox.length], [["delivered", "readable", "delivered"], 2]);
});

test("subscriptions go out between the messages, each behind those that were queued before it", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  pipe.subscribe(false, bytes("first"));
  assertEquals([host.told, pipe.outbox.drained], [["queued 0"], false]);
  send(pipe, 1, "1");
  pipe.subscribe(false, bytes("a"));
  pipe.subscribe(true, bytes("b"));
  send(pipe, 2, "2");
  pipe.subscribe(true, bytes("last"));
  assertEquals(drain(pipe, 1), ["+first", "1"]);
  assertEquals([pipe.outbox.messages, pipe.outbox.drained], [2, false]);
  assertEquals(drain(pipe), ["+a", "-b", "2", "2", "-last"]);
  assertEquals(pipe.outbox.drained, true);
  pipe.subscribe(false, bytes("alone"));
  assertEquals(drain(pipe), ["+alone"]);
});

test("all topics are sent first, as the sink has room, and are taken as they are sent; later calls follow", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  let asked = 0;
  const topics = function* () {
    for (const one of ["a", "b", "c"]) {
      asked++;
      yield bytes(one);
    }
  };
  assertEquals([pipe.subscribeAll(topics()), asked, pipe.outbox.drained], [false, 0, true]);
  pipe.connect(host);
  assertEquals([pipe.subscribeAll(topics()), asked, pipe.outbox.drained, host.told], [true, 0, false, ["queued 0"]]);
  send(pipe, 1, "1");
  pipe.subscribe(true, bytes("a"));
  /** Takes two entries. */
  const two = () => {
    const sink = new (class extends TextSink {
      override get full(): boolean {
        return this.taken.length === 2;
      }
    })();
    pipe.outbox.moveTo(sink);
    pipe.outbox.handedOver();
    return sink.taken;
  };
  assertEquals([two(), asked, two(), asked], [["+a", "+b"], 2, ["+c", "1"], 3]);
  assertEquals([pipe.outbox.drained, two(), pipe.outbox.drained], [false, ["-a"], true]);
  // The subscriptions of a lost connection are not sent over the next one.
  pipe.subscribeAll(topics());
  pipe.disconnect();
  assertEquals([pipe.outbox.drained, drain(pipe)], [true, []]);
});

test("subscriptions wait for a connection, 10,000 of them: one more, and none of them does", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  const subscribe = (count: number) => {
    let taken = 0;
    for (let i = 0; i < count; i++) if (pipe.subscribe(false, bytes("t"))) taken++;
    return taken;
  };
  assertEquals(subscribe(10_000), 10_000);
  assertEquals([subscribe(1), pipe.outbox.drained, drain(pipe)], [0, true, []]);
  pipe.connect(host);
  assertEquals([subscribe(10_001), drain(pipe).length], [10_001, 10_001]);
});

test("messages queued in both directions outlive the connection, and the next one continues", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 10, receiveHighWaterMark: 2 });
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  pipe.trySend(message("out"));
  pipe.arrived(message("in 1"));
  pipe.arrived(message("in 2"));
  pipe.subscribe(false, bytes("old"));
  pipe.disconnect();
  pipe.subscribe(false, bytes("between"));
  pipe.fail(new Error("to nobody"));
  pipe.finish();
  assertEquals([pipe.trySend(message("out")), host.told], [true, ["queued 3", "readable", "queued 3"]]);
  const next = new PipeWatcher();
  pipe.connect(next);
  pipe.subscribe(true, bytes("new"));
  pipe.fail(new Error("reason"));
  pipe.finish();
  assertEquals([texts(pipe.tryReceive()), texts(pipe.tryReceive())], [["in 1"], ["in 2"]]);
  // Subscriptions go behind what was queued before them; that of the old connection went with it.
  assertEquals(drain(pipe), ["out", "+between", "out", "-new"]);
  // The new connection was never stopped, so it is not resumed.
  assertEquals(next.told, ["queued 6", "reason", "finish"]);
  assertEquals(host.told.length, 3);
});

test("subscription messages of a pattern fill the inbox like others, and a closed pipe has none", () => {
  const pattern = new XPublishPattern(settle("XPUB", {}));
  const pipe = new PeerPipe(new PipeWatcher({ receiveHighWaterMark: 2 }, pattern), false);
  const subscribed = (cancel: boolean, topic: string) => pipe.subscribed(cancel, bytes(topic));
  assertEquals([subscribed(false, "a"), subscribed(false, "a"), subscribed(false, "b")], [true, true, false]);
  assertEquals([texts(pipe.tryReceive()), texts(pipe.tryReceive())], [["\x01a"], ["\x01b"]]);
  pipe.drop();
  assertEquals([subscribed(true, "a"), subscribed(false, "c"), pipe.readable], [true, true, false]);
  assertEquals(pattern.subscribers.topicCount, 2);
});

test("a closed pipe accepts nothing more, reports its drops, and its received messages can still be read", () => {
  const host = new PipeWatcher({ sendHighWaterMark: 10, receiveHighWaterMark: 10 });
  const pipe = new PeerPipe(host, false);
  send(pipe, 3);
  pipe.arrived(message("in"));
  assertEquals([pipe.drop(), pipe.drop()], [3, 0]);
  assertEquals([pipe.trySend(message("4")), pipe.writable, pipe.outbox.messages, drain(pipe)], [false, false, 0, []]);
  assertEquals(pipe.arrived(message("late")), true);
  assertEquals([texts(pipe.tryReceive()), pipe.readable], [["in"], false]);
});

test("a closed pipe has nothing left to move, with anything queued between its messages", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  send(pipe, 2);
  pipe.subscribe(false, bytes("behind what is given up"));
  assertEquals(pipe.drop(), 2);
  assertEquals([pipe.outbox.drained, drain(pipe)], [true, []]);
});

test("conflate: an unfinished message of a lost connection is replaced by a later one", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, true);
  pipe.connect(host);
  pipe.trySend(message("old"));
  pipe.outbox.moveTo(new TextSink());
  pipe.trySend(message("new"));
  assertEquals([pipe.outbox.lost({ taken: 0 }), pipe.outbox.messages, pipe.counters.dropped], [0, 1, 1]);
  assertEquals(drain(pipe), ["new"]);
});

test("buffered messages are not delayed by other sends, nor on another connection", () => {
  const host = new PipeWatcher();
  const pipe = new PeerPipe(host, false);
  pipe.connect(host);
  const gather = () => {
    host.gathering = true;
    pipe.trySend(message("gathered"));
    host.gathering = false;
    assertEquals(pipe.gathered, true);
  };
  const others: (() => void)[] = [
    () => pipe.trySend(message("other")),
    () => pipe.subscribe(false, new Uint8Array(1)),
    () => pipe.sendFirst(message("hello")),
    () => pipe.flush(),
    () => pipe.disconnect(),
  ];
  for (const other of others) {
    gather();
    other();
    assertEquals(pipe.gathered, false);
    drain(pipe);
  }
  host.gathering = true;
  pipe.trySend(message("gathered without a connection"));
  host.gathering = false;
  pipe.trySend(message("sent without a connection"));
  assertEquals(pipe.gathered, false);
});
