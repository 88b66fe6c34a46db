/**
 * Authentication in the terms of programs: the request that an authenticator gets, and its answers. `src/security/zap.ts` has the same
 * in the terms of ZAP.
 *
 * @module
 */

import { peerText } from "../base/peer_text.ts";
import type { Authenticate, ZapRequest, ZapVerdict } from "../security/zap.ts";
import { encodeZ85 } from "../security/z85.ts";

const MAX_USER_ID = 255;
/** As metadata has them (RFC 37). */
const PROPERTY_NAME = /^[A-Za-z0-9\-_.+]{1,255}$/;
const encoder = new TextEncoder();
/** No two texts of bytes are the same. */
const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const REFUSED: ZapVerdict = { status: 400, text: "", userId: "", metadata: new Map() };

/** A peer that wants to connect. */
export interface AuthenticationRequest {
  /** The security mechanism of the socket. */
  readonly mechanism: "NULL" | "PLAIN" | "CURVE";
  /** The socket's `zapDomain`. */
  readonly domain: string;
  /** The peer's IP address; empty where there is none. */
  readonly address: string;
  /** PLAIN: the user name that the peer gives. */
  readonly username?: string;
  /** PLAIN: the password that the peer gives. */
  readonly password?: string;
  /** CURVE: the peer's public key, which it has proved to own, as 40 characters of Z85. */
  readonly publicKey?: string;
}

/** Identity and metadata of an authorized peer. */
export interface AuthorizedPeer {
  /** The identity of the peer, at most 255 bytes: `user-id` in its metadata. */
  readonly userId?: string | undefined;
  /** More metadata of the peer. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Authorizes a peer (`true` or {@link AuthorizedPeer}), or rejects it (`false`). */
export type AuthenticationAnswer = boolean | AuthorizedPeer;

/**
 * Decides whether a peer can connect. A function that throws, or a promise that rejects, rejects the peer. It has the time of
 * `handshakeInterval`; the signal is aborted when the peer no longer waits.
 */
export type AuthenticateFunction = (
  request: AuthenticationRequest,
  signal: AbortSignal,
) => AuthenticationAnswer | Promise<AuthenticationAnswer>;

/** An object that decides whether a peer can connect, such as an {@link Authenticator}. */
export interface AuthenticateObject {
  /** See {@link AuthenticateFunction}. */
  readonly authenticate: AuthenticateFunction;
}

/** A request as its authenticator gets it; `undefined` if the user name or the password is not UTF-8. */
export function readRequest(
  { mechanism, domain, address, credentials }: ZapRequest,
): AuthenticationRequest | undefined {
  const common = { mechanism: mechanism as AuthenticationRequest["mechanism"], domain, address };
  const [first, second] = credentials;
  if (mechanism === "PLAIN") {
    try {
      return { ...common, username: exact.decode(first), password: exact.decode(second) };
    } catch {
      return undefined;
    }
  }
  if (mechanism === "CURVE") return { ...common, publicKey: encodeZ85(first!) };
  return common;
}

/** Asks an authenticator in the terms of ZAP. */
export function authenticateBy(authenticator: AuthenticateFunction | AuthenticateObject): Authenticate {
  return async (request, over) => {
    const asked = readRequest(request);
    if (asked === undefined) return REFUSED;
    const answer = typeof authenticator === "function"
      ? await authenticator(asked, over)
      : await authenticator.authenticate(asked, over);
    return verdictOf(answer);
  };
}

/**
 * Converts an answer to the terms of ZAP. Only `true` and plain objects accept a peer, not every truthy value.
 *
 * @throws {TypeError} If the answer has an invalid identity or metadata: the authenticator has failed then.
 */
export function verdictOf(answer: AuthenticationAnswer): ZapVerdict {
  if (answer !== true && !isAuthorized(answer)) return REFUSED;
  const { userId = "", metadata = {}, ...others }: AuthorizedPeer = answer === true ? {} : answer;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`The authenticator must answer with userId and metadata alone, not with ${peerText(unknown)}`);
  }
  if (typeof userId !== "string" || encoder.encode(userId).length > MAX_USER_ID) {
    throw new TypeError(`The authenticator must answer with a userId of at most ${MAX_USER_ID} bytes`);
  }
  const entries = Object.entries(metadata).map(([name, value]) => {
    if (PROPERTY_NAME.test(name) && typeof value === "string") {
      return [name.toLowerCase(), encoder.encode(value)] as const;
    }
    throw new TypeError(
      "The authenticator must answer with metadata of strings, under names of letters, digits and -_.+",
    );
  });
  return { status: 200, text: "", userId, metadata: new Map(entries) };
}

function isAuthorized(answer: AuthenticationAnswer): answer is AuthorizedPeer {
  if (typeof answer !== "object" || answer === null) return false;
  // Instances of classes mean something else: an error, a response, a map.
  const prototype = Object.getPrototypeOf(answer) as unknown;
  return prototype === Object.prototype || prototype === null;
}
