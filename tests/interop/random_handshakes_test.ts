/**
 * Greetings, and commands of NULL, PLAIN and CURVE handshakes, with random changes, sent to libzmq and to a socket of this
 * library: both accept, or both reject. docs/testing.md ("Fuzzing") says how to send other ones, and has the targets that
 * need no peer.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import process from "node:process";
import { MAX_PROPERTIES } from "../../src/zmtp/metadata.ts";
import { Mutator } from "../fuzz/mutate.ts";
import { toHex } from "../fuzz/target.ts";
import { modelMetadata } from "../fuzz/targets/commands.ts";
import { bytesOf, CLIENT, SERVER } from "../security/keys.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { mulberry32 } from "../support/mulberry32.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { bytes, frame, greeting, message, property, RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { admitting, AUTHENTICATE, SERVER_OPTIONS } from "./secured.ts";

const SEED = Number(process.env.ZMQ_HANDSHAKES_SEED ?? 17);
const CASES = Number(process.env.ZMQ_HANDSHAKES ?? 100);
/** Cases of PLAIN and CURVE, whose handshakes cost more. */
const SECURED_CASES = CASES / 2;
const TIMEOUT = { timeout: Math.max(120_000, CASES * 1000) };
const libzmq = new Peer("libzmq");
const secured = admitting(libzmq);

const PUSH = property("Socket-Type", "PUSH");
const BODIES = [
  bytes("\x05READY", PUSH),
  bytes("\x05READY", PUSH, property("Identity", "me")),
  bytes("\x05READY", property("X-Name", "value"), property("socket-type", "PUSH")),
];
const TOKENS = [
  PUSH,
  property("Identity", "me"),
  property("X-a", ""),
  property("Socket-Type", "PULL"),
  bytes("\x05READY"),
];
/** Bodies about which the two once differed, or might. */
const KEPT = [
  bytes("\x05READY", property("Socket-Type", "\ufeffPUSH")),
  bytes("\x05READY", property("SOCKET-TYPE", "PUSH")),
  bytes("\x05READY", property("Socket-Type", "push")),
  bytes("\x05READY", property("", ""), PUSH),
  bytes("\x05READY"),
  bytes("\x05ready", PUSH),
];

/** Makes random inputs; the same with the same seed. */
class Chance {
  readonly below: (limit: number) => number;
  readonly #mutator: Mutator;

  constructor(seed: number) {
    const random = mulberry32(seed);
    this.below = (limit) => Math.floor(random() * limit);
    this.#mutator = new Mutator(this.below, TOKENS, 250);
  }

  /** Changed in any way, also longer or shorter. */
  changed(...known: readonly Uint8Array[]): Uint8Array {
    return this.#mutator.next(known);
  }

  /** With one to three other bytes, at these places. */
  replaced(known: Uint8Array, places: readonly number[]): Uint8Array {
    const out = known.slice();
    for (let left = 1 + this.below(3); left > 0; left--) {
      const at = places[this.below(places.length)]!;
      out[at] = [0, 1, 0xff, out[at]! ^ (1 << this.below(8)), this.below(256)][this.below(5)]!;
    }
    return out;
  }
}

/** Returns random bodies of commands; the same with the same seed. */
function randomBodies(seed: number, count: number): Uint8Array[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, () => chance.changed(...BODIES));
}

/**
 * The places of a greeting that are changed. The others say whether it is one of ZMTP 3: both sides wait for more bytes of an
 * older one.
 */
const PLACES = [...Array(8).keys()].map((at) => at + 1).concat([...Array(53).keys()].map((at) => at + 11));
const KEYS = { server: bytesOf(SERVER), client: bytesOf(CLIENT) };

/** Changes what a client sends. */
interface Changes {
  readonly greeting?: (bytes: Uint8Array) => Uint8Array;
  /** The body of HELLO. */
  readonly hello?: (body: Uint8Array) => Uint8Array;
  /** The body of INITIATE. */
  readonly initiate?: (body: Uint8Array) => Uint8Array;
  /** The metadata in INITIATE, before they are encrypted. */
  readonly metadata?: (metadata: Uint8Array) => Uint8Array;
}

const same = (bytes: Uint8Array) => bytes;

/** Shakes hands as a client that is accepted, apart from its changes. */
async function shakeHands(mechanism: string, peer: RawPeer, changes: Changes): Promise<void> {
  const { greeting: first = same, hello = same, initiate = same, metadata = same } = changes;
  peer.write(first(greeting(1, mechanism)));
  await peer.read(64);
  if (mechanism === "NULL") {
    // libzmq accepts nothing after READY before it has sent its own.
    await peer.frame();
    peer.write(frame(4, metadata(BODIES[0]!)));
    return;
  }
  if (mechanism === "PLAIN") {
    peer.write(frame(4, hello(bytes("\x05HELLO\x05admin\x06secret"))));
    await peer.frame();
    peer.write(frame(4, initiate(bytes("\x08INITIATE", metadata(PUSH)))));
    await peer.frame();
  } else await shakeCurve(peer, hello, initiate, metadata(PUSH));
}

async function shakeCurve(
  peer: RawPeer,
  hello: (body: Uint8Array) => Uint8Array,
  initiate: (body: Uint8Array) => Uint8Array,
  metadata: Uint8Array,
): Promise<void> {
  const [secret, counter] = [crypto.random(32), (count: number) => bytes(0, 0, 0, 0, 0, 0, 0, count)];
  const helloKey = crypto.sharedKey(KEYS.server.publicKey, secret)!;
  const signed = crypto.seal(helloKey, bytes("CurveZMQHELLO---", counter(1)), new Uint8Array(64));
  const short = crypto.publicKey(secret);
  peer.write(frame(4, hello(bytes("\x05HELLO", 1, 0, new Uint8Array(72), short, counter(1), signed))));
  const welcome = (await peer.frame()).body;
  const box = crypto.open(helloKey, bytes("WELCOME-", welcome.subarray(8, 24)), welcome.subarray(24));
  // The server answered with an ERROR, and ends the connection.
  if (box === undefined) return await peer.gone;
  const [theirs, nonce] = [box.subarray(0, 32), crypto.random(16)];
  const vouchKey = crypto.sharedKey(theirs, KEYS.client.secretKey)!;
  const vouch = crypto.seal(vouchKey, bytes("VOUCH---", nonce), bytes(short, KEYS.server.publicKey));
  const key = crypto.sharedKey(theirs, secret)!;
  const inside = bytes(KEYS.client.publicKey, nonce, vouch, metadata);
  const sealed = crypto.seal(key, bytes("CurveZMQINITIATE", counter(2)), inside);
  peer.write(frame(4, initiate(bytes("\x08INITIATE", box.subarray(32), counter(2), sealed))));
  const { body } = await peer.frame();
  if (!String.fromCharCode(...body).startsWith("\x05READY")) return await peer.gone;
  const message = (text: string) => crypto.seal(key, bytes("CurveZMQMESSAGEC", counter(3)), bytes(0, text));
  SEALED.set(peer, (text) => frame(0, bytes("\x07MESSAGE", counter(3), message(text))));
}

/** The encryption of the first message, by client with CURVE. */
const SEALED = new WeakMap<RawPeer, (text: string) => Uint8Array>();

/** A socket that raw peers connect to. */
class Door implements AsyncDisposable {
  readonly #end: End & AsyncDisposable;
  readonly #endpoint: string;
  /** The next message; a peer that is rejected leaves it to the next one. */
  #next: Promise<string>;

  constructor(end: End & AsyncDisposable, endpoint: string) {
    this.#end = end;
    this.#endpoint = endpoint;
    this.#next = this.#receive();
  }

  static async open(end: End & AsyncDisposable): Promise<Door> {
    return new Door(end, await end.bind("tcp://127.0.0.1:0"));
  }

  /** Returns whether a peer is accepted that shakes hands with these changes, so that its message arrives. */
  async accepts(mechanism: string, changes: Changes, id: string): Promise<boolean> {
    await using peer = await RawPeer.connect(this.#endpoint);
    const shaken = shakeHands(mechanism, peer, changes).then(() => {
      peer.write((SEALED.get(peer) ?? message)(id));
    });
    // The connection ends in the middle.
    shaken.catch(() => {});
    const arrived = await Promise.race([this.#next, peer.gone.then(() => undefined)]);
    if (arrived === undefined) return false;
    assertEquals(arrived, id);
    this.#next = this.#receive();
    return true;
  }

  #receive(): Promise<string> {
    const received = this.#end.receive().then((frames) => texts(frames).join("|"));
    // The last one waits until the socket is closed.
    received.catch(() => {});
    return received;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#end[Symbol.asyncDispose]();
  }
}

/** True for metadata that this library rejects and libzmq accepts (docs/compatibility.md, "Bits without meaning"). */
function onlyHereRejected(metadata: Uint8Array): boolean {
  const properties = modelMetadata(metadata, MAX_PROPERTIES);
  if (properties === undefined) return true;
  const values = new Map(properties);
  const identity = values.get("identity") ?? new Uint8Array(0);
  // libzmq knows the name in this case only, and accepts every value under another one.
  const isChecked = String.fromCharCode(...metadata).includes("\x0bSocket-Type");
  return !values.has("socket-type") || !isChecked || identity.length > 255 || identity[0] === 0;
}

/** One input, as libzmq and this library get it. */
interface Case {
  readonly changes: Changes;
  readonly text: string;
  /** Metadata that only this library may reject. */
  readonly metadata?: Uint8Array;
}

/** Checks that libzmq and this library accept the same. */
async function compare(mechanism: "NULL" | "PLAIN" | "CURVE", cases: readonly Case[]): Promise<void> {
  const isNull = mechanism === "NULL";
  const [options, ours] = isNull ? [{}, {}] : [SERVER_OPTIONS[mechanism], AUTHENTICATE];
  await using there = await Door.open(await (isNull ? libzmq : secured).open("PULL", { ...options, unwatched: true }));
  await using here = await Door.open(new OurEnd("PULL", { ...options, ...ours }));
  const accepted = { both: 0, none: 0 };
  for (const [i, { changes, text, metadata }] of cases.entries()) {
    const both = [
      await here.accepts(mechanism, changes, `here ${i}`),
      await there.accepts(mechanism, changes, `there ${i}`),
    ];
    const [we, they] = both;
    if (we === they) accepted[we ? "both" : "none"]++;
    else assertEquals([...both, metadata && onlyHereRejected(metadata)], [false, true, true], text);
  }
  // The sample is worth nothing if it is one-sided.
  assertEquals(Object.values(accepted).filter((count) => count === 0), [], JSON.stringify(accepted));
}

/** Cases with one part changed. */
function casesOf(part: keyof Changes, input: Uint8Array, metadata?: Uint8Array): Case {
  return { changes: { [part]: () => input }, text: `${part} ${toHex(input)}`, ...metadata && { metadata } };
}

test(
  `READY with random changes of seed ${SEED}: libzmq and this library accept the same, apart from listed cases`,
  () =>
    compare(
      "NULL",
      [...KEPT, ...randomBodies(SEED, CASES)].map((body) => casesOf("metadata", body, body.subarray(6))),
    ),
  TIMEOUT,
);

test(
  `greetings with random changes of seed ${SEED}: libzmq and this library accept the same`,
  () => {
    const chance = new Chance(SEED);
    const known = greeting();
    return compare("NULL", Array.from({ length: CASES }, () => casesOf("greeting", chance.replaced(known, PLACES))));
  },
  TIMEOUT,
);

test(
  `PLAIN handshakes with random changes of seed ${SEED}: libzmq and this library accept the same, apart from listed cases`,
  () => {
    const chance = new Chance(SEED);
    const hello = bytes("\x05HELLO\x05admin\x06secret");
    const initiate = bytes("\x08INITIATE", PUSH);
    return compare("PLAIN", [
      { changes: {}, text: "unchanged" },
      ...Array.from({ length: SECURED_CASES }, () => casesOf("hello", chance.changed(hello))),
      ...Array.from({ length: SECURED_CASES }, () => {
        const body = chance.changed(initiate);
        return casesOf("initiate", body, body.subarray(9));
      }),
    ]);
  },
  TIMEOUT,
);

test(
  `CURVE handshakes with random changes of seed ${SEED}: libzmq and this library accept the same, apart from listed cases`,
  () => {
    const chance = new Chance(SEED);
    // Both get the same bits inverted: every handshake has other keys.
    const inverted = (part: "hello" | "initiate", length: number): Case => {
      const bits = Array.from(
        { length: 1 + chance.below(3) },
        () => [chance.below(length), 1 + chance.below(255)] as const,
      );
      const change = (body: Uint8Array) => {
        const out = body.slice();
        for (const [at, mask] of bits) out[at]! ^= mask;
        return out;
      };
      return { changes: { [part]: change }, text: `${part}, bytes and bits ${bits.join(" ")}` };
    };
    return compare("CURVE", [
      { changes: {}, text: "unchanged" },
      ...Array.from({ length: SECURED_CASES / 2 }, () => inverted("hello", 200)),
      ...Array.from({ length: SECURED_CASES / 2 }, () => inverted("initiate", 257)),
      ...Array.from({ length: SECURED_CASES }, () => {
        const metadata = chance.changed(PUSH);
        return casesOf("metadata", metadata, metadata);
      }),
    ]);
  },
  TIMEOUT,
);
