/**
 * A handshake that failed because of who we are, not of how we speak.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";

/** What ZAP (RFC 27) answers about a peer: 300 for now, 400 not at all, 500 the authenticator itself failed. */
export type AuthStatus = 300 | 400 | 500;

/** The peer does not let us in, or we do not let it in: `EACCES`. */
export class AuthError extends ZmqError {
  static {
    brandInstances(this, "AuthError");
  }

  /** The answer. */
  readonly status: AuthStatus;

  /** Makes an error for an answer; by default it is the peer's. */
  constructor(status: AuthStatus, message?: string, options?: { readonly cause?: unknown }) {
    super("EACCES", message ?? `Access denied by the peer (ZAP ${status})`, options);
    this.name = "AuthError";
    this.status = status;
  }
}

/** The answer in the reason of an ERROR command; `undefined` if it says something else. */
export function authStatus(reason: string): AuthStatus | undefined {
  return reason === "300" || reason === "400" || reason === "500" ? Number(reason) as AuthStatus : undefined;
}
