/**
 * The cost that an unknown client can cause in a server: multiplications on the curve, and memory that remains of
 * completed authentications.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import { command } from "../support/raw_peer.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { nextEvent, texts } from "../sockets/support.ts";
import { curveClient, curveServer } from "./curve_rig.ts";
import { bytesOf, CLIENT } from "./keys.ts";
import { meet } from "./pair.ts";
import { zapReply, ZapRig } from "./zap_rig.ts";

/** The real cryptography, which counts multiplications. */
function counted(): { crypto: CurveCrypto; count: () => number } {
  let count = 0;
  return {
    count: () => count,
    crypto: {
      random: (length) => crypto.random(length),
      publicKey: (secretKey) => (count++, crypto.publicKey(secretKey)),
      sharedKey: (publicKey, secretKey) => (count++, crypto.sharedKey(publicKey, secretKey)),
      seal: (key, nonce, plain) => crypto.seal(key, nonce, plain),
      open: (key, nonce, box) => crypto.open(key, nonce, box),
      line: (key, noncePrefix) => crypto.line(key, noncePrefix),
    },
  };
}

test("CURVE: a greeting costs the server no multiplication, a HELLO without its key one, a whole handshake five", () => {
  const greeted = counted();
  meet(curveClient(), curveServer({ crypto: greeted.crypto }), (bytes, from) => {
    return from === "client" && bytes.length > 64 ? undefined : bytes;
  });
  assertEquals(greeted.count(), 0);

  const stranger = counted();
  // A key that is not the server's.
  meet(curveClient({ serverKey: bytesOf(CLIENT).publicKey }), curveServer({ crypto: stranger.crypto }));
  assertEquals(stranger.count(), 1);

  const nonsense = counted();
  meet(curveClient(), curveServer({ crypto: nonsense.crypto }), (bytes, from) => {
    return from === "client" && bytes.length > 64 ? command("HELLO", new Uint8Array(194).fill(1)) : bytes;
  });
  assertEquals(nonsense.count(), 0);

  const whole = counted();
  const { server } = meet(curveClient(), curveServer({ crypto: whole.crypto }));
  assertEquals([server.session.ready, whole.count()], [true, 5]);
});

test("ZAP: a request that timed out is removed from a handler that has not received it", async () => {
  await using rig = await ZapRig.make();
  for (let i = 0; i < 20; i++) {
    const client = rig.client();
    await rig.handler.whenReadable();
    const gone = nextEvent(rig.pull, "handshake:error:other");
    await client.close();
    await gone;
    assertEquals([rig.handler.statistics().held, rig.handler.readable], [0, false]);
  }
  await rig.stillWorks();
});

test("ZAP: an answer cannot change the routing id of a peer, nor can user ids that are not text", async () => {
  await using rig = await ZapRig.make();
  const client = rig.client();
  const metadata = new Uint8Array([...metadataOfOne("Identity", "forged"), ...metadataOfOne("X-Level", "9")]);
  const joined = nextEvent(rig.pull, "handshake");
  await rig.answer(zapReply({ userId: "ann", metadata }));
  const { metadata: known } = await joined;
  const texted = Object.fromEntries([...known].map(([name, value]) => [name, texts([value])[0]]));
  assertEquals([texted["identity"] ?? "", texted["x-level"], texted["user-id"]], ["", "9", "ann"]);
  await client.close();
});

function metadataOfOne(name: string, value: string): number[] {
  const encoder = new TextEncoder();
  return [name.length, ...encoder.encode(name), 0, 0, 0, value.length, ...encoder.encode(value)];
}
