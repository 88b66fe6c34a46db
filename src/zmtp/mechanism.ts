/**
 * The contract between a session and a security mechanism: a mechanism turns handshake commands into the peer's
 * metadata, and may encrypt the traffic after the handshake. The mechanisms are in `src/security/`.
 *
 * @module
 */

import type { Metadata } from "./metadata.ts";
import type { Slices } from "./slices.ts";

/**
 * The session, as its mechanism sees it. All calls may also come later, for example after an asynchronous reply of an
 * authenticator.
 */
export interface MechanismHost {
  /** Sends the body of a handshake command. */
  send(commandBody: Uint8Array): void;
  /**
   * Completes the handshake with the peer's metadata.
   *
   * @param last The last command of this side, if the mechanism has one: it is sent only if the peer's metadata is
   * accepted.
   */
  complete(peer: Metadata, last?: Uint8Array): void;
  /** Fails the handshake. */
  fail(error: Error): void;
  /** Writes the commands of asynchronous calls. Must be called after them, because nothing else would write them. */
  flush(): void;
}

/** Encrypts frames in order. */
export interface FrameSealer {
  /** Number of bytes by which an encrypted frame is larger than its payload. */
  readonly overhead: number;
  /** Encrypts a frame with these flags, and writes its body at `at`: `overhead` bytes more than the payload. */
  seal(flags: number, payload: Uint8Array, into: Uint8Array, at: number): void;
  /** Does the same in slices, for large payloads. */
  sealInSlices(flags: number, payload: Uint8Array, into: Uint8Array, at: number): Slices;
}

/** Encrypts and decrypts the frames of one connection in order. */
export interface TrafficCipher extends FrameSealer {
  /** Flags of the frame decrypted last: `MORE` and `COMMAND`. */
  readonly flags: number;
  /**
   * Reserves the nonces of the next `frames` frames. A frame that is encrypted here in the meantime is sent after all
   * of them.
   */
  reserve(frames: number): FrameSealer;
  /**
   * Decrypts the body of a frame in place. Returns the payload, which starts after the first `overhead` bytes, and sets
   * `flags`.
   *
   * @throws {ProtocolError} If it is not authentic, or not the next frame of the peer.
   */
  open(body: Uint8Array): Uint8Array;
  /** Does the same in slices, for large bodies: the payload and `flags` are valid after the last one. */
  openInSlices(body: Uint8Array): Slices;
}

/** A security mechanism for one connection. */
export interface Mechanism {
  /** The name in the greeting, such as `NULL`. */
  readonly name: string;
  /** True if this side is the server. */
  readonly asServer: boolean;
  /**
   * True if peers without a handshake, which have no security, are accepted: those older than ZMTP 3, and ZWS without a mechanism. Default: false. Only NULL may accept them,
   * and only without a ZAP domain.
   */
  readonly admitsWithoutHandshake?: boolean;
  /** True if the peer has sent its credentials, and the authenticator has not replied yet. */
  readonly proven?: boolean;
  /** Cost of one command in credit for reading, in units of about 0.1 µs. Default: 512. */
  readonly commandCost?: number;
  /** Encrypts all traffic; set when the handshake is complete, if the mechanism encrypts. */
  readonly cipher?: TrafficCipher | undefined;
  /** Sends the first command, where this side sends it. Called when the greetings match. */
  start?(host: MechanismHost): void;
  /**
   * Called when a handshake command arrives.
   *
   * @throws {ProtocolError} If the command is unexpected or malformed.
   */
  receive(commandBody: Uint8Array, host: MechanismHost): void;
  /** Called when the connection has ended: erases secrets, and ignores pending replies. Idempotent. */
  end?(): void;
}
