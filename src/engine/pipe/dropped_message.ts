/**
 * What is told of a message that is dropped because it can never be sent.
 *
 * @module
 */

/** How large it was. */
export interface DroppedMessage {
  readonly frames: number;
  /** Of all frames. */
  readonly bytes: number;
}
