/**
 * Errors that cross threads: a structured clone would lose their class and code.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "../../base/errors.ts";
import type { PortedError } from "./messages.ts";

/** An error for another thread. */
export function portError(error: unknown): PortedError {
  const { code, message, endpoint } = Object(error) as Partial<ZmqError>;
  return {
    code: error instanceof ZmqError ? code : undefined,
    message: message ?? String(error),
    endpoint: endpoint ?? undefined,
  };
}

/** The error of another thread. */
export function unportError({ code, message, endpoint }: PortedError): Error {
  return code === undefined
    ? new Error(message)
    : new ZmqError(code as ZmqErrorCode, message, endpoint === undefined ? {} : { endpoint });
}
