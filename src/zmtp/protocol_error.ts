/**
 * The error for a protocol violation, with the rule that was violated, so that events can be more specific than
 * `EPROTO`.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { ZmqError } from "../base/errors.ts";

/** The violated rule, with the names of zmq.h without `ZMQ_PROTOCOL_ERROR_` and `ZMTP_`. */
export type ProtocolRule =
  /** Any other violation. */
  | "UNSPECIFIED"
  /** A command or message arrived where another one was expected. */
  | "UNEXPECTED_COMMAND"
  /** A nonce is not above the previous one. */
  | "INVALID_SEQUENCE"
  /** The key exchange failed. */
  | "KEY_EXCHANGE"
  /** A malformed command, by its name; `MALFORMED_COMMAND_UNSPECIFIED` for all other commands. */
  | "MALFORMED_COMMAND_UNSPECIFIED"
  | "MALFORMED_COMMAND_MESSAGE"
  | "MALFORMED_COMMAND_HELLO"
  | "MALFORMED_COMMAND_INITIATE"
  | "MALFORMED_COMMAND_ERROR"
  | "MALFORMED_COMMAND_READY"
  | "MALFORMED_COMMAND_WELCOME"
  /** Malformed metadata, or metadata with an invalid socket type or routing id. */
  | "INVALID_METADATA"
  /** A command or frame cannot be decrypted or authenticated. */
  | "CRYPTOGRAPHIC"
  /** The two sides use different security mechanisms. */
  | "MECHANISM_MISMATCH"
  /** An invalid reply from a ZAP handler (RFC 27); `ZAP_UNSPECIFIED` for any other violation. */
  | "ZAP_UNSPECIFIED"
  | "ZAP_MALFORMED_REPLY"
  | "ZAP_BAD_REQUEST_ID"
  | "ZAP_BAD_VERSION"
  | "ZAP_INVALID_STATUS_CODE"
  | "ZAP_INVALID_METADATA";

/**
 * A peer or a ZAP handler violated the protocol. Its code is `EPROTO`, or `EMSGSIZE` if a limit was exceeded.
 *
 * @example
 * ```ts
 * import { linkOf, Pair, ProtocolError } from "@monocoque/zmq";
 *
 * await using pair = new Pair();
 * const input = new TransformStream<Uint8Array, Uint8Array>();
 * const output = new TransformStream<Uint8Array, Uint8Array>();
 * pair.attach(linkOf({ readable: input.readable, writable: output.writable }));
 * input.writable.getWriter().write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")).catch(() => {});
 * for await (const event of pair.events) {
 *   if (event.type !== "handshake:error:protocol") continue;
 *   if (!(event.error instanceof ProtocolError)) throw new Error("unexpected");
 *   console.log(event.error.rule); // UNSPECIFIED
 *   break;
 * }
 * ```
 */
export class ProtocolError extends ZmqError {
  static {
    brandInstances(this, "ProtocolError");
  }

  /** The violated rule. */
  readonly rule: ProtocolRule;

  /** Creates an error about a violated rule. */
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
