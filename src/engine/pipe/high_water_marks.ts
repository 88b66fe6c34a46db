/**
 * The high-water marks of one socket, in messages, in bytes and in frames, where no limit is Infinity. The limit in frames is for the
 * memory of frames besides their bytes: with empty frames a peer could fill any memory below the other limits.
 *
 * @module
 */

import { FRAME_COST } from "../../base/message.ts";
import type { Values } from "../../base/option.ts";
import type { ReceiveOptions } from "../options/receive.ts";
import type { SendOptions } from "../options/send.ts";

/** The options that set high-water marks, and those of their groups. */
type MarkSettings = Values<SendOptions & ReceiveOptions>;

const MIB = 1024 * 1024;

/** The memory that the frames of an inbox may take besides their bytes, if only messages are limited. */
export const INBOX_OVERHEAD: number = 64 * MIB;
/** The same for a queue to send; more, because some types drop messages above the limit. */
export const QUEUE_OVERHEAD: number = 256 * MIB;
/** The memory that they may take under any limit in bytes. */
const LEAST_OVERHEAD = MIB;

/** The marks of all pipes of a socket. */
export class HighWaterMarks {
  sendMessages: number = Infinity;
  sendBytes: number = Infinity;
  receiveMessages: number = Infinity;
  receiveBytes: number = Infinity;
  /** Most frames queued for one peer. */
  sendFrames: number = Infinity;
  /** Most frames held from one peer. */
  receiveFrames: number = Infinity;
  /** The high-water mark of the options, and the limit at present whatever they are. */
  #receiveOption = Infinity;
  #receiveLimit = Infinity;

  /** @param settings The options; without them there is no limit. */
  constructor(settings?: MarkSettings) {
    if (settings !== undefined) this.update(settings);
  }

  /** Reads the high-water marks of the options, where 0 means no limit. */
  update(settings: MarkSettings): void {
    this.sendMessages = settings.sendHighWaterMark || Infinity;
    this.sendBytes = settings.sendHighWaterMarkBytes || Infinity;
    this.#receiveOption = settings.receiveHighWaterMark || Infinity;
    this.receiveMessages = Math.min(this.#receiveOption, this.#receiveLimit);
    this.receiveBytes = settings.receiveHighWaterMarkBytes || Infinity;
    this.sendFrames = frames(this.sendMessages, this.sendBytes, QUEUE_OVERHEAD);
    this.receiveFrames = frames(this.#receiveOption, this.receiveBytes, INBOX_OVERHEAD);
  }

  /** From now on, this is the most messages that are held from one peer, whatever the options say; Infinity removes that limit. */
  limitReceived(messages: number): void {
    this.#receiveLimit = messages;
    this.receiveMessages = Math.min(this.#receiveOption, messages);
  }
}

/** The memory of frames besides their bytes may be as large as their bytes; without any limit there is none for frames. */
function frames(messages: number, bytes: number, overhead: number): number {
  if (messages === Infinity && bytes === Infinity) return Infinity;
  return Math.floor(Math.max(LEAST_OVERHEAD, Math.min(bytes, overhead)) / FRAME_COST);
}
