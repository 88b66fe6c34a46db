/**
 * The high-water marks of one socket, as its pipes look at them: in messages, in bytes, and in frames, where no mark is
 * infinite. The marks in frames are for what frames take besides their bytes: by empty ones a peer could fill any memory
 * without coming to another mark.
 *
 * @module
 */

import { FRAME_COST } from "../../base/message.ts";
import type { Values } from "../../base/option.ts";
import type { ReceiveOptions } from "../options/receive.ts";
import type { SendOptions } from "../options/send.ts";

/** The options that are marks, and their neighbours. */
type MarkSettings = Values<SendOptions & ReceiveOptions>;

const MIB = 1024 * 1024;

/** What the frames of an inbox may take besides their bytes, where there is a mark in messages alone. */
export const INBOX_OVERHEAD: number = 64 * MIB;
/** The same of a queue; more, because some types drop what goes over a mark. */
export const QUEUE_OVERHEAD: number = 256 * MIB;
/** What they may take under any mark in bytes. */
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
  /** What the options say, and what may be held at present whatever they say. */
  #receiveOption = Infinity;
  #receiveLimit = Infinity;

  /** @param settings Where the marks are; without it there are none. */
  constructor(settings?: MarkSettings) {
    if (settings !== undefined) this.update(settings);
  }

  /** Takes the marks over from the options, where 0 is no mark. */
  update(settings: MarkSettings): void {
    this.sendMessages = settings.sendHighWaterMark || Infinity;
    this.sendBytes = settings.sendHighWaterMarkBytes || Infinity;
    this.#receiveOption = settings.receiveHighWaterMark || Infinity;
    this.receiveMessages = Math.min(this.#receiveOption, this.#receiveLimit);
    this.receiveBytes = settings.receiveHighWaterMarkBytes || Infinity;
    this.sendFrames = frames(this.sendMessages, this.sendBytes, QUEUE_OVERHEAD);
    this.receiveFrames = frames(this.#receiveOption, this.receiveBytes, INBOX_OVERHEAD);
  }

  /** From now on no more messages are held from a peer than this, whatever the options say; Infinity is no such limit. */
  limitReceived(messages: number): void {
    this.#receiveLimit = messages;
    this.receiveMessages = Math.min(this.#receiveOption, messages);
  }
}

/** What frames take besides their bytes may come to as much as these; who sets no mark at all wants none. */
function frames(messages: number, bytes: number, overhead: number): number {
  if (messages === Infinity && bytes === Infinity) return Infinity;
  return Math.floor(Math.max(LEAST_OVERHEAD, Math.min(bytes, overhead)) / FRAME_COST);
}
