/**
 * Heartbeat commands (RFC 37 §2.4): PING with a time to live and a context, PONG with the same context.
 *
 * @module
 */

import { encodeCommand } from "./command.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Longest context of a PING, in bytes. */
const MAX_CONTEXT = 16;

/** A PING taken apart. */
export interface Ping {
  /** Time after which the sender wants to be held dead when nothing more comes, in ms; 0 is never. */
  readonly ttl: number;
  /** To be echoed. */
  readonly context: Uint8Array;
}

/** libzmq keeps a time to live in 16 bits of milliseconds: so much is lost of one that needs more. */
const LIBZMQ_WRAPS_AT = 0x1_0000;

/**
 * The time to live, in ms, to send for one that the user chose. libzmq (4.3.5 at least) reads 65,600 ms as 64 ms and leaves
 * soon after each PING. So one above 65,500 ms goes out as the next longer one that libzmq reads as more than 65.4 s.
 */
export function wireTimeToLive(ttl: number): number {
  const whole = Math.floor(ttl / 100) * 100;
  if (whole < LIBZMQ_WRAPS_AT) return whole;
  return Math.floor((Math.ceil((whole + 1) / LIBZMQ_WRAPS_AT) * LIBZMQ_WRAPS_AT - 1) / 100) * 100;
}

/** A PING frame. `ttl` is in ms and goes out in steps of 100. */
export function encodePing(ttl: number, context: Uint8Array): Uint8Array {
  const data = new Uint8Array(2 + context.length);
  new DataView(data.buffer).setUint16(0, Math.min(0xffff, Math.floor(ttl / 100)));
  data.set(context, 2);
  return encodeCommand("PING", data);
}

/**
 * The data of a PING command; a context that is too long is cut, as libzmq does.
 *
 * @throws {ProtocolError} if there is no time to live.
 */
export function parsePing(data: Uint8Array): Ping {
  if (data.length < 2) {
    throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_UNSPECIFIED", "The peer sent a PING without a time to live");
  }
  return { ttl: (data[0]! << 8 | data[1]!) * 100, context: data.slice(2, 2 + MAX_CONTEXT) };
}

/** A PONG frame. */
export function encodePong(context: Uint8Array): Uint8Array {
  return encodeCommand("PONG", context);
}
