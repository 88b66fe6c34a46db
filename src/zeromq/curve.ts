/**
 * Key pairs of CURVE, synchronously.
 *
 * @module
 */

import { generateKeyPairSync } from "node:crypto";
import { Buffer } from "node:buffer";
import { encodeZ85 } from "../../mod.ts";

/**
 * Generates a new key pair for CURVE, each key as 40 characters of Z85.
 *
 * @example
 * ```ts
 * import { curveKeyPair, Dealer } from "@monocoque/zmq/zeromq";
 *
 * const { publicKey, secretKey } = curveKeyPair();
 * const server = new Dealer({ curveServer: true, curveSecretKey: secretKey });
 * const client = new Dealer({ curveServerKey: publicKey });
 * console.log(server.securityMechanism, client.securityMechanism); // curve curve
 * ```
 */
export function curveKeyPair(): { publicKey: string; secretKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const text = (part: string | undefined) => encodeZ85(Buffer.from(part!, "base64url"));
  return {
    publicKey: text(publicKey.export({ format: "jwk" }).x),
    secretKey: text(privateKey.export({ format: "jwk" }).d),
  };
}
