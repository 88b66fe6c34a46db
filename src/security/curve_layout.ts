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

/** Places in the data of HELLO, which has 194 bytes: version, zeros, C', counter, box of 64 zeros. */
export const HELLO = { size: 194, clientAt: 74, counterAt: 106, boxAt: 114, signed: 64 } as const;
/** Of WELCOME, which has 160 bytes: end of the nonce, box of S' and the cookie. */
export const WELCOME = { size: 160, boxAt: LONG_NONCE_SIZE } as const;
/** Of a cookie: end of the nonce, box of C' and s'. */
export const COOKIE_SIZE: number = LONG_NONCE_SIZE + TAG_SIZE + 2 * KEY_SIZE;
/** Of INITIATE: cookie, counter, box. */
export const INITIATE = { counterAt: COOKIE_SIZE, boxAt: COOKIE_SIZE + COUNTER_SIZE } as const;
/** Of what is in INITIATE's box: C, end of the nonce, box of C' and S, metadata. */
export const VOUCH = {
  nonceAt: KEY_SIZE,
  boxAt: KEY_SIZE + LONG_NONCE_SIZE,
  end: KEY_SIZE + LONG_NONCE_SIZE + TAG_SIZE + 2 * KEY_SIZE,
} as const;
/** Of READY: counter, box of the metadata. */
export const READY = { boxAt: COUNTER_SIZE } as const;

/** How nonces begin: with 8 bytes before a random end, with 16 before a counter. */
export const PREFIX = {
  hello: ascii("CurveZMQHELLO---"),
  welcome: ascii("WELCOME-"),
  cookie: ascii("COOKIE--"),
  initiate: ascii("CurveZMQINITIATE"),
  vouch: ascii("VOUCH---"),
  ready: ascii("CurveZMQREADY---"),
  fromClient: ascii("CurveZMQMESSAGEC"),
  fromServer: ascii("CurveZMQMESSAGES"),
} as const;

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
  return new ProtocolError("EPROTO", "INVALID_SEQUENCE", "The peer sent a command again, or out of order");
}
