/**
 * ZMTP 3 with encryption (CURVE, RFC 26): another wire, of which each frame holds one encrypted frame, commands included.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import { writeError } from "../../base/write_error.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import { type Framing, sealFrame } from "../frame.ts";
import type { TrafficCipher } from "../mechanism.ts";
import type { PeerInfo } from "../peer_info.ts";
import type { ReadCredit } from "../session_handler.ts";
import { SlicedMessage, takesSlices } from "../sliced_message.ts";
import { encodeSubscription } from "../subscription.ts";
import { SealedFrames } from "./sealed_frames.ts";
import type { Wire } from "./wire.ts";

/** The encrypted wire to a peer whose handshake is complete. */
export class SealedWire implements Wire {
  readonly plain = false;
  readonly frames: SealedFrames;
  readonly #outer: Wire;
  readonly #cipher: TrafficCipher;

  /**
   * @param outer The wire of the handshake. Bytes that it has received and not decoded yet are encrypted.
   * @param credit The credit for reading, from which decryption is paid.
   */
  constructor(outer: Wire, cipher: TrafficCipher, credit: ReadCredit) {
    this.#outer = outer;
    this.#cipher = cipher;
    this.frames = new SealedFrames(outer.frames, cipher, credit);
  }

  get version(): PeerInfo["version"] {
    return this.#outer.version;
  }

  get framing(): Framing | undefined {
    return this.#outer.framing;
  }

  get minor(): 0 | 1 {
    return this.#outer.minor;
  }

  encode(message: Message, batch: BatchEncoder): void {
    batch.addSealed(message, this.#cipher);
  }

  slices(message: Message, batch: BatchEncoder): SlicedMessage | undefined {
    return takesSlices(message) ? new SlicedMessage(message, this.#cipher, batch) : undefined;
  }

  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    batch.addEncoded(this.command(encodeSubscription(cancel, topic, this.#outer.minor)));
  }

  /** Encrypts a frame of any kind: subscriptions of ZMTP 3.0 are messages. */
  command(frame: Uint8Array): Uint8Array {
    try {
      return this.#outer.command!(sealFrame(frame, this.#cipher))!;
    } catch (cause) {
      throw writeError("the peer", cause);
    }
  }
}
