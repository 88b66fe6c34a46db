/**
 * Exchanges the greetings (RFC 37, "Version Negotiation" and "Backwards Interoperability"): decides when each part of
 * our greeting is sent, and which version the peer speaks. The order is that of libzmq (zmtp_engine.cpp), so that every
 * version understands what it receives, and the two sides never wait for each other:
 *
 * - The signature, which is also the header of a ZMTP 1.0 frame, is sent when the connection is open.
 * - Version 3 is sent when the peer's signature shows that a version follows.
 * - The rest of the greeting is sent when that version is 3 or above.
 * - Socket type and routing id, as a frame, are sent when that version is below 3.
 * - The routing id alone, as the body of the frame that the signature started, is sent when the peer sends such a header instead
 *   of a signature.
 *
 * | State      | 00         | 01         | 03         | 05         | ff         |
 * | ---------- | ---------- | ---------- | ---------- | ---------- | ---------- |
 * | FIRST_BYTE | FAILED     | HEADER 1.0 | HEADER 1.0 | HEADER 1.0 | SIGNATURE  |
 * | SIGNATURE  | IDENTITY   | VERSION    | VERSION    | VERSION    | VERSION    |
 * | VERSION    | TYPE 1.0   | TYPE 2.0   | GREETING   | GREETING   | GREETING   |
 * | GREETING   | DONE       | DONE       | DONE       | DONE       | DONE       |
 * | TYPE 2.0   | FAILED     | FAILED     | FAILED     | START 2.0  | FAILED     |
 * | START 2.0  | HEADER 2.0 | FAILED     | FAILED     | FAILED     | FAILED     |
 * | HEADER 2.0 | DONE       | IDENTITY   | IDENTITY   | IDENTITY   | IDENTITY   |
 * | TYPE 1.0   | FAILED     | FAILED     | FAILED     | START 1.0  | FAILED     |
 * | START 1.0  | FAILED     | HEADER 1.0 | HEADER 1.0 | HEADER 1.0 | HEADER 1.0 |
 * | HEADER 1.0 | IDENTITY   | FAILED     | FAILED     | FAILED     | FAILED     |
 * | IDENTITY   | FAILED     | DONE       | DONE       | DONE       | DONE       |
 * | DONE       | -          | -          | -          | -          | -          |
 * | FAILED     | x          | x          | x          | x          | x          |
 *
 * Each state is the part of the peer's greeting that is complete with the next byte; the event is that byte. 05 as a type is DEALER, which
 * this side, a DEALER, may talk to. START, HEADER and IDENTITY are the frame with the peer's routing id; in HEADER 1.0 the byte
 * has the flags, and the length was 2. DONE takes no byte; `x` would break the contract of `Opening`: after an exception it is not read on.
 * `tests/zmtp/opening_states_test.ts` walks the table.
 *
 * More than 20 members because an older peer is recognized only in the middle of the exchange, so all versions share its bytes.
 *
 * @module
 */

import { encodeGreeting, type Greeting, GREETING_SIZE, MAJOR_AT, parseGreeting, SIGNATURE_SIZE } from "./greeting.ts";
import { checkIdentity, identityTooLong, MAX_IDENTITY } from "./identity.ts";
import type { Mechanism } from "./mechanism.ts";
import {
  encodeIdentity,
  identityHeaderSize,
  identityLength,
  type OlderVersion,
  type PeerWithoutHandshake,
} from "./older_peer.ts";
import { ProtocolError } from "./protocol_error.ts";
import { compatible, type ZmtpSocketType } from "./socket_type.ts";
import { typeOfCode } from "./type_code.ts";

/** The parameters of an exchange. */
export interface GreetingOptions {
  /** The socket type of this side. */
  readonly type: ZmtpSocketType;
  /** The routing id to send to an older peer. */
  readonly identity: Uint8Array;
}

const TYPE_AT = 11;
/** Position of the frame with the routing id after a signature. */
const FRAME_AT = 12;

// The part that is complete when `#wanted` bytes have arrived.
const FIRST_BYTE = 0;
const SIGNATURE = 1;
const VERSION = 2;
const GREETING = 3;
const TYPE = 4;
const FRAME_START = 5;
const FRAME_HEADER = 6;
const IDENTITY = 7;
const DONE = 8;

/** The greetings of one connection. */
export class GreetingExchange {
  /**
   * The peer, once its greeting is complete: a ZMTP 3 peer, whose metadata follows in the handshake, or an older peer,
   * whose greeting contains everything.
   */
  peer: Greeting | PeerWithoutHandshake | undefined;

  readonly #options: GreetingOptions;
  readonly #mechanism: Mechanism;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ours: Uint8Array;

  #theirs: Uint8Array = new Uint8Array(GREETING_SIZE);
  #length = 0;
  #wanted = 1;
  #step = FIRST_BYTE;

  // Only for an older peer.
  #version: OlderVersion = "1.0";
  #type = "";
  #frameAt = 0;
  #headerSize = 0;

  constructor(options: GreetingOptions, mechanism: Mechanism, send: (bytes: Uint8Array) => void) {
    this.#options = options;
    this.#mechanism = mechanism;
    this.#send = send;
    this.#ours = encodeGreeting(mechanism.name, mechanism.asServer, options.identity.length);
  }

  /**
   * Returns the likely reason if the peer ends the connection now, or `undefined`. libzmq closes the connection before
   * it has sent its own mechanism when ours is another one.
   */
  leftBy(cause?: Error): ProtocolError | undefined {
    if (this.#step !== GREETING) return undefined;
    const text = "The peer closed the connection after this socket's greeting, before it completed its own: " +
      `it may want another security mechanism than ${this.#mechanism.name}`;
    return new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text, { cause });
  }

  /** Sends the first part. */
  start(): void {
    this.#send(this.#ours.subarray(0, SIGNATURE_SIZE));
  }

  /**
   * Reads bytes from `chunk`, of any size, and returns how many belonged to the greeting.
   *
   * @throws {ProtocolError} As soon as the bytes show that the peer is not compatible.
   */
  read(chunk: Uint8Array): number {
    let at = 0;
    for (;;) {
      const taken = Math.min(chunk.length - at, this.#wanted - this.#length);
      this.#theirs.set(chunk.subarray(at, at + taken), this.#length);
      this.#length += taken;
      at += taken;
      if (this.#length < this.#wanted || this.#step === DONE) return at;
      this.#advance();
    }
  }

  #want(step: number, length: number): void {
    this.#step = step;
    this.#wanted = length;
    if (length <= this.#theirs.length) return;
    const grown = new Uint8Array(length);
    grown.set(this.#theirs.subarray(0, this.#length));
    this.#theirs = grown;
  }

  #advance(): void {
    const theirs = this.#theirs;
    switch (this.#step) {
      case FIRST_BYTE:
        if (theirs[0] === 0xff) return this.#want(SIGNATURE, SIGNATURE_SIZE);
        return this.#onFrameStart();
      case SIGNATURE:
        // The padding in bytes 1 to 8 is ignored for peers that send a version, and in byte 9 only the last bit counts.
        if ((theirs[9]! & 1) === 0) return this.#onFrameStart();
        this.#send(this.#ours.subarray(MAJOR_AT, MAJOR_AT + 1));
        return this.#want(VERSION, MAJOR_AT + 1);
      case VERSION:
        return this.#onVersion(theirs[MAJOR_AT]!);
      case GREETING:
        return this.#done(parseGreeting(theirs));
      case TYPE:
        this.#onType(theirs[TYPE_AT]!);
        this.#frameAt = FRAME_AT;
        return this.#want(FRAME_START, FRAME_AT + 1);
      case FRAME_START:
        return this.#onFrameStart();
      case FRAME_HEADER:
        return this.#onFrameHeader();
      case IDENTITY:
        return this.#onIdentity();
    }
  }

  #onVersion(version: number): void {
    if (version >= 3) {
      this.#send(this.#ours.subarray(MAJOR_AT + 1));
      return this.#want(GREETING, GREETING_SIZE);
    }
    // Version number 2 was never released. libzmq would greet such a peer like a ZMTP 3 peer; RFC 37 treats it as 2.0.
    this.#version = version === 0 ? "1.0" : "2.0";
    this.#send(Uint8Array.of(this.#admit()));
    this.#send(encodeIdentity(this.#version, this.#options.identity));
    this.#want(TYPE, TYPE_AT + 1);
  }

  /**
   * Checks that this socket accepts older peers, which have no security and not all socket types. Returns the number of
   * its type.
   */
  #admit(): number {
    const { name, code } = this.#options.type;
    if (this.#mechanism.admitsWithoutHandshake !== true) {
      throw new ProtocolError(
        "EPROTO",
        "MECHANISM_MISMATCH",
        `The peer speaks ZMTP ${this.#version}, which is too old for the security of this socket`,
      );
    }
    if (code !== undefined) return code;
    throw new ProtocolError(
      "EPROTO",
      "UNSPECIFIED",
      `The peer speaks ZMTP ${this.#version}, which has no ${name} sockets`,
    );
  }

  #onType(code: number): void {
    const { type } = this.#options;
    const theirs = typeOfCode(code);
    if (theirs === undefined || !compatible(type, theirs)) {
      const what = theirs === undefined ? `socket of type ${code}` : `${theirs} socket`;
      throw new ProtocolError(
        "EPROTO",
        "INVALID_METADATA",
        `The peer is a ${what}, which cannot talk to ${type.name}`,
      );
    }
    this.#type = theirs;
  }

  /** Reads the first byte of the frame with the peer's routing id. */
  #onFrameStart(): void {
    this.#headerSize = identityHeaderSize(this.#version, this.#theirs[this.#frameAt]!);
    if (this.#headerSize === 0) throw this.#noIdentity();
    this.#want(FRAME_HEADER, this.#frameAt + this.#headerSize);
  }

  #onFrameHeader(): void {
    const length = identityLength(this.#version, this.#theirs, this.#frameAt);
    if (length < 0 || length > MAX_IDENTITY) throw this.#noIdentity(length);
    if (this.#frameAt === 0) {
      this.#admit();
      const { identity } = this.#options;
      if (identity.length > 0) this.#send(identity);
    }
    this.#want(IDENTITY, this.#frameAt + this.#headerSize + length);
  }

  /**
   * The error for a first frame that cannot be a routing id. Without a version before it, the peer does not speak ZMTP.
   */
  #noIdentity(length = 0): ProtocolError {
    if (this.#frameAt > 0) {
      if (length > MAX_IDENTITY) return identityTooLong();
      return new ProtocolError("EPROTO", "UNSPECIFIED", "The peer's first frame is not a routing id");
    }
    const what = this.#theirs[0] === 0xff ? "bad" : "no";
    return new ProtocolError("EPROTO", "UNSPECIFIED", `The peer does not speak ZMTP: ${what} signature`);
  }

  #onIdentity(): void {
    const identity = checkIdentity(this.#theirs.slice(this.#frameAt + this.#headerSize, this.#length));
    this.#done({ version: this.#version, socketType: this.#type, identity });
  }

  #done(peer: Greeting | PeerWithoutHandshake): void {
    this.peer = peer;
    this.#step = DONE;
  }
}
