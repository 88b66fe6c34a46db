/**
 * ZWS 2.0 (RFC 45): frames without lengths, each in a message of its carrier. Subscriptions are messages, as in ZMTP 3.0.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import { COMMAND, type Framing, LONG, MAX_HEADER_SIZE, MORE } from "../frame.ts";
import { subscriptionFrame } from "../subscription.ts";
import { WHOLE_COMMAND, WHOLE_FRAMING, WHOLE_MORE, WholeFrames } from "./whole_frames.ts";
import type { Wire } from "./wire.ts";

/** The wire to a peer over a link of whole frames. */
export class ZwsWire implements Wire {
  readonly version = "ZWS2.0";
  readonly minor = 0;
  readonly plain = false;
  readonly framing: Framing = WHOLE_FRAMING;
  readonly frames: WholeFrames;
  readonly #commands: boolean;

  /**
   * @param maxFrameSize The limit of handshake commands, until the session sets that of messages.
   * @param commands False without a handshake: the peer does not know commands.
   * @param copies Copies received frames out of the message that contains them.
   */
  constructor(maxFrameSize: number, commands: boolean, copies: boolean) {
    this.frames = new WholeFrames(maxFrameSize, commands, copies);
    this.#commands = commands;
  }

  encode(message: Message, batch: BatchEncoder): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) batch.addFrame(i === last ? 0 : WHOLE_MORE, message[i]!);
  }

  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    batch.addFrame(0, subscriptionFrame(cancel, topic));
  }

  command(frame: Uint8Array): Uint8Array | undefined {
    if (!this.#commands) return undefined;
    const flags = frame[0]!;
    const body = frame.subarray((flags & LONG) === 0 ? 2 : MAX_HEADER_SIZE);
    const out = new Uint8Array(1 + body.length);
    out[0] = (flags & COMMAND) === 0 ? flags & MORE : WHOLE_COMMAND;
    out.set(body, 1);
    return out;
  }
}
