/**
 * Errors of TLS.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { peerText } from "../../src/base/peer_text.ts";
import { tcpError } from "../shared/tcp.ts";

const OF_TLS = /CERT|TLS|SSL|SIGNED|ISSUER|SIGNATURE|HOSTNAME/i;

/** The error for a failed attempt: `EACCES` if a certificate or the handshake was rejected. */
export function tlsError(attempt: string, cause: unknown): ZmqError {
  const { code, message } = Object(cause) as { readonly code?: unknown; readonly message?: unknown };
  if (!OF_TLS.test(String(code)) && (code !== undefined || !OF_TLS.test(String(message)))) {
    return tcpError(attempt, cause);
  }
  return new ZmqError("EACCES", `${peerText(attempt, 340)}: TLS failed: ${peerText(String(message))}`, { cause });
}
