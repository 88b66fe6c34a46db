/**
 * The messages of the demo. Each is derived from its number, so that the receiver knows what to expect.
 *
 * @module
 */

/** The topic of the demo's subscribers. */
export const TOPIC = "demo";
/** The topic of messages that must not arrive, because there is no subscription. */
export const OTHER_TOPIC = "other";
/** Shows a publisher that cannot know its subscribers that one is connected. */
export const SYNC = `${TOPIC} sync`;

/** Sizes around the limits at which a frame's header changes, and at which it no longer fits into one packet. */
const BODY_SIZES = [0, 1, 64, 254, 255, 256, 1000, 1500];
const BODIES = BODY_SIZES.map((size) => Uint8Array.from({ length: size }, (_, at) => (at * 31 + size) & 0xff));

/** The message of this number. */
export function messageOf(number: number): [string, Uint8Array] {
  return [`${TOPIC} ${number}`, BODIES[number % BODIES.length]!];
}

/** Checks if a message is the one with this number, byte by byte. */
export function isMessage(message: readonly Uint8Array[], number: number): boolean {
  const [head, body] = message;
  if (message.length !== 2 || textOf(head!) !== `${TOPIC} ${number}`) return false;
  const expected = BODIES[number % BODIES.length]!;
  if (body!.length !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (body![i] !== expected[i]) return false;
  return true;
}

const decoder = new TextDecoder();

/** The text of a frame. */
export function textOf(frame: Uint8Array): string {
  return decoder.decode(frame);
}
