/**
 * Sockets as Web streams, with back-pressure in both directions.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Message, Pull, Push, readableStreamOf, Request, toText, writableStreamOf, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { pipeline } from "../sockets/pipeline.ts";
import { ANY, turn } from "../sockets/support.ts";

const textOf = ([frame]: Message) => toText(frame);

test("streams: pipeTo through two sockets keeps every message, in order", async () => {
  await using both = await pipeline(ANY, { sendHighWaterMark: 5 }, { receiveHighWaterMark: 5 });
  const count = 2000;
  let made = 0;
  const source = new ReadableStream<string>({
    pull(controller) {
      if (made === count) controller.close();
      else controller.enqueue(`${made++}`);
    },
  }, { highWaterMark: 0 });
  const piping = source.pipeTo(writableStreamOf(both.push));
  const seen: string[] = [];
  for await (const message of readableStreamOf(both.pull) as unknown as AsyncIterable<Message>) {
    seen.push(textOf(message));
    if (seen.length === count) break;
  }
  await piping;
  assertEquals(seen, Array.from({ length: count }, (_, i) => `${i}`));
});

test("streams: a message is received only when the stream is read, so that a slow sink slows down its source", async () => {
  await using both = await pipeline("inproc://streams-held", { sendHighWaterMark: 3 }, { receiveHighWaterMark: 2 });
  const stream = readableStreamOf(both.pull);
  const writer = writableStreamOf(both.push).getWriter();
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 20; i++) {
      await writer.write(`${i}`);
      written++;
    }
  })();
  await both.push.whenWritable();
  await turn(11);
  // Two held, three queued, and the one that waits is not written yet.
  assertEquals([written, both.pull.statistics().held], [5, 2]);
  const reader = stream.getReader();
  for (let i = 0; i < 20; i++) assertEquals(textOf((await reader.read()).value!), `${i}`);
  await writing;
  await reader.cancel();
});

test("streams: a readable stream ends when its socket is closed", async () => {
  const pull = new Pull();
  const reader = readableStreamOf(pull).getReader();
  const reading = reader.read();
  await pull.close();
  assertEquals((await reading).done, true);
});

test("streams: cancelling takes no message from the socket", async () => {
  await using both = await pipeline("inproc://streams-cancel");
  const reader = readableStreamOf(both.pull).getReader();
  const reading = reader.read();
  await reader.cancel();
  assertEquals((await reading).done, true);
  await both.push.send("kept");
  assertEquals(textOf(await both.pull.receive()), "kept");
});

test("streams: receiveTimeout does not end a stream, sendTimeout does", async () => {
  await using both = await pipeline("inproc://streams-timeout", { sendTimeout: 5, sendHighWaterMark: 1 }, {
    receiveTimeout: 1,
    receiveHighWaterMark: 1,
  });
  const reading = readableStreamOf(both.pull).getReader().read();
  await assertRejects(() => both.pull.receive(), ZmqError, "within 1 ms");
  await both.push.send("late");
  assertEquals(textOf((await reading).value!), "late");
  const writer = writableStreamOf(both.push).getWriter();
  await writer.write("held");
  await writer.write("queued");
  const refused = await assertRejects(() => writer.write("too much"), ZmqError);
  assertEquals(refused.code, "EAGAIN");
  await writer.closed.catch(() => {});
});

test("streams: cancelling at any moment takes no message from the socket", async () => {
  await using both = await pipeline("inproc://streams-cancel-race");
  for (let turns = 0; turns < 30; turns++) {
    const reader = readableStreamOf(both.pull).getReader();
    const reading = reader.read();
    both.push.trySend(`${turns}`);
    for (let i = 0; i < turns; i++) await undefined;
    await reader.cancel();
    const { value } = await reading;
    assertEquals(textOf(value ?? await both.pull.receive()), `${turns}`);
  }
});

test("streams: the close of the socket is reported also while nothing is read or written", async () => {
  const both = await pipeline("inproc://streams-closed");
  const reader = readableStreamOf(both.pull).getReader();
  const writer = writableStreamOf(both.push).getWriter();
  const written = assertRejects(() => writer.closed, ZmqError);
  await both[Symbol.asyncDispose]();
  await reader.closed;
  assertEquals((await written).code, "ENOTSOCK");
});

test("streams: aborting ends a write that waits, and the socket stays usable unless it is to be closed", async () => {
  await using both = await pipeline("inproc://streams-abort", { sendHighWaterMark: 1 }, { receiveHighWaterMark: 1 });
  const writer = writableStreamOf(both.push).getWriter();
  await writer.write("1");
  await writer.write("2");
  const waiting = writer.write("never").catch((reason) => reason);
  const reason = new Error("enough");
  writer.closed.catch(() => {});
  await writer.abort(reason);
  assertEquals(await waiting, reason);
  assertEquals([textOf(await both.pull.receive()), both.push.closed], ["1", false]);
  await both.push.send("3");
  assertEquals([textOf(await both.pull.receive()), textOf(await both.pull.receive())], ["2", "3"]);
  await readableStreamOf(both.pull, { closeSocket: true }).cancel();
  await writableStreamOf(both.push, { closeSocket: true }).close();
  assertEquals([both.pull.closed, both.push.closed], [true, true]);
});

test("streams: closeSocket closes the socket also when the stream fails, and abort drops queued messages", async () => {
  await using write = await pipeline("inproc://streams-write-fails");
  const failing = writableStreamOf(write.push, { closeSocket: true }).getWriter();
  failing.closed.catch(() => {});
  await assertRejects(() => failing.write([]), TypeError);
  assertEquals(write.push.closed, true);

  const push = new Push({ linger: -1 });
  push.connect("inproc://streams-nobody-is-there");
  const writer = writableStreamOf(push, { closeSocket: true }).getWriter();
  await writer.write("queued");
  writer.closed.catch(() => {});
  await writer.abort();
  assertEquals([push.closed, await push.close()], [true, 1]);
  assertThrows(() => readableStreamOf(push as never, { closesocket: true } as never), TypeError, "closesocket");
});

test("streams: a stream that fails ends, and closes its socket if closeSocket is set", async () => {
  const request = new Request();
  request.connect(await request.bind("inproc://streams-efsm"));
  const failed = readableStreamOf(request).getReader();
  assertEquals((await assertRejects(() => failed.read(), ZmqError)).code, "EFSM");
  assertEquals(request.closed, false);
  const closing = readableStreamOf(request, { closeSocket: true }).getReader();
  await assertRejects(() => closing.read(), ZmqError);
  assertEquals(request.closed, true);
  await request.close();
});
