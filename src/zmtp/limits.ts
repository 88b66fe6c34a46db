/**
 * Limits for the memory that one peer can occupy. Each limit is checked as soon as a length is known, before memory is
 * allocated.
 *
 * @module
 */

/** Limits of one connection. */
export interface Limits {
  /** Maximum size of the body of a frame, in bytes. */
  readonly maxFrameSize: number;
  /** Maximum number of frames per message. */
  readonly maxFrames: number;
  /** Maximum size of all bodies of a message, in bytes. */
  readonly maxMessageSize: number;
  /** Maximum size of a handshake command, and therefore of the metadata, in bytes. */
  readonly maxHandshakeSize: number;
  /** Maximum size of the topic of a subscription, and therefore of a command after the handshake, in bytes. */
  readonly maxTopicSize: number;
  /** Maximum time from the first byte to the end of the handshake, in ms; 0 means no limit. */
  readonly handshakeInterval: number;
}

/** The default limits of a connection. */
export const DEFAULT_LIMITS: Limits = {
  maxFrameSize: 256 * 1024 * 1024,
  maxFrames: 65_536,
  maxMessageSize: 256 * 1024 * 1024,
  maxHandshakeSize: 64 * 1024,
  maxTopicSize: 64 * 1024,
  handshakeInterval: 30_000,
};
