/**
 * The messages from one peer that wait to be received. When it is full its connection stops reading; it is half emptied before
 * reading resumes, as in libzmq.
 *
 * | Event             | OPEN | FULL | LEFT |
 * | ----------------- | ---- | ---- | ---- |
 * | push              | -    | -    | -    |
 * | hasRoom           | -    | -    | -    |
 * | hasRoom, none     | FULL | -    | -    |
 * | taken             | -    | -    | -    |
 * | taken, half empty | -    | OPEN | -    |
 * | more room         | -    | OPEN | -    |
 * | less room         | -    | -    | -    |
 * | connected         | -    | OPEN | -    |
 * | leave             | LEFT | LEFT | -    |
 *
 * In FULL the connection waits for room, and is called back in OPEN. LEFT is for a pipe that is closed: each message that is taken is reported. `taken`
 * leaves more than half of it, `more room` and `less room` are other high-water marks. `-` changes nothing.
 * `tests/engine/pipe/pipe_states_test.ts` walks the table.
 *
 * @module
 */

import { FRAME_COST, type Message, messageBytes } from "../../base/message.ts";
import { compact } from "../../zmtp/compact.ts";
import { Ring } from "../../routing/ring.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";

/** This many messages of one chunk are not copied, however small they are. */
const LOOKED_AT = 32;

/** A queue of received messages with its high-water marks. */
export class Inbox extends Ring<Message> {
  readonly #marks: HighWaterMarks;
  readonly #onRoom: () => void;
  /** Bytes are limited: only then they are counted. */
  #counting = false;
  #bytes = 0;
  /** The number of frames minus the number of messages. */
  #extraFrames = 0;
  /** Neither bytes nor several frames per message count. */
  #plain = true;
  /** It was full, or is left: `shift` has more to do than to take a message. */
  #stalled = false;
  #onTaken: (() => void) | undefined;

  /** @param onRoom Called when there is room again after `hasRoom` was false. */
  constructor(marks: HighWaterMarks, onRoom: () => void) {
    super();
    this.#marks = marks;
    this.#onRoom = onRoom;
    this.#settle();
  }

  /** Adds a message, regardless of the high-water mark. */
  override push(message: Message): void {
    super.push(message);
    // Most messages have one frame: this and the next two methods are small, so that compilers inline them.
    if (message.length !== 1 || this.#counting) this.#count(message.length - 1, messageBytes(message));
  }

  /** Takes the first message. */
  override shift(): Message | undefined {
    const message = super.shift();
    if (message === undefined) return undefined;
    if (message.length !== 1 || this.#counting) this.#count(1 - message.length, -messageBytes(message));
    if (this.#stalled) this.#unstall();
    return message;
  }

  /**
   * Another chunk comes: the last messages are copied if they are a small part of the chunk before, which would be kept
   * with all that was dropped of it.
   */
  nextChunk(): void {
    let from = this.length - 1;
    if (from < 0) return;
    const chunk = bufferOf(this.at(from)!);
    // Usually the first of them is of that chunk, and one look is enough: `buffer` is slow to read.
    const enough = this.length - LOOKED_AT;
    if (enough > 0 && bufferOf(this.at(enough)!) === chunk) return;
    while (from > 0 && from > enough && bufferOf(this.at(from - 1)!) === chunk) from--;
    if (from > enough) compact(Array.from({ length: this.length - from }, (_, i) => this.at(from + i)!));
  }

  /** True if there is room; if not, `onRoom` is called when there is. */
  hasRoom(): boolean {
    // The limits are asked each time: they change for all pipes at once.
    const { length } = this;
    const marks = this.#marks;
    return (this.#plain && marks.receiveMessages > length && marks.receiveFrames > length) || this.#hasRoom();
  }

  #hasRoom(): boolean {
    const marks = this.#marks;
    const { length } = this;
    if (
      length < marks.receiveMessages && this.#bytes < marks.receiveBytes &&
      length + this.#extraFrames < marks.receiveFrames
    ) return true;
    this.#stalled = true;
    return false;
  }

  #count(extraFrames: number, bytes: number): void {
    this.#extraFrames += extraFrames;
    // A buffer may have been transferred meanwhile, and then has no bytes.
    if (this.length === 0) this.#bytes = 0;
    else if (this.#counting) this.#bytes += bytes;
    this.#settle();
  }

  /** Decides what is counted, by the limits and the frames. */
  #settle(): void {
    this.#counting = this.#marks.receiveBytes !== Infinity;
    this.#plain = !this.#counting && this.#extraFrames === 0;
  }

  /** A new connection does not wait for room yet. */
  connected(): void {
    this.#stalled = this.#onTaken !== undefined;
  }

  /** The high-water marks have changed: a connection that waits for room may have it now. */
  marksChanged(): void {
    this.#bytes = 0;
    this.#settle();
    if (this.#counting) {
      for (const message of this) this.#bytes += messageBytes(message);
    }
    if (!this.#stalled || this.#onTaken !== undefined) return;
    this.#stalled = false;
    if (this.hasRoom()) this.#onRoom();
  }

  /** Drops all messages; returns their number. */
  override clear(): number {
    const { length } = this;
    super.clear();
    this.#bytes = this.#extraFrames = 0;
    this.#settle();
    return length;
  }

  /** The bytes of all messages, counted when asked. */
  messageBytes(): number {
    let bytes = 0;
    for (const message of this) bytes += messageBytes(message);
    return bytes;
  }

  /** The memory that it takes, roughly, in bytes: buffers that frames are views of count whole, and once. */
  memory(): number {
    const buffers = new Set<ArrayBufferLike>();
    let frames = 0;
    for (const message of this) {
      frames += message.length + 1;
      for (const { buffer } of message) buffers.add(buffer);
    }
    let bytes = frames * FRAME_COST;
    for (const { byteLength } of buffers) bytes += byteLength;
    return bytes;
  }

  /** The pipe is closed: calls back for each message that is received from now on. */
  leave(onTaken: () => void): void {
    this.#onTaken = onTaken;
    // No cost for an open pipe.
    this.#stalled = true;
  }

  /** Not per message: resuming costs a system call. */
  #unstall(): void {
    if (this.#onTaken !== undefined) return this.#onTaken();
    const marks = this.#marks;
    const { length } = this;
    if (length > marks.receiveMessages / 2 || this.#bytes > marks.receiveBytes / 2) return;
    if (length + this.#extraFrames > marks.receiveFrames / 2) return;
    this.#stalled = false;
    this.#onRoom();
  }
}

/** The memory of the last frame of a message. */
function bufferOf(message: Message): ArrayBufferLike {
  return message[message.length - 1]!.buffer;
}
