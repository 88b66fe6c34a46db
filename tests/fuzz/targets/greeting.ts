/**
 * The exchange of greetings with peers of all versions, against a naive model, and the opening of ZWS 2.0.
 *
 * @module
 */

import { encodeGreeting, type Greeting, parseGreeting } from "../../../src/zmtp/greeting.ts";
import { GreetingExchange } from "../../../src/zmtp/greeting_exchange.ts";
import type { Mechanism } from "../../../src/zmtp/mechanism.ts";
import type { PeerWithoutHandshake } from "../../../src/zmtp/older_peer.ts";
import { ProtocolError } from "../../../src/zmtp/protocol_error.ts";
import type { ZmtpSocketType } from "../../../src/zmtp/socket_type.ts";
import { ZWS, ZwsOpening } from "../../../src/zmtp/zws_opening.ts";
import { chunkings } from "../chunking.ts";
import { Choices } from "../choices.ts";
import { withinMemory } from "../memory.ts";
import { attempt, bytes, rejection, require, same, type Target, toHex } from "../target.ts";

const CODES = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"];
const TYPES: readonly ZmtpSocketType[] = [
  { name: "DEALER", partners: ["REP", "DEALER", "ROUTER"], code: 5 },
  { name: "XPUB", partners: ["SUB", "XSUB"], code: 9 },
  { name: "CLIENT", partners: ["SERVER"] },
];
const IDENTITIES = [bytes(), bytes("me"), new Uint8Array(255).fill(1)];

type Peer = Greeting | PeerWithoutHandshake;

interface Setup {
  readonly type: ZmtpSocketType;
  readonly identity: Uint8Array;
  readonly mechanism: Mechanism;
}

function readSetup(choices: Choices): Setup {
  const [name, asServer, open] = choices.pick([["NULL", false, true], ["NULL", false, false], ["CURVE", true, false]]);
  const mechanism = { name, asServer, admitsWithoutHandshake: open } as Mechanism;
  return { type: choices.pick(TYPES), identity: choices.pick(IDENTITIES), mechanism };
}

/** The result of an exchange, in a form that can be compared. */
interface Exchanged {
  readonly peer: Peer | undefined;
  readonly sent: string;
  readonly taken: number;
  readonly rejected: string | undefined;
}

function exchange({ type, identity, mechanism }: Setup, chunks: readonly Uint8Array[]): Exchanged {
  let sent = "";
  let taken = 0;
  const greetings = new GreetingExchange({ type, identity }, mechanism, (part) => void (sent += toHex(part)));
  greetings.start();
  let rejected: string | undefined;
  try {
    for (const chunk of chunks) {
      const count = greetings.read(chunk);
      taken += count;
      if (greetings.peer !== undefined) break;
      require(count === chunk.length, "a greeting that is not complete takes the whole chunk", count, chunk);
    }
  } catch (error) {
    rejected = rejection(error, [ProtocolError]);
  }
  const { peer } = greetings;
  return { peer, sent, taken: peer === undefined ? 0 : taken, rejected };
}

/** Returns the number of bytes of a complete greeting by a naive reading of RFC 13, 15 and 37; 0: more are needed, -1: rejected. */
function model(stream: Uint8Array, { type, mechanism }: Setup): number {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const open = mechanism.admitsWithoutHandshake === true && type.code !== undefined;
  if (stream.length === 0 || stream[0] === 0xff && stream.length < 10) return 0;
  if (stream[0] !== 0xff || (stream[9]! & 1) === 0) {
    // A frame of ZMTP 1.0 with a routing id.
    if (stream[0] === 0) return -1;
    const bodyAt = stream[0] === 0xff ? 10 : 2;
    if (stream.length < bodyAt) return 0;
    const length = (stream[0] === 0xff ? view.getBigUint64(1) : BigInt(stream[0]!)) - 1n;
    if (![0, 0x7e].includes(stream[bodyAt - 1]!) || length < 0n || length > 255n || !open) return -1;
    return identity(stream, bodyAt, Number(length));
  }
  if (stream.length < 11) return 0;
  if (stream[10]! >= 3) return stream.length < 64 ? 0 : 64;
  if (!open) return -1;
  if (stream.length < 12) return 0;
  if (!type.partners.includes(CODES[stream[11]!]!)) return -1;
  if (stream.length < 13) return 0;
  if (stream[10] === 0) {
    if (stream[12] === 0) return -1;
    const bodyAt = stream[12] === 0xff ? 22 : 14;
    if (stream.length < bodyAt) return 0;
    const length = (stream[12] === 0xff ? view.getBigUint64(13) : BigInt(stream[12]!)) - 1n;
    if (![0, 0x7e].includes(stream[bodyAt - 1]!) || length < 0n || length > 255n) return -1;
    return identity(stream, bodyAt, Number(length));
  }
  if ((stream[12]! & ~2) !== 0) return -1;
  const bodyAt = stream[12] === 2 ? 21 : 14;
  if (stream.length < bodyAt) return 0;
  const length = stream[12] === 2 ? view.getBigUint64(13) : BigInt(stream[13]!);
  return length > 255n ? -1 : identity(stream, bodyAt, Number(length));
}

function identity(stream: Uint8Array, at: number, length: number): number {
  if (stream.length < at + length) return 0;
  return length > 0 && stream[at] === 0 ? -1 : at + length;
}

function runGreeting(input: Uint8Array): void {
  const choices = new Choices(input);
  const setup = readSetup(choices);
  const stream = choices.rest();
  const whole = withinMemory(input, 2000, () => exchange(setup, [stream]));
  for (const chunks of chunkings(stream)) {
    const inChunks = exchange(setup, chunks);
    require(
      JSON.stringify(inChunks) === JSON.stringify(whole),
      "chunks do not change the result",
      inChunks,
      whole,
    );
  }
  const expected = model(stream, setup);
  require((expected < 0) === (whole.rejected !== undefined), "the model rejects the same", whole, expected);
  require(Math.max(0, expected) === whole.taken, "the model takes as many bytes", whole, expected);
  const { peer } = whole;
  if (peer === undefined || !("mechanism" in peer)) return;
  const again = parseGreeting(encodeGreeting(peer.mechanism, peer.asServer));
  const { mechanism, asServer } = again;
  require(mechanism === peer.mechanism && asServer === peer.asServer, "encoded again, it is the same", peer, again);
}

function runZws(input: Uint8Array): void {
  const choices = new Choices(input);
  const { identity: own, mechanism } = readSetup(choices);
  const protocol = choices.pick([ZWS, `${ZWS}/NULL`, `${ZWS}/CURVE`, "", "ZWS3.0"]);
  const sent: Uint8Array[] = [];
  const opening = new ZwsOpening(protocol, own, mechanism, (part) => void sent.push(part));
  const open = protocol === ZWS && mechanism.admitsWithoutHandshake === true;
  const known = attempt(() => opening.start(), ProtocolError).rejected === undefined;
  require(known === (open || protocol === `${ZWS}/${mechanism.name}`), "only an agreed protocol is accepted", protocol);
  if (!open) return require(sent.length === 0, "only the opening without a mechanism sends a routing id", sent);
  require(same(sent[0]!.subarray(1), own) && sent[0]![0] === 0, "the routing id follows a zero byte", sent);
  const message = choices.rest();
  const { value: taken } = attempt(() => opening.read(message), ProtocolError);
  const valid = message.length > 0 && message.length < 257 && message[0] === 0 && message[1] !== 0;
  require((taken === message.length) === valid, "a first message is a routing id", message, taken);
  const { peer } = opening;
  require((peer !== undefined) === valid, "a peer is known by its routing id", message);
  if (peer !== undefined) require("identity" in peer && same(peer.identity, message.subarray(1)), "it is the same one");
}

const SIGNATURE = bytes(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);

/** The targets. */
export const GREETING_TARGETS: readonly Target[] = [
  {
    name: "greeting",
    most: 300,
    seeds: [
      bytes(0, 0, 0, encodeGreeting("NULL", false)),
      bytes(2, 0, 1, encodeGreeting("CURVE", true, 2)),
      bytes(0, 0, 0, SIGNATURE, 1, 5, 0, 2, "id"),
      bytes(0, 1, 0, SIGNATURE, 0, 2, 3, 0, "id"),
      bytes(0, 0, 0, SIGNATURE, 1, 5, 2, 0, 0, 0, 0, 0, 0, 0, 255, "id"),
      bytes(0, 0, 0, SIGNATURE, 1, 5, 2, 0, 0, 0, 0, 0, 0, 1, 0, "id"),
      bytes(0, 0, 0, 3, 0, "id"),
      bytes(0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 3, 0, "id"),
    ],
    tokens: [
      SIGNATURE,
      bytes(3, 1, "NULL"),
      bytes(1, 5, 0, 0),
      bytes(0, 5, 1, 0),
      bytes(0xff, 0, 0, 0, 0, 0, 0, 0, 3, 0),
    ],
    run: runGreeting,
  },
  {
    name: "opening-zws",
    most: 270,
    seeds: [bytes(0, 0, 1, 0, 0, "id"), bytes(0, 0, 0, 1), bytes(0, 0, 0, 0, 0, "x".repeat(255))],
    run: runZws,
  },
];
