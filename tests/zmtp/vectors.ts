/**
 * Golden vectors: ZMTP bytes as hex, in one place.
 *
 * `LIBZMQ` was recorded from libzmq 4.3.5 (npm's `zeromq` 6.8.0) by `tests/support/capture_vectors.mjs`. `DERIVED` was
 * written by hand from RFC 37, for cases that libzmq does not send by itself.
 *
 * @module
 */

import { hex } from "../support/hex.ts";

const zeros = (count: number) => "00".repeat(count);

/** Recorded from libzmq 4.3.5. */
export const LIBZMQ = {
  /** The part of the greeting that it sends immediately. */
  signature: hex("ff 0000000000000001 7f"),
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
  /** The message "question" of a REQ. */
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
  /** An unknown command: "FUTURE" with three bytes. */
  unknown: hex("040a 06465554555245 010203"),
  /** A short command in a frame with a long length. */
  pingLongFrame: hex("06 0000000000000007 0450494e47 0000"),
  /** "hi" in a frame with a long length. */
  messageNeedlesslyLong: hex("02 0000000000000002 6869"),
  /** ERROR with an empty reason. */
  errorEmpty: hex("0407 054552524f52 00"),
} as const;

/**
 * Recorded from libzmq 4.3.5, by hand over a plain TCP connection, as a peer of ZMTP 2.0 or 1.0,
 * as zmq.h and RFC 13 and 15 have it.
 */
export const TO_OLDER = {
  /** After the peer's signature. */
  version: hex("03"),
  /** Socket types, after version 1. */
  typePush: hex("08"),
  typeDealer: hex("05"),
  typeSub: hex("02"),
  typePub: hex("01"),
  /** Routing ids as frames: none, and "client-1". */
  noIdentity20: hex("00 00"),
  identity20: hex("00 08 636c69656e742d31"),
  noIdentity10: hex("01 00"),
  identity10: hex("09 00 636c69656e742d31"),
  /** "client-1" to a peer that said nothing of a version: the rest of the frame that the signature began. */
  identityRest: hex("636c69656e742d31"),

  short20: hex("00 05 68656c6c6f"),
  empty20: hex("00 00"),
  /** "one", empty, "three". */
  multipart20: hex("01 03 6f6e65 01 00 00 05 7468726565"),
  message253as20: hex(`00 fd ${"61".repeat(253)}`),
  message254as20: hex(`00 fe ${"61".repeat(254)}`),
  message255as20: hex(`00 ff ${"61".repeat(255)}`),
  message256as20: hex(`02 0000000000000100 ${"61".repeat(256)}`),
  /** Subscribe to "weather.", cancel that, subscribe to everything. */
  subscriptions20: hex("00 09 01 776561746865722e 00 09 00 776561746865722e 00 01 01"),

  short10: hex("06 00 68656c6c6f"),
  empty10: hex("01 00"),
  multipart10: hex("04 01 6f6e65 01 01 06 00 7468726565"),
  message253as10: hex(`fe 00 ${"61".repeat(253)}`),
  message254as10: hex(`ff 00000000000000ff 00 ${"61".repeat(254)}`),
  message255as10: hex(`ff 0000000000000100 00 ${"61".repeat(255)}`),
  message256as10: hex(`ff 0000000000000101 00 ${"61".repeat(256)}`),
  subscriptions10: hex("0a 00 01 776561746865722e 0a 00 00 776561746865722e 02 00 01"),
  /** A topic of 254 times "t". */
  subscribeLong10: hex(`ff 0000000000000100 00 01 ${"74".repeat(254)}`),
} as const;

/** Written by hand from RFC 13 and RFC 15: how peers of ZMTP 2.0 and 1.0 begin. */
export const FROM_OLDER = {
  signature: hex("ff 0000000000000000 7f"),
  /** A PULL without a routing id. */
  greetingPull20: hex("ff 0000000000000000 7f 01 07 00 00"),
  /** A DEALER with the routing id "peer". */
  greetingDealer20: hex("ff 0000000000000000 7f 01 05 00 04 70656572"),
  /** The same with the length of the routing id in eight bytes, which libzmq takes too. */
  greetingDealer20Long: hex("ff 0000000000000005 7f 01 05 02 0000000000000004 70656572"),
  /** The same with version 0, which libzmq takes for ZMTP 2.0 with the frames of 1.0. */
  greetingDealerVersion0: hex("ff 0000000000000005 7f 00 05 05 00 70656572"),
  /** Version 2, which was never released: RFC 37 takes it for 2.0. */
  greetingDealerVersion2: hex("ff 0000000000000000 7f 02 05 00 04 70656572"),
  /** No routing id, as RFC 13 wants it, and as libzmq 2.x sends it, with all the reserved flags. */
  greeting10: hex("01 00"),
  greeting10Libzmq2: hex("01 7e"),
  /** The routing id "peer", also with its length in eight bytes. */
  identity10: hex("05 00 70656572"),
  identity10Libzmq2: hex("05 7e 70656572"),
  identity10Long: hex("ff 0000000000000005 00 70656572"),
  /** "hello", and "one", empty, "three", as libzmq 2.x sends them. */
  shortLibzmq2: hex("06 7e 68656c6c6f"),
  multipartLibzmq2: hex("04 7f 6f6e65 01 7f 06 7e 7468726565"),
  /** "hi" in a frame with a long length. */
  needlesslyLong10: hex("ff 0000000000000003 00 6869"),
} as const;
