/**
 * Reading per event loop turn: slices, their order, and their effect on a connection.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { concat } from "@std/bytes";
import { RawSession } from "../../../src/engine/connection/raw_session.ts";
import type { Reader, ReadTurns } from "../../../src/engine/connection/read_turns.ts";
import { PublishPattern } from "../../../src/routing/publish.ts";
import { PushPattern } from "../../../src/routing/push.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import { encodeFrame, MORE } from "../../../src/zmtp/frame.ts";
import { DEFAULT_LIMITS } from "../../../src/zmtp/limits.ts";
import type { TrafficCipher } from "../../../src/zmtp/mechanism.ts";
import { Session } from "../../../src/zmtp/session.ts";
import type { SessionHandler } from "../../../src/zmtp/session_handler.ts";
import { ConnectionRig, type RigOptions } from "../../support/connection_rig.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
import { peerHandshake } from "../../support/session_recorder.ts";
import { LIBZMQ } from "../../zmtp/vectors.ts";
import { ownMetadata, wireType } from "../../support/socket_types.ts";

const NONE = new Uint8Array(0);

/** Reads for so many looks at the clock, each of which takes a time; notes its name for each. */
class FakeReader implements Reader {
  readonly #played: PlayedTurns;
  readonly #log: string[];
  readonly #name: string;
  readonly #ms: number;
  left: number;

  constructor(played: PlayedTurns, log: string[], name: string, looks: number, ms = 0) {
    this.#played = played;
    this.#log = log;
    this.#name = name;
    this.left = looks;
    this.#ms = ms;
  }

  /** Reads arrived data as far as the budget allows. */
  readOn(): void {
    while (this.left > 0 && this.#played.turns.mayRead(this)) {
      this.#log.push(this.#name);
      this.left--;
      this.#played.turns.credit.left -= 1256;
      this.#played.time += this.#ms;
    }
  }

  poll(): boolean {
    return false;
  }
}

test("read turns: a small read does not wait for the end of the turn, and a large one is sliced", () => {
  const played = new PlayedTurns();
  const log: string[] = [];
  const [a, b] = [new FakeReader(played, log, "a", 1000), new FakeReader(played, log, "b", 100)];
  a.left = 10;
  a.readOn();
  assertEquals([log.length, played.awaited], [10, false]);
  a.left = 1000;
  a.readOn();
  // A turn may have passed before the first slice was over, so there is a second one.
  const first = log.length;
  assert(first < 200 && played.awaited, `${first}`);
  b.readOn();
  const slice = log.length - first;
  assert(slice > 0 && slice < first, `${slice} of ${first}`);
  // Each has a slice per turn.
  for (let turns = 0; a.left > 0; turns++) {
    assertLess(turns, 100);
    const before = log.length;
    played.next();
    const read = log.slice(before);
    assertEquals(read.filter((name) => name === "a").length <= slice, true);
    assertEquals(read.filter((name) => name === "b").length <= slice, true);
  }
  assertEquals([a.left, b.left], [0, 0]);
  played.next();
  assertEquals(played.awaited, false);
});

test("read turns: many endless readers leave time in every turn, and are served in order", () => {
  const played = new PlayedTurns();
  const log: string[] = [];
  const names = Array.from({ length: 20 }, (_, i) => `${i}`);
  for (const name of names) new FakeReader(played, log, name, 1000, 1).readOn();
  log.length = 0;
  const order: string[] = [];
  while (order.length < 3 * names.length) {
    const began = played.time;
    const before = log.length;
    played.next();
    // Those in line leave a part of the turn's share to what has just arrived,
    assertLess(played.time - began, 10);
    for (const name of log.slice(before)) if (order.at(-1) !== name) order.push(name);
    const fresh = new FakeReader(played, log, "fresh", 1);
    fresh.readOn();
    // which does not wait behind them.
    assertEquals(fresh.left, 0);
    assertEquals(log.pop(), "fresh");
  }
  assertEquals(order.slice(0, names.length * 2), [...names, ...names]);
});

test("read turns: a runtime that must be asked to poll its sockets is asked, and waiting connections wait for that", () => {
  const played = new PlayedTurns();
  const log: string[] = [];
  const polls: (() => void)[] = [];
  const polling = new FakeReader(played, log, "polling", 1000, 1);
  polling.poll = (callback?: () => void) => polls.push(callback!) > 0;
  polling.readOn();
  log.length = 0;
  played.next();
  assertEquals([log.length, polls.length], [0, 1]);
  const fresh = new FakeReader(played, log, "fresh", 1);
  fresh.readOn();
  assertEquals(log.splice(0), ["fresh"]);
  polls.pop()!();
  assertGreater(log.length, 0);
  for (let turns = 0; polls.length === 0; turns++) {
    assertLess(turns, 20);
    played.next();
  }
});

test("read turns: the runtime polls its sockets although the first connection in line cannot ask for it", () => {
  const played = new PlayedTurns();
  const log: string[] = [];
  let polls = 0;
  const stream = new FakeReader(played, log, "stream", 1000, 1);
  const polling = new FakeReader(played, log, "polling", 1000, 1);
  polling.poll = () => ++polls > 0;
  stream.readOn();
  polling.readOn();
  log.length = 0;
  played.next();
  assertEquals([log.length, polls], [0, 1]);
});

/** ZMTP with a cipher that hides nothing. */
function sealedProtocol(handler: SessionHandler): Session {
  const slices = () => ({ next: () => true });
  const cipher: TrafficCipher = {
    overhead: 1,
    flags: 0,
    seal() {},
    sealInSlices: slices,
    reserve: () => cipher,
    open: (body: Uint8Array) => body.subarray(1),
    openInSlices: slices,
  };
  return new Session(
    { type: wireType("PUSH"), identity: NONE, limits: DEFAULT_LIMITS },
    Object.assign(new NullMechanism(ownMetadata("PUSH", NONE)), { cipher }),
    handler,
  );
}

/** A flood: the bytes that are sent repeatedly, and a function that counts their effect. */
interface Flood {
  readonly what: string;
  readonly part: Uint8Array;
  readonly times: number;
  /** Most of them in a turn. */
  readonly most: number;
  rig(turns: ReadTurns, handled: () => void): ConnectionRig;
  readonly peer: "SUB" | "PULL" | "DEALER";
}

function rigOf(turns: ReadTurns, options: RigOptions): ConnectionRig {
  return new ConnectionRig({ ...options, readTurns: turns });
}

/** A PUSH, which drops incoming messages. */
function dropping(handled: () => void): PushPattern {
  const pattern = new PushPattern();
  pattern.inbound = () => {
    handled();
    return undefined;
  };
  return pattern;
}

const FLOODS: readonly Flood[] = [
  {
    what: "PINGs",
    part: LIBZMQ.ping,
    times: 20_000,
    most: 2200,
    peer: "DEALER",
    rig(turns, handled) {
      const rig = rigOf(turns, {});
      const { write } = rig.link;
      rig.link.write = (chunks) => {
        const { length } = concat(chunks);
        if (length % LIBZMQ.pong.length === 0) { for (let i = length / LIBZMQ.pong.length; i > 0; i--) handled(); }
        return write.call(rig.link, chunks);
      };
      return rig;
    },
  },
  {
    what: "SUBSCRIBE commands",
    part: LIBZMQ.subscribe,
    times: 20_000,
    most: 2200,
    peer: "SUB",
    rig(turns, handled) {
      const pattern = new PublishPattern({ noDrop: false, invertMatching: false });
      pattern.subscription = () => {
        handled();
        return undefined;
      };
      return rigOf(turns, { socketType: "PUB", pattern });
    },
  },
  {
    what: "messages that are dropped",
    part: encodeFrame(0, bytes("unwanted")),
    times: 200_000,
    most: 35_000,
    peer: "PULL",
    rig: (turns, handled) => rigOf(turns, { socketType: "PUSH", pattern: dropping(handled) }),
  },
  {
    what: "messages of many frames that are dropped",
    part: concat([...Array.from({ length: 999 }, () => encodeFrame(MORE, NONE)), encodeFrame(0, NONE)]),
    times: 200,
    most: 35,
    peer: "PULL",
    rig: (turns, handled) => rigOf(turns, { socketType: "PUSH", pattern: dropping(handled) }),
  },
  {
    what: "encrypted frames",
    part: encodeFrame(0, new Uint8Array(4097)),
    times: 2000,
    most: 300,
    peer: "PULL",
    rig: (turns, handled) => rigOf(turns, { socketType: "PUSH", pattern: dropping(handled), protocol: sealedProtocol }),
  },
];

for (const { what, part, times, most, peer, rig: newRig } of FLOODS) {
  test(`a flood of ${what} is handled in slices, and another peer is served between any two of them`, async () => {
    const played = new PlayedTurns();
    let handled = 0;
    const rig = newRig(played.turns, () => handled++);
    const honest = rigOf(played.turns, {});
    for (const [one, type] of [[rig, peer], [honest, "DEALER"]] as const) {
      one.connection.start();
      one.link.arrive(peerHandshake(type));
      while (one.link.paused) played.next();
    }
    assertEquals(handled, 0);
    rig.link.arrive(concat(Array.from({ length: times }, () => part)));
    let turns = 0;
    for (let before = 0; rig.link.paused; turns++) {
      assertGreater(handled, before);
      assertLess(handled - before, most);
      before = handled;
      honest.link.arrive(encodeFrame(0, bytes(`${turns}`)));
      assertEquals([honest.received(), honest.link.paused], [[`${turns}`], false]);
      played.next();
    }
    assertEquals(handled, times);
    assertGreater(turns, 5);
    await rig.end();
    await honest.end();
  });
}

test("a flood of bytes without a protocol has its slices, too", async () => {
  const played = new PlayedTurns();
  const rig = rigOf(played.turns, { receiveMark: 0, protocol: (handler) => new RawSession(handler) });
  rig.connection.start();
  let arrived = 0;
  for (let turns = 0; turns < 5; turns++) {
    const before = arrived;
    for (; !rig.link.paused; arrived++) {
      assertLess(arrived - before, 20_000);
      rig.link.arrive(new Uint8Array(1));
    }
    while (rig.link.paused) played.next();
  }
  assertEquals(rig.received().length, arrived);
  await rig.end();
});

test("an endless frame is sliced, though it is never complete", async () => {
  const played = new PlayedTurns();
  const rig = rigOf(played.turns, {});
  rig.connection.start();
  rig.link.arrive(peerHandshake("DEALER"));
  const header = Uint8Array.of(2, 0, 0, 0, 0, 15, 0, 0, 0);
  rig.link.arrive(header);
  let arrived = 0;
  for (; !rig.link.paused; arrived++) {
    assertLess(arrived, 3000);
    rig.link.arrive(new Uint8Array(16 * 1024));
  }
  played.next();
  assertEquals(rig.link.paused, false);
  await rig.end();
});

test("a reader that waits behind a full inbox continues when there is room, and loses nothing", async () => {
  const played = new PlayedTurns();
  const rig = rigOf(played.turns, { receiveMark: 10 });
  rig.connection.start();
  rig.link.arrive(peerHandshake("DEALER"));
  const flood = [
    ...Array.from({ length: 3000 }, () => LIBZMQ.ping),
    ...Array.from({ length: 30 }, (_, i) => encodeFrame(0, bytes(`${i}`))),
    ...Array.from({ length: 3000 }, () => LIBZMQ.ping),
    encodeFrame(0, bytes("30")),
  ];
  rig.link.arrive(concat(flood));
  const received: string[] = [];
  for (let turns = 0; received.length < 31; turns++) {
    assertLess(turns, 100);
    played.next();
    assertLess(rig.pipe.inbox.length, 11);
    // Room is made at any time, whether it is its turn or not.
    const message = rig.pipe.tryReceive();
    if (message !== undefined) received.push(new TextDecoder().decode(message[0]));
  }
  assertEquals(received, Array.from({ length: 31 }, (_, i) => `${i}`));
  while (rig.link.paused) played.next();
  await rig.end();
});

test("data that arrived before finish is received before the connection ends", async () => {
  const played = new PlayedTurns();
  const rig = rigOf(played.turns, { receiveMark: 0 });
  rig.connection.start();
  rig.link.arrive(peerHandshake("DEALER"));
  rig.link.arrive(concat([...Array.from({ length: 5000 }, () => LIBZMQ.ping), encodeFrame(0, bytes("last"))]));
  assertEquals([rig.link.paused, rig.received()], [true, []]);
  rig.connection.finish();
  assertEquals([rig.received(), rig.link.closes], [[], 0]);
  const received: string[] = [];
  for (let turns = 0; rig.link.closes === 0; turns++) {
    assertLess(turns, 100);
    played.next();
    received.push(...rig.received());
  }
  assertEquals([received, rig.endings], [["last"], 1]);
  await rig.link.ended;
  await rig.end();
});

test("a connection that is lost while it waits in line reads what had arrived, answers nothing, and is forgotten", async () => {
  const played = new PlayedTurns();
  const rig = rigOf(played.turns, {});
  rig.connection.start();
  rig.link.arrive(peerHandshake("DEALER"));
  rig.link.arrive(concat(Array.from({ length: 5000 }, () => LIBZMQ.ping)));
  assertEquals(rig.link.paused, true);
  await rig.end();
  const { bytes: before } = rig.link;
  for (let turns = 0; played.awaited; turns++) {
    assertLess(turns, 10);
    played.next();
  }
  assertEquals([rig.link.bytes, rig.closed.length], [before, 1]);
});
