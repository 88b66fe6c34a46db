/**
 * What a peer does wrong, with the rule that it breaks, so that an event can tell more than `EPROTO`.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";

/** The rule that was broken, in the names of zmq.h without their `ZMQ_PROTOCOL_ERROR_` and `ZMTP_`. */
export type ProtocolRule =
  /** None of the others. */
  | "UNSPECIFIED"
  /** A command, or a message, where another one was expected. */
  | "UNEXPECTED_COMMAND"
  /** A nonce that is not above the last one. */
  | "INVALID_SEQUENCE"
  /** Keys could not be agreed on. */
  | "KEY_EXCHANGE"
  /** A command that cannot be taken apart, by its name; `MALFORMED_COMMAND_UNSPECIFIED` for all the others. */
  | "MALFORMED_COMMAND_UNSPECIFIED"
  | "MALFORMED_COMMAND_MESSAGE"
  | "MALFORMED_COMMAND_HELLO"
  | "MALFORMED_COMMAND_INITIATE"
  | "MALFORMED_COMMAND_ERROR"
  | "MALFORMED_COMMAND_READY"
  | "MALFORMED_COMMAND_WELCOME"
  /** Metadata that cannot be taken apart, or says what cannot be: a wrong socket type, a wrong routing id. */
  | "INVALID_METADATA"
  /** Something does not decrypt, or is not signed by whom it should be. */
  | "CRYPTOGRAPHIC"
  /** The two sides want different security. */
  | "MECHANISM_MISMATCH"
  /** What a ZAP handler (RFC 27) answered cannot be taken apart; `ZAP_UNSPECIFIED` if none of the others says why. */
  | "ZAP_UNSPECIFIED"
  | "ZAP_MALFORMED_REPLY"
  | "ZAP_BAD_REQUEST_ID"
  | "ZAP_BAD_VERSION"
  | "ZAP_INVALID_STATUS_CODE"
  | "ZAP_INVALID_METADATA";

/** The peer, or a ZAP handler, broke the protocol: `EPROTO`, or `EMSGSIZE` where it only wanted too much. */
export class ProtocolError extends ZmqError {
  static {
    brandInstances(this, "ProtocolError");
  }

  /** What exactly it broke. */
  readonly rule: ProtocolRule;

  /** Makes an error about a rule that a peer broke. */
  constructor(
    code: "EPROTO" | "EMSGSIZE",
    rule: ProtocolRule,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(code, message, options);
    this.name = "ProtocolError";
    this.rule = rule;
  }
}
