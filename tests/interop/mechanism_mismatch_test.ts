/**
 * Two peers with different mechanisms: both report a mismatch, no matter which one detects it first and which one is
 * bound. libzmq ends the connection without having sent its own mechanism when it finds that ours differs.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { EndOptions } from "../support/peers/end.ts";
import { OurEnd, type OurOptions } from "../support/peers/our_end.ts";
import { greeting, RawListener, RawPeer } from "../support/raw_peer.ts";
import { nextEvent } from "../sockets/support.ts";
import { AUTHENTICATE, CLIENT_OPTIONS, SERVER_OPTIONS } from "./secured.ts";

const libzmq = new Peer("libzmq");

/** The ways to secure a socket. */
const SIDES: Readonly<Record<string, EndOptions>> = {
  "NULL": {},
  "PLAIN server": SERVER_OPTIONS.PLAIN,
  "PLAIN client": CLIENT_OPTIONS.PLAIN,
  "CURVE server": SERVER_OPTIONS.CURVE,
  "CURVE client": CLIENT_OPTIONS.CURVE,
};

const mechanismOf = (side: string) => side.split(" ")[0]!;
/** Enough for a race to be lost now and then. */
const RUNS = 3;

function ours(options: EndOptions): OurOptions {
  const isServer = options["plainServer"] === true || options["curveServer"] === true;
  return { ...options, ...isServer && AUTHENTICATE, reconnectInterval: 60_000 };
}

type WhoseSide = "ours" | "libzmq";

async function open(whose: WhoseSide, type: "PUSH" | "PULL", options: EndOptions) {
  if (whose === "ours") return new OurEnd(type, ours(options));
  return await libzmq.open(type, { ...options, reconnectInterval: 60_000 });
}

for (const bound of Object.keys(SIDES)) {
  for (const connected of Object.keys(SIDES)) {
    if (mechanismOf(bound) === mechanismOf(connected)) continue;
    for (const [binder, connecter] of [["ours", "ours"], ["ours", "libzmq"], ["libzmq", "ours"]] as const) {
      test(`a ${connected} (${connecter}) at a ${bound} (${binder}): both report that the mechanisms differ`, async () => {
        for (let run = 0; run < RUNS; run++) {
          await using pull = await open(binder, "PULL", SIDES[bound]!);
          await using push = await open(connecter, "PUSH", SIDES[connected]!);
          await push.connect(await pull.bind("tcp://127.0.0.1:0"));
          await Promise.all([pull.seen("handshake:error", 1), push.seen("handshake:error", 1)]);
          await Promise.all([pull.seen("handshake:error:protocol", 1), push.seen("handshake:error:protocol", 1)]);
        }
      });
    }
  }
}

test("the report has the rule, and names our mechanism; the next attempt is delayed", async () => {
  await using pull = await libzmq.open("PULL", {});
  await using push = new Push({ plainUsername: "a", plainPassword: "b", reconnectInterval: 1000, linger: 0 });
  const told = nextEvent(push, "handshake:error:protocol");
  const retried = nextEvent(push, "connect:retry");
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  const { rule, error } = await told;
  assertEquals([rule, error.code], ["MECHANISM_MISMATCH", "EPROTO"]);
  assertStringIncludes(error.message, "PLAIN");
  // At least half of ten times the interval; a loss of another kind is at most twice the interval.
  assert((await retried).interval >= 5000);
});

test("the side that detects it first has sent its whole greeting, and closes regularly", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.connect(await pull.bind("tcp://127.0.0.1:0"));
  // All at once, with unread bytes after it.
  peer.write(greeting(1, "CURVE"), new Uint8Array(1000));
  assertEquals(new TextDecoder().decode((await peer.read(64)).subarray(12, 16)), "NULL");
  await peer.gone;
});

/**
 * The part of its greeting that a peer sends before it disconnects, and whether it may then have wanted another
 * mechanism.
 */
const LEFT: [sent: number, mismatch: boolean][] = [[0, false], [1, false], [10, false], [11, true], [12, true], [
  63,
  true,
]];

for (const [sent, mismatch] of LEFT) {
  for (const how of ["in good order", "by a reset"] as const) {
    test(`a peer that leaves ${how} after ${sent} bytes of its greeting: ${mismatch ? "a mismatch" : "a loss"}`, async () => {
      await using listener = await RawListener.bind();
      await using push = new Push({ reconnectInterval: 60_000, linger: 0 });
      const failed = new Promise<{ type: string; error: Error }>((resolve) => {
        push.events.listen((event) => {
          if (event.type.startsWith("handshake")) resolve(event as { type: string; error: Error });
        });
      });
      push.connect(listener.endpoint);
      const peer = await listener.accept();
      await peer.write(greeting().subarray(0, sent));
      // Our answer has arrived: the whole greeting only if the peer sent its version.
      await peer.read(sent < 10 ? 10 : sent === 10 ? 11 : 64);
      if (how === "in good order") await peer.end();
      else await peer[Symbol.asyncDispose]();
      const { type, error } = await failed;
      assertEquals(type, mismatch ? "handshake:error:protocol" : "handshake:error:other");
      assert(!mismatch || error.message.includes("another security mechanism than NULL"), error.message);
    });
  }
}

test("our own end between the greetings is not reported as a mismatch", async () => {
  await using listener = await RawListener.bind();
  const push = new Push({ linger: 0 });
  const types: string[] = [];
  push.events.listen(({ type }) => type !== "hint" && types.push(type));
  push.connect(listener.endpoint);
  const peer = await listener.accept();
  peer.write(greeting().subarray(0, 12));
  await peer.read(64);
  await push.close();
  assertEquals(types.filter((type) => type === "handshake:error:protocol"), []);
});
