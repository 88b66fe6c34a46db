/**
 * CURVE mechanisms with the keys of the tests.
 *
 * @module
 */

import { CurveClient, type CurveClientOptions } from "../../src/security/curve_client.ts";
import { CurveServer, type CurveServerOptions } from "../../src/security/curve_server.ts";
import type { Authenticate, PeerCheck } from "../../src/security/zap.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { bytesOf, CLIENT, SERVER } from "./keys.ts";
import { WELCOME } from "./scenes.ts";
import { ownMetadata } from "../support/socket_types.ts";

const NONE = new Uint8Array(0);

/** Metadata of a DEALER. */
export const METADATA: Uint8Array = ownMetadata("DEALER", NONE);

/** A client that knows the server. */
export function curveClient(options: Partial<CurveClientOptions> = {}): CurveClient {
  const serverKey = bytesOf(SERVER).publicKey;
  return new CurveClient({ crypto, metadata: METADATA, ...bytesOf(CLIENT), serverKey, ...options });
}

/** The server. */
export function curveServer(options: Partial<CurveServerOptions> = {}): CurveServer {
  return new CurveServer({
    crypto,
    metadata: METADATA,
    secretKey: bytesOf(SERVER).secretKey,
    check: checkBy(() => WELCOME),
    ...options,
  });
}

/** Returns a check by this function, with a domain and an address that tests can recognize. */
export function checkBy(authenticate: Authenticate): PeerCheck {
  return { authenticate, domain: "global", address: "127.0.0.1", identity: new TextEncoder().encode("me") };
}
