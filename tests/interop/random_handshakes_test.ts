/**
 * READY commands with random changes, sent to libzmq and to a socket of this library: both accept, or both reject.
 * docs/testing.md ("Fuzzing") has the targets that need no peer.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { MAX_PROPERTIES } from "../../src/zmtp/metadata.ts";
import { Mutator } from "../fuzz/mutate.ts";
import { toHex } from "../fuzz/target.ts";
import { modelMetadata } from "../fuzz/targets/commands.ts";
import { test } from "../support/harness.ts";
import { mulberry32 } from "../support/mulberry32.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { bytes, frame, greeting, message, property, RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";

const SEED = 17;
const CASES = 100;
const libzmq = new Peer("libzmq");

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

/** Returns random bodies of commands; the same with the same seed. */
function randomBodies(seed: number, count: number): Uint8Array[] {
  const random = mulberry32(seed);
  const mutator = new Mutator((limit) => Math.floor(random() * limit), TOKENS, 250);
  return Array.from({ length: count }, () => mutator.next(BODIES));
}

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

  /** Returns whether a peer with this READY is accepted, so that its message arrives. */
  async accepts(body: Uint8Array, id: string): Promise<boolean> {
    await using peer = await RawPeer.connect(this.#endpoint);
    peer.write(greeting());
    // libzmq accepts nothing after READY before it has sent its own.
    await peer.read(64).then(() => peer.frame());
    peer.write(frame(4, body), message(id));
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
function onlyHereRejected(body: Uint8Array): boolean {
  const properties = modelMetadata(body.subarray(6), MAX_PROPERTIES);
  if (properties === undefined) return true;
  const values = new Map(properties);
  const identity = values.get("identity") ?? new Uint8Array(0);
  // libzmq knows the name in this case only, and accepts every value under another one.
  const isChecked = String.fromCharCode(...body).includes("\x0bSocket-Type");
  return !values.has("socket-type") || !isChecked || identity.length > 255 || identity[0] === 0;
}

test(
  `READY with random changes of seed ${SEED}: libzmq and this library accept the same, apart from listed cases`,
  async () => {
    await using theirs = await Door.open(await libzmq.open("PULL", { unwatched: true }));
    await using ours = await Door.open(new OurEnd("PULL"));
    const bodies = [...KEPT, ...randomBodies(SEED, CASES)];
    const accepted = { both: 0, none: 0, libzmq: 0 };
    for (const [i, body] of bodies.entries()) {
      const [here, there] = [await ours.accepts(body, `here ${i}`), await theirs.accepts(body, `there ${i}`)];
      if (here !== there) assertEquals([here, there, onlyHereRejected(body)], [false, true, true], toHex(body));
      accepted[here ? "both" : there ? "libzmq" : "none"]++;
    }
    // The sample is worth nothing if it is one-sided.
    assertEquals(Object.values(accepted).filter((count) => count === 0), [], JSON.stringify(accepted));
  },
  { timeout: 120_000 },
);
