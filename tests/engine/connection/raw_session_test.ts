/**
 * The protocol of STREAM sockets: by itself, and on a connection.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import type { Protocol } from "../../../src/engine/connection/protocol.ts";
import { RawSession } from "../../../src/engine/connection/raw_session.ts";
import type { Message } from "../../../src/base/message.ts";
import { StreamPattern } from "../../../src/routing/stream.ts";
import { BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import type { PeerInfo } from "../../../src/zmtp/peer_info.ts";
import type { SessionHandler } from "../../../src/zmtp/session_handler.ts";
import { ConnectionRig, turn } from "../../support/connection_rig.ts";
import { bytes, texts } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { toHex } from "../../support/hex.ts";
import { walkStates } from "../../support/state_table.ts";

/** Records the calls of a session. */
class Handler implements SessionHandler {
  readonly told: string[] = [];
  readonly messages: Message[] = [];
  /** The return value of `onMessage`. */
  goOn = true;

  readonly credit = { left: Infinity };

  mayRead(): boolean {
    return true;
  }
  now(): number {
    return 0;
  }
  send(): void {
    this.told.push("send");
  }
  flush(): void {
    this.told.push("flush");
  }
  onReady(peer: PeerInfo | undefined): void {
    this.told.push(`ready ${peer}`);
  }
  onMessage(message: Message): boolean {
    this.messages.push(message);
    return this.goOn;
  }
  onSubscription(): boolean {
    this.told.push("subscription");
    return true;
  }
  onFailure(): void {
    this.told.push("failure");
  }
}

function started(): { session: RawSession; handler: Handler } {
  const handler = new Handler();
  const session = new RawSession(handler);
  session.start();
  return { session, handler };
}

/** The output of a session. */
function encoded(encode: (batch: BatchEncoder) => void): string {
  const batch = new BatchEncoder(new SlabPool());
  encode(batch);
  return toHex(concat([...batch.complete()]));
}

test("it is ready immediately, sends nothing, and knows no properties of the peer", () => {
  const handler = new Handler();
  const session: Protocol = new RawSession(handler);
  assertEquals([session.ready, session.nextDeadline], [false, Infinity]);
  session.start(0);
  assertEquals([session.ready, session.nextDeadline], [true, Infinity]);
  assertEquals([session.onTime, session.proven, session.plain], [undefined, undefined, undefined]);
  assertEquals(handler.told, ["ready undefined"]);
  assertStrictEquals(session.refusal, undefined);
});

test("a chunk is a message, unchanged", () => {
  const { session, handler } = started();
  const chunk = bytes("\xff\x00 whatever");
  assertEquals(session.feed(chunk), true);
  assertEquals(session.feed(bytes("more")), true);
  assertEquals(handler.messages.map((one) => texts(one)?.length), [1, 1]);
  assertStrictEquals(handler.messages[0]![0], chunk);
});

test("it stops when the inbox is full or on stop, and continues at resume", () => {
  const { session, handler } = started();
  handler.goOn = false;
  assertEquals(session.feed(bytes("1")), false);
  handler.goOn = true;
  assertEquals([session.resume(), session.feed(bytes("2"))], [true, true]);
  session.stop();
  // The first chunk after it is taken, for the link is not paused before.
  assertEquals([session.feed(bytes("3")), handler.messages.length], [false, 3]);
  assertEquals([session.resume(), session.feed(bytes("4")), handler.messages.length], [true, true, 4]);
});

test("after its end it takes nothing more", () => {
  const { session, handler } = started();
  session.end();
  session.feed(bytes("late"));
  assertEquals([session.ready, handler.messages.length], [false, 0]);
});

test("messages are written as they are, all frames one after the other, and subscriptions not at all", () => {
  const { session } = started();
  assertStrictEquals((session as Protocol).encodeSubscription, undefined);
  assertEquals(encoded((batch) => session.encode([bytes("abc")], batch)), "616263");
  assertEquals(encoded((batch) => session.encode([bytes("a"), bytes(""), bytes("b")], batch)), "6162");
  const large = new Uint8Array(100_000).fill(7);
  assertEquals(encoded((batch) => session.encode([bytes("a"), large], batch)), "61" + "07".repeat(large.length));
});

test("a buffer that was transferred after the send has no bytes left, without effect on others", () => {
  const { session } = started();
  const gone = bytes("gone");
  structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] });
  const hex = encoded((batch) => {
    session.encode([bytes("a")], batch);
    session.encode([gone], batch);
    session.encode([bytes("b")], batch);
  });
  assertEquals(hex, "6162");
});

// On a connection.

const stream = () => ({
  pattern: new StreamPattern({ notify: true }),
  protocol: (handler: SessionHandler) => new RawSession(handler),
});

test("a raw connection is ready when it starts, writes nothing by itself, and no frames around messages", async () => {
  const rig = new ConnectionRig(stream());
  rig.connection.start();
  assertEquals([rig.connection.handshaken, rig.peers.length, rig.link.hex], [true, 1, ""]);
  rig.send("GET /");
  rig.send(" HTTP/1.0");
  await turn();
  assertEquals(rig.link.hex, toHex(bytes("GET / HTTP/1.0")));
  rig.link.arrive(bytes("HTTP/1.0 "));
  rig.link.arrive(bytes("200"));
  assertEquals(rig.received(), ["HTTP/1.0 ", "200"]);
  await rig.end();
});

test("a raw connection whose inbox is full is not read, and finishes with its queue", async () => {
  const rig = new ConnectionRig({ ...stream(), receiveMark: 2 });
  rig.connection.start();
  rig.link.arrive(bytes("1"));
  rig.link.arrive(bytes("2"));
  assertEquals(rig.link.paused, true);
  assertEquals([rig.received(), rig.link.paused], [["1", "2"], false]);
  rig.link.takes = false;
  rig.send("a");
  rig.send("b");
  rig.pipe.finish();
  assertEquals([rig.link.hex, rig.link.closes], [toHex(bytes("a")), 0]);
  rig.link.drain();
  assertEquals([rig.link.hex, rig.link.closes], [toHex(bytes("ab")), 1]);
  await rig.link.ended;
  assertEquals(rig.closed, [undefined]);
  await turn();
});

/** A raw session, its handler, and whether it was started: without that the first state looks like the last. */
class Rig {
  readonly handler = new Handler();
  readonly session = new RawSession(this.handler);
  started = false;

  start(): void {
    this.started = true;
    this.session.start();
  }
}

walkStates<Rig>("raw session", {
  path: "engine/connection/raw_session.ts",
  make: () => new Rig(),
  reach: {
    NEW: () => {},
    READY: (rig) => rig.start(),
    STOPPED(rig) {
      rig.start();
      rig.session.stop();
    },
    ENDED(rig) {
      rig.start();
      rig.session.end();
    },
  },
  happen: {
    start: (rig) => rig.start(),
    chunk(rig, from) {
      rig.session.feed(bytes("chunk"));
      assertEquals(rig.handler.messages.length, from === "ENDED" ? 0 : 1);
    },
    "chunk, inbox full"(rig) {
      rig.handler.goOn = false;
      rig.session.feed(bytes("chunk"));
      rig.handler.goOn = true;
    },
    stop: ({ session }) => session.stop(),
    resume: ({ session }) => session.resume(),
    end: ({ session }) => session.end(),
  },
  stateOf({ session, started }) {
    if (!session.ready) return started ? "ENDED" : "NEW";
    return session.feed(bytes("probe")) ? "READY" : "STOPPED";
  },
});
