/**
 * Peers that violate the protocol after a correct handshake: the connection ends with an event, without effect on other
 * peers.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Publisher, Reply, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import {
  bytes,
  command,
  frame,
  frameV1,
  greeting,
  longHeader,
  message,
  messageV1,
  RawPeer,
} from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { Victim } from "./support.ts";

const PUSH = { type: "PUSH" };
const LIMITS = { maxMessageSize: 1000, maxFrames: 5 };

const BREACHES: [name: string, bytes: Uint8Array, code: string, part: string][] = [
  ["reserved flags", bytes(0x08, 0), "EPROTO", "reserved flags (0x8)"],
  ["all flags", bytes(0xff, 0, 0, 0, 0, 0, 0, 0, 0), "EPROTO", "reserved flags (0xff)"],
  ["a frame over the limit", longHeader(0, 1001n), "EMSGSIZE", "1001 bytes; the limit is 1000"],
  ["a frame of 4 GiB", longHeader(0, 1n << 32n), "EMSGSIZE", "4294967296 bytes"],
  ["a frame of 2^53 + 1 bytes", longHeader(0, (1n << 53n) + 1n), "EMSGSIZE", "the limit is 1000"],
  ["a frame of 2^64 - 1 bytes", longHeader(0, (1n << 64n) - 1n), "EMSGSIZE", "the limit is 1000"],
  ["a command over the limit", longHeader(4, 65_793n), "EMSGSIZE", "the limit is 65792"],
  ["a message over the limit", message("x".repeat(600), "x".repeat(401)), "EMSGSIZE", ""],
  ["a message that never ends", bytes(...Array.from({ length: 6 }, () => frame(1, ""))), "EMSGSIZE", "5 frames"],
  ["an empty command", frame(4, ""), "EPROTO", "without a name"],
  ["a command cut short", frame(4, "\x05PING"), "EPROTO", "without a name"],
  ["a PING without a time to live", command("PING", "\0"), "EPROTO", "time to live"],
  ["an ERROR", command("ERROR", "\x04oops"), "EPROTO", "reported an error: oops"],
  ["an ERROR that does not fit", command("ERROR", "\x05oops"), "EPROTO", "malformed ERROR"],
];

for (const [name, attack, code, part] of BREACHES) {
  test(`traffic with ${name}: the connection ends and is reported, without effect on other peers`, async () => {
    await using victim = await Victim.make(LIMITS);
    await using peer = await RawPeer.join(victim.endpoint, PUSH);
    await victim.pull.waitForPeers(2);
    const told = victim.event("disconnect");
    // The message before the attack is received, the one after it is not.
    peer.write(bytes(message("before"), attack, message("behind")));
    await peer.gone;
    const { error } = await told;
    assert(error instanceof ZmqError, String(error));
    assertEquals(error.code, code, error.message);
    assertStringIncludes(error.message, part);
    assertEquals(await take(victim.pull, 1), ["before"]);
    await victim.unharmed();
  });
}

/** Peers of ZMTP 2.0 and 1.0, and what they must not do. */
const V2 = bytes(greeting().subarray(0, 10), 1, 8, 0, 0);
const V1 = bytes(1, 0);
const LONG_V1 = (length: bigint) => bytes(0xff, longHeader(0, length).subarray(1), 0);
const OLDER_BREACHES: [name: string, start: Uint8Array, attack: Uint8Array, code: string, part: string][] = [
  ["a PING to 2.0", V2, command("PING", bytes(0, 0)), "EPROTO", "reserved flags (0x4)"],
  ["a SUBSCRIBE to 2.0", V2, command("SUBSCRIBE"), "EPROTO", "reserved flags (0x4)"],
  ["reserved flags in 2.0", V2, bytes(0x80, 0), "EPROTO", "reserved flags (0x80)"],
  ["a frame over the limit in 2.0", V2, longHeader(0, 1001n), "EMSGSIZE", "1001 bytes; the limit is 1000"],
  ["a frame of 2^63 bytes in 2.0", V2, longHeader(0, 1n << 63n), "EMSGSIZE", "the limit is 1000"],
  ["a message over the limit in 2.0", V2, message("x".repeat(600), "x".repeat(401)), "EMSGSIZE", ""],
  ["a message that never ends in 2.0", V2, bytes(...Array(6).fill(frame(1, ""))), "EMSGSIZE", "5 frames"],
  ["a frame of length 0 in 1.0", V1, bytes(0), "EPROTO", "length 0"],
  ["a long frame of length 0 in 1.0", V1, LONG_V1(0n), "EPROTO", "length 0"],
  ["reserved flags in 1.0", V1, bytes(1, 0x02), "EPROTO", "reserved flags (0x2)"],
  ["a PING of 3.1 in 1.0", V1, command("PING", bytes(0, 0)), "EPROTO", "reserved flags (0x7)"],
  ["a frame over the limit in 1.0", V1, LONG_V1(1002n), "EMSGSIZE", "1001 bytes; the limit is 1000"],
  ["a frame of 2^53 + 1 bytes in 1.0", V1, LONG_V1((1n << 53n) + 1n), "EMSGSIZE", "the limit is 1000"],
  ["a frame of 2^63 bytes in 1.0", V1, LONG_V1(1n << 63n), "EMSGSIZE", "the limit is 1000"],
  ["a message over the limit in 1.0", V1, messageV1("x".repeat(600), "x".repeat(401)), "EMSGSIZE", ""],
  ["a message that never ends in 1.0", V1, bytes(...Array(6).fill(frameV1(1, ""))), "EMSGSIZE", "5 frames"],
];

for (const [name, start, attack, code, part] of OLDER_BREACHES) {
  test(`traffic with ${name}: the connection ends and is reported, without effect on other peers`, async () => {
    await using victim = await Victim.make(LIMITS);
    await using peer = await RawPeer.connect(victim.endpoint);
    const [before, behind] = start === V2
      ? [message("before"), message("behind")]
      : [messageV1("before"), messageV1("b")];
    const told = victim.event("disconnect");
    peer.write(bytes(start, before, attack, behind));
    await peer.gone;
    const { error } = await told;
    assert(error instanceof ZmqError, String(error));
    assertEquals(error.code, code, error.message);
    assertStringIncludes(error.message, part);
    assertEquals(await take(victim.pull, 1), ["before"]);
    await victim.unharmed();
  });
}

test("traffic at the limits is accepted", async () => {
  await using victim = await Victim.make(LIMITS);
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  const largest = "x".repeat(1000);
  peer.write(message(largest), message("x".repeat(600), "x".repeat(400)), message("1", "2", "3", "4", "5"));
  const expected = [largest, `${"x".repeat(600)}|${"x".repeat(400)}`, "1|2|3|4|5"];
  assertEquals(await take(victim.pull, 3), expected);
  await victim.unharmed();
});

test("a long frame that is announced and never arrives uses no more memory than the bytes received", async () => {
  await using victim = await Victim.make({ maxMessageSize: -1 });
  const peers: RawPeer[] = [];
  // No machine has the memory for all of these.
  for (let i = 0; i < 50; i++) {
    const peer = await RawPeer.join(victim.endpoint, PUSH);
    await peer.write(longHeader(0, (1n << 40n) + 7n), bytes("a beginning"));
    peers.push(peer);
  }
  await victim.unharmed();
  for (const peer of peers) await peer[Symbol.asyncDispose]();
  await victim.unharmed();
});

test("a peer that disconnects inside a message, in any frame, loses no complete message", async () => {
  await using victim = await Victim.make();
  const whole = message("first", "x".repeat(300), "last");
  for (const cut of [1, 2, 5, 7, 8, 12, 100, whole.length - 1]) {
    await using peer = await RawPeer.join(victim.endpoint, PUSH);
    await victim.pull.waitForPeers(2);
    const gone = victim.event("disconnect");
    peer.write(whole.subarray(0, cut));
    await peer.end();
    await gone;
    await victim.unharmed();
  }
});

test("messages that a socket type does not receive are ignored", async () => {
  await using pub = new Publisher();
  await using sub = await RawPeer.join(await pub.bind(ANY), { type: "SUB" });
  sub.write(message("x"), message("", ""), message(""), command("SUBSCRIBE", "a"), command("CANCEL", "never"));
  await sub.sync();
  await pub.send("a");
  assertEquals(await sub.message(), ["a"]);

  await using victim = await Victim.make();
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  peer.write(command("SUBSCRIBE", "a"), command("CANCEL", "a"), command("JOIN", "g"));
  await peer.sync();
  await victim.unharmed();
});

test("a reply socket outlives clients that send nonsense between good requests", async () => {
  await using reply = new Reply();
  const endpoint = await reply.bind(ANY);
  await using good = await RawPeer.join(endpoint, { type: "REQ" });
  for (const nonsense of [message("no envelope"), message(""), bytes(0x40, 0), frame(4, ""), frame(1, "half")]) {
    await using bad = await RawPeer.join(endpoint, { type: "DEALER" });
    const gone = nextEvent(reply, "disconnect");
    bad.write(nonsense);
    await bad.end();
    await gone;
    good.write(message("", "question"));
    assertEquals(await take(reply, 1), ["question"]);
    await reply.send("answer");
    assertEquals(await good.message(), ["", "answer"]);
  }
});
