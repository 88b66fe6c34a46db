/**
 * The parties of a pipe: its socket, its connection, and the sink of its messages.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { DropReason } from "../../routing/drops.ts";
import type { Pattern } from "../../routing/pattern.ts";
import type { Pipe } from "../../routing/pipe.ts";
import type { DroppedMessage } from "./dropped_message.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";
import type { Run } from "./run.ts";

/** Takes the queued messages of a pipe. */
export interface PipeSink {
  /** True if it takes no more now. */
  readonly full: boolean;
  /**
   * The bytes of the current write so far: they show which messages have left when a link is lost. `Infinity` while the last
   * message is in flight, but still to be encoded; 0 where nothing is written.
   */
  readonly written: number;
  /** The next message for the peer. */
  message(message: Message): void;
  /** The next messages for the peer, encoded. Only where the connection takes runs. */
  run?(run: Run): void;
  /** A message for this connection alone. */
  first(message: Message): void;
  /** A subscription or a cancel, between messages. */
  subscription(cancel: boolean, topic: Uint8Array): void;
}

/** The connection of a pipe, as the pipe sees it. */
export interface PipeConnection {
  /** True if messages may be handed over encoded, in runs. */
  readonly takesRuns: boolean;
  /** Messages are queued, this many bytes in total. */
  queued(bytes: number): void;
  /** The same, but more will follow: nothing is written before there is enough for a large write. */
  gathered?(bytes: number): void;
  /** True if the peer takes a message at once. Only where nothing is written, and so nothing can be lost in transit. */
  readonly passes?: boolean;
  /** Hands frames to the peer, which has this list for itself. Only if `passes`. */
  pass?(frames: Message): void;
  /** The queue is full: moves out the messages that the peer takes. */
  flush(): void;
  /** The inbox has room again. */
  resumeReading(): void;
  /**
   * Ends as soon as what is queued is sent; what has arrived can still be received.
   *
   * @param deadline When its owner calls `drop`, on the socket's clock: until then the peer may end its own side. Default: no
   * caller waits, and the peer has `CLOSE_GRACE` once everything is sent. A second call changes nothing.
   */
  finish(deadline?: number): void;
  /** Ends now because of an error, which its owner gets; what is queued stays. `tell` sends the reason to the peer. */
  fail(error: Error, tell?: boolean): void;
}

/** The socket, as its pipes see it: they report to it. */
export interface PipeHost {
  readonly pattern: Pattern;
  readonly marks: HighWaterMarks;
  /** Messages that are queued now are not written yet. */
  readonly gathering: boolean;
  /** A message arrived in an empty pipe. */
  pipeReadable(pipe: Pipe): void;
  /** A pipe that refused a message has room again. */
  pipeWritable?(pipe: Pipe): void;
  /** A message to or from the peer was dropped, the first one for this reason. Called in the middle of a send, or of reading. */
  firstDrop?(reason: DropReason, pipe: Pipe): void;
  /** A queued message is dropped because the program transferred its memory. Called in the middle of a write. */
  messageTransferred?(pipe: Pipe, message: DroppedMessage): void;
}
