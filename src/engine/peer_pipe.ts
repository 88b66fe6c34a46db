/**
 * A pipe to a peer behind a connection: two queues of whole messages with their high-water marks. It outlives its connection
 * where the socket type queues ahead.
 *
 * @module
 */

import { type Message, messageBytes } from "../message.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Ring } from "../routing/ring.ts";
import type { BatchEncoder } from "../zmtp/batch_encoder.ts";

/** What a pipe asks of the connection that it is tied to. */
export interface PipeConnection {
  /** Messages are queued, this many bytes in all. */
  queued(bytes: number): void;
  /** The queue is full: writes out what the link takes. */
  flush(): void;
  /** The inbox has room again. */
  resumeReading(): void;
  /** The frame that tells this peer of a subscription or a cancel. */
  subscription(cancel: boolean, topic: Uint8Array): Uint8Array;
  /** Sends a frame before all queued messages. */
  sendFrame(frame: Uint8Array): void;
  /** Closes the connection to a peer that misbehaves. */
  fail(error: Error): void;
}

/** What a pipe tells its socket. */
export interface PipeHost {
  readonly pattern: Pattern;
  /** A message came into a pipe that held none. */
  pipeReadable(pipe: Pipe): void;
  /** A pipe that refused a message has room again. */
  pipeWritable(pipe: Pipe): void;
}

const NONE = new Uint8Array(0);

/** A pipe to one peer. */
export class WirePipe implements Pipe {
  identity: Uint8Array = NONE;
  routingId: Uint8Array = NONE;

  readonly #host: PipeHost;
  readonly #sendMark: number;
  readonly #receiveMark: number;
  readonly #out = new Ring<Message>();
  readonly #in = new Ring<Message>();
  readonly #inbound: Pattern["inbound"];
  #outBytes = 0;
  /** Frames that go out between queued messages: each after so many messages of this pipe's life. */
  readonly #between = new Ring<{ readonly after: number; readonly frame: Uint8Array }>();
  #encoded = 0;
  #connection: PipeConnection | undefined;
  /** A message was refused: the socket waits to hear of room. */
  #full = false;
  /** The inbox is full: the connection waits to hear of room. */
  #stalled = false;
  #closed = false;

  /** High-water marks are in messages; 0 is no mark. */
  constructor(host: PipeHost, sendHighWaterMark: number, receiveHighWaterMark: number) {
    this.#host = host;
    this.#sendMark = sendHighWaterMark || Infinity;
    this.#receiveMark = receiveHighWaterMark || Infinity;
    this.#inbound = host.pattern.inbound?.bind(host.pattern);
  }

  /** How many messages wait to be sent. */
  get queued(): number {
    return this.#out.length;
  }

  /** Whether there are `bytes` to write, or the socket waits for room. */
  wantsWrite(bytes: number): boolean {
    return this.#full || this.#outBytes >= bytes;
  }

  get readable(): boolean {
    return this.#in.length > 0;
  }

  trySend(message: Message): boolean {
    // A queue that was full takes nothing before it is half empty: who waits for that must not be overtaken.
    if (this.#closed || this.#full) return false;
    if (this.#out.length >= this.#sendMark) {
      this.#connection?.flush();
      if (this.#out.length >= this.#sendMark) {
        this.#full = true;
        return false;
      }
    }
    this.#out.push(message);
    this.#outBytes += messageBytes(message);
    if (this.#connection !== undefined) this.#connection.queued(this.#outBytes);
    return true;
  }

  tryReceive(): Message | undefined {
    const message = this.#in.shift();
    // Not for every message: going on costs a system call, so the inbox is half emptied first, as in libzmq.
    if (this.#stalled && this.#in.length <= this.#receiveMark / 2) {
      this.#stalled = false;
      this.#connection?.resumeReading();
    }
    return message;
  }

  deliver(message: Message): void {
    this.#in.push(message);
    if (this.#in.length === 1) this.#host.pipeReadable(this);
  }

  subscribe(cancel: boolean, topic: Uint8Array): void {
    if (this.#connection === undefined) return;
    const frame = this.#connection.subscription(cancel, topic);
    // An XSUB's subscription must not overtake the messages that it sent before.
    if (this.#out.length === 0) this.#connection.sendFrame(frame);
    else this.#between.push({ after: this.#encoded + this.#out.length, frame });
  }

  reject(reason: Error): void {
    this.#connection?.fail(reason);
  }

  /** Ties the pipe to a connection whose handshake is complete. */
  connect(connection: PipeConnection): void {
    this.#connection = connection;
    this.#stalled = false;
  }

  /** The connection is gone; what is queued stays. */
  disconnect(): void {
    this.#connection = undefined;
    this.#between.clear();
  }

  /** The pipe is gone: takes nothing more, and returns how many messages it gave up. */
  close(): number {
    const given = this.#out.length;
    this.#closed = true;
    this.#connection = undefined;
    this.#out.clear();
    this.#outBytes = 0;
    return given;
  }

  /** A message came from the peer; `false` if the inbox is full now. */
  arrived(message: Message): boolean {
    if (this.#closed) return true;
    const wanted = this.#inbound === undefined ? message : this.#inbound(this, message);
    if (wanted !== undefined) this.deliver(wanted);
    return this.hasRoom();
  }

  /** The peer subscribed or cancelled; `false` if the inbox is full now. */
  subscribed(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#closed) return true;
    const message = this.#host.pattern.subscription?.(this, cancel, topic);
    if (message !== undefined) this.deliver(message);
    return this.hasRoom();
  }

  /** Moves queued messages into a batch until that holds `limit` bytes; returns how many. */
  encode(batch: BatchEncoder, limit: number): number {
    const before = this.#out.length;
    while (batch.bytes < limit) {
      if (this.#between.length > 0) this.#encodeBetween(batch);
      const message = this.#out.shift();
      if (message === undefined) break;
      this.#outBytes -= messageBytes(message);
      batch.addMessage(message);
      this.#encoded++;
    }
    if (this.#out.length === 0) {
      // A user may have changed a buffer meanwhile.
      this.#outBytes = 0;
      if (this.#between.length > 0) this.#encodeBetween(batch);
    }
    return before - this.#out.length;
  }

  #encodeBetween(batch: BatchEncoder): void {
    for (let next = this.#between.peek(); next?.after === this.#encoded; next = this.#between.peek()) {
      batch.addEncoded(next.frame);
      this.#between.shift();
    }
  }

  /** Messages were moved out: tells the socket if it waits for room. Half of the mark must be free, as in libzmq. */
  flushed(): void {
    if (!this.#full || this.#out.length > this.#sendMark / 2) return;
    this.#full = false;
    this.#host.pipeWritable(this);
  }

  /** Whether the inbox takes more; if not, `resumeReading` tells the connection when it does. */
  hasRoom(): boolean {
    if (this.#in.length < this.#receiveMark) return true;
    this.#stalled = true;
    return false;
  }
}
