/**
 * The high-water marks of one socket, as its pipes look at them: in messages and in bytes, where no mark is infinite.
 *
 * @module
 */

import type { Settings } from "./settings.ts";

/** The marks of all pipes of a socket. */
export class HighWaterMarks {
  sendMessages: number = Infinity;
  sendBytes: number = Infinity;
  receiveMessages: number = Infinity;
  receiveBytes: number = Infinity;

  /** @param settings Where the marks are; without it there are none. */
  constructor(settings?: Settings) {
    if (settings !== undefined) this.update(settings);
  }

  /** Takes the marks over from the options, where 0 is no mark. */
  update(settings: Settings): void {
    this.sendMessages = settings.sendHighWaterMark || Infinity;
    this.sendBytes = settings.sendHighWaterMarkBytes || Infinity;
    this.receiveMessages = settings.receiveHighWaterMark || Infinity;
    this.receiveBytes = settings.receiveHighWaterMarkBytes || Infinity;
  }
}
