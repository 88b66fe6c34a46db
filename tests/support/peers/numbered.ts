/**
 * Numbered messages: to find out how many a socket takes before it is full, and that none is lost, doubled or out of order.
 *
 * @module
 */

import type { End } from "./end.ts";

/** Messages of one or more frames that all begin with the message's number. */
export class Numbered {
  readonly #size: number;
  readonly #frames: number;

  /**
   * @param size Bytes of each frame.
   * @param frames Frames of each message.
   */
  constructor(size: number, frames = 1) {
    this.#size = size;
    this.#frames = frames;
  }

  /** The message of this number. */
  message(number: number): Uint8Array[] {
    return Array.from({ length: this.#frames }, () => {
      const frame = new Uint8Array(this.#size);
      new DataView(frame.buffer).setUint32(0, number);
      return frame;
    });
  }

  /** The number of a message; fails unless it is whole and of one piece. */
  number(message: readonly Uint8Array[]): number {
    const numbers = new Set(message.map((frame) => {
      if (frame.length !== this.#size) throw new Error(`A frame of ${frame.length} bytes instead of ${this.#size}`);
      return new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    }));
    const [number] = numbers;
    if (message.length !== this.#frames || numbers.size !== 1) {
      throw new Error(`${message.length} frames of messages ${[...numbers]} instead of ${this.#frames} of one`);
    }
    return number!;
  }

  /** Sends until a send fails with EAGAIN, at most `limit` messages from number 0 on; returns how many went. */
  async fill(socket: End, limit: number): Promise<number> {
    for (let number = 0; number < limit; number++) {
      try {
        await socket.send(this.message(number));
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN") throw error;
        return number;
      }
    }
    return limit;
  }

  /** Receives `count` messages; fails unless they are numbered from `first` on. */
  async drain(socket: End, first: number, count: number): Promise<void> {
    for (let expected = first; expected < first + count; expected++) {
      const number = this.number(await socket.receive());
      if (number !== expected) throw new Error(`Received message ${number} instead of ${expected}`);
    }
  }
}
