/**
 * STREAM: bytes by routing id, with notices when a connection starts and ends.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { StreamPattern } from "../../src/routing/stream.ts";
import { bytes, FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

const noisy = () => new StreamPattern({ notify: true });
const quiet = () => new StreamPattern({ notify: false });

/** A connection that the user named. */
function assigned(pattern: StreamPattern, id: string): FakePipe {
  const pipe = new FakePipe(pattern, id);
  pipe.assignedId = bytes(id);
  pattern.attach(pipe);
  pattern.connected?.(pipe);
  return pipe;
}

function received(pattern: StreamPattern): string[] {
  const list: string[] = [];
  for (let one = pattern.tryReceive(); one !== undefined; one = pattern.tryReceive()) list.push(texts(one)!.join("|"));
  return list;
}

const codeOf = (fn: () => unknown) => assertThrows(fn, ZmqError).code;

test("a connection starts and ends with an id and an empty frame, with its bytes in between", () => {
  const pattern = noisy();
  const pipe = FakePipe.attached(pattern);
  const [id, empty] = pattern.tryReceive()!;
  assertEquals([id!.length, id![0], empty!.length], [5, 0, 0]);
  pipe.arrive("bytes");
  assertEquals(pattern.tryReceive(), [id!, bytes("bytes")]);
  pipe.leave();
  assertEquals(pattern.tryReceive(), [id!, new Uint8Array(0)]);
  assertStrictEquals(pattern.tryReceive(), undefined);
});

test("bytes go to the connection with that id, without the id", () => {
  const pattern = quiet();
  const [a, b] = [assigned(pattern, "a"), assigned(pattern, "b")];
  const sent = message("b", "bytes");
  assertEquals(pattern.trySend(sent), true);
  assertEquals([a.sent.length, b.sentTexts, texts(sent)], [0, [["bytes"]], ["b", "bytes"]]);
});

test("every connection has an id of its own, which no peer can choose", () => {
  const pattern = noisy();
  const ids = new Set<string>();
  for (let i = 0; i < 100; i++) {
    FakePipe.attached(pattern, "", "the peer does not speak of itself");
    ids.add(toHex(pattern.tryReceive()![0]!));
  }
  assertEquals([ids.size, [...ids].every((id) => id.startsWith("00"))], [100, true]);
});

test("an empty frame closes the connection after queued bytes are sent, and is not sent itself", () => {
  const pattern = noisy();
  const [pipe, full] = [assigned(pattern, "a"), assigned(pattern, "full")];
  pattern.trySend(message("a", "last words"));
  assertEquals([pattern.trySend(message("a", "")), pipe.finishes, pipe.sent.length], [true, 1, 1]);
  full.room = 0;
  // It has to wait for what waits for room.
  assertEquals([pattern.trySend(message("full", "")), full.finishes], [false, 0]);
  full.makeRoom(1);
  assertEquals([pattern.trySend(message("full", "")), full.finishes], [true, 1]);
  assertEquals([pipe.rejections, full.rejections], [[], []]);
});

test("a connection that is being closed accepts no more messages; its bytes and its end are still received", () => {
  const pattern = noisy();
  const pipe = assigned(pattern, "a");
  pattern.trySend(message("a", ""));
  assertEquals(codeOf(() => pattern.trySend(message("a", "more"))), "EHOSTUNREACH");
  assertEquals(codeOf(() => pattern.trySend(message("a", ""))), "EHOSTUNREACH");
  assertEquals([pipe.finishes, pipe.sent.length], [1, 0]);
  pipe.arrive("on its way");
  pipe.leave();
  assertEquals(received(pattern), ["a|", "a|on its way", "a|"]);
  const next = assigned(pattern, "a");
  assertEquals([pattern.trySend(message("a", "hello")), next.sentTexts], [true, [["hello"]]]);
});

test("a message other than an id and one frame is EINVAL, and nothing is sent", () => {
  const pattern = quiet();
  const pipe = assigned(pattern, "a");
  for (const frames of [["a"], [""], ["a", "b", "c"], ["a", "", ""]]) {
    assertEquals(codeOf(() => pattern.trySend(message(...frames))), "EINVAL");
  }
  assertEquals([pipe.sent.length, pipe.finishes], [0, 0]);
});

test("bytes to an unknown id are EHOSTUNREACH, and so is closing one", () => {
  const pattern = quiet();
  const pipe = assigned(pattern, "a");
  for (const id of ["b", "", "x".repeat(256)]) {
    assertEquals(codeOf(() => pattern.trySend(message(id, "m"))), "EHOSTUNREACH");
    assertEquals(codeOf(() => pattern.trySend(message(id, ""))), "EHOSTUNREACH");
  }
  pipe.leave();
  assertEquals(codeOf(() => pattern.trySend(message("a", "m"))), "EHOSTUNREACH");
});

test("bytes for a peer that is full wait, and nothing is dropped", () => {
  const pattern = quiet();
  const [full, free] = [assigned(pattern, "full"), assigned(pattern, "free")];
  full.room = 0;
  assertEquals([pattern.trySend(message("full", "m")), pattern.trySend(message("free", "m"))], [false, true]);
  full.makeRoom(1);
  assertEquals([pattern.trySend(message("full", "m")), full.sent.length, full.dropped], [true, 1, 0]);
  assertEquals(free.sent.length, 1);
});

test("a connection with an assigned id has that id after each reconnect", () => {
  const pattern = noisy();
  for (let i = 0; i < 2; i++) {
    const pipe = assigned(pattern, "server");
    pipe.arrive("hello");
    pattern.trySend(message("server", "answer"));
    pipe.leave();
    assertEquals([received(pattern), pipe.sentTexts], [["server|", "server|hello", "server|"], [["answer"]]]);
  }
});

test("a second connection with the same assigned id is refused, and the first one stays", () => {
  const pattern = noisy();
  const [first, second] = [assigned(pattern, "server"), new FakePipe(pattern, "second")];
  second.assignedId = bytes("server");
  const refused: unknown = pattern.attach(second);
  assertEquals(refused instanceof ZmqError && refused.code, "EADDRINUSE");
  second.leave();
  pattern.trySend(message("server", "m"));
  assertEquals([first.sent.length, second.sent.length, second.readable], [1, 0, false]);
  first.leave();
  assertEquals(received(pattern), ["server|", "server|"]);
});

test("without notify only bytes are received, and a change applies from the next connect or disconnect on", () => {
  const choices = { notify: false };
  const pattern = new StreamPattern(choices);
  const [a, b] = [assigned(pattern, "a"), assigned(pattern, "b")];
  a.arrive("m");
  a.leave();
  assertEquals(received(pattern), ["a|m"]);
  choices.notify = true;
  b.leave();
  assigned(pattern, "c");
  assertEquals(received(pattern), ["b|", "c|"]);
});

test("received frames belong to the user: changing an id or a notice does not affect the socket", () => {
  const pattern = noisy();
  const pipe = assigned(pattern, "a");
  const notice = pattern.tryReceive()!;
  notice[0]!.fill(0x78);
  notice.length = 0;
  pipe.arrive("m");
  assertEquals(received(pattern), ["a|m"]);
  assertNotEquals(assigned(pattern, "b"), pipe);
  assert(pattern.trySend(message("a", "m")));
});

test("connections are received from fair-queued", () => {
  const pattern = quiet();
  const [busy, other] = [assigned(pattern, "busy"), assigned(pattern, "other")];
  for (const n of ["1", "2", "3"]) busy.arrive(n);
  other.arrive("1");
  assertEquals(received(pattern), ["busy|1", "other|1", "busy|2", "busy|3"]);
});
