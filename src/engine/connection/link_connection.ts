/**
 * A link with a protocol on it: where bytes meet messages. It decides when queued messages are written, stops reading
 * when nobody takes messages, and has one way down that every loss takes: also what throws while it writes
 * (docs/reliability.md). Flush policy (docs/adr/0003-flush-policy.md): the
 * first message after idle is written at once; what follows in the same turn is gathered for a big write, or for its end.
 *
 * Over 400 lines because writing and the way down share one state, and a split would pass it to and fro.
 *
 * @module
 */

import { type Clock, LONGEST_TIMER, microtask, type Timer } from "../../clock.ts";
import { ZmqError } from "../../errors.ts";
import type { Message } from "../../message.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../transport.ts";
import { lacksBytes } from "../../untransferable.ts";
import { BatchEncoder, type SlabPool } from "../../zmtp/batch_encoder.ts";
import type { PeerInfo, ReadCredit, SessionHandler } from "../../zmtp/session.ts";
import { OutputWatch } from "./output_watch.ts";
import type { Outbox } from "../pipe/outbox.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { PipeConnection, PipeSink } from "../pipe/contracts.ts";
import type { DroppedMessage } from "../pipe/dropped_message.ts";
import type { Connection, ConnectionHost } from "./contract.ts";
import type { Protocol } from "./protocol.ts";
import { type ReadTurns, readTurnsOf } from "./read_turns.ts";
import { Reading, type ReadingHost } from "./reading.ts";
import type { Run } from "../pipe/run.ts";
import { SlowEncoding } from "./slow_encoding.ts";
import { writeError } from "../../write_error.ts";

/** Enough for one write, in bytes: more gains nothing (docs/performance.md). Leaves room in a slab for the last message. */
const WRITE_AT = 60 * 1024;

/** Most bytes written in one turn, so that a loop of sends cannot keep the event loop from everything else. */
const TURN_BUDGET = 4 * 1024 * 1024;

/** What a subscription costs of that besides its bytes: 4096 of them may be told per turn, which takes some ms. */
const SUBSCRIPTION_COST = 1024;

/** Control bytes that may wait before answers to PINGs are no longer added: the peer does not read. */
const MAX_CONTROL = 64 * 1024;

/** Link and session live. */
const OPEN = 0;
/** What is queued goes out, then the link is closed. */
const FINISHING = 1;
/** The link is closing: nothing is sent or received any more. */
const CLOSING = 2;
/** The link is closed. */
const CLOSED = 3;

/** One connection to one peer. */
export class LinkConnection implements Connection, LinkSink, SessionHandler, PipeConnection, PipeSink, ReadingHost {
  readonly endpoint: string;
  unsendable: DroppedMessage | undefined;
  readonly linked = true;
  readonly byReference = false;
  readonly credit: ReadCredit;

  readonly #link: Link;
  readonly #owner: ConnectionHost;
  readonly #clock: Clock;
  readonly #protocol: Protocol;
  readonly #reading: Reading;
  readonly #batch: BatchEncoder;
  readonly #slow: SlowEncoding;
  /** Messages that were in flight when the connection was lost, and that no queue took back. */
  #unreturned = 0;
  #state = OPEN;
  #started = false;
  #pipe: PeerPipe | undefined;
  /** Where the messages in flight came from: it may have been left meanwhile. */
  #source: Outbox | undefined;
  #error: Error | undefined;
  #timer: Timer | undefined;
  /** How long (ms) the peer has to end its side after we have; Infinity until `cut`. */
  #grace = CLOSE_GRACE;
  /** Messages were handed over, which the peer may not have read yet. */
  #delivered = false;
  /** The deadline that the timer is for. */
  #watched = Infinity;

  /** Frames that go before all queued messages: greeting, commands. */
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  /** The link holds the last batch until `onDrain`. */
  #blocked = false;
  /** The link has taken the batch, whose messages still count as in flight. */
  #accepted = false;
  readonly #output = new OutputWatch();
  /** The message that was moved here last takes long to encode: it is in flight, and nothing of it in the batch yet. */
  #deferred = false;
  /** Enough for a write, in bytes. */
  #writeAt = WRITE_AT;
  /** Bytes of all writes that did not throw. */
  #written = 0;
  /** So many bytes of a write that threw are out; `undefined` if none did. */
  #torn: number | undefined;
  /** The first write of this turn is done; the end of the turn is awaited. */
  #corked = false;
  #turnBytes = 0;
  readonly #onTurn = () => this.#turnEnded();

  constructor(
    link: Link,
    endpoint: string,
    protocol: (handler: SessionHandler) => Protocol,
    slabs: SlabPool,
    owner: ConnectionHost,
    clock: Clock,
    readTurns: ReadTurns = readTurnsOf(clock),
  ) {
    this.#link = link;
    this.endpoint = endpoint;
    this.#owner = owner;
    this.#clock = clock;
    this.credit = readTurns.credit;
    this.#protocol = protocol(this);
    this.#reading = new Reading(link, this.#protocol, readTurns, this);
    this.#batch = new BatchEncoder(slabs);
    this.#slow = new SlowEncoding(readTurns, link, () => this.#flushNow());
  }

  get remote(): string {
    return this.#link.remote;
  }

  get takesRuns(): boolean {
    return this.#protocol.plain;
  }

  get proven(): boolean {
    return this.#protocol.proven;
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
      return this.abort();
    }
    // Given up before it began.
    if (this.#state !== OPEN) return;
    try {
      this.#protocol.start(this.now());
    } catch (error) {
      return this.#writeFailed(error);
    }
    this.#watchDeadline();
    this.#flushNow();
  }

  finish(grace: number = Infinity): void {
    if (this.#state !== OPEN) return;
    this.#grace = grace;
    // What has arrived can still be received.
    this.#reading.drain();
    if (this.#state === OPEN) this.#state = FINISHING;
    this.#flushNow();
  }

  cut(): void {
    if (this.#state === CLOSED) return;
    if (this.#blocked) {
      this.#state = CLOSING;
      this.#safely(() => this.#leavePipe());
      return this.abort();
    }
    this.finish(0);
    this.#grace = 0;
    if (this.#state >= CLOSING) {
      this.#limitClosing();
      this.#endLink();
    } else this.#close();
  }

  abort(): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSING;
    this.#timer?.cancel();
    // A link that is attached may forget to tell its end. Before the start nobody is told of it.
    if (this.#started) this.#timer = this.#clock.timer(CLOSE_GRACE, () => this.onClose());
    try {
      this.#link.abort(this.#error);
    } catch (error) {
      this.#threwAtEnd(error);
    }
  }

  get unsent(): number {
    return this.#unreturned + (this.#source?.inFlight ?? 0);
  }

  // What the link tells.

  onData(chunk: Uint8Array): void {
    if (this.#state > FINISHING) return;
    this.#reading.take(chunk);
    this.#afterRead();
  }

  onDrain(): void {
    this.#blocked = false;
    this.#accepted = true;
    this.#output.drains++;
    try {
      this.#batchDone();
    } catch (error) {
      // Unless it is closing already, this closes it.
      if (this.#state < CLOSING) return this.#writeFailed(error);
    }
    if (this.#state === CLOSING) this.#closeLink();
    // On Deno a write is done within the turn: without this, a loop of sends would be a write a message.
    else if (this.#corked && (!this.#wantsWrite() || this.#turnBytes >= TURN_BUDGET)) this.#flushed();
    else this.#flushNow();
  }

  onClose(error?: Error, taken?: number): void {
    if (this.#state === CLOSED) return;
    const local = this.#state === CLOSING && this.#error === undefined;
    // Not if it is our own end.
    const left = this.#state <= FINISHING;
    if (left) this.#error = this.#protocol.leftBy?.(error);
    this.#state = CLOSED;
    this.#timer?.cancel();
    this.#reading.end();
    this.#giveUpSlow();
    this.#batchLost(this.#torn === undefined ? taken : Math.max(this.#torn, taken ?? 0), left);
    this.unsendable = this.#source?.takeUnsendable();
    this.#safely(() => this.#protocol.end());
    this.#batch.reset();
    this.#control = [];
    this.#safely(() => this.#leavePipe());
    this.#owner.connectionClosed(this, this.#error ?? error, local);
  }

  // What the session tells.

  now(): number {
    return this.#clock.now();
  }

  mayRead(): boolean {
    return this.#reading.mayRead();
  }

  send(bytes: Uint8Array): void {
    // Only answers to PINGs come without end, and one that is left out harms nobody who does not read.
    if (this.#protocol.ready && this.#controlBytes > MAX_CONTROL) return;
    this.#addControl(bytes);
  }

  onReady(peer: PeerInfo | undefined): void {
    this.#watchDeadline();
    const pipe = this.#owner.connectionReady(this, peer);
    if (pipe instanceof ZmqError) {
      return this.fail(pipe, true);
    }
    this.#pipe = pipe;
    this.#source = pipe.outbox;
    // The inbox may be full of what came over an earlier connection.
    if (!pipe.inbox.hasRoom()) this.#protocol.stop();
    this.#flushNow();
  }

  onMessage(message: Message): boolean {
    return this.#state === OPEN ? this.#pipe!.arrived(message) : this.#pipe?.late() ?? true;
  }

  onSubscription(cancel: boolean, topic: Uint8Array): boolean {
    return this.#state !== OPEN || this.#pipe!.subscribed(cancel, topic);
  }

  onFailure(error: ZmqError): void {
    if (error.code === "EMSGSIZE") this.#pipe?.drop("tooLarge");
    this.fail(error);
    // Whoever is silent will not read our last words either.
    if (error.code === "ETIMEDOUT") this.abort();
  }

  // What the pipe asks.

  queued(bytes: number): void {
    if (!this.#corked) this.#flushNow();
    else if (bytes >= WRITE_AT) this.flush();
  }

  gathered(bytes: number): void {
    if (bytes >= WRITE_AT) this.flush();
  }

  flush(): void {
    if (this.#blocked || this.#turnBytes >= TURN_BUDGET) return;
    this.#flushNow();
  }

  resumeReading(): void {
    if (this.#state > FINISHING) return;
    this.#reading.resume();
    this.#afterRead();
  }

  fail(error: Error, tell = false): void {
    if (this.#state >= CLOSING) return;
    // So that the peer knows that it need not come back at once.
    if (tell) {
      this.#safely(() => {
        const words = this.#protocol.refusal?.(error);
        if (words !== undefined) this.#addControl(words);
      });
    }
    this.#error = error;
    this.#close();
  }

  #watchDeadline(): void {
    this.#timer?.cancel();
    const deadline = this.#watched = this.#protocol.nextDeadline;
    if (deadline === Infinity) return;
    this.#timer = this.#clock.timer(Math.max(0, deadline - this.now()), () => {
      // After a busy spell what came in time is still to be read: it is, before the turn ends.
      this.#clock.turn(() => {
        if (this.#state > FINISHING) return;
        const output = this.#output.look(this.#link, this.#blocked);
        // A PING waits behind what is being encoded.
        this.#protocol.onTime(this.now(), this.#slow.message === undefined ? output : "moving");
        if (this.#state > FINISHING) return;
        this.#flushControl();
        this.#watchDeadline();
      });
    });
  }

  // What the pipe moves here.

  get full(): boolean {
    return this.#batch.bytes >= this.#writeAt || this.#deferred;
  }

  get written(): number {
    return this.#deferred ? Infinity : this.#batch.bytes;
  }

  message(message: Message): void {
    const slow = this.#protocol.slices?.(message, this.#batch);
    if (slow !== undefined) {
      // It waits until what is before it is written.
      if (this.#batch.bytes === 0) this.#slow.start(slow);
      this.#deferred = true;
      return;
    }
    this.#protocol.encode(message, this.#batch);
  }

  run(run: Run): void {
    this.#batch.addEncoded(run.encoded);
  }

  greeting(message: Message): void {
    this.#protocol.encode(message, this.#batch);
  }

  subscription(cancel: boolean, topic: Uint8Array): void {
    this.#turnBytes += SUBSCRIPTION_COST;
    this.#protocol.encodeSubscription(cancel, topic, this.#batch);
  }

  // Reading.

  hasRoom(): boolean {
    return this.#pipe === undefined || this.#pipe.inbox.hasRoom();
  }

  #afterRead(): void {
    // A PING may say how long its sender may be silent.
    if (this.#protocol.nextDeadline < this.#watched) this.#watchDeadline();
    this.#flushControl();
  }

  // Writing.

  #addControl(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#controlBytes += bytes.length;
  }

  #flushControl(): void {
    if (this.#controlBytes > 0) this.#flushNow();
  }

  #turnEnded(): void {
    this.#corked = false;
    this.#turnBytes = 0;
    if (this.#pipe?.gathered !== true || this.#wantsWrite()) this.#flushNow();
  }

  #flushNow(): void {
    if (this.#state >= CLOSING || this.#blocked) return;
    try {
      this.#write();
      if (this.#state === FINISHING && this.#drained()) this.#close();
      else if (this.#state < CLOSING) this.#pipe?.outbox.flushed();
    } catch (error) {
      this.#writeFailed(error);
    }
  }

  #flushed(): void {
    try {
      this.#pipe?.outbox.flushed();
    } catch (error) {
      this.#writeFailed(error);
    }
  }

  /**
   * Something threw. The encoder and the cipher may be in any state, so the connection ends here: what the link has taken
   * are whole messages, and of the batch that was being made nothing is with it. The message that was the cause is dropped
   * already; the others go over the next connection.
   */
  #writeFailed(cause: unknown): void {
    const error = writeError(this.remote, cause);
    if (!this.#blocked) {
      this.#torn = 0;
      // Whatever threw: messages that the link has taken are not sent again.
      this.#batchLost(this.#accepted ? Number.MAX_SAFE_INTEGER : 0, false);
      this.#safely(() => this.#batch.reset());
      this.#control = [];
      this.#controlBytes = 0;
    }
    this.fail(error);
  }

  /** The link threw, against its contract: only its count, or its end, can tell how much of the write it has taken. */
  #writeThrew(cause: unknown): void {
    this.#error = writeError(this.remote, cause);
    this.#torn = Math.max(0, (this.#link.bytesTaken ?? 0) - this.#written);
    this.#blocked = true;
    this.abort();
  }

  /** Goes on whatever a step throws: the way down is to be gone to its end. */
  #safely(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#error ??= writeError(this.remote, error);
    }
  }

  /** Whether there is enough to write before the turn ends. */
  #wantsWrite(): boolean {
    return this.#state === FINISHING || this.#controlBytes > 0 || (this.#pipe?.outbox.wantsWrite(WRITE_AT) ?? false);
  }

  #drained(): boolean {
    return !this.#blocked && this.#controlBytes === 0 && this.#source?.open !== true &&
      (this.#pipe === undefined || this.#pipe.outbox.drained);
  }

  /** Writes batches until nothing is queued, the link takes no more, or the turn's share is used up. */
  #write(): void {
    const batch = this.#batch;
    for (;;) {
      if (this.#slow.message === undefined) this.#gather();
      if (this.#slow.message !== undefined) {
        if (!this.#encodeOn()) return;
        // It was dropped.
        if (batch.bytes === 0) continue;
      }
      const bytes = batch.bytes;
      if (bytes === 0) return;
      if (!this.#corked) {
        this.#corked = true;
        this.#clock.turn(this.#onTurn);
      }
      this.#turnBytes += bytes;
      const chunks = batch.finish();
      let taken: boolean;
      try {
        taken = this.#link.write(chunks);
      } catch (error) {
        return this.#writeThrew(error);
      }
      this.#written += bytes;
      if (!taken) {
        this.#blocked = true;
        return;
      }
      this.#accepted = true;
      this.#batchDone();
      if (this.#turnBytes >= TURN_BUDGET) return;
    }
  }

  /** Moves commands and messages into the batch. */
  #gather(): void {
    const outbox = this.#pipe?.outbox;
    this.#batch.expect(this.#controlBytes + (outbox?.expectedBytes ?? 0));
    if (this.#controlBytes > 0) this.#takeControl();
    if (outbox === undefined) return;
    this.#writeAt = outbox.alone > 0 ? 1 : WRITE_AT;
    this.#deferred = false;
    outbox.moveTo(this);
    this.#deferred = false;
  }

  /** Goes on with a message that takes long; `true` if the batch is complete, or the message is dropped. */
  #encodeOn(): boolean {
    const source = this.#source!;
    if (lacksBytes(this.#slow.message!)) {
      this.#slow.stop();
      this.#batch.reset();
      source.dropOpen();
      return true;
    }
    try {
      if (!this.#slow.goOn()) return false;
    } catch (error) {
      source.spoilOpen();
      throw error;
    }
    source.closeAt(this.#batch.bytes);
    return true;
  }

  /** Nothing more of a message that is being encoded is written: it goes back to its queue. */
  #giveUpSlow(): void {
    if (this.#slow.message === undefined) return;
    this.#slow.stop();
    this.#batchLost(0, false);
    this.#safely(() => this.#batch.reset());
  }

  #batchDone(): void {
    if (this.#source?.handedOver()) this.#delivered = true;
    this.#batch.reset();
    this.#accepted = false;
  }

  /** The link is lost with a batch of which `taken` bytes are out. `left`: by the peer. */
  #batchLost(taken: number | undefined, left: boolean): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#safely(() => this.#unreturned += source.lost({ taken, left, torn: this.#torn !== undefined }));
  }

  #takeControl(): void {
    for (const bytes of this.#control) this.#batch.addEncoded(bytes);
    this.#control = [];
    this.#controlBytes = 0;
  }

  /** The one way down: ends the stream as soon as the link takes the last words, and cuts it off if that hangs. */
  #close(): void {
    this.#state = CLOSING;
    this.#giveUpSlow();
    this.#safely(() => this.#protocol.end());
    // A peer that was sent nothing has nothing to read before it ends its side.
    if (!this.#delivered && this.unsent === 0) this.#grace = Math.min(this.#grace, CLOSE_GRACE);
    this.#limitClosing();
    this.#safely(() => this.#leavePipe());
    if (!this.#blocked) this.#closeLink();
  }

  /** A link that does not end in its time is cut off. Without a limit, `cut` comes when linger is over. */
  #limitClosing(): void {
    this.#timer?.cancel();
    if (this.#grace === Infinity) return;
    this.#timer = this.#clock.timer(Math.min(this.#grace + CLOSE_GRACE, LONGEST_TIMER), () => this.abort());
  }

  /** Says what is still to be said (an ERROR command), then ends the stream. */
  #closeLink(): void {
    this.#safely(() => {
      if (this.#controlBytes === 0) return;
      this.#takeControl();
      this.#blocked = !this.#link.write(this.#batch.finish());
    });
    this.#endLink();
  }

  #endLink(): void {
    try {
      Promise.resolve(this.#link.close(this.#grace)).catch((error) => this.#threwAtEnd(error));
    } catch (error) {
      this.#threwAtEnd(error);
    }
  }

  /** A link that cannot even be ended is taken to be gone, when whoever is ending it has returned. */
  #threwAtEnd(cause: unknown): void {
    this.#error ??= writeError(this.remote, cause);
    if (this.#started) microtask(() => this.onClose());
  }

  /** Messages must not be queued for a link that is ending. */
  #leavePipe(): void {
    if (this.#pipe === undefined) return;
    this.#pipe.disconnect();
    this.#pipe = undefined;
    this.#owner.connectionEnding(this);
  }
}
