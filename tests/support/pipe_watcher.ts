/**
 * The socket and the connection of a {@link PeerPipe}, simulated by the test: they record the pipe's notifications, and
 * take the messages that it passes on.
 *
 * @module
 */

import { HighWaterMarks } from "../../src/engine/pipe/high_water_marks.ts";
import type { PeerPipe } from "../../src/engine/pipe/pipe.ts";
import type { PipeConnection, PipeHost, PipeSink } from "../../src/engine/pipe/contracts.ts";
import type { Run } from "../../src/engine/pipe/run.ts";
import { type Message, messageBytes, toText } from "../../src/base/message.ts";
import { DealerPattern } from "../../src/routing/dealer.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import { texts } from "./fake_pipe.ts";
import { settle } from "./socket_types.ts";

/** High-water marks; omitted ones are unlimited. */
export interface Marks {
  readonly sendHighWaterMark?: number;
  readonly sendHighWaterMarkBytes?: number;
  readonly receiveHighWaterMark?: number;
  readonly receiveHighWaterMarkBytes?: number;
}

function settingsOf(marks: Marks) {
  return settle("DEALER", { sendHighWaterMark: 0, receiveHighWaterMark: 0, ...marks });
}

/** Records the notifications of a pipe to its socket and its connection. */
export class PipeWatcher implements PipeHost, PipeConnection {
  readonly pattern: Pattern;
  readonly marks: HighWaterMarks;
  gathering = false;
  takesRuns = false;
  readonly told: string[] = [];
  /** The effect of `flush`. */
  onFlush: () => void = () => {};

  constructor(marks: Marks = {}, pattern: Pattern = new DealerPattern({ probeRouter: false })) {
    this.marks = new HighWaterMarks(settingsOf(marks));
    this.pattern = pattern;
  }

  /** Sets other high-water marks, as a user does while the socket is open. */
  change(pipe: PeerPipe, marks: Marks): void {
    this.marks.update(settingsOf(marks));
    pipe.marksChanged();
  }

  pipeReadable(): void {
    this.told.push("readable");
  }

  pipeWritable(): void {
    this.told.push("writable");
  }

  queued(bytes: number): void {
    this.told.push(`queued ${bytes}`);
  }

  gathered(bytes: number): void {
    this.told.push(`gathered ${bytes}`);
  }

  flush(): void {
    this.told.push("flush");
    this.onFlush();
  }

  resumeReading(): void {
    this.told.push("resume");
  }

  finish(): void {
    this.told.push("finish");
  }

  fail(error: Error): void {
    this.told.push(error.message);
  }
}

/** Takes what is moved out of a pipe, as text: the frames of a message joined by "|", `+topic`, `-topic`. */
export class TextSink implements PipeSink {
  readonly taken: string[] = [];
  readonly #room: number;
  #bytes = 0;

  /** @param room Bytes from which on it is full. */
  constructor(room = Infinity) {
    this.#room = room;
  }

  get full(): boolean {
    return this.#bytes >= this.#room;
  }

  get written(): number {
    return this.#bytes;
  }

  message(message: Message): void {
    this.#bytes += messageBytes(message);
    this.taken.push(texts(message)!.join("|"));
  }

  run(run: Run): void {
    this.#bytes += run.bytes;
    this.taken.push(`run of ${run.messages}`);
  }

  first(message: Message): void {
    this.message(message);
  }

  subscription(cancel: boolean, topic: Uint8Array): void {
    this.taken.push((cancel ? "-" : "+") + toText(topic));
  }
}

/** Moves a pipe's messages out, as a connection does, until `room` bytes are taken; returns what came. */
export function drain(pipe: PeerPipe, room = Infinity): string[] {
  const sink = new TextSink(room);
  pipe.outbox.moveTo(sink);
  pipe.outbox.handedOver();
  pipe.outbox.flushed();
  return sink.taken;
}
