/**
 * What the session asks of a security mechanism: to turn handshake commands into the peer's metadata, and to seal what is
 * sent after that, if the mechanism does. The mechanisms themselves are in `src/security/`.
 *
 * @module
 */

import type { Metadata } from "./metadata.ts";
import type { Slices } from "./slices.ts";

/** How a mechanism speaks to its session. Every call may also come later, when something outside had to be asked. */
export interface MechanismPort {
  /** Sends the body of a handshake command. */
  send(commandBody: Uint8Array): void;
  /**
   * The handshake is complete on both sides; this is what the peer told.
   *
   * @param last Our last command, for a mechanism in which it is ours: it is sent only if the peer's metadata will do.
   */
  complete(peer: Metadata, last?: Uint8Array): void;
  /** The handshake has failed. */
  fail(error: Error): void;
  /** Ends calls that came later: nobody else would write what they sent. */
  flush(): void;
}

/** Seals frames, in their order. */
export interface FrameSealer {
  /** What a sealed frame has more than its payload, in bytes. */
  readonly overhead: number;
  /** Writes the body of a sealed frame with these flags at `at`: `overhead` bytes more than the payload. */
  seal(flags: number, payload: Uint8Array, into: Uint8Array, at: number): void;
  /** The same in slices, for payloads that take long. */
  sealInSlices(flags: number, payload: Uint8Array, into: Uint8Array, at: number): Slices;
}

/** Seals and opens the frames of one connection, in their order. */
export interface TrafficCipher extends FrameSealer {
  /** Flags of the frame that was opened last: `MORE` and `COMMAND`. */
  readonly flags: number;
  /** Seals the next so many frames: what is sealed here meanwhile comes behind all of them, though it may be sealed before. */
  reserve(frames: number): FrameSealer;
  /**
   * Opens the body of a sealed frame in its own memory. Returns the payload, which is behind the first `overhead` bytes, and
   * sets `flags`.
   *
   * @throws {ProtocolError} if it is not what the peer sealed, or not the next thing that it sealed.
   */
  open(body: Uint8Array): Uint8Array;
  /** The same in slices, for bodies that take long: the payload, and `flags`, are there after the last one. */
  openInSlices(body: Uint8Array): Slices;
}

/** A security mechanism, for one connection. */
export interface Mechanism {
  /** Name in the greeting, such as `NULL`. */
  readonly name: string;
  /** Whether this side is the server. */
  readonly asServer: boolean;
  /**
   * Whether peers older than ZMTP 3, which have no security at all, may join. Default: no. Only NULL may say yes, and not
   * where somebody is to be asked who the peer is (a ZAP domain).
   */
  readonly admitsOlderPeers?: boolean;
  /** Whether the peer has proved who it is, and somebody thinks about it. */
  readonly proven?: boolean;
  /** What one of its commands costs of the credit for reading, about 0.1 µs of work each. Default: 512. */
  readonly commandCost?: number;
  /** What seals all traffic, if anything does. There when the handshake is complete. */
  readonly cipher?: TrafficCipher | undefined;
  /** The greetings match: send what this side sends first. */
  start(port: MechanismPort): void;
  /**
   * A handshake command arrived.
   *
   * @throws {ProtocolError} if it is not the one expected or malformed.
   */
  receive(commandBody: Uint8Array, port: MechanismPort): void;
  /** The connection is gone: forgets its secrets, and answers that are still to come. May be called again. */
  end?(): void;
}
