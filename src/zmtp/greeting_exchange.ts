/**
 * Exchanges the greetings (RFC 37, "Version Negotiation" and "Backwards Interoperability"): decides when each part of
 * our greeting is sent, and which version the peer speaks. The order is that of libzmq (zmtp_engine.cpp), so that every
 * version understands what it receives, and the two sides never wait for each other:
 *
 * | This side sends | Once |
 * |---|---|
 * | the signature, which is also the header of a ZMTP 1.0 frame | the connection is open |
 * | version 3 | the peer's signature shows that a version follows |
 * | the rest of the greeting | that version is 3 or above |
 * | the socket type, then our routing id as a frame | that version is below 3 |
 * | our routing id, as the body of the frame that the signature started | the peer sends such a header instead of a signature |
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
