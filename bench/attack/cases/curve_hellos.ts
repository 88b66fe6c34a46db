/**
 * Well-formed HELLOs of CURVE, which cost the server a key agreement each; the hostile peer makes one and repeats it.
 *
 * @module
 */

import { CurveClient } from "../../../src/security/curve_client.ts";
import { loadCurveCrypto } from "../../../src/security/load_curve_crypto.ts";
import { decodeZ85 } from "../../../src/security/z85.ts";
import { bytes, frame, greeting } from "../../../tests/support/raw_peer.ts";
import { CURVE_KEYS } from "../../peers/library.ts";
import type { Attack } from "../attack.ts";
import { connectOften } from "./handshakes.ts";

async function hello(): Promise<Uint8Array> {
  const { server, client } = CURVE_KEYS;
  const mechanism = new CurveClient({
    crypto: await loadCurveCrypto(),
    metadata: new Uint8Array(0),
    publicKey: decodeZ85(client.publicKey),
    secretKey: decodeZ85(client.secretKey),
    serverKey: decodeZ85(server.publicKey),
  });
  let body: Uint8Array | undefined;
  mechanism.start({ send: (sent) => body = sent, complete: () => {}, fail: () => {}, flush: () => {} });
  return frame(4, body!);
}

/** The attack. */
export const curveHellos: Attack = {
  id: "curve-hellos",
  title: "HELLOs of CURVE",
  unit: "connections",
  target: "pull-curve",
  flood: async (flood) => await connectOften(flood, bytes(greeting(1, "CURVE"), await hello())),
};

/** The same against a server that limits handshakes to 50 per second; libzmq cannot. */
export const curveHellosLimited: Attack = {
  id: "curve-hellos-limited",
  title: "HELLOs of CURVE, maxHandshakesPerSecond",
  unit: "connections",
  target: "pull-curve-limited",
  flood: (flood) => curveHellos.flood(flood),
};
