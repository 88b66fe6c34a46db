/**
 * The table of compatible socket types, and two connected sessions for every pair in it.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseMetadata } from "../../src/zmtp/metadata.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { SessionRecorder } from "../support/session_recorder.ts";
import { compatible, ownMetadata, type SocketType, wireType } from "../support/socket_types.ts";

const TYPES: SocketType[] = ["REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR"];

/** RFC 37 §3.2, as pairs without an order. */
const PAIRS: [SocketType, SocketType][] = [
  ["REQ", "REP"],
  ["REQ", "ROUTER"],
  ["DEALER", "REP"],
  ["DEALER", "DEALER"],
  ["DEALER", "ROUTER"],
  ["ROUTER", "ROUTER"],
  ["PUB", "SUB"],
  ["PUB", "XSUB"],
  ["XPUB", "SUB"],
  ["XPUB", "XSUB"],
  ["PUSH", "PULL"],
  ["PAIR", "PAIR"],
];

const allowed = (a: SocketType, b: SocketType) => PAIRS.some(([x, y]) => (x === a && y === b) || (x === b && y === a));

/** Moves bytes between two sessions until neither has any left. */
function wire(a: SessionRecorder, b: SessionRecorder): void {
  let [fromA, fromB] = [0, 0];
  a.session.start(0);
  b.session.start(0);
  while (fromA < a.sent.length || fromB < b.sent.length) {
    while (fromA < a.sent.length) b.session.feed(a.sent[fromA++]!.slice());
    while (fromB < b.sent.length) a.session.feed(b.sent[fromB++]!.slice());
  }
}

test("the table of compatible socket types", () => {
  for (const a of TYPES) {
    for (const b of TYPES) assertEquals(compatible(a, b), allowed(a, b), `${a} with ${b}`);
    for (const unknown of ["", "push", "CLIENT", "RADIO", "constructor", "PUSH\0"]) {
      assertEquals(compatible(a, unknown), false, `${a} with ${unknown}`);
    }
  }
});

test("two sessions of every compatible pair complete the handshake and exchange a message", () => {
  for (const [x, y] of PAIRS) {
    for (const [ours, theirs] of [[x, y], [y, x]] as const) {
      const a = new SessionRecorder({ socketType: ours });
      const b = new SessionRecorder({ socketType: theirs });
      wire(a, b);
      assertEquals(a.events, [{ ready: theirs, identity: "", minor: 1 }], `${ours} with ${theirs}`);
      assertEquals(b.events, [{ ready: ours, identity: "", minor: 1 }], `${theirs} with ${ours}`);
      assertEquals([a.session.ready, b.session.ready], [true, true]);
      b.session.feed(encodeFrame(0, new TextEncoder().encode("hi")));
      assertEquals(b.events.at(-1), { message: ["hi"] });
    }
  }
});

test("two sessions of every incompatible pair both fail, once, and at least one gets the reason", () => {
  for (const ours of TYPES) {
    for (const theirs of TYPES) {
      if (allowed(ours, theirs)) continue;
      const a = new SessionRecorder({ socketType: ours });
      const b = new SessionRecorder({ socketType: theirs });
      wire(a, b);
      for (const [recorder, self, other] of [[a, ours, theirs], [b, theirs, ours]] as const) {
        assertEquals(recorder.events.length, 1, `${self} with ${other}`);
        assertEquals(recorder.error?.code, "EPROTO");
        assertEquals(recorder.session.ready, false);
        const error = toHex(new TextEncoder().encode("\x05ERROR"));
        assertStringIncludes(recorder.sentHex, error, `${self} sends ${other} the reason`);
      }
      assertStringIncludes(a.error!.message, theirs);
    }
  }
});

test("only REQ, DEALER and ROUTER send a routing id, even an empty one", () => {
  const telling = TYPES.filter((type) => parseMetadata(ownMetadata(type, new Uint8Array(0))).has("identity"));
  assertEquals(telling, ["REQ", "DEALER", "ROUTER"]);
  assertEquals(TYPES.filter((type) => wireType(type).tellsRoutingId === true), telling);
});
