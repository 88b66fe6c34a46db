/**
 * Options for authentication and encryption.
 *
 * @module
 */

import { flag, text, textOrNull, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup, secret } from "../../base/option.ts";
import type { AuthenticateFunction, AuthenticateObject } from "../authentication.ts";
import { authenticatorOrNull, curveKeyOrNull, secretOrNull } from "../option_checks.ts";

/**
 * Options for authentication and encryption, with the names of zeromq.js. They determine whether a socket is a PLAIN or
 * CURVE client or server; without them it uses NULL, which is not secured. Both peers must use the same mechanism, one
 * of them as the server. The options do not apply to inproc. See docs/security.md for what each mechanism protects
 * against.
 */
export interface SecurityOptions {
  /** If true, this socket is a PLAIN server: clients send a user name and a password, unencrypted. Default `false`. */
  readonly plainServer?: boolean | undefined;
  /** User name to send to a PLAIN server, 1 to 255 bytes; null for none. Default null. */
  readonly plainUsername?: string | null | undefined;
  /** Password to send to a PLAIN server, at most 255 bytes; null for none. Default null. */
  readonly plainPassword?: string | null | undefined;
  /**
   * If true, this socket is a CURVE server. Needs a `curveSecretKey`, and an `authenticate` or a ZAP handler. Default
   * `false`.
   */
  readonly curveServer?: boolean | undefined;
  /**
   * Public key of this socket: 32 bytes, or 40 characters of Z85; null derives it from the secret key. Default null.
   */
  readonly curvePublicKey?: string | Uint8Array | null | undefined;
  /**
   * Secret key of this socket: 32 bytes, or 40 characters of Z85; null for none. A client without one generates a key
   * pair per connection. Erased from memory when the socket is closed. Default null.
   */
  readonly curveSecretKey?: string | Uint8Array | null | undefined;
  /**
   * Public key of the CURVE server to connect to, which makes this socket a CURVE client; null for none. Default null.
   */
  readonly curveServerKey?: string | Uint8Array | null | undefined;
  /**
   * Domain to send to the authenticator, at most 255 bytes. With NULL, the ZAP handler is only asked if a domain is
   * set. Default empty.
   */
  readonly zapDomain?: string | undefined;
  /** If true, a PLAIN or CURVE server without a `zapDomain` is an error. Default `false`. */
  readonly zapEnforceDomain?: boolean | undefined;
  /**
   * Accepts or rejects peers: a function, or an object such as an `Authenticator`. With NULL it decides by the address.
   * Null asks the ZAP handler at `inproc://zeromq.zap.01` of the socket's context; a PLAIN or CURVE server with neither
   * cannot bind or connect. A change applies to later connections. Default null.
   */
  readonly authenticate?: AuthenticateFunction | AuthenticateObject | null | undefined;
  /**
   * Maximum number of incoming connections that have not completed their handshake; above it, the oldest of them is
   * closed. Default 4096.
   */
  readonly maxHandshakes?: number | undefined;
  /**
   * Maximum number of incoming connections per second whose handshake begins; a burst may have as many. A connection
   * above the limit is closed immediately, with an `accept:refused` event. 0 means no limit. Default 0.
   */
  readonly maxHandshakesPerSecond?: number | undefined;
}

/** Definition of {@link SecurityOptions}. */
export const SECURITY: OptionGroup<SecurityOptions> = {
  plainServer: option(flag, false, "next connection", "PLAIN_SERVER"),
  plainUsername: option(textOrNull(255), null, "next connection", "PLAIN_USERNAME"),
  plainPassword: secret(secretOrNull(255), null, "next connection", "PLAIN_PASSWORD"),
  curveServer: option(flag, false, "next connection", "CURVE_SERVER"),
  curvePublicKey: option(curveKeyOrNull, null, "next connection", "CURVE_PUBLICKEY"),
  curveSecretKey: secret(curveKeyOrNull, null, "next connection", "CURVE_SECRETKEY"),
  curveServerKey: option(curveKeyOrNull, null, "next connection", "CURVE_SERVERKEY"),
  zapDomain: option(text(255), "", "next connection", "ZAP_DOMAIN"),
  zapEnforceDomain: option(flag, false, "next connection", "ZAP_ENFORCE_DOMAIN"),
  authenticate: option(authenticatorOrNull, null, "next connection"),
  maxHandshakes: option(wholeNumber(1), 4096, "next connection"),
  maxHandshakesPerSecond: option(wholeNumber(0), 0, "next connection"),
};
