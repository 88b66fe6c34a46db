/**
 * The error for a handshake that ended with a rejection by an authenticator.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";

/**
 * Status code of a rejection (ZAP, RFC 27): 300 is a temporary failure, 400 rejects the peer, 500 reports an error of
 * the authenticator.
 */
export type AuthStatus = 300 | 400 | 500;

/**
 * A peer rejected this socket, or this socket rejected a peer (RFC 27). Its code is `EACCES`.
 *
 * @example
 * ```ts
 * import { AuthError, Reply, Request } from "@monocoque/zmq";
 *
 * await using reply = new Reply({ plainServer: true, authenticate: () => false });
 * await using request = new Request({ plainUsername: "ada", plainPassword: "guess", linger: 0 });
 * request.connect(await reply.bind("tcp://127.0.0.1:0"));
 * for await (const event of request.events) {
 *   if (event.type !== "handshake:error:auth") continue;
 *   if (!(event.error instanceof AuthError) || event.error.status !== 400) throw new Error("unexpected");
 *   break;
 * }
 * ```
 */
export class AuthError extends ZmqError {
  static {
    brandInstances(this, "AuthError");
  }

  /** The status code. */
  readonly status: AuthStatus;

  /** Creates an error with a status code. The default message says that the peer rejected this socket. */
  constructor(status: AuthStatus, message?: string, options?: { readonly cause?: unknown }) {
    super("EACCES", message ?? `Access denied by the peer (ZAP ${status})`, options);
    this.name = "AuthError";
    this.status = status;
  }
}

/** Returns the status code in the reason of an ERROR command; `undefined` if the reason is something else. */
export function authStatus(reason: string): AuthStatus | undefined {
  return reason === "300" || reason === "400" || reason === "500" ? Number(reason) as AuthStatus : undefined;
}
