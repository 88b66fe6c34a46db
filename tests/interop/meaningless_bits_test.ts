/**
 * Bits and bytes without meaning, each inverted by a scripted peer, for libzmq and for a socket of this library: which
 * of them end the connection. Where this library is stricter, docs/compatibility.md ("Bits without meaning") says why.
 *
 * libzmq's sockets are not monitored here: when events are monitored and an encrypted frame is invalid, reporting the
 * event can change `errno` from EPROTO to EAGAIN, which libzmq takes for a full queue. It then neither ends the
 * connection nor continues reading.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { bytesOf, CLIENT, SERVER } from "../security/keys.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { commandBody, type CurveDeviations, RawCurve } from "../support/raw_curve.ts";
import {
  bytes,
  command,
  frame,
  frameV1,
  greeting,
  longHeader,
  message,
  property,
  RawListener,
  RawPeer,
  ready,
} from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { admitting, AUTHENTICATE, CLIENT_OPTIONS, SERVER_OPTIONS } from "./secured.ts";

/** The messages that arrive, frames parted by `|`; or the connection ends. */
type Outcome = readonly string[] | "ends";

/** Only the message after the tested bytes arrived. */
const PASSED: Outcome = ["after"];
const READ: Outcome = ["x", "after"];
/** Bits from this one to this one. */
const bits = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const libzmq = new Peer("libzmq");
const secured = admitting(libzmq);
const UNWATCHED = { unwatched: true };
const KEYS = { server: bytesOf(SERVER), client: bytesOf(CLIENT) };

/** Reads up to the last message, or reports that the connection ended. */
async function outcome(end: End, peer: RawPeer): Promise<Outcome> {
  const got: string[] = [];
  const reading = (async () => {
    do got.push(texts(await end.receive()).join("|")); while (!got.at(-1)!.endsWith("after"));
    return got;
  })();
  // It may wait for a message until its socket is closed.
  reading.catch(() => {});
  return await Promise.race([reading, peer.gone.then(() => "ends" as const)]);
}

/** Declares a test of both subjects; `expected` applies to both, unless there is another value for this library. */
function testBits(
  name: string,
  expected: Outcome,
  ours: Outcome,
  talk: (whose: "libzmq" | "ours") => Promise<Outcome>,
): void {
  const differs = JSON.stringify(expected) === JSON.stringify(ours) ? "" : ", unlike libzmq";
  const verdict = ours === "ends" ? "ends the connection" : "is passed over";
  test(`${name}: ${verdict}${differs}`, async () => {
    assertEquals({ libzmq: await talk("libzmq"), ours: await talk("ours") }, { libzmq: expected, ours });
  });
}

// NULL, and peers before ZMTP 3.

const GREETING = greeting();
const READY = ready("PUSH");
const TYPE = property("Socket-Type", "PUSH");
const AFTER = message("after");

function inClear(name: string, start: Uint8Array, then: Uint8Array, expected: Outcome, ours: Outcome = expected): void {
  const versioned = start[0] === 0xff && start[10]! >= 3;
  testBits(name, expected, ours, async (whose) => {
    await using end = whose === "ours" ? new OurEnd("PULL") : await libzmq.open("PULL", UNWATCHED);
    await using peer = await RawPeer.connect(await end.bind("tcp://127.0.0.1:0"));
    peer.write(start);
    // libzmq accepts nothing after READY before it has sent its own. If it rejects the peer, it may already have
    // disconnected.
    if (versioned) await peer.read(64).then(() => peer.frame()).catch(() => {});
    peer.write(then);
    return await outcome(end, peer);
  });
}

function changed(from: Uint8Array, at: number, value: number): Uint8Array {
  const out = from.slice();
  out[at] = value;
  return out;
}

function inGreeting(name: string, at: number, value: number, expected: Outcome = PASSED): void {
  inClear(name, bytes(changed(GREETING, at, value), READY), AFTER, expected);
}

for (const at of bits(1, 8)) inGreeting(`greeting: padding in byte ${at}`, at, 0xff);
for (const bit of bits(1, 7)) inGreeting(`greeting: bit ${bit} of byte 9`, 9, 0x7f ^ 1 << bit);
for (const bit of bits(0, 7)) inGreeting(`greeting: bit ${bit} of as-server`, 32, 1 << bit);
for (const at of bits(33, 63)) inGreeting(`greeting: filler in byte ${at}`, at, 0xff);
for (const minor of [2, 3, 255]) inGreeting(`greeting: minor version ${minor}`, 11, minor);
for (const major of [4, 5, 255]) inGreeting(`greeting: major version ${major}`, 10, major);
for (const at of bits(16, 31)) inGreeting(`greeting: byte ${at}, behind the mechanism's name`, at, 1, "ends");

function inReady(name: string, readyFrame: Uint8Array, expected: Outcome, ours: Outcome = expected): void {
  inClear(`READY: ${name}`, bytes(GREETING, readyFrame), AFTER, expected, ours);
}

/** A property whose name is any bytes. */
function named(name: string | Uint8Array, value: string): Uint8Array {
  const body = bytes(name);
  return bytes(body.length, body, 0, 0, value.length >>> 8, value.length, value);
}

const READY_BODY = READY.subarray(2);
const withProperty = (more: Uint8Array) => command("READY", bytes(TYPE, more));
for (const flags of [0, 1, 5]) inReady(`flags ${flags} instead of COMMAND`, frame(flags, READY_BODY), PASSED);
inReady("a long header", bytes(longHeader(4, BigInt(READY_BODY.length)), READY_BODY), PASSED);
for (const bit of bits(3, 7)) inReady(`reserved flag ${bit}`, frame(4 | 1 << bit, READY_BODY), PASSED, "ends");
inReady("the command's name in lower case", command("ready", TYPE), "ends");
inReady("names of properties in lower case", command("READY", named("socket-type", "PUSH")), PASSED);
for (const [what, name] of [["no name", ""], ["a space", "X A"], ["NUL", "X\0"], ["UTF-8", "ü"], ["=", "a=b"]]) {
  inReady(`a property with ${what} in its name`, withProperty(named(name!, "1")), PASSED);
}
inReady("a property with a name of 255 bytes", withProperty(named("x".repeat(255), "1")), PASSED);
inReady("a routing id of a type that has none", withProperty(named("Identity", "me")), PASSED);
inReady("a routing id that begins with zero", withProperty(named("Identity", "\0me")), PASSED, "ends");
inReady("a routing id of 256 bytes", withProperty(named("Identity", "x".repeat(256))), PASSED, "ends");
inReady("no socket type", command("READY"), PASSED, "ends");
inReady("the same property twice", withProperty(bytes(named("X-A", "1"), named("X-A", "1"))), PASSED, "ends");
inReady("a byte too many", withProperty(bytes(0)), "ends");
inReady("a name without a value", withProperty(bytes(1, "A")), PASSED, "ends");

function inTraffic(name: string, attempt: Uint8Array, expected: Outcome, ours: Outcome = expected): void {
  inClear(`traffic: ${name}`, bytes(GREETING, READY), bytes(attempt, AFTER), expected, ours);
}

const PING = command("PING", bytes(0, 0));
for (const bit of bits(3, 7)) inTraffic(`reserved flag ${bit}`, frame(1 << bit, "x"), READ, "ends");
inTraffic("a long header for a short frame", bytes(longHeader(0, 1n), "x"), READ);
inTraffic("a command with MORE", frame(5, PING.subarray(2)), PASSED);
inTraffic("a command amid a message", bytes(frame(1, "a"), PING, frame(0, "b")), ["a|b", "after"]);
inTraffic("a command amid a message, with MORE", bytes(frame(1, "a"), frame(5, PING.subarray(2)), frame(0, "b")), [
  "a|b",
  "after",
]);
for (const size of [1, 16, 17, 300]) {
  inTraffic(`a PING with a context of ${size} bytes`, command("PING", bytes(0, 0, "x".repeat(size))), PASSED);
  inTraffic(`a PONG with ${size} bytes`, command("PONG", "x".repeat(size)), PASSED);
}
inTraffic("a PING without a time to live", command("PING", bytes(0)), PASSED, "ends");
inTraffic("PING in lower case", command("ping", bytes(0)), PASSED);
inTraffic("an unknown command", command("WHAT", "x"), PASSED);
inTraffic("an unknown command with MORE", frame(5, commandBody("WHAT")), PASSED);
inTraffic("a command with an empty name", frame(4, "\0"), PASSED);
inTraffic("a command with an empty name, and data", frame(4, "\0abc"), PASSED);
// Not asked: an empty command, and one shorter than its name. libzmq reads behind the end of them.
inTraffic("an ERROR", command("ERROR", "\x04oops"), PASSED, "ends");

const V2 = bytes(GREETING.subarray(0, 10), 1, 8);
const v2 = (name: string, id: Uint8Array, then: Uint8Array, expected: Outcome, ours: Outcome = expected) =>
  inClear(`ZMTP 2.0: ${name}`, bytes(V2, id), then, expected, ours);
const NO_ID = bytes(0, 0);
for (const bit of bits(3, 7)) v2(`reserved flag ${bit}`, NO_ID, bytes(frame(1 << bit, "x"), AFTER), READ, "ends");
v2("flag 2, which is COMMAND in 3.0", NO_ID, bytes(frame(4, "x"), AFTER), PASSED, "ends");
v2("a long header for a short frame", NO_ID, bytes(longHeader(0, 1n), "x", AFTER), READ);
for (const bit of [0, 2, 3, 7]) v2(`flag ${bit} of the routing id`, frame(1 << bit, "me"), AFTER, PASSED, "ends");

const v1 = (name: string, id: Uint8Array, then: Uint8Array, expected: Outcome, ours: Outcome = expected) =>
  inClear(`ZMTP 1.0: ${name}`, id, bytes(then, frameV1(0, "after")), expected, ours);
for (const bit of bits(1, 7)) {
  v1(`reserved flag ${bit}`, frameV1(0, ""), frameV1(1 << bit, "x"), READ, "ends");
  v1(`reserved flag ${bit} of the routing id`, frameV1(1 << bit, "me"), bytes(), PASSED, "ends");
}
v1("all reserved flags, as libzmq 2.x has them", frameV1(0x7e, "me"), frameV1(0x7e, "x"), READ);

// CURVE.

type Traffic = (peer: RawCurve) => Uint8Array;
const afterOnly: Traffic = (peer) => peer.seal("after");

/** The subject is the server. */
function toServer(
  name: string,
  deviations: CurveDeviations,
  traffic: Traffic,
  expected: Outcome,
  ours: Outcome = expected,
): void {
  testBits(`CURVE: ${name}`, expected, ours, async (whose) => {
    const options = SERVER_OPTIONS.CURVE;
    await using end = whose === "ours"
      ? new OurEnd("PULL", { ...options, ...AUTHENTICATE })
      : await secured.open("PULL", { ...options, ...UNWATCHED });
    const endpoint = await end.bind("tcp://127.0.0.1:0");
    const joining = RawCurve.join(endpoint, "PUSH", KEYS.client, KEYS.server.publicKey, deviations);
    await using peer = await joining.catch(() => undefined);
    if (peer === undefined) return "ends";
    peer.peer.write(traffic(peer));
    return await outcome(end, peer.peer);
  });
}

/** The subject is the client. */
function toClient(name: string, deviations: CurveDeviations, expected: Outcome, traffic: Traffic = afterOnly): void {
  testBits(`CURVE server: ${name}`, expected, expected, async (whose) => {
    const options = CLIENT_OPTIONS.CURVE;
    await using end = whose === "ours"
      ? new OurEnd("PULL", options)
      : await secured.open("PULL", { ...options, ...UNWATCHED });
    await using listener = await RawListener.bind();
    await end.connect(listener.endpoint);
    const peer = await listener.accept();
    const curve = await RawCurve.serve(peer, "PUSH", KEYS.server, deviations);
    peer.write(traffic(curve));
    return await outcome(end, peer);
  });
}

const handshakes: [name: string, deviations: CurveDeviations, expected: Outcome][] = [
  ["as everybody does it", {}, PASSED],
  ["HELLO with padding", { padding: new Uint8Array(72).fill(0xff) }, PASSED],
  ["HELLO with something in its box", { signed: new Uint8Array(64).fill(0xff) }, PASSED],
  ["HELLO with version 1.1", { version: [1, 1] }, "ends"],
  ["HELLO with version 2.0", { version: [2, 0] }, "ends"],
  ["HELLO with counter 0", { helloCounter: 0n }, PASSED],
  ["HELLO with a counter above all that follow", { helloCounter: 1n << 60n }, PASSED],
  ["INITIATE with the counter of HELLO", { initiateCounter: 1n, firstCounter: 2n }, PASSED],
  ["INITIATE with counter 0", { initiateCounter: 0n, firstCounter: 1n }, PASSED],
  ["counters that skip numbers", { initiateCounter: 20n, firstCounter: 200n }, PASSED],
  ["a first message with the counter of INITIATE", { initiateCounter: 2n, firstCounter: 2n }, "ends"],
];
for (const [name, deviations, expected] of handshakes) toServer(name, deviations, afterOnly, expected);
for (const flags of [0, 1, 5]) {
  toServer(`handshake with flags ${flags} instead of COMMAND`, { handshakeFlags: flags }, afterOnly, PASSED);
  toClient(`handshake with flags ${flags} instead of COMMAND`, { handshakeFlags: flags }, PASSED);
}
toClient("READY with counter 0", { readyCounter: 0n, firstCounter: 1n }, PASSED);
toClient("counters that skip numbers", { readyCounter: 100n, firstCounter: 1000n }, PASSED);
toClient("a first message with the counter of READY", { readyCounter: 1n, firstCounter: 1n }, "ends");

const sealed = (name: string, traffic: Traffic, expected: Outcome, ours: Outcome = expected) =>
  toServer(name, {}, (peer) => bytes(traffic(peer), peer.seal("after")), expected, ours);
const PING_BODY = commandBody("PING", bytes(0, 0));
sealed("MORE inside and outside, as Erlang's chumak has it", (peer) => peer.seal("x", { inner: 1, outer: 1 }), [
  "x|after",
]);
sealed("MORE inside only", (peer) => peer.seal("x", { inner: 1 }), ["x|after"]);
// libzmq built with libsodium adds the flags outside, which are not authenticated, to those inside.
sealed("MORE outside only", (peer) => peer.seal("x", { outer: 1 }), ["x|after"], READ);
sealed("COMMAND outside only", (peer) => peer.seal("x", { outer: 4 }), PASSED, READ);
sealed("COMMAND outside a large frame", (peer) => peer.seal("x".repeat(100_000), { outer: 4 }), PASSED, [
  "x".repeat(100_000),
  "after",
]);
sealed("a command, COMMAND inside and outside", (peer) => peer.seal(PING_BODY, { inner: 2, outer: 4 }), PASSED);
sealed("a command with MORE outside", (peer) => peer.seal(PING_BODY, { inner: 2, outer: 1 }), PASSED);
sealed("a command with MORE inside", (peer) => peer.seal(PING_BODY, { inner: 3 }), PASSED);
for (const bit of bits(2, 7)) sealed(`flag ${bit} inside`, (peer) => peer.seal("x", { inner: 1 << bit }), READ);
sealed("all other flags inside, with MORE", (peer) => peer.seal("x", { inner: 0xfd }), ["x|after"]);
for (const bit of bits(3, 7)) {
  sealed(`reserved flag ${bit} outside`, (peer) => peer.seal("x", { outer: 1 << bit }), READ, "ends");
}
// Not encrypted as required.
sealed("a command in the clear", () => PING, "ends");
sealed("a frame with a bit of its box turned over", (peer) => {
  const frame = peer.seal("x");
  return changed(frame, frame.length - 1, frame.at(-1)! ^ 1);
}, "ends");
sealed("the same frame twice", (peer) => {
  const frame = peer.seal("x");
  return bytes(frame, frame);
}, "ends");
sealed("a MESSAGE that ends before its box", (peer) => frame(0, peer.seal("x").subarray(2, 18)), "ends");
