/**
 * Converts an exception of the encoder, the cipher or the link during a write into the error that ends the connection.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "./errors.ts";
import { endpointText, peerText } from "./peer_text.ts";

/**
 * Returns the error that the `disconnect` event reports: `ENOMEM` if memory could not be allocated, else `EIO`, with
 * the cause.
 */
export function writeError(remote: string, cause: unknown): ZmqError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `Connection to ${endpointText(remote)} failed: it could not write: ${peerText(why)}`;
  return new ZmqError(codeOf(cause), text, { cause });
}

function codeOf(cause: unknown): ZmqErrorCode {
  if (cause instanceof ZmqError) return cause.code;
  // Runtimes throw a `RangeError` if memory, or a buffer of that length, cannot be allocated.
  return cause instanceof RangeError ? "ENOMEM" : "EIO";
}
