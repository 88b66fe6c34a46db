/**
 * MESSAGE of CURVE (RFC 26): after the handshake every frame, including commands, is encrypted in one. Counters keep
 * them in order: `07 "MESSAGE"`, counter, box of flags and payload.
 *
 * @module
 */

import { COMMAND, MORE, writeLength } from "../zmtp/frame.ts";
import type { FrameSealer, TrafficCipher } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import type { Slices } from "../zmtp/slices.ts";
import { type CryptoLine, type CurveCrypto, TAG_SIZE } from "./curve_crypto.ts";
import { COUNTER_SIZE, malformed, oldCounter, PREFIX, unreadable } from "./curve_layout.ts";
import type { PeerCounter } from "./peer_counter.ts";

const NAME = new TextEncoder().encode("\x07MESSAGE");
const COUNTER_AT = 8;
const BOX_AT: number = COUNTER_AT + COUNTER_SIZE;
const FLAGS_AT: number = BOX_AT + TAG_SIZE;

// The flags inside the box, which differ from those of a frame. The peer may set the other bits; they are ignored.
const INNER_MORE = 1;
const INNER_COMMAND = 2;

/** The result of the handshake. */
export interface CurveAgreement {
  readonly crypto: CurveCrypto;
  /** The shared key of C' and S'. */
  readonly key: Uint8Array;
  /** Counter of the last command sent. */
  readonly counter: number;
  /** Counter of the last command received. */
  readonly peerCounter: PeerCounter;
}

/** Encrypts frames with consecutive counters. */
class CurveSealer implements FrameSealer {
  readonly overhead: number = FLAGS_AT + 1;
  protected readonly out: CryptoLine;
  protected counter: number;

  /** @param counter The last counter that was used. */
  constructor(out: CryptoLine, counter: number) {
    this.out = out;
    this.counter = counter;
  }

  seal(flags: number, payload: Uint8Array, into: Uint8Array, at: number): void {
    const counter = this.#head(into, at);
    this.out.seal(counter, innerFlags(flags), payload, into, at + BOX_AT);
  }

  sealInSlices(flags: number, payload: Uint8Array, into: Uint8Array, at: number): Slices {
    const counter = this.#head(into, at);
    return this.out.sealInSlices(counter, innerFlags(flags), payload, into, at + BOX_AT);
  }

  #head(into: Uint8Array, at: number): number {
    const counter = ++this.counter;
    for (let i = 0; i < COUNTER_AT; i++) into[at + i] = NAME[i]!;
    writeLength(into, at + COUNTER_AT, counter);
    return counter;
  }
}

/** Encrypts and decrypts the traffic of one connection. */
export class CurveTraffic extends CurveSealer implements TrafficCipher {
  flags = 0;
  readonly #in: CryptoLine;
  readonly #peerCounter: PeerCounter;

  constructor({ crypto, key, counter, peerCounter }: CurveAgreement, asServer: boolean) {
    super(crypto.line(key, asServer ? PREFIX.fromServer : PREFIX.fromClient), counter);
    this.#in = crypto.line(key, asServer ? PREFIX.fromClient : PREFIX.fromServer);
    this.#peerCounter = peerCounter;
  }

  reserve(frames: number): FrameSealer {
    const sealer = new CurveSealer(this.out, this.counter);
    this.counter += frames;
    return sealer;
  }

  open(body: Uint8Array): Uint8Array {
    this.#check(body);
    this.#opened(body, this.#in.open(body, COUNTER_AT, BOX_AT));
    return body.subarray(this.overhead);
  }

  openInSlices(body: Uint8Array): Slices {
    this.#check(body);
    const opening = this.#in.openInSlices(body, COUNTER_AT, BOX_AT);
    return {
      next: () => {
        if (!opening.next()) return false;
        this.#opened(body, opening.genuine);
        return true;
      },
    };
  }

  #check(body: Uint8Array): void {
    if (!isMessage(body)) {
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", "The peer sent a frame that is not encrypted");
    }
    if (body.length <= FLAGS_AT) throw malformed("MESSAGE");
    if (!this.#peerCounter.isNext(body, COUNTER_AT)) throw oldCounter();
  }

  #opened(body: Uint8Array, genuine: boolean): void {
    if (!genuine) throw unreadable("MESSAGE");
    this.#peerCounter.advance(body, COUNTER_AT);
    const inner = body[FLAGS_AT]!;
    this.flags = (inner & INNER_COMMAND) !== 0 ? COMMAND : (inner & INNER_MORE) !== 0 ? MORE : 0;
  }

  /** Erases the keys. */
  end(): void {
    this.out.end();
    this.#in.end();
  }
}

function innerFlags(flags: number): number {
  return ((flags & MORE) === 0 ? 0 : INNER_MORE) | ((flags & COMMAND) === 0 ? 0 : INNER_COMMAND);
}

function isMessage(body: Uint8Array): boolean {
  for (let i = 0; i < COUNTER_AT; i++) if (body[i] !== NAME[i]) return false;
  return true;
}
