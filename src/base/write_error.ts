/**
 * What ended a connection while it was writing: an exception of the encoder, of the cipher or of the link, as an error with
 * a code.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "./errors.ts";
import { endpointText, peerText } from "./peer_text.ts";

/** The error that the `disconnect` event reports: `ENOMEM` where memory could not be had, else `EIO`, with the cause. */
export function writeError(remote: string, cause: unknown): ZmqError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `Connection to ${endpointText(remote)} failed: it could not write: ${peerText(why)}`;
  return new ZmqError(codeOf(cause), text, { cause });
}

function codeOf(cause: unknown): ZmqErrorCode {
  if (cause instanceof ZmqError) return cause.code;
  // What runtimes throw where memory, or a buffer of that length, cannot be had.
  return cause instanceof RangeError ? "ENOMEM" : "EIO";
}
