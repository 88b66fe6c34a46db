/**
 * How connections are secured.
 *
 * @module
 */

import { flag, text, textOrNull, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup, secret } from "../../base/option.ts";
import type { AuthenticateFunction, AuthenticateObject } from "../authentication.ts";
import { authenticatorOrNull, curveKeyOrNull, secretOrNull } from "../option_checks.ts";

/**
 * How connections are secured, in the names of zeromq.js. A socket is a PLAIN or CURVE server or client by what is set here,
 * and NULL, which is not secured at all, otherwise; both sides must have the same mechanism, one of them as server. Nothing of
 * this applies over inproc. docs/security.md tells what each mechanism is good for.
 */
export interface SecurityOptions {
  /** Whether this socket is a PLAIN server: peers tell a user name and a password, in the clear. Default `false`. */
  readonly plainServer?: boolean;
  /** User name to tell a PLAIN server, 1 to 255 bytes; null for none. Default null. */
  readonly plainUsername?: string | null;
  /** Password to tell a PLAIN server, at most 255 bytes; null for none. Default null. */
  readonly plainPassword?: string | null;
  /** Whether this socket is a CURVE server: needs `curveSecretKey`, and somebody to ask whom to let in. Default `false`. */
  readonly curveServer?: boolean;
  /** Public key of this socket, which may be left out: 32 bytes, or 40 characters of Z85; null for none. Default null. */
  readonly curvePublicKey?: string | Uint8Array | null;
  /**
   * Secret key of this socket: 32 bytes, or 40 characters of Z85; null for none. A client without one makes a new pair for each
   * connection. Wiped from memory when the socket is closed. Default null.
   */
  readonly curveSecretKey?: string | Uint8Array | null;
  /** Public key of the CURVE server to talk to, which makes this socket a client; null for none. Default null. */
  readonly curveServerKey?: string | Uint8Array | null;
  /** Domain to tell the authenticator, at most 255 bytes. With NULL, a domain has the authenticator asked. Default empty. */
  readonly zapDomain?: string;
  /** Whether a PLAIN or CURVE server without a `zapDomain` is an error. Default `false`. */
  readonly zapEnforceDomain?: boolean;
  /**
   * Decides whether a peer may join: a function, or an object such as an `Authenticator`. With NULL it is asked about the
   * address. Null asks the ZAP handler at `inproc://zeromq.zap.01` of the socket's context; a PLAIN or CURVE server that has
   * neither cannot be bound or connected. A change applies to peers that come after it. Default null.
   */
  readonly authenticate?: AuthenticateFunction | AuthenticateObject | null;
  /**
   * Most peers that came in and have not completed their handshake; when there are more, the one that has taken longest is
   * dropped. Default 4096.
   */
  readonly maxHandshakes?: number;
  /**
   * Most connections per second whose handshake begins, of those that come in; a burst may have as many. One that is over the
   * limit is closed before anything is done for it, with an `accept:refused` event. 0 is no limit. Default 0.
   */
  readonly maxHandshakesPerSecond?: number;
}

/** {@link SecurityOptions}, defined. */
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
