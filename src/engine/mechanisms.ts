/**
 * The security mechanism that the options of a socket select, and the authenticator of a server.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import { CurveClient } from "../security/curve_client.ts";
import { KEY_SIZE, MOST_SEALED } from "../security/curve_crypto.ts";
import { CurveServer } from "../security/curve_server.ts";
import { loadCurveCrypto } from "../security/load_curve_crypto.ts";
import { LoadingMechanism } from "../security/loading_mechanism.ts";
import { NullMechanism } from "../security/null.ts";
import { PlainClient } from "../security/plain_client.ts";
import { PlainServer } from "../security/plain_server.ts";
import type { Message } from "../base/message.ts";
import type { Authenticate, PeerCheck } from "../security/zap.ts";
import type { Mechanism } from "../zmtp/mechanism.ts";
import { authenticateBy } from "./authentication.ts";
import type { Context } from "./context.ts";
import { addressOf } from "./peer_address.ts";
import type { Settings } from "./settings.ts";
import { askZap, hasZapHandler } from "./zap_client.ts";

/** The time that a ZAP handler has where handshakes have no limit, in ms. */
const LONGEST_QUERY = 30_000;

/** The mechanism that the options of a socket select, by the names of zeromq.js; null is NULL. */
export function mechanismOf(settings: Settings): "plain" | "curve" | null {
  if (settings.curveServer || settings.curveServerKey !== null) return "curve";
  if (settings.plainServer || settings.plainUsername !== null || settings.plainPassword !== null) return "plain";
  return null;
}

/** True if an authenticator is asked about each peer. */
export function authenticates(settings: Settings): boolean {
  const { plainServer, curveServer, authenticate, zapDomain } = settings;
  if (plainServer || curveServer) return true;
  return mechanismOf(settings) === null && (authenticate !== null || zapDomain !== "");
}

/**
 * Checks that the options make a mechanism, before anything is bound or connected.
 *
 * @throws {ZmqError} `EINVAL` if they contradict each other, if a key is missing, or if a server has no
 * authenticator.
 */
export function requireMechanism(settings: Settings, context: Context): void {
  const { curveServer, curveServerKey, curveSecretKey, curvePublicKey, plainServer, plainUsername, plainPassword } =
    settings;
  const plainClient = plainUsername !== null || plainPassword !== null;
  if (mechanismOf(settings) === "curve" && (plainServer || plainClient)) {
    throw invalid("options of both PLAIN and CURVE are set");
  }
  if (plainServer && plainClient) throw invalid("a PLAIN server has no user name and password of its own");
  if (curveServer && curveServerKey !== null) throw invalid("a CURVE server has no curveServerKey");
  if (curveServer && curveSecretKey === null) throw invalid("a CURVE server needs its curveSecretKey");
  if (curvePublicKey !== null && curveSecretKey === null) throw invalid("a curvePublicKey needs its curveSecretKey");
  // A program that sets a key wants CURVE, and must not get NULL because the side is missing.
  if (mechanismOf(settings) !== "curve" && curveSecretKey !== null) {
    throw invalid("a curveSecretKey needs curveServer or curveServerKey");
  }
  if (!curveServer && !plainServer) {
    if (mechanismOf(settings) === null || settings.authenticate === null) return;
    throw invalid(
      "a PLAIN or CURVE client does not authenticate its server this way: remove authenticate",
    );
  }
  if (settings.zapEnforceDomain && settings.zapDomain === "") throw invalid("zapEnforceDomain needs a zapDomain");
  if (settings.authenticate !== null || AUTHENTICATORS_ELSEWHERE.has(settings) || hasZapHandler(context)) return;
  throw invalid(
    `a ${curveServer ? "CURVE" : "PLAIN"} server needs an authenticator: set authenticate, or bind a ZAP handler`,
  );
}

/**
 * Checks a message of this many bytes before it is queued.
 *
 * @throws {ZmqError} `EMSGSIZE` if a frame is more than its mechanism can encrypt.
 */
export function requireSealable(message: Message, settings: Settings): void {
  if (mechanismOf(settings) !== "curve") return;
  for (const { length } of message) {
    if (length <= MOST_SEALED) continue;
    throw new ZmqError(
      "EMSGSIZE",
      `Cannot send a frame of ${length} bytes: CURVE encrypts at most ${MOST_SEALED} bytes at once; send it in parts`,
    );
  }
}

function invalid(why: string): ZmqError {
  return new ZmqError("EINVAL", `The security options contradict each other: ${why}`);
}

/** The connection of a mechanism. */
export interface MechanismTask {
  readonly settings: Settings;
  readonly context: Context;
  /** Our own metadata, encoded. */
  readonly metadata: Uint8Array;
  /** Where the peer is: `tcp://127.0.0.1:40120`. */
  readonly remote: string;
}

/**
 * Loads the cryptography of the mechanism before peers can connect. Otherwise all peers that connect in the meantime would
 * wait for it, and then be served in one turn. If it cannot be loaded, the handshakes fail.
 */
export async function loadMechanism(settings: Settings): Promise<void> {
  if (mechanismOf(settings) === "curve") await loadCurveCrypto().catch(() => {});
}

/** Makes the mechanism of a new connection. */
export function newMechanism(task: MechanismTask): Mechanism {
  const { settings, metadata } = task;
  switch (mechanismOf(settings)) {
    case "curve":
      return newCurve(task);
    case "plain": {
      if (settings.plainServer) return new PlainServer({ metadata, check: checkFor(task) });
      const encoder = new TextEncoder();
      const username = encoder.encode(settings.plainUsername ?? "");
      return new PlainClient({ metadata, username, password: encoder.encode(settings.plainPassword ?? "") });
    }
    default:
      return new NullMechanism(metadata, authenticates(settings) ? checkFor(task) : undefined);
  }
}

/** Everything is decided here, although the cryptography may be loaded later: options may change meanwhile. */
function newCurve(task: MechanismTask): Mechanism {
  const { settings, metadata } = task;
  // Copies: those of the socket are wiped when it is closed, or gets others.
  const secretKey = settings.curveSecretKey?.slice();
  const serverKey = settings.curveServerKey?.slice();
  const check = checkFor(task);
  if (serverKey !== undefined) {
    return new LoadingMechanism("CURVE", false, secretKey, (crypto) => {
      const secret = secretKey ?? crypto.random(KEY_SIZE);
      return new CurveClient({ crypto, metadata, publicKey: crypto.publicKey(secret), secretKey: secret, serverKey });
    });
  }
  // Without its key it cannot be a server.
  if (secretKey === undefined) throw invalid("a CURVE server needs its curveSecretKey");
  return new LoadingMechanism("CURVE", true, secretKey, (crypto) => {
    return new CurveServer({ crypto, metadata, secretKey, check });
  });
}

function checkFor({ settings, context, remote }: MechanismTask): PeerCheck {
  return {
    authenticate: authenticatorOf(settings, context),
    domain: settings.zapDomain,
    address: addressOf(remote),
    identity: settings.routingId ?? NO_BYTES,
  };
}

/** Authenticators that are in another thread, by the settings of the socket that asks them. */
export const AUTHENTICATORS_ELSEWHERE: WeakMap<Settings, Authenticate> = new WeakMap();

/** The authenticator of a socket: its own, or the ZAP handler of its context. */
export function authenticatorOf(settings: Settings, context: Context): Authenticate {
  const elsewhere = AUTHENTICATORS_ELSEWHERE.get(settings);
  if (elsewhere !== undefined) return elsewhere;
  if (settings.authenticate !== null) return authenticateBy(settings.authenticate);
  // Where handshakes have a limit, that is the handler's as well.
  const timeout = settings.handshakeInterval > 0 ? Infinity : LONGEST_QUERY;
  return (request, over) => askZap(context, request, timeout, over);
}
