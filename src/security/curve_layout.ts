/**
 * What CURVE's commands are made of (RFC 26; libzmq curve_client_tools.hpp, curve_server.cpp): sizes, places, nonces.
 *
 * @module
 */

import { writeLength } from "../zmtp/frame.ts";
import type { ProtocolRule } from "../zmtp/protocol_error.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import { KEY_SIZE, NONCE_SIZE, TAG_SIZE } from "./curve_crypto.ts";

/** A counter, which is the end of a nonce, in bytes. */
export const COUNTER_SIZE = 8;
/** The random end of a nonce, in bytes. */
export const LONG_NONCE_SIZE = 16;

/** Length of the data of HELLO: version, zeros, C', counter, box of 64 zeros. */
export const HELLO_SIZE = 194;
/** Where C' is in it. */
export const HELLO_KEY_AT = 74;
/** Where the counter is. */
export const HELLO_COUNTER_AT = 106;
/** Where the box is. */
export const HELLO_BOX_AT = 114;
/** What is in that box, in bytes. */
export const HELLO_SIGNED = 64;

/** Length of the data of WELCOME: end of the nonce, box of S' and the cookie. */
export const WELCOME_SIZE = 160;
/** Length of a cookie: end of the nonce, box of C' and s'. */
export const COOKIE_SIZE: number = LONG_NONCE_SIZE + TAG_SIZE + 2 * KEY_SIZE;

/** Where the box is in the data of INITIATE, behind cookie and counter. */
export const INITIATE_BOX_AT: number = COOKIE_SIZE + COUNTER_SIZE;
/** In that box, where the box of the vouch is (C' and S), behind C and the end of its nonce. */
export const VOUCH_AT: number = KEY_SIZE + LONG_NONCE_SIZE;
/** Where that box ends; metadata follows. */
export const VOUCH_END: number = VOUCH_AT + TAG_SIZE + 2 * KEY_SIZE;

/** What a nonce is for. */
export type NonceKind =
  | "hello"
  | "welcome"
  | "cookie"
  | "initiate"
  | "vouch"
  | "ready"
  | "fromClient"
  | "fromServer";

/** How nonces begin: with 8 bytes before a random end, with 16 before a counter. */
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

/** A nonce, from its prefix and its end. */
export function nonceOf(prefix: Uint8Array, end: Uint8Array): Uint8Array {
  return join(NONCE_SIZE, prefix, end);
}

/** A counter as it is sent. */
export function counterBytes(counter: number): Uint8Array {
  const bytes = new Uint8Array(COUNTER_SIZE);
  writeLength(bytes, 0, counter);
  return bytes;
}

/** Several parts in one piece of memory of `size` bytes. */
export function join(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A command of the wrong size, or otherwise not as it must be. */
export function malformed(name: "HELLO" | "WELCOME" | "INITIATE" | "READY" | "MESSAGE"): ProtocolError {
  const rule: ProtocolRule = `MALFORMED_COMMAND_${name}`;
  return new ProtocolError("EPROTO", rule, `The peer sent a malformed ${name} command`);
}

/** A box that does not open. */
export function unreadable(name: string): ProtocolError {
  return new ProtocolError("EPROTO", "CRYPTOGRAPHIC", `The peer's ${name} command cannot be decrypted`);
}

/** A public key that leads to no secret. */
export function noSharedKey(): ProtocolError {
  return new ProtocolError("EPROTO", "KEY_EXCHANGE", "The peer's public key cannot be used");
}

/** A counter that is not above the last one. */
export function oldCounter(): ProtocolError {
  return new ProtocolError("EPROTO", "INVALID_SEQUENCE", "The peer repeated a command, or sent it out of order");
}
