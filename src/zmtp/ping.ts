/**
 * Heartbeat commands (RFC 37 §2.4): PING with a time to live and a context, PONG with the same context.
 *
 * @module
 */

import { encodeCommand } from "./command.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Maximum length of the context of a PING, in bytes. */
const MAX_CONTEXT = 16;

/** A parsed PING. */
export interface Ping {
  /** Time of silence after which the sender should be disconnected, in ms; 0 means never. */
  readonly ttl: number;
  /** The context to echo. */
  readonly context: Uint8Array;
}

/** libzmq stores a time to live in 16 bits of milliseconds, so larger values wrap around here. */
const LIBZMQ_WRAPS_AT = 0x1_0000;

/**
 * Returns the time to live to send for a configured one, in ms. libzmq (at least up to 4.3.5) reads 65,600 ms as 64 ms
 * and disconnects soon after each PING. A time above 65,500 ms is therefore sent as the next larger one that libzmq
 * reads as more than 65.4 s.
 */
export function wireTimeToLive(ttl: number): number {
  const whole = Math.floor(ttl / 100) * 100;
  if (whole < LIBZMQ_WRAPS_AT) return whole;
  return Math.floor((Math.ceil((whole + 1) / LIBZMQ_WRAPS_AT) * LIBZMQ_WRAPS_AT - 1) / 100) * 100;
}

/** Encodes a PING frame. `ttl` is in ms, and sent in steps of 100. */
export function encodePing(ttl: number, context: Uint8Array): Uint8Array {
  const data = new Uint8Array(2 + context.length);
  new DataView(data.buffer).setUint16(0, Math.min(0xffff, Math.floor(ttl / 100)));
  data.set(context, 2);
  return encodeCommand("PING", data);
}

/**
 * Parses the data of a PING command. A context that is too long is truncated, as in libzmq.
 *
 * @throws {ProtocolError} If there is no time to live.
 */
export function parsePing(data: Uint8Array): Ping {
  if (data.length < 2) {
    throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_UNSPECIFIED", "The peer sent a PING without a time to live");
  }
  return { ttl: (data[0]! << 8 | data[1]!) * 100, context: data.slice(2, 2 + MAX_CONTEXT) };
}

/** Encodes a PONG frame. */
export function encodePong(context: Uint8Array): Uint8Array {
  return encodeCommand("PONG", context);
}
