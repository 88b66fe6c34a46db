/**
 * Command frames (RFC 37 §2.4): a name with its length in one byte, then data whose format depends on the name.
 *
 * @module
 */

import { toText } from "../base/message.ts";
import { COMMAND, encodeFrame } from "./frame.ts";
import { ProtocolError } from "./protocol_error.ts";

/** A parsed command. */
export interface Command {
  /** The name, such as `READY`. */
  readonly name: string;
  /** The data after the name; a view of the frame's body. */
  readonly data: Uint8Array;
}

/** Encodes the body of a command frame. */
export function encodeCommandBody(name: string, data: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + name.length + data.length);
  body[0] = name.length;
  for (let i = 0; i < name.length; i++) body[1 + i] = name.charCodeAt(i);
  body.set(data, 1 + name.length);
  return body;
}

/** Encodes a command frame. */
export function encodeCommand(name: string, data: Uint8Array): Uint8Array {
  return encodeFrame(COMMAND, encodeCommandBody(name, data));
}

/**
 * Parses the body of a command frame.
 *
 * @throws {ProtocolError} If the body is empty, or shorter than the name.
 */
export function parseCommand(body: Uint8Array): Command {
  const length = body[0] ?? 0;
  if (body.length < 1 + length) {
    throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_UNSPECIFIED", "The peer sent a command without a name");
  }
  let name = "";
  for (let i = 1; i <= length; i++) name += String.fromCharCode(body[i]!);
  return { name, data: body.subarray(1 + length) };
}

/**
 * Encodes the data of an ERROR command: a reason of up to 255 bytes (RFC 37 §2.4), cut between two characters if
 * necessary.
 */
export function encodeErrorReason(reason: string): Uint8Array {
  const data = new Uint8Array(256);
  const { written } = new TextEncoder().encodeInto(reason, data.subarray(1));
  data[0] = written;
  return data.subarray(0, 1 + written);
}

/**
 * Returns the reason in the data of an ERROR command, unescaped: pass it to `peerText` before it is shown.
 *
 * @throws {ProtocolError} If the data is shorter than its length.
 */
export function parseErrorReason(data: Uint8Array): string {
  if (data.length === 0 || data.length < 1 + data[0]!) {
    throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_ERROR", "The peer sent a malformed ERROR command");
  }
  return toText(data.subarray(1, 1 + data[0]!));
}
