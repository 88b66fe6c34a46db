/**
 * Links that carry whole frames: the boundary for carriers that keep messages apart, such as WebSocket and MessagePort.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { endpointText } from "../base/peer_text.ts";
import type { Link } from "./transport.ts";

/**
 * A link of whole frames: the contract of {@link Link} with messages instead of a byte stream.
 *
 * - `LinkSink.onData` gets exactly one whole message per call. A message may be empty.
 * - `write` gets one message per chunk, and sends each as it is, never joined or split.
 * - A message above {@link FrameTerms.maxFrameSize} ends the link with `EMSGSIZE`, before memory is allocated for it. So
 *   does everything else that the carrier does not allow, such as text on a WebSocket (`EPROTO`).
 * - When the link is lost in the middle of a message, nothing of that message is delivered.
 * - `bytesTaken`, and `taken` of `LinkSink.onClose`, count the bytes of messages, without the headers of the carrier.
 */
export interface FrameLink extends Link {
  /** The protocol that both sides have agreed on: one of {@link FrameTerms.protocols}. */
  readonly protocol: string;
}

/** Returns the protocol of a link of whole frames; `undefined` for a link of bytes. */
export function protocolOf(link: Link): string | undefined {
  return (link as Partial<FrameLink>).protocol;
}

/**
 * Checks that a link keeps messages apart.
 *
 * @throws {ZmqError} `EPROTO` If it does not say on which protocol both sides have agreed.
 */
export function requireFrames<T extends Link>(link: T): T {
  if (typeof protocolOf(link) === "string") return link;
  throw new ZmqError("EPROTO", `The transport of ${endpointText(link.remote)} opened a link without a protocol`);
}
