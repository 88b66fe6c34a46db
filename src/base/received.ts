/**
 * Messages as programs receive them. Inside the library a message is the `Message` of `message.ts`, whose frames may also be memory that
 * the program sends.
 *
 * @module
 */

/**
 * The bytes of a received frame: a `Uint8Array`, and from TypeScript 5.7 on a `Uint8Array<ArrayBuffer>`, which `Response`,
 * `Blob` and `crypto.subtle` accept. It is never a view of a `SharedArrayBuffer`, and never a Node `Buffer`.
 */
// The only way to name this type that also compiles before 5.7, where `Uint8Array` takes no type argument.
export type Bytes = ReturnType<Uint8Array["slice"]>;

/**
 * A message as it is received: one or more frames. A received frame may be a view of a larger buffer that it shares
 * with other frames. Call `slice()` to keep a small frame for a long time, and before you transfer its buffer.
 */
export type Message = [Bytes, ...Bytes[]];

/** A message of a socket that addresses peers: the routing id of its sender, and at least one more frame. */
export type RoutedMessage = [Bytes, Bytes, ...Bytes[]];
