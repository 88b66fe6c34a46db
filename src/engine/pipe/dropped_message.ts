/**
 * The size of a message that is dropped because it can never be sent.
 *
 * @module
 */

/** Its size. */
export interface DroppedMessage {
  readonly frames: number;
  /** The bytes of all frames. */
  readonly bytes: number;
}
