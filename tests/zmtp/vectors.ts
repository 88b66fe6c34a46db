/**
 * Golden vectors: ZMTP bytes as hex, in one place.
 *
 * `LIBZMQ` was recorded from libzmq 4.3.5 (npm's `zeromq` 6.8.0) by `tests/support/capture_vectors.mjs`. `DERIVED` was
 * written by hand from RFC 37 for what libzmq does not send of its own accord.
 *
 * @module
 */

import { hex } from "../support/hex.ts";

const zeros = (count: number) => "00".repeat(count);

/** What libzmq 4.3.5 sent. */
export const LIBZMQ = {
  greeting: hex(`ff 0000000000000001 7f 0301 4e554c4c ${zeros(16)} 00 ${zeros(31)}`),
  /** A socket with the 8-byte routing id "client-1": its length is in the padding. */
  greetingWithIdentity: hex(`ff 0000000000000009 7f 0301 4e554c4c ${zeros(16)} 00 ${zeros(31)}`),

  readyReq: hex("0426 055245414459 0b536f636b65742d54797065 00000003524551 084964656e74697479 00000000"),
  readyRep: hex("0419 055245414459 0b536f636b65742d54797065 00000003524550"),
  readyDealer: hex("0429 055245414459 0b536f636b65742d54797065 000000064445414c4552 084964656e74697479 00000000"),
  readyRouter: hex("0429 055245414459 0b536f636b65742d54797065 00000006524f55544552 084964656e74697479 00000000"),
  readyPub: hex("0419 055245414459 0b536f636b65742d54797065 00000003505542"),
  readySub: hex("0419 055245414459 0b536f636b65742d54797065 00000003535542"),
  readyXpub: hex("041a 055245414459 0b536f636b65742d54797065 0000000458505542"),
  readyXsub: hex("041a 055245414459 0b536f636b65742d54797065 0000000458535542"),
  readyPush: hex("041a 055245414459 0b536f636b65742d54797065 0000000450555348"),
  readyPull: hex("041a 055245414459 0b536f636b65742d54797065 0000000450554c4c"),
  readyPair: hex("041a 055245414459 0b536f636b65742d54797065 0000000450414952"),
  readyDealerWithIdentity: hex(
    "0431 055245414459 0b536f636b65742d54797065 000000064445414c4552 084964656e74697479 00000008636c69656e742d31",
  ),

  /** To a ZMTP 3.1 peer: commands. The topic is "weather.". */
  subscribe: hex("0412 09535542534352494245 776561746865722e"),
  subscribeAll: hex("040a 09535542534352494245"),
  cancel: hex("040f 0643414e43454c 776561746865722e"),
  /** A topic of 300 times "t". */
  subscribeLong: hex(`06 0000000000000136 09535542534352494245 ${"74".repeat(300)}`),
  /** To a ZMTP 3.0 peer: messages. */
  subscribeMessage: hex("0009 01 776561746865722e"),
  subscribeAllMessage: hex("0001 01"),
  cancelMessage: hex("0009 00 776561746865722e"),
  subscribeLongMessage: hex(`02 000000000000012d 01 ${"74".repeat(300)}`),

  messageShort: hex("0005 68656c6c6f"),
  messageEmpty: hex("0000"),
  message255: hex(`00ff ${"61".repeat(255)}`),
  message256: hex(`02 0000000000000100 ${"62".repeat(256)}`),
  /** "one", empty, "three". */
  messageMultipart: hex("0103 6f6e65 0100 0005 7468726565"),
  /** 256 times "c", then "d". */
  messageMultipartLong: hex(`03 0000000000000100 ${"63".repeat(256)} 0001 64`),
  /** What a REQ sends for "question". */
  request: hex("0100 0008 7175657374696f6e"),

  /** heartbeatTimeToLive 1500 ms, no context. */
  ping: hex("0407 0450494e47 000f"),
  /** The answer to a PING without a context. */
  pong: hex("0405 04504f4e47"),
  /** The answer to a PING with the context "context". */
  pongContext: hex("040c 04504f4e47 636f6e74657874"),
  /** After a ZAP handler refused the peer with code 400. */
  error: hex("040a 054552524f52 03 343030"),
} as const;

/** Written by hand from RFC 37. */
export const DERIVED = {
  /** ZMTP 3.0: what libzmq up to 4.3.2 sends. */
  greeting30: hex(`ff 0000000000000001 7f 0300 4e554c4c ${zeros(16)} 00 ${zeros(31)}`),
  /** All that RFC 37 asks of a signature: its padding may be anything, and of byte 9 only the last bit counts. */
  greetingOddPadding: hex(`ff 0123456789abcdef 01 0301 4e554c4c ${zeros(16)} 01 ${"ee".repeat(31)}`),
  /** ZMTP 4.2, to be taken for 3.1. */
  greetingFuture: hex(`ff 0000000000000000 7f 0402 4e554c4c ${zeros(16)} 00 ${zeros(31)}`),
  greetingPlain: hex(`ff 0000000000000000 7f 0301 504c41494e ${zeros(15)} 00 ${zeros(31)}`),

  /** PING with a time to live of 1 s and the context "context". */
  pingContext: hex("040e 0450494e47 000a 636f6e74657874"),
  /** PING with a context of 20 bytes, of which 16 come back. */
  pingLongContext: hex(`041b 0450494e47 0000 ${"78".repeat(20)}`),
  pongLongContext: hex(`0415 04504f4e47 ${"78".repeat(16)}`),
  /** A command that nobody knows: "FUTURE" with three bytes. */
  unknown: hex("040a 06465554555245 010203"),
  /** A short command in a frame with a long length. */
  pingLongFrame: hex("06 0000000000000007 0450494e47 0000"),
  /** "hi" in a frame with a long length. */
  messageNeedlesslyLong: hex("02 0000000000000002 6869"),
  /** ERROR with an empty reason. */
  errorEmpty: hex("0407 054552524f52 00"),
} as const;
