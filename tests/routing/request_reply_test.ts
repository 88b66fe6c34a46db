/**
 * REQ and REP: strict alternation, envelopes, errors for peers that violate them, and every cell of the tables in the headers of
 * `request.ts` and `reply.ts`.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { ReplyPattern } from "../../src/routing/reply.ts";
import { RequestPattern, type RequestSettings } from "../../src/routing/request.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import { FakePipe, message, texts } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { requireCause, walkStates } from "../support/state_table.ts";

const STRICT: RequestSettings = { correlate: false, relaxed: false, probeRouter: false };

function assertEfsm(fn: () => unknown): void {
  assertEquals(assertThrows(fn, ZmqError).code, "EFSM");
}

test("REQ puts an empty delimiter before the request and takes it off the reply", () => {
  const pattern = new RequestPattern(STRICT);
  const pipe = FakePipe.attached(pattern);
  const request = message("question", "");
  assertEquals(pattern.trySend(request), true);
  assertEquals(pipe.sentTexts, [["", "question", ""]]);
  assertEquals(texts(request), ["question", ""]);
  pipe.arrive("", "answer", "", "more");
  assertEquals(texts(pattern.tryReceive()), ["answer", "", "more"]);
});

test("REQ alternates strictly: EFSM for a second request and for a receive before the first", () => {
  const pattern = new RequestPattern(STRICT);
  const pipe = FakePipe.attached(pattern);
  assertEquals(pattern.receiveError()?.code, "EFSM");
  assertStrictEquals(pattern.tryReceive(), undefined);
  pattern.trySend(message("1"));
  assertStrictEquals(pattern.receiveError(), undefined);
  assertEfsm(() => pattern.trySend(message("2")));
  assertStrictEquals(pattern.tryReceive(), undefined);
  pipe.arrive("", "one");
  assertEfsm(() => pattern.trySend(message("2")));
  assertEquals(texts(pattern.tryReceive()), ["one"]);
  assertEquals(pattern.receiveError()?.code, "EFSM");
  assertEquals(pattern.trySend(message("2")), true);
});

test("REQ sends requests to one peer after another, and waits when none has room", () => {
  const pattern = new RequestPattern(STRICT);
  assertEquals(pattern.trySend(message("early")), false);
  const pipes = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  pipes[0]!.room = 1;
  for (const [n, asked] of [0, 1, 1].entries()) {
    assertEquals(pattern.trySend(message(`${n}`)), true);
    pipes[asked]!.arrive("", `reply ${n}`);
    assertEquals(texts(pattern.tryReceive()), [`reply ${n}`]);
  }
  pipes[1]!.room = 0;
  assertEquals(pattern.trySend(message("3")), false);
  // A request that could not be sent does not count.
  assertEquals(pattern.receiveError()?.code, "EFSM");
  pipes[0]!.makeRoom(1);
  assertEquals(pattern.trySend(message("3")), true);
  assertEquals(pipes.map((pipe) => pipe.sent.length), [2, 2]);
});

test("REQ receives the reply of the peer that got the request, and of no other", () => {
  const pattern = new RequestPattern(STRICT);
  const [asked, other] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  other.arrive("", "before any request");
  pattern.trySend(message("question"));
  other.arrive("", "from a stranger");
  assertStrictEquals(pattern.tryReceive(), undefined);
  asked.arrive("", "answer");
  assertEquals(texts(pattern.tryReceive()), ["answer"]);
  assertEquals([asked.rejections.length, other.rejections.length], [0, 0]);
});

test("REQ drops further replies to one request, early and late", () => {
  const pattern = new RequestPattern(STRICT);
  const pipe = FakePipe.attached(pattern);
  pattern.trySend(message("1"));
  pipe.arrive("", "one");
  pipe.arrive("", "one again");
  assertEquals(texts(pattern.tryReceive()), ["one"]);
  pipe.arrive("", "one, late");
  pattern.trySend(message("2"));
  assertStrictEquals(pattern.tryReceive(), undefined);
  pipe.arrive("", "two");
  assertEquals(texts(pattern.tryReceive()), ["two"]);
});

test("REQ closes the connection of a peer whose reply has no delimiter, or nothing behind it", () => {
  for (const reply of [["answer"], ["answer", ""], [""], ["id", "", "answer"]]) {
    const pattern = new RequestPattern(STRICT);
    const pipe = FakePipe.attached(pattern);
    pattern.trySend(message("question"));
    pipe.arrive(...reply);
    assertStrictEquals(pattern.tryReceive(), undefined);
    assertEquals(pipe.rejections.map((error) => error instanceof ZmqError && error.code), ["EPROTO"]);
  }
});

test("REQ receives the reply of a peer that has disconnected since", () => {
  const pattern = new RequestPattern(STRICT);
  const pipe = FakePipe.attached(pattern);
  pattern.trySend(message("question"));
  pipe.arrive("", "answer");
  pattern.detach(pipe);
  assertEquals(texts(pattern.tryReceive()), ["answer"]);
  assertEquals(pattern.trySend(message("next")), false);
});

test("REQ accepts the reply of any peer once the peer that got the request is removed, and not before", () => {
  const pattern = new RequestPattern(STRICT);
  const [asked, other, third] = [1, 2, 3].map(() => FakePipe.attached(pattern));
  pattern.trySend(message("question"));
  pattern.detach(third!);
  other!.arrive("", "too early");
  assertStrictEquals(pattern.tryReceive(), undefined);
  pattern.detach(asked!);
  other!.arrive("", "answer");
  assertEquals(texts(pattern.tryReceive()), ["answer"]);
});

test("REP sends its reply to the asker, with the envelope of the request", () => {
  const pattern = new ReplyPattern();
  const [a, b] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  a.arrive("hop 1", "hop 2", "", "question", "", "part");
  b.arrive("", "other question");
  assertEquals(texts(pattern.tryReceive()), ["question", "", "part"]);
  assertEquals(pattern.trySend(message("answer", "")), true);
  assertEquals(texts(pattern.tryReceive()), ["other question"]);
  assertEquals(pattern.trySend(message("other answer")), true);
  assertEquals(a.sentTexts, [["hop 1", "hop 2", "", "answer", ""]]);
  assertEquals(b.sentTexts, [["", "other answer"]]);
});

test("REP alternates strictly: EFSM for a reply without a request and for a second request before the reply", () => {
  const pattern = new ReplyPattern();
  const pipe = FakePipe.attached(pattern);
  assertEfsm(() => pattern.trySend(message("to nobody")));
  assertStrictEquals(pattern.receiveError(), undefined);
  pipe.arrive("", "1");
  pipe.arrive("", "2");
  assertEquals(texts(pattern.tryReceive()), ["1"]);
  assertStrictEquals(pattern.tryReceive(), undefined);
  assertEquals(pattern.receiveError()?.code, "EFSM");
  pattern.trySend(message("one"));
  assertStrictEquals(pattern.receiveError(), undefined);
  assertEfsm(() => pattern.trySend(message("one again")));
  assertEquals(texts(pattern.tryReceive()), ["2"]);
});

test("REP discards requests without a delimiter, or with nothing behind it", () => {
  const pattern = new ReplyPattern();
  const pipe = FakePipe.attached(pattern);
  pipe.arrive("no delimiter");
  pipe.arrive("a", "b");
  pipe.arrive("");
  pipe.arrive("a", "");
  assertEquals(pipe.readable, false);
  pipe.arrive("", "");
  assertEquals(texts(pattern.tryReceive()), [""]);
  assertEquals(pipe.rejections, []);
});

test("REP drops a reply to a client that is full or disconnected, and receives the next request", () => {
  const pattern = new ReplyPattern();
  const [full, gone, good] = [1, 2, 3].map(() => FakePipe.attached(pattern));
  for (const pipe of [full!, gone!, good!]) pipe.arrive("", "question");
  full!.room = 0;
  pattern.tryReceive();
  assertEquals(pattern.trySend(message("dropped")), true);
  pattern.tryReceive();
  gone!.room = 0;
  (pattern as Pattern).detach?.(gone!);
  assertEquals(pattern.trySend(message("dropped")), true);
  assertEquals(texts(pattern.tryReceive()), ["question"]);
  assertEquals(pattern.trySend(message("answer")), true);
  assertEquals([full!.sent.length, gone!.sent.length, good!.sentTexts], [0, 0, [["", "answer"]]]);
  assertEquals([full!.dropped, gone!.dropped, good!.dropped], [1, 1, 0]);
});

test("REP takes requests fair-queued", () => {
  const pattern = new ReplyPattern();
  const [busy, quiet] = [FakePipe.attached(pattern), FakePipe.attached(pattern)];
  for (let i = 0; i < 3; i++) busy.arrive("", `busy ${i}`);
  quiet.arrive("", "quiet");
  const order: string[] = [];
  for (let request = pattern.tryReceive(); request !== undefined; request = pattern.tryReceive()) {
    order.push(texts(request)![0]!);
    pattern.trySend(message("reply"));
  }
  assertEquals(order, ["busy 0", "quiet", "busy 1", "busy 2"]);
});

/** Calls what may not be possible now. */
function tries(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    assertEquals((error as ZmqError).code, "EFSM");
  }
}

/** A REQ with two peers, the first of which is asked first. */
class RequestRig {
  readonly options = { ...STRICT };
  readonly pattern = new RequestPattern(this.options);
  readonly asked = FakePipe.attached(this.pattern);
  readonly other = FakePipe.attached(this.pattern);
  removed = false;

  send(): void {
    tries(() => this.pattern.trySend(message("question")));
  }

  remove(): void {
    this.removed = true;
    this.asked.leave();
  }
}

walkStates<RequestRig>("REQ", {
  path: "routing/request.ts",
  make: () => new RequestRig(),
  reach: {
    READY: () => {},
    ASKED: (rig) => rig.send(),
    ANSWERED(rig) {
      rig.send();
      rig.asked.arrive("", "answer");
    },
    ORPHANED(rig) {
      rig.send();
      rig.remove();
    },
  },
  happen: {
    send: (rig) => rig.send(),
    "send, relaxed"(rig) {
      Object.assign(rig.options, { relaxed: true });
      rig.send();
    },
    "send, no room"(rig) {
      Object.assign(rig.options, { relaxed: true });
      for (const pipe of [rig.asked, rig.other]) pipe.room = 0;
      rig.send();
    },
    reply(rig) {
      requireCause(!rig.removed);
      rig.asked.arrive("", "answer");
    },
    "reply of others": ({ other }) => other.arrive("", "answer"),
    "malformed reply": ({ other }) => other.arrive("answer"),
    "peer is removed"(rig) {
      if (rig.removed) rig.other.leave();
      else rig.remove();
    },
    receive: ({ pattern }) => void pattern.tryReceive(),
  },
  stateOf({ pattern }) {
    if (pattern.receiveError() !== undefined) return "READY";
    if (pattern.canReceive()) return "ANSWERED";
    FakePipe.attached(pattern).arrive("", "answer of a third one");
    return pattern.canReceive() ? "ORPHANED" : "ASKED";
  },
});

/** A REP with one peer. */
class ReplyRig {
  readonly pattern = new ReplyPattern();
  readonly pipe = FakePipe.attached(this.pattern);

  send(): void {
    tries(() => this.pattern.trySend(message("answer")));
  }
}

walkStates<ReplyRig>("REP", {
  path: "routing/reply.ts",
  make: () => new ReplyRig(),
  reach: {
    IDLE: () => {},
    PENDING: ({ pipe }) => pipe.arrive("", "question"),
    OWING({ pattern, pipe }) {
      pipe.arrive("", "question");
      pattern.tryReceive();
    },
  },
  happen: {
    request: ({ pipe }) => pipe.arrive("", "another"),
    "malformed request": ({ pipe }) => pipe.arrive("question"),
    receive: ({ pattern }) => void pattern.tryReceive(),
    send(rig, from) {
      rig.send();
      assertEquals(rig.pipe.sent.length, from === "OWING" ? 1 : 0);
    },
    "send, peer lost"(rig) {
      rig.pipe.room = 0;
      rig.send();
      assertEquals(rig.pipe.sent.length, 0);
    },
  },
  stateOf({ pattern }) {
    assertEquals(pattern.receiveError() !== undefined, pattern.canSend());
    return pattern.canSend() ? "OWING" : pattern.canReceive() ? "PENDING" : "IDLE";
  },
});
