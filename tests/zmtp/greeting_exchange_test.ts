/**
 * The greetings of both peers: the parts of ours and when they are sent, the version of the peer, and the early
 * rejection of other protocols.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { NullMechanism } from "../../src/security/null.ts";
import { GREETING_SIZE } from "../../src/zmtp/greeting.ts";
import { GreetingExchange } from "../../src/zmtp/greeting_exchange.ts";
import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { checkBy } from "../security/curve_rig.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { DERIVED, FROM_OLDER, LIBZMQ, TO_OLDER } from "./vectors.ts";
import { type SocketType, wireType } from "../support/socket_types.ts";

const NULL = new NullMechanism(new Uint8Array(0));
const CURVE: Mechanism = { name: "CURVE", asServer: true, start() {}, receive() {} };
const text = (value: string) => new TextEncoder().encode(value);

/** An exchange that has begun, and what it has sent. */
function begin(
  { socketType = "DEALER", identity = new Uint8Array(0), mechanism = NULL }: {
    socketType?: SocketType;
    identity?: Uint8Array;
    mechanism?: Mechanism;
  } = {},
): { exchange: GreetingExchange; sent: Uint8Array[]; take: () => string } {
  const sent: Uint8Array[] = [];
  const exchange = new GreetingExchange(
    { type: wireType(socketType), identity },
    mechanism,
    (bytes) => sent.push(bytes.slice()),
  );
  exchange.start();
  return { exchange, sent, take: () => toHex(concat(sent.splice(0))) };
}

/** The version that a peer with this greeting is assumed to speak. */
function peerOf(bytes: Uint8Array, options: Parameters<typeof begin>[0] = {}): GreetingExchange["peer"] {
  const { exchange } = begin(options);
  assertEquals(exchange.read(bytes), bytes.length);
  const { exchange: slow } = begin(options);
  for (const [i, byte] of bytes.entries()) {
    assertEquals(slow.peer, undefined);
    assertEquals(slow.read(Uint8Array.of(byte)), 1, `byte ${i}`);
  }
  assertEquals(slow.peer, exchange.peer);
  return exchange.peer;
}

function refusal(bytes: Uint8Array, options: Parameters<typeof begin>[0] = {}): ProtocolError {
  const error = assertThrows(() => begin(options).exchange.read(bytes), ProtocolError);
  // Not a byte later than it must be.
  const { exchange } = begin(options);
  for (const byte of bytes.subarray(0, -1)) exchange.read(Uint8Array.of(byte));
  assertEquals(assertThrows(() => exchange.read(bytes.slice(-1)), ProtocolError).message, error.message);
  return error;
}

test("to a ZMTP 3 peer the greeting is sent in three steps, each as soon as possible", () => {
  const { exchange, take } = begin({ identity: text("client-1") });
  const ours = toHex(LIBZMQ.greetingWithIdentity);
  const steps = new Map([[10, ours.slice(20, 22)], [11, ours.slice(22)]]);
  assertEquals(take(), ours.slice(0, 20));
  for (const [i, byte] of LIBZMQ.greeting.entries()) {
    exchange.read(Uint8Array.of(byte));
    assertEquals(take(), steps.get(i + 1) ?? "", `after byte ${i}`);
  }
});

test("to a ZMTP 2.0 peer socket type and routing id are sent as soon as its version is known", () => {
  const { exchange, take } = begin({ identity: text("client-1") });
  const after = new Map([
    [10, toHex(TO_OLDER.version)],
    [11, toHex(TO_OLDER.typeDealer) + toHex(TO_OLDER.identity20)],
  ]);
  assertEquals(take(), toHex(LIBZMQ.greetingWithIdentity.subarray(0, 10)));
  for (const [i, byte] of FROM_OLDER.greetingDealer20.entries()) {
    exchange.read(Uint8Array.of(byte));
    assertEquals(take(), after.get(i + 1) ?? "", `after byte ${i}`);
  }
});

test("to a peer without a version the rest of the routing id is sent as soon as it is recognized", () => {
  for (const bytes of [FROM_OLDER.identity10, FROM_OLDER.identity10Libzmq2, FROM_OLDER.identity10Long]) {
    const { exchange, take } = begin({ identity: text("client-1") });
    take();
    const header = bytes.length - 4;
    for (const [i, byte] of bytes.entries()) {
      exchange.read(Uint8Array.of(byte));
      assertEquals(take(), i + 1 === header ? toHex(TO_OLDER.identityRest) : "", `after byte ${i}`);
    }
  }
});

test("every version is recognized by its first bytes", () => {
  const identity = text("peer");
  const none = new Uint8Array(0);
  const three = { major: 3, minor: 1, mechanism: "NULL", asServer: false };
  assertEquals(peerOf(LIBZMQ.greeting), three);
  assertEquals(peerOf(DERIVED.greeting30), { ...three, minor: 0 });
  assertEquals(peerOf(DERIVED.greetingOddPadding), { ...three, asServer: true });
  assertEquals(peerOf(DERIVED.greetingFuture), { ...three, major: 4, minor: 2 });
  assertEquals(peerOf(FROM_OLDER.greetingPull20, { socketType: "PUSH" }), {
    version: "2.0",
    socketType: "PULL",
    identity: none,
  });
  assertEquals(peerOf(FROM_OLDER.greetingDealer20), { version: "2.0", socketType: "DEALER", identity });
  assertEquals(peerOf(FROM_OLDER.greetingDealer20Long), { version: "2.0", socketType: "DEALER", identity });
  assertEquals(peerOf(FROM_OLDER.greetingDealerVersion2), { version: "2.0", socketType: "DEALER", identity });
  assertEquals(peerOf(FROM_OLDER.greetingDealerVersion0), { version: "1.0", socketType: "DEALER", identity });
  assertEquals(peerOf(FROM_OLDER.greeting10), { version: "1.0", socketType: "", identity: none });
  assertEquals(peerOf(FROM_OLDER.greeting10Libzmq2), { version: "1.0", socketType: "", identity: none });
  assertEquals(peerOf(FROM_OLDER.identity10), { version: "1.0", socketType: "", identity });
  assertEquals(peerOf(FROM_OLDER.identity10Libzmq2), { version: "1.0", socketType: "", identity });
  assertEquals(peerOf(FROM_OLDER.identity10Long), { version: "1.0", socketType: "", identity });
  // An empty one in the long form ends with its header.
  assertEquals(peerOf(hex("ff 0000000000000001 00")), { version: "1.0", socketType: "", identity: none });
});

test("the longest routing id has 255 bytes, in every version", () => {
  const longest = new Uint8Array(255).fill(0x69);
  const lengthOf = (bytes: Uint8Array) => {
    const peer = peerOf(bytes);
    return peer !== undefined && "identity" in peer ? peer.identity.length : -1;
  };
  const start20 = FROM_OLDER.greetingDealer20.slice(0, 12);
  assertEquals(lengthOf(concat([start20, hex("00ff"), longest])), 255);
  assertEquals(lengthOf(concat([start20, hex("02 00000000000000ff"), longest])), 255);
  assertEquals(lengthOf(concat([FROM_OLDER.signature, hex("0005 ff 0000000000000100 00"), longest])), 255);
  assertEquals(lengthOf(concat([hex("ff 0000000000000100 00"), longest])), 255);
  assertEquals(lengthOf(concat([hex("ff 0000000000000100 7e"), longest])), 255);
  assertEquals(lengthOf(concat([hex("fe 00"), longest.slice(0, 253)])), 253);
});

test("bytes behind a greeting are left alone", () => {
  for (
    const greeting of [
      LIBZMQ.greeting,
      FROM_OLDER.greetingDealer20,
      FROM_OLDER.greetingDealerVersion0,
      FROM_OLDER.greeting10,
      FROM_OLDER.identity10Long,
    ]
  ) {
    const { exchange } = begin();
    assertEquals(exchange.read(concat([greeting, hex("0000 0000")])), greeting.length);
    assertEquals(exchange.read(hex("0000")), 0);
  }
});

test("no reference is kept to the chunks", () => {
  const first = LIBZMQ.greeting.slice(0, 40);
  const { exchange } = begin();
  exchange.read(first);
  first.fill(0xee);
  exchange.read(LIBZMQ.greeting.slice(40, GREETING_SIZE));
  assertEquals(exchange.peer, { major: 3, minor: 1, mechanism: "NULL", asServer: false });
  const older = FROM_OLDER.identity10.slice();
  const { exchange: other } = begin();
  other.read(older);
  older.fill(0xee);
  assertEquals(other.peer, { version: "1.0", socketType: "", identity: text("peer") });
});

test("an invalid greeting is rejected at the first byte that shows it", () => {
  const cases: [bytes: string, message: string][] = [
    ["00", "The peer does not speak ZMTP: no signature"],
    [toHex(text("GE")), "The peer does not speak ZMTP: no signature"],
    [toHex(text("22")), "The peer does not speak ZMTP: no signature"],
    [toHex(text("SSH").subarray(0, 2)), "The peer does not speak ZMTP: no signature"],
    ["16 03", "The peer does not speak ZMTP: no signature"],
    ["06 01", "The peer does not speak ZMTP: no signature"],
    ["ff 5555555555555555 54", "The peer does not speak ZMTP: bad signature"],
    ["ff 0000000000000001 5a", "The peer does not speak ZMTP: bad signature"],
    ["ff 0000000000000000 00", "The peer does not speak ZMTP: bad signature"],
    ["ff 0000000000000101 00", "The peer does not speak ZMTP: bad signature"],
    ["ff 8000000000000000 00", "The peer does not speak ZMTP: bad signature"],
    ["ff ffffffffffffffff 7e", "The peer does not speak ZMTP: bad signature"],
    ["05 00 00616263", "The peer's routing id starts with a zero byte"],
  ];
  for (const [bytes, message] of cases) assertEquals(refusal(hex(bytes)).message, message);
});

test("a ZMTP 2.0 peer that gets its greeting wrong is refused", () => {
  const start = `${toHex(FROM_OLDER.signature)} 01`;
  const cases: [rest: string, message: string, rule: string][] = [
    ["01", "The peer is a PUB socket, which cannot talk to DEALER", "INVALID_METADATA"],
    ["0b", "The peer is a socket of type 11, which cannot talk to DEALER", "INVALID_METADATA"],
    ["ff", "The peer is a socket of type 255, which cannot talk to DEALER", "INVALID_METADATA"],
    ["05 01", "The peer's first frame is not a routing id", "UNSPECIFIED"],
    ["05 04", "The peer's first frame is not a routing id", "UNSPECIFIED"],
    ["05 08", "The peer's first frame is not a routing id", "UNSPECIFIED"],
    ["05 02 0000000000000100", "The peer's routing id is longer than 255 bytes", "INVALID_METADATA"],
    ["05 02 0020000000000001", "The peer's routing id is longer than 255 bytes", "INVALID_METADATA"],
    ["05 02 8000000000000000", "The peer's routing id is longer than 255 bytes", "INVALID_METADATA"],
    ["05 00 02 0061", "The peer's routing id starts with a zero byte", "INVALID_METADATA"],
  ];
  for (const [rest, message, rule] of cases) {
    const error = refusal(hex(`${start} ${rest}`));
    assertEquals([error.code, error.message, error.rule], ["EPROTO", message, rule]);
  }
  const version0 = (rest: string) => refusal(hex(`${toHex(FROM_OLDER.signature)} 00 05 ${rest}`)).message;
  assertEquals(version0("00"), "The peer's first frame is not a routing id");
  assertEquals(version0("05 01"), "The peer's first frame is not a routing id");
  assertEquals(version0("ff 0000000000000000 00"), "The peer's first frame is not a routing id");
  assertEquals(version0("ff 0000000000000101 00"), "The peer's routing id is longer than 255 bytes");
});

test("the type of a ZMTP 2.0 peer is checked by its number, and ours is sent with RFC 15's", () => {
  const partners: [ours: SocketType, code: number, theirs: number[]][] = [
    ["PAIR", 0, [0]],
    ["PUB", 1, [2, 10]],
    ["SUB", 2, [1, 9]],
    ["REQ", 3, [4, 6]],
    ["REP", 4, [3, 5]],
    ["DEALER", 5, [4, 5, 6]],
    ["ROUTER", 6, [3, 5, 6]],
    ["PULL", 7, [8]],
    ["PUSH", 8, [7]],
    // RFC 15: XPUB and XSUB are PUB and SUB on the wire.
    ["XPUB", 1, [2, 10]],
    ["XSUB", 2, [1, 9]],
  ];
  for (const [socketType, ours, theirs] of partners) {
    for (let code = 0; code < 12; code++) {
      const { exchange, take } = begin({ socketType });
      const greet = () => exchange.read(concat([FROM_OLDER.signature, Uint8Array.of(1, code, 0, 0)]));
      if (theirs.includes(code)) assertEquals(greet(), 14);
      else assertThrows(greet, ProtocolError);
      const typeAt = 2 * (LIBZMQ.signature.length + TO_OLDER.version.length);
      assertEquals(take().slice(typeAt), toHex(Uint8Array.of(ours, 0, 0)), socketType);
    }
  }
});

test("with security, and where a ZAP handler is to be asked, older peers are refused before they learn anything", () => {
  const mechanisms = [
    CURVE,
    new NullMechanism(new Uint8Array(0), checkBy(() => Promise.reject(new Error("not asked")))),
  ];
  for (const mechanism of mechanisms) {
    for (const version of ["00", "01", "02"]) {
      const { exchange, take } = begin({ mechanism, identity: text("secret") });
      const error = assertThrows(() => exchange.read(hex(`ff 0000000000000000 7f ${version}`)), ProtocolError);
      assertEquals([error.code, error.rule], ["EPROTO", "MECHANISM_MISMATCH"]);
      assertEquals(
        error.message,
        `The peer speaks ZMTP ${version === "00" ? "1.0" : "2.0"}, which is too old for the security of this socket`,
      );
      assertEquals(take(), "ff 0000000000000007 7f 03".replaceAll(" ", ""));
    }
    for (const start of ["0100", "017e", "ff 0000000000000005 00"]) {
      const { exchange, take } = begin({ mechanism, identity: text("secret") });
      assertEquals(assertThrows(() => exchange.read(hex(start)), ProtocolError).rule, "MECHANISM_MISMATCH");
      assertEquals(take(), "ff00000000000000077f");
    }
    assertEquals(refusal(text("GE"), { mechanism }).message, "The peer does not speak ZMTP: no signature");
  }
});

test("socket types that older versions do not have are not sent to them", () => {
  const future = "CHANNEL" as SocketType;
  const error = refusal(hex("ff 0000000000000000 7f 01"), { socketType: future });
  assertEquals(error.message, "The peer speaks ZMTP 2.0, which has no CHANNEL sockets");
  assertEquals(
    refusal(hex("0100"), { socketType: future }).message,
    "The peer speaks ZMTP 1.0, which has no CHANNEL sockets",
  );
});
