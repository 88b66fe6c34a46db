/**
 * What one peer may make this side hold. Each limit is checked as soon as the length is known, before memory is taken.
 *
 * @module
 */

/** Limits of one connection. */
export interface Limits {
  /** Largest body of one frame, in bytes. */
  readonly maxFrameSize: number;
  /** Most frames in one message. */
  readonly maxFrames: number;
  /** Largest sum of the bodies of one message, in bytes. */
  readonly maxMessageSize: number;
  /** Largest handshake command, and so its metadata, in bytes. */
  readonly maxHandshakeSize: number;
  /** Largest topic of a subscription, and so largest command after the handshake, in bytes. */
  readonly maxTopicSize: number;
  /** Time from the first byte to the end of the handshake, in ms; 0 is no limit. */
  readonly handshakeInterval: number;
}

/** The limits of a connection when no option says otherwise. */
export const DEFAULT_LIMITS: Limits = {
  maxFrameSize: 256 * 1024 * 1024,
  maxFrames: 65_536,
  maxMessageSize: 256 * 1024 * 1024,
  maxHandshakeSize: 64 * 1024,
  maxTopicSize: 64 * 1024,
  handshakeInterval: 30_000,
};
