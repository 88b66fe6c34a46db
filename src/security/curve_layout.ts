/**
 * The layout of CURVE commands (RFC 26; libzmq curve_client_tools.hpp, curve_server.cpp): sizes, offsets, nonces.
 *
 * @module
 */

import { writeLength } from "../zmtp/frame.ts";
import type { ProtocolRule } from "../zmtp/protocol_error.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import { KEY_SIZE, NONCE_SIZE, TAG_SIZE } from "./curve_crypto.ts";

/** Length of a counter, the last part of a nonce, in bytes. */
export const COUNTER_SIZE = 8;
/** Length of the random last part of a nonce, in bytes. */
export const LONG_NONCE_SIZE = 16;

/** Length of the data of HELLO: version, zeros, C', counter, box of 64 zeros. */
export const HELLO_SIZE = 194;
/** Offset of C' in HELLO. */
export const HELLO_KEY_AT = 74;
/** Offset of the counter in HELLO. */
export const HELLO_COUNTER_AT = 106;
/** Offset of the box in HELLO. */
export const HELLO_BOX_AT = 114;
/** Length of the content of that box. */
export const HELLO_SIGNED = 64;

/** Length of the data of WELCOME: last part of the nonce, box of S' and the cookie. */
export const WELCOME_SIZE = 160;
/** Length of a cookie: last part of the nonce, box of C' and s'. */
export const COOKIE_SIZE: number = LONG_NONCE_SIZE + TAG_SIZE + 2 * KEY_SIZE;

/** Offset of the box in the data of INITIATE, after the cookie and the counter. */
export const INITIATE_BOX_AT: number = COOKIE_SIZE + COUNTER_SIZE;
/** Offset of the vouch (the box of C' and S) in that box, after C and the last part of its nonce. */
export const VOUCH_AT: number = KEY_SIZE + LONG_NONCE_SIZE;
/** Offset of the metadata in that box, after the vouch. */
export const VOUCH_END: number = VOUCH_AT + TAG_SIZE + 2 * KEY_SIZE;

/** The purpose of a nonce. */
export type NonceKind =
  | "hello"
  | "welcome"
  | "cookie"
  | "initiate"
  | "vouch"
  | "ready"
  | "fromClient"
  | "fromServer";

/** Prefixes of nonces: 8 bytes before a random last part, 16 bytes before a counter. */
export const PREFIX: Readonly<Record<NonceKind, Uint8Array>> = {
  hello: ascii("CurveZMQHELLO---"),
  welcome: ascii("WELCOME-"),
  cookie: ascii("COOKIE--"),
  initiate: ascii("CurveZMQINITIATE"),
  vouch: ascii("VOUCH---"),
  ready: ascii("CurveZMQREADY---"),
  fromClient: ascii("CurveZMQMESSAGEC"),
  fromServer: ascii("CurveZMQMESSAGES"),
};

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns a nonce. */
export function nonceOf(prefix: Uint8Array, end: Uint8Array): Uint8Array {
  return join(NONCE_SIZE, prefix, end);
}

/** Returns a counter in network byte order. */
export function counterBytes(counter: number): Uint8Array {
  const bytes = new Uint8Array(COUNTER_SIZE);
  writeLength(bytes, 0, counter);
  return bytes;
}

/** Concatenates parts whose total length is `size` bytes. */
export function join(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The error for a command with the wrong size or content. */
export function malformed(name: "HELLO" | "WELCOME" | "INITIATE" | "READY" | "MESSAGE"): ProtocolError {
  const rule: ProtocolRule = `MALFORMED_COMMAND_${name}`;
  return new ProtocolError("EPROTO", rule, `The peer sent a malformed ${name} command`);
}

/** The error for a box that cannot be decrypted. */
export function unreadable(name: string): ProtocolError {
  return new ProtocolError("EPROTO", "CRYPTOGRAPHIC", `The peer's ${name} command cannot be decrypted`);
}

/** The error for a public key without a shared key. */
export function noSharedKey(): ProtocolError {
  return new ProtocolError("EPROTO", "KEY_EXCHANGE", "The peer's public key cannot be used");
}

/** The error for a counter that is not above the previous one. */
export function oldCounter(): ProtocolError {
  return new ProtocolError("EPROTO", "INVALID_SEQUENCE", "The peer repeated a command, or sent it out of order");
}
