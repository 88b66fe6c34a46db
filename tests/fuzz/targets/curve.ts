/**
 * The handshake of CURVE, in both roles, and its traffic: genuine commands that are changed before or after they are
 * encrypted. A change anywhere but in a part without meaning must be noticed.
 *
 * @module
 */

import { CurveClient } from "../../../src/security/curve_client.ts";
import { counterBytes, nonceOf, PREFIX } from "../../../src/security/curve_layout.ts";
import { CurveServer } from "../../../src/security/curve_server.ts";
import { CurveTraffic } from "../../../src/security/curve_traffic.ts";
import { PeerCounter } from "../../../src/security/peer_counter.ts";
import { COMMAND, MORE } from "../../../src/zmtp/frame.ts";
import { MAX_PROPERTIES } from "../../../src/zmtp/metadata.ts";
import { ProtocolError } from "../../../src/zmtp/protocol_error.ts";
import { bytesOf, CLIENT, SERVER } from "../../security/keys.ts";
import { WELCOME } from "../../security/scenes.ts";
import { crypto, fixedCrypto } from "../../support/fixed_crypto.ts";
import { Choices } from "../choices.ts";
import { attempt, bytes, require, same, type Target } from "../target.ts";
import { modelMetadata } from "./commands.ts";
import { METADATA, play } from "./mechanisms.ts";

const server = bytesOf(SERVER);
const client = bytesOf(CLIENT);
/** The keys of the scripted side for one connection. */
const short = { secretKey: new Uint8Array(32).fill(7), publicKey: crypto.publicKey(new Uint8Array(32).fill(7)) };
/** Its shared key with a server, which does not change. */
const helloKey = crypto.sharedKey(server.publicKey, short.secretKey)!;
const check = { authenticate: () => WELCOME, domain: "", address: "", identity: new Uint8Array(0) };
const PLACES = 5;
/** X25519 ignores the highest bit of a public key. */
const LAST_OF_KEY = 31;

/** The changes of one input, by the place where they are made. */
class Edits {
  readonly #edits: { readonly place: number; readonly kind: number; readonly at: number; readonly value: number }[] =
    [];
  /** All changes were in parts without meaning. */
  harmless = true;

  constructor(choices: Choices) {
    while (choices.left > 0) {
      this.#edits.push({
        place: choices.below(PLACES),
        kind: choices.below(8),
        at: choices.uint16(),
        value: choices.byte(),
      });
    }
  }

  /** Returns the bytes with the changes of this place. `free` says which bytes have no meaning, by position and bits. */
  apply(place: number, genuine: Uint8Array, free: (at: number, bits: number) => boolean): Uint8Array {
    let out: Uint8Array = genuine.slice();
    for (const { place: where, kind, at, value } of this.#edits) {
      if (where !== place) continue;
      if (kind === 6) out = out.slice(0, at % (out.length + 1));
      else if (kind === 7) out = bytes(out, value);
      else if (out.length > 0) out[at % out.length]! ^= value;
    }
    const differs = (byte: number, i: number) => byte !== genuine[i] && !free(i, byte ^ genuine[i]!);
    if (out.length !== genuine.length || out.some(differs)) this.harmless = false;
    return out;
  }
}

const never = () => false;

function runServer(input: Uint8Array): void {
  const choices = new Choices(input);
  const metadata = choices.short();
  const edits = new Edits(choices);
  const mechanism = new CurveServer({
    crypto: fixedCrypto(),
    metadata: METADATA,
    secretKey: server.secretKey.slice(),
    check,
  });
  const hello = () => {
    const signed = edits.apply(0, new Uint8Array(64), () => true);
    const box = crypto.seal(helloKey, nonceOf(PREFIX.hello, counterBytes(1)), signed);
    const genuine = bytes(5, "HELLO", 1, 0, new Uint8Array(72), short.publicKey, counterBytes(1), box);
    return edits.apply(1, genuine, (at) => at >= 8 && at < 80);
  };
  const initiate = (welcome: Uint8Array) => {
    const plain = crypto.open(helloKey, nonceOf(PREFIX.welcome, welcome.subarray(8, 24)), welcome.subarray(24))!;
    const theirs = plain.subarray(0, 32);
    const vouchNonce = new Uint8Array(16).fill(1);
    const vouchKey = crypto.sharedKey(theirs, client.secretKey)!;
    const vouched = edits.apply(4, bytes(short.publicKey, server.publicKey), never);
    const vouch = crypto.seal(vouchKey, nonceOf(PREFIX.vouch, vouchNonce), vouched);
    const genuine = bytes(client.publicKey, vouchNonce, vouch);
    const inside = edits.apply(2, genuine, (at, bits) => at === LAST_OF_KEY && bits === 0x80);
    const key = crypto.sharedKey(theirs, short.secretKey)!;
    const box = crypto.seal(key, nonceOf(PREFIX.initiate, counterBytes(2)), bytes(inside, metadata));
    return edits.apply(3, bytes(8, "INITIATE", plain.subarray(32), counterBytes(2), box), never);
  };
  let step = 0;
  const { peer, rejected } = play(mechanism, (sent) => {
    step++;
    return step === 1 ? hello() : step === 2 ? initiate(sent[0]!) : undefined;
  });
  const valid = edits.harmless && modelMetadata(metadata, MAX_PROPERTIES) !== undefined;
  require((peer !== undefined) === valid, "a client is accepted if and only if its commands are genuine", rejected);
}

function runClient(input: Uint8Array): void {
  const choices = new Choices(input);
  const metadata = choices.short();
  const edits = new Edits(choices);
  const mechanism = new CurveClient({
    crypto: fixedCrypto(),
    metadata: METADATA,
    publicKey: client.publicKey,
    secretKey: client.secretKey.slice(),
    serverKey: server.publicKey,
  });
  let theirs: Uint8Array;
  const welcome = (hello: Uint8Array) => {
    theirs = hello.slice(80, 112);
    const nonce = new Uint8Array(16).fill(3);
    const keyOnly = (at: number, bits: number) => at >= 32 || at === LAST_OF_KEY && bits === 0x80;
    const inside = edits.apply(0, bytes(short.publicKey, new Uint8Array(96).fill(5)), keyOnly);
    const shared = crypto.sharedKey(theirs, server.secretKey)!;
    const box = crypto.seal(shared, nonceOf(PREFIX.welcome, nonce), inside);
    return edits.apply(1, bytes(7, "WELCOME", nonce, box), never);
  };
  const ready = () => {
    const key = crypto.sharedKey(theirs, short.secretKey)!;
    const box = crypto.seal(key, nonceOf(PREFIX.ready, counterBytes(1)), edits.apply(2, metadata, () => true));
    return edits.apply(3, bytes(5, "READY", counterBytes(1), box), never);
  };
  let step = 0;
  const { peer, rejected } = play(mechanism, (sent) => {
    step++;
    return step === 1 ? welcome(sent[0]!) : step === 2 ? ready() : undefined;
  });
  if (peer === undefined) {
    const valid = edits.harmless && modelMetadata(metadata, MAX_PROPERTIES) !== undefined;
    // Changed metadata may be invalid.
    const changed = !same(edits.apply(2, metadata, () => true), metadata);
    return require(!valid || changed, "a genuine server is accepted", rejected);
  }
  const changed = edits.apply(2, metadata, () => true);
  const lengthChanged = changed.length !== metadata.length;
  require(edits.harmless || lengthChanged, "only a genuine server is accepted");
  require(modelMetadata(changed, MAX_PROPERTIES) !== undefined, "only valid metadata is accepted", changed);
}

const FLAGS = [0, MORE, COMMAND];

/** Frames from a client to a server: changed, repeated, left out, in another order. */
function runTraffic(input: Uint8Array): void {
  const choices = new Choices(input);
  const line = (asServer: boolean) =>
    new CurveTraffic({ crypto, key: helloKey, counter: 2, peerCounter: new PeerCounter() }, asServer);
  const sender = line(false);
  const receiver = line(true);
  const frames: { readonly flags: number; readonly payload: Uint8Array; readonly body: Uint8Array }[] = [];
  let last = -1;
  while (choices.left > 0 && frames.length < 40) {
    const kind = choices.below(8);
    if (kind < 3 || frames.length === 0) {
      const payload = choices.bytes(choices.below(20));
      const flags = FLAGS[kind % 3]!;
      const body = new Uint8Array(payload.length + sender.overhead);
      sender.seal(flags, payload, body, 0);
      frames.push({ flags, payload, body });
    }
    const index = kind < 5 ? frames.length - 1 : choices.below(frames.length);
    const { flags, payload, body } = frames[index]!;
    let arrived = body.slice();
    if (kind === 6) arrived[choices.byte() % arrived.length]! ^= choices.byte();
    if (kind === 7) arrived = arrived.slice(0, choices.byte() % (arrived.length + 1));
    const genuine = same(arrived, body) && index > last;
    const { value } = attempt(() => receiver.open(arrived), ProtocolError);
    require((value !== undefined) === genuine, "a frame is accepted if it is genuine and the next one", index, last);
    if (value === undefined) continue;
    require(same(value, payload) && receiver.flags === flags, "a frame arrives as it was sent", value, payload);
    last = index;
  }
  sender.end();
  receiver.end();
}

/** The targets. */
export const CURVE_TARGETS: readonly Target[] = [
  {
    name: "curve-server",
    most: 120,
    inputs: 60,
    seeds: [
      bytes(METADATA.length, METADATA),
      bytes(0, 1, 0, 0, 20, 1),
      bytes(0, 2, 0, 0, 31, 0x80),
      bytes(0, 3, 0, 0, 120, 1),
      bytes(0, 4, 0, 0, 40, 1),
    ],
    tokens: [METADATA],
    run: runServer,
  },
  {
    name: "curve-client",
    most: 120,
    inputs: 60,
    seeds: [
      bytes(METADATA.length, METADATA),
      bytes(0, 0, 0, 0, 40, 1),
      bytes(0, 3, 0, 0, 30, 1),
      bytes(0, 1, 7, 0, 0, 1),
    ],
    tokens: [METADATA],
    run: runClient,
  },
  {
    name: "curve-traffic",
    most: 120,
    seeds: [bytes(0, 5, "hello", 1, 3, "abc", 2, 0, 5, 0, 6, 20, 1, 0, 2, "ok"), bytes(0, 0, 7, 30, 4, 5, 0)],
    run: runTraffic,
  },
];
