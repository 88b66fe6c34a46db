/**
 * The greetings of both sides (RFC 37, "Version Negotiation" and "Backwards Interoperability"): which part of ours goes out
 * when, and which version the peer speaks. It goes as libzmq's does (zmtp_engine.cpp), so that every version understands
 * what it gets, and nobody waits for the other:
 *
 * | From us | As soon as |
 * |---|---|
 * | signature, which is also the header of a ZMTP 1.0 frame | the connection is there |
 * | version 3 | the peer's signature shows that it tells a version |
 * | the rest of the greeting | that version is 3 or above |
 * | socket type, then our routing id as a frame | that version is below 3 |
 * | our routing id, the body of the frame that we began | the peer sends such a header instead of a signature |
 *
 * @module
 */

import { encodeGreeting, type Greeting, GREETING_SIZE, MAJOR_AT, parseGreeting, SIGNATURE_SIZE } from "./greeting.ts";
import { checkIdentity, identityTooLong, MAX_IDENTITY } from "./identity.ts";
import type { Mechanism } from "./mechanism.ts";
import { encodeIdentity, identityHeaderSize, identityLength, type OlderPeer, type OlderVersion } from "./older_peer.ts";
import { ProtocolError } from "./protocol_error.ts";
import { compatible, type WireType } from "./socket_type.ts";
import { typeOfCode } from "./type_code.ts";

/** What an exchange is made with. */
export interface GreetingOptions {
  /** Our socket type. */
  readonly type: WireType;
  /** The routing id that we tell an older peer. */
  readonly identity: Uint8Array;
}

const TYPE_AT = 11;
/** Where the frame with the routing id is, if there was a signature. */
const FRAME_AT = 12;

// What is complete when `#wanted` bytes are there.
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
  /** The peer, once it is known: a ZMTP 3 one, which the handshake introduces, or an older one, which has introduced itself. */
  peer: Greeting | OlderPeer | undefined;

  readonly #options: GreetingOptions;
  readonly #mechanism: Mechanism;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ours: Uint8Array;

  #theirs: Uint8Array = new Uint8Array(GREETING_SIZE);
  #length = 0;
  #wanted = 1;
  #step = FIRST_BYTE;

  // An older peer.
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
   * Returns what it means that the peer ends the connection now, if it means anything. libzmq leaves without having sent its
   * mechanism when it finds that ours is another one.
   */
  leftBy(cause?: Error): ProtocolError | undefined {
    if (this.#step !== GREETING) return undefined;
    const text = "The peer closed the connection after this socket's greeting, before it completed its own: " +
      `it may want another security mechanism than ${this.#mechanism.name}`;
    return new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text, { cause });
  }

  /** Sends what goes first. */
  start(): void {
    this.#send(this.#ours.subarray(0, SIGNATURE_SIZE));
  }

  /**
   * Takes bytes from `chunk`, of any size, and returns how many belonged to the greeting.
   *
   * @throws {ProtocolError} as soon as the bytes tell that there is nothing to say to the peer.
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
        // The padding in bytes 1 to 8 says nothing of peers that tell a version, and in byte 9 only the last bit counts.
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
    // 2 was never released. libzmq would greet it like a ZMTP 3 peer, RFC 37 takes it for 2.0.
    this.#version = version === 0 ? "1.0" : "2.0";
    this.#send(Uint8Array.of(this.#admit()));
    this.#send(encodeIdentity(this.#version, this.#options.identity));
    this.#want(TYPE, TYPE_AT + 1);
  }

  /** An older peer has no security, and not all our socket types. Returns the number of ours. */
  #admit(): number {
    const { name, code } = this.#options.type;
    if (this.#mechanism.admitsOlderPeers !== true) {
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

  /** The first byte of the frame with the peer's routing id. */
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

  /** The peer's first frame cannot be a routing id: without a version before it, it was not meant to be one. */
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

  #done(peer: Greeting | OlderPeer): void {
    this.peer = peer;
    this.#step = DONE;
  }
}
