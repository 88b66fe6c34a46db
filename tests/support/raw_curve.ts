/**
 * CURVE (RFC 26) for a scripted peer, as client and as server: every field that an honest peer fills in one way can be
 * filled in another one. Only the cryptography is the project's; layouts are its own on purpose, as in `raw_peer.ts`.
 *
 * @module
 */

import { crypto } from "./fixed_crypto.ts";
import { bytes, command, frame, greeting, property, RawPeer } from "./raw_peer.ts";

/** A pair of keys of 32 bytes each. */
export interface Keys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The differences from an honest peer. */
export interface CurveDeviations {
  /** Padding of HELLO. Default: 72 zeros. */
  readonly padding?: Uint8Array;
  /** The contents of HELLO's box. Default: 64 zeros. */
  readonly signed?: Uint8Array;
  /** Version in HELLO. Default: 1.0. */
  readonly version?: readonly [number, number];
  /** Counters of HELLO, INITIATE (client), READY (server) and the first MESSAGE. */
  readonly helloCounter?: bigint;
  readonly initiateCounter?: bigint;
  readonly readyCounter?: bigint;
  readonly firstCounter?: bigint;
  /** Flags of the frames of handshake commands. Default: COMMAND. */
  readonly handshakeFlags?: number;
}

/** Flags of one encrypted frame. */
export interface SealedFlags {
  /** In the box: MORE 1, COMMAND 2. */
  readonly inner?: number;
  /** In the header of the frame that carries it: MORE 1, COMMAND 4. */
  readonly outer?: number;
}

const ZEROS_64 = new Uint8Array(64);

function counterBytes(counter: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, counter);
  return out;
}

function metadata(type: string): Uint8Array {
  return property("Socket-Type", type);
}

/** A scripted peer whose frames are encrypted. */
export class RawCurve implements AsyncDisposable {
  /** The connection below. */
  readonly peer: RawPeer;
  readonly #key: Uint8Array;
  readonly #prefix: string;
  #counter: bigint;

  private constructor(peer: RawPeer, key: Uint8Array, prefix: string, counter: bigint) {
    this.peer = peer;
    this.#key = key;
    this.#prefix = prefix;
    this.#counter = counter;
  }

  /** Connects and shakes hands as a client of this type. */
  static async join(
    endpoint: string,
    type: string,
    own: Keys,
    serverKey: Uint8Array,
    deviations: CurveDeviations = {},
  ): Promise<RawCurve> {
    const { padding = new Uint8Array(72), signed = ZEROS_64, version = [1, 0], handshakeFlags = 4 } = deviations;
    const { helloCounter = 1n, initiateCounter = 2n, firstCounter = 3n } = deviations;
    const peer = await RawPeer.connect(endpoint);
    const secret = crypto.random(32);
    const short = crypto.publicKey(secret);
    const helloKey = crypto.sharedKey(serverKey, secret)!;
    const helloNonce = counterBytes(helloCounter);
    const box = crypto.seal(helloKey, bytes("CurveZMQHELLO---", helloNonce), signed);
    peer.write(greeting(1, "CURVE"));
    await peer.read(64);
    const flagged = (body: Uint8Array) => frame(handshakeFlags, body);
    peer.write(flagged(bytes("\x05HELLO", ...version, padding, short, helloNonce, box)));
    const welcome = (await peer.frame()).body;
    const plain = crypto.open(helloKey, bytes("WELCOME-", welcome.subarray(8, 24)), welcome.subarray(24))!;
    const theirShort = plain.subarray(0, 32);
    const key = crypto.sharedKey(theirShort, secret)!;
    const vouchNonce = crypto.random(16);
    const vouchKey = crypto.sharedKey(theirShort, own.secretKey)!;
    const vouch = crypto.seal(vouchKey, bytes("VOUCH---", vouchNonce), bytes(short, serverKey));
    const inside = bytes(own.publicKey, vouchNonce, vouch, metadata(type));
    const nonce = counterBytes(initiateCounter);
    const initiate = crypto.seal(key, bytes("CurveZMQINITIATE", nonce), inside);
    peer.write(flagged(bytes("\x08INITIATE", plain.subarray(32), nonce, initiate)));
    await peer.frame();
    return new RawCurve(peer, key, "CurveZMQMESSAGEC", firstCounter);
  }

  /** Shakes hands as a server of this type with a client that has just connected. */
  static async serve(peer: RawPeer, type: string, own: Keys, deviations: CurveDeviations = {}): Promise<RawCurve> {
    const { readyCounter = 1n, firstCounter = 2n, handshakeFlags = 4 } = deviations;
    const flagged = (body: Uint8Array) => frame(handshakeFlags, body);
    peer.write(greeting(1, "CURVE"));
    await peer.read(64);
    const hello = (await peer.frame()).body;
    const theirShort = hello.slice(80, 112);
    const secret = crypto.random(32);
    const nonce = crypto.random(16);
    const helloKey = crypto.sharedKey(theirShort, own.secretKey)!;
    // A client hands the cookie back, and cannot look into it.
    const inside = bytes(crypto.publicKey(secret), crypto.random(96));
    peer.write(flagged(bytes("\x07WELCOME", nonce, crypto.seal(helloKey, bytes("WELCOME-", nonce), inside))));
    await peer.frame();
    const key = crypto.sharedKey(theirShort, secret)!;
    const counter = counterBytes(readyCounter);
    const box = crypto.seal(key, bytes("CurveZMQREADY---", counter), metadata(type));
    peer.write(flagged(bytes("\x05READY", counter, box)));
    return new RawCurve(peer, key, "CurveZMQMESSAGES", firstCounter);
  }

  /** An encrypted frame. */
  seal(payload: string | Uint8Array, { inner = 0, outer = 0 }: SealedFlags = {}): Uint8Array {
    const nonce = counterBytes(this.#counter++);
    const box = crypto.seal(this.#key, bytes(this.#prefix, nonce), bytes(inner, payload));
    return frame(outer, bytes("\x07MESSAGE", nonce, box));
  }

  /** Drops the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.peer[Symbol.asyncDispose]();
  }
}

/** A command's body, to be encrypted. */
export function commandBody(name: string, data: string | Uint8Array = ""): Uint8Array {
  return command(name, data).subarray(2);
}
