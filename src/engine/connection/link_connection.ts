/**
 * A link with a protocol on it: converts between bytes and messages. Reading and writing are in `Reading` and `Writer`;
 * here is the life of the connection, with one shutdown path for every loss.
 *
 * | Event   | HANDSHAKE | OPEN      | FINISHING | CLOSING | CLOSED |
 * | ------- | --------- | --------- | --------- | ------- | ------ |
 * | ready   | OPEN      |           | -         | -       | -      |
 * | finish  | FINISHING | FINISHING | -         | -       | -      |
 * | written | -         | -         | CLOSING   |         |        |
 * | drop    | CLOSING   | CLOSING   | CLOSING   | -       | -      |
 * | fail    | CLOSING   | CLOSING   | CLOSING   | -       | -      |
 * | lost    | CLOSED    | CLOSED    | CLOSED    | CLOSED  | -      |
 *
 * `-` stays in the state; an empty cell cannot happen: a session is ready once, and a link that ends takes nothing more. HANDSHAKE begins before `start`; a peer that is refused when it is ready
 * is `fail`. In FINISHING queued messages go out, and messages that have arrived are read; `written` means that both are done,
 * which may be at once. A link that is lost ends a connection in OPEN or FINISHING after messages that have arrived are read: at once, unless that
 * takes several turns. Meanwhile it is in FINISHING, sends nothing, and the next step is CLOSED. In CLOSING the link is ending: nothing is sent or received, and `drop` cuts the time of the peer short.
 * CLOSED: the link has ended (`lost`), and the owner knows. `tests/engine/connection/connection_states_test.ts` walks the table.
 *
 * Over 400 lines because all shutdown paths go through one state. More than 20 members because link, session, pipe and socket each have
 * their contract with it.
 *
 * @module
 */

import { type Clock, microtask, type Timer } from "../../base/clock.ts";
import { ZmqError } from "../../base/errors.ts";
import { ProtocolError } from "../../zmtp/protocol_error.ts";
import type { Message } from "../../base/message.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../transport/transport.ts";
import type { SlabPool } from "../../zmtp/batch_encoder.ts";
import type { PeerInfo } from "../../zmtp/peer_info.ts";
import type { ReadCredit, SessionHandler } from "../../zmtp/session_handler.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { PipeConnection } from "../pipe/contracts.ts";
import type { DroppedMessage } from "../pipe/dropped_message.ts";
import type { Connection, ConnectionHost } from "./contract.ts";
import type { Protocol } from "./protocol.ts";
import { type ReadTurns, readTurnsOf } from "./read_turns.ts";
import { Reading, type ReadingHost } from "./reading.ts";
import { Writer, type WriterHost } from "./writer.ts";
import { writeError } from "../../base/write_error.ts";

/** The peer is not known yet. */
const HANDSHAKE = 0;
/** Messages go both ways. */
const OPEN = 1;
/** Queued messages are sent, then the link is closed. */
const FINISHING = 2;
/** The link is closing: nothing is sent or received. */
const CLOSING = 3;
/** The link is closed. */
const CLOSED = 4;

/** A link that is lost, while messages that had arrived are read: what `onClose` was called with. */
interface Loss {
  readonly error: Error | undefined;
  readonly taken: number | undefined;
}

/** The deadline of a connection that is dropped. */
const NOW = -Infinity;

/** One connection to one peer. */
export class LinkConnection implements Connection, LinkSink, SessionHandler, PipeConnection, ReadingHost, WriterHost {
  readonly endpoint: string;
  unsendable: DroppedMessage | undefined;
  readonly linked: boolean = true;
  readonly credit: ReadCredit;

  readonly #link: Link;
  readonly #host: ConnectionHost;
  readonly #clock: Clock;
  readonly #protocol: Protocol;
  readonly #reading: Reading;
  readonly #writer: Writer;
  #state = HANDSHAKE;
  #started = false;
  /** The handshake was completed. */
  #met = false;
  #pipe: PeerPipe | undefined;
  #error: Error | undefined;
  #loss: Loss | undefined;
  /** The inbox was full of messages from an earlier connection, and had no room since. */
  #crowded = false;
  /** For the next deadline of the protocol; when it is closing, for a link that does not end. */
  #timer: Timer | undefined;
  /** When the connection is dropped by its owner; `undefined` if no caller waits for its end. */
  #deadline: number | undefined;
  /** The deadline that the timer is for. */
  #watched = Infinity;

  constructor(
    link: Link,
    endpoint: string,
    protocol: (handler: SessionHandler) => Protocol,
    slabs: SlabPool,
    host: ConnectionHost,
    clock: Clock,
    readTurns: ReadTurns = readTurnsOf(clock),
  ) {
    this.#link = link;
    this.endpoint = endpoint;
    this.#host = host;
    this.#clock = clock;
    this.credit = readTurns.credit;
    this.#protocol = protocol(this);
    this.#reading = new Reading(link, this.#protocol, readTurns, this);
    this.#writer = new Writer({ link, protocol: this.#protocol, slabs, clock, turns: readTurns }, this);
  }

  get remote(): string {
    return this.#link.remote;
  }

  get takesRuns(): boolean {
    return this.#protocol.plain === true;
  }

  get proven(): boolean {
    return this.#protocol.proven === true;
  }

  get handshaken(): boolean {
    return this.#pipe !== undefined;
  }

  start(): void {
    this.#started = true;
    this.#reading.start();
    try {
      this.#link.start(this);
    } catch (error) {
      this.#error = writeError(this.remote, error);
      return this.#abort();
    }
    // It was ended before it was started.
    if (this.#state !== HANDSHAKE) return;
    try {
      this.#protocol.start(this.now());
    } catch (error) {
      return this.#writer.failed(error);
    }
    this.#watchDeadline();
    this.#writer.flushNow();
  }

  finish(deadline?: number): void {
    if (this.#state > OPEN) return;
    this.#state = FINISHING;
    this.#deadline = deadline;
    this.#writer.finishing = true;
    // Messages that have arrived can still be received.
    this.#reading.drain();
    this.#writer.flushNow();
  }

  drop(): void {
    if (this.#state === CLOSED) return;
    if (this.#loss !== undefined) return this.#ended(this.#loss);
    // Before the handshake nothing was delivered; a waiting write can only be aborted.
    if (!this.#met || this.#writer.blocked) return this.#abort();
    if (this.#state === OPEN) this.#reading.drain();
    this.#deadline = NOW;
    if (this.#state < CLOSING) return this.#close();
    this.#limitClosing(CLOSE_GRACE);
    this.#endLink();
  }

  fail(error: Error, tell = false): void {
    if (this.#state >= CLOSING) return;
    if (this.#loss !== undefined) return this.#ended({ error, taken: this.#loss.taken });
    // So that the peer does not reconnect immediately.
    if (tell) {
      this.safely(() => {
        const words = this.#protocol.refusal?.(error);
        if (words !== undefined) this.#writer.addLast(words);
      });
    }
    this.#error = error;
    this.#deadline = undefined;
    this.#close();
  }

  get unsent(): number {
    return this.#writer.unsent;
  }

  // Reports of the link.

  onData(chunk: Uint8Array): void {
    if (this.#state > FINISHING) return;
    this.#pipe?.inbox.nextChunk();
    this.#reading.take(chunk);
    this.#afterRead();
  }

  onDrain(): void {
    this.#writer.drained();
    if (this.#state === CLOSING) this.#closeLink();
  }

  onClose(error?: Error, taken?: number): void {
    if (this.#state === CLOSED || this.#loss !== undefined) return;
    const loss = { error, taken };
    if (this.#pipe === undefined || this.#state > FINISHING) return this.#ended(loss);
    // Messages that have arrived can still be received, also if the inbox is full: the peer counts them as sent.
    this.#loss = loss;
    this.#state = FINISHING;
    this.#timer?.cancel();
    this.#writer.stop();
    this.#reading.drain();
    this.#lostAndRead();
  }

  /** The link is lost: this is the end, unless the rest of what had arrived waits for its turn. */
  #lostAndRead(): void {
    if (!this.#reading.draining) this.#ended(this.#loss!);
  }

  #ended({ error, taken }: Loss): void {
    if (this.#state === CLOSED) return;
    const local = this.#state === CLOSING && this.#error === undefined;
    // Not if this side ended the connection.
    const left = this.#state <= FINISHING;
    if (left) this.#error = this.#protocol.leftBy?.(error);
    this.#state = CLOSED;
    this.#timer?.cancel();
    this.#reading.end();
    this.#writer.lost(taken, left);
    this.unsendable = this.#writer.takeUnsendable();
    this.safely(() => this.#protocol.end());
    this.safely(() => this.#leavePipe());
    this.#host.connectionClosed(this, this.#error ?? error, local);
  }

  // Reports of the session.

  now(): number {
    return this.#clock.now();
  }

  mayRead(): boolean {
    return this.#reading.mayRead();
  }

  send(bytes: Uint8Array): void {
    this.#writer.add(bytes);
  }

  onReady(peer: PeerInfo | undefined): void {
    this.#watchDeadline();
    const pipe = this.#host.connectionReady(this, peer);
    if (pipe instanceof ZmqError) {
      return this.fail(pipe, true);
    }
    if (this.#state === HANDSHAKE) this.#state = OPEN;
    this.#met = true;
    this.#pipe = pipe;
    this.#writer.attach(pipe);
    // The inbox may be full of messages from an earlier connection.
    this.#crowded = !pipe.inbox.hasRoom();
    if (this.#crowded) this.#protocol.stop();
    this.#writer.flushNow();
  }

  onMessage(message: Message): boolean {
    if (this.#state === OPEN) return this.#pipe!.arrived(message);
    if (this.#pipe === undefined) return true;
    // A peer that repeatedly connects, sends and breaks the connection must not fill an inbox that is not emptied.
    if (this.#loss !== undefined && this.#crowded) {
      this.#pipe.countDrop("lost");
      return true;
    }
    return this.#reading.draining ? this.#pipe.arrived(message) : this.#pipe.late();
  }

  onSubscription(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#state !== OPEN && !this.#reading.draining) return true;
    return this.#pipe?.subscribed(cancel, topic) ?? true;
  }

  onFailure(error: ZmqError): void {
    if (error.code === "EMSGSIZE") this.#pipe?.countDrop("tooLarge");
    // The peer gets the reason if its topic is too long, or it would reconnect at once with the same one. Not if its message is: a
    // sender drops that after some losses.
    const malformed = error instanceof ProtocolError && error.rule === "MALFORMED_COMMAND_UNSPECIFIED";
    this.fail(error, malformed && error.code === "EMSGSIZE" && this.handshaken);
    // A silent peer will not read our last bytes either.
    if (error.code === "ETIMEDOUT") this.#abort();
  }

  // Requests of the pipe.

  queued(bytes: number): void {
    this.#writer.queued(bytes);
  }

  gathered(bytes: number): void {
    this.#writer.gathered(bytes);
  }

  flush(): void {
    this.#writer.flush();
  }

  resumeReading(): void {
    if (this.#state > FINISHING) return;
    this.#crowded &&= !this.#pipe!.inbox.hasRoom();
    this.#reading.resume();
    if (this.#loss !== undefined) return this.#lostAndRead();
    this.#afterRead();
    // Reading what had arrived may have been the last thing to do.
    if (this.#state === FINISHING && !this.#reading.draining) this.#writer.flushNow();
  }

  #watchDeadline(): void {
    this.#timer?.cancel();
    const deadline = this.#watched = this.#protocol.nextDeadline;
    if (deadline === Infinity) return;
    this.#timer = this.#clock.timer(Math.max(0, deadline - this.now()), () => {
      // In a busy process, bytes that arrived in time may not be read yet: they are read before the turn ends.
      this.#clock.turn(() => {
        if (this.#state > FINISHING) return;
        this.#protocol.onTime?.(this.now(), this.#writer.look());
        if (this.#state > FINISHING) return;
        this.#writer.flushControl();
        this.#watchDeadline();
      });
    });
  }

  // Reading.

  hasRoom(): boolean {
    return this.#pipe === undefined || this.#pipe.inbox.hasRoom();
  }

  #afterRead(): void {
    // A PING may contain the time for which its sender may be silent.
    if (this.#protocol.nextDeadline < this.#watched) this.#watchDeadline();
    this.#writer.flushControl();
  }

  // Reports of the writer.

  written(): void {
    if (!this.#reading.draining) this.#close();
  }

  writeFailed(error: Error): void {
    this.fail(error);
  }

  linkFailed(error: Error): void {
    this.#error = error;
    this.#abort();
  }

  /** Continues whatever a step throws: all steps of an end must be taken. */
  safely(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#error ??= writeError(this.remote, error);
    }
  }

  /**
   * Every end of the connection begins here: nothing is sent or received, and a handshake that waits for its
   * authenticator is over.
   */
  #enterClosing(): void {
    if (this.#state >= CLOSING) return;
    this.#state = CLOSING;
    this.#reading.draining = false;
    this.#writer.stop();
    this.safely(() => this.#protocol.end());
    this.safely(() => this.#leavePipe());
  }

  /** Ends the stream as soon as the link has taken the last bytes, and aborts it if that hangs. */
  #close(): void {
    this.#enterClosing();
    // A peer that was sent nothing has nothing to read before it ends its side.
    if (this.#deadline !== NOW && !this.#writer.delivered && this.unsent === 0) this.#deadline = undefined;
    this.#timer?.cancel();
    if (this.#deadline === undefined) this.#limitClosing(2 * CLOSE_GRACE);
    else if (this.#deadline === NOW) this.#limitClosing(CLOSE_GRACE);
    if (!this.#writer.blocked) this.#closeLink();
  }

  /** A link that does not end in this time is cut off. Until its deadline, only the owner limits a connection. */
  #limitClosing(time: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.timer(time, () => this.#abort());
  }

  /** Cuts the link off: what it holds is lost. */
  #abort(): void {
    if (this.#state === CLOSED) return;
    this.#enterClosing();
    this.#timer?.cancel();
    // A link that is attached may forget to report its end. Before the start its end is reported to no sink.
    if (this.#started) this.#timer = this.#clock.timer(CLOSE_GRACE, () => this.onClose());
    try {
      this.#link.abort(this.#error);
    } catch (error) {
      this.#threwAtEnd(error);
    }
  }

  /** Sends the last command (ERROR), then ends the stream. */
  #closeLink(): void {
    this.safely(() => this.#writer.lastWords());
    this.#endLink();
  }

  #endLink(): void {
    try {
      Promise.resolve(this.#link.close(this.#grace)).catch((error) => this.#threwAtEnd(error));
    } catch (error) {
      this.#threwAtEnd(error);
    }
  }

  /** The time, in ms, that the peer has to end its own side. */
  get #grace(): number {
    return this.#deadline === undefined ? CLOSE_GRACE : Math.max(0, this.#deadline - this.now());
  }

  /** A link that throws when it is ended counts as lost, as soon as the caller that ends it has returned. */
  #threwAtEnd(cause: unknown): void {
    this.#error ??= writeError(this.remote, cause);
    if (this.#started) microtask(() => this.onClose());
  }

  /** Messages must not be queued for a link that is ending. */
  #leavePipe(): void {
    if (this.#pipe === undefined) return;
    this.#pipe.disconnect();
    this.#pipe = undefined;
    this.#writer.detach();
    this.#host.connectionEnding?.(this);
  }
}
