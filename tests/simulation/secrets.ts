/**
 * The security options of both sides, by the mechanism of a scenario.
 *
 * @module
 */

import { type CurveKeyPair, curveKeyPair } from "../../core.ts";
import type { MechanismName } from "./plan.ts";

let keys: Promise<CurveKeyPair> | undefined;

/** Loads what CURVE needs, so that no scenario waits for the disk. */
export function prepareSecrets(): Promise<CurveKeyPair> {
  return keys ??= curveKeyPair();
}

/** The security options of a side. The side that binds is the server. */
export async function secretsOf(mechanism: MechanismName, server: boolean): Promise<object> {
  const authenticate = () => true;
  if (mechanism === "PLAIN") {
    return server ? { plainServer: true, authenticate } : { plainUsername: "ann", plainPassword: "secret" };
  }
  if (mechanism === "NULL") return {};
  const { publicKey, secretKey } = await prepareSecrets();
  return server ? { curveServer: true, curveSecretKey: secretKey, authenticate } : { curveServerKey: publicKey };
}
