/**
 * MESSAGE of CURVE (RFC 26): after the handshake every frame, commands included, is sealed in one. Counters keep them in
 * order: `07 "MESSAGE"`, counter, box of flags and payload.
 *
 * @module
 */

import { COMMAND, MORE, writeLength } from "../zmtp/frame.ts";
import type { TrafficCipher } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import { type CryptoLine, type CurveCrypto, TAG_SIZE } from "./curve_crypto.ts";
import { COUNTER_SIZE, malformed, oldCounter, PREFIX, unreadable } from "./curve_layout.ts";
import type { PeerCounter } from "./peer_counter.ts";

const NAME = new TextEncoder().encode("\x07MESSAGE");
const COUNTER_AT = 8;
const BOX_AT: number = COUNTER_AT + COUNTER_SIZE;
const FLAGS_AT: number = BOX_AT + TAG_SIZE;

// The flags inside, which are not those of a frame. The peer has sealed the other bits as well, and they mean nothing.
const INNER_MORE = 1;
const INNER_COMMAND = 2;

/** What both sides know after the handshake. */
export interface CurveAgreement {
  readonly crypto: CurveCrypto;
  /** Of C' and S'. */
  readonly key: Uint8Array;
  /** Counter of the last command that we sent. */
  readonly counter: number;
  /** Of the last command that the peer sent. */
  readonly peerCounter: PeerCounter;
}

/** The traffic of one connection. */
export class CurveTraffic implements TrafficCipher {
  readonly overhead: number = FLAGS_AT + 1;
  flags = 0;
  readonly #out: CryptoLine;
  readonly #in: CryptoLine;
  readonly #peerCounter: PeerCounter;
  #counter: number;

  constructor({ crypto, key, counter, peerCounter }: CurveAgreement, asServer: boolean) {
    this.#out = crypto.line(key, asServer ? PREFIX.fromServer : PREFIX.fromClient);
    this.#in = crypto.line(key, asServer ? PREFIX.fromClient : PREFIX.fromServer);
    this.#peerCounter = peerCounter;
    this.#counter = counter;
  }

  seal(flags: number, payload: Uint8Array, into: Uint8Array, at: number): void {
    const counter = ++this.#counter;
    for (let i = 0; i < COUNTER_AT; i++) into[at + i] = NAME[i]!;
    writeLength(into, at + COUNTER_AT, counter);
    const inner = ((flags & MORE) === 0 ? 0 : INNER_MORE) | ((flags & COMMAND) === 0 ? 0 : INNER_COMMAND);
    this.#out.seal(counter, inner, payload, into, at + BOX_AT);
  }

  open(body: Uint8Array): Uint8Array {
    if (!isMessage(body)) {
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", "The peer sent a frame that is not sealed");
    }
    if (body.length <= FLAGS_AT) throw malformed("MESSAGE");
    if (!this.#peerCounter.isNext(body, COUNTER_AT)) throw oldCounter();
    if (!this.#in.open(body, COUNTER_AT, BOX_AT)) throw unreadable("MESSAGE");
    this.#peerCounter.advance(body, COUNTER_AT);
    const inner = body[FLAGS_AT]!;
    this.flags = (inner & INNER_COMMAND) !== 0 ? COMMAND : (inner & INNER_MORE) !== 0 ? MORE : 0;
    return body.subarray(FLAGS_AT + 1);
  }

  /** Forgets the key. */
  end(): void {
    this.#out.end();
    this.#in.end();
  }
}

function isMessage(body: Uint8Array): boolean {
  for (let i = 0; i < COUNTER_AT; i++) if (body[i] !== NAME[i]) return false;
  return true;
}
