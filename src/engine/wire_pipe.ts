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
  /** Tells the peer of a subscription or a cancel. */
  subscribe(cancel: boolean, topic: Uint8Array): void;
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
    if (this.#closed) return false;
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
    this.#connection?.subscribe(cancel, topic);
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
    return this.#hasRoom();
  }

  /** The peer subscribed or cancelled; `false` if the inbox is full now. */
  subscribed(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#closed) return true;
    const message = this.#host.pattern.subscription?.(this, cancel, topic);
    if (message !== undefined) this.deliver(message);
    return this.#hasRoom();
  }

  /** Moves queued messages into a batch until that holds `limit` bytes; returns how many. */
  encode(batch: BatchEncoder, limit: number): number {
    const before = this.#out.length;
    while (batch.bytes < limit) {
      const message = this.#out.shift();
      if (message === undefined) break;
      this.#outBytes -= messageBytes(message);
      batch.addMessage(message);
    }
    return before - this.#out.length;
  }

  /** Messages were moved out: tells the socket if it waits for room. Half of the mark must be free, as in libzmq. */
  flushed(): void {
    if (!this.#full || this.#out.length > this.#sendMark / 2) return;
    this.#full = false;
    this.#host.pipeWritable(this);
  }

  #hasRoom(): boolean {
    if (this.#in.length < this.#receiveMark) return true;
    this.#stalled = true;
    return false;
  }
}
