/**
 * The writing side of a connection: when commands and messages are encoded and handed to the link, and what becomes of them when
 * that fails (docs/reliability.md). Flush policy (docs/adr/0003-flush-policy.md): the first message after idle is written
 * immediately; later ones of the same turn are gathered for a big write, or for the end of the turn.
 *
 * | Event             | IDLE    | CORKED  | BLOCKED | STOPPED |
 * | ----------------- | ------- | ------- | ------- | ------- |
 * | queued, taken     | CORKED  | -       | -       | -       |
 * | queued, kept      | BLOCKED | -       | -       | -       |
 * | big queue, taken  | CORKED  | -       | -       | -       |
 * | big queue, kept   | BLOCKED | BLOCKED | -       | -       |
 * | turn is over      | -       | IDLE    | -       | -       |
 * | drained next turn |         |         | IDLE    | -       |
 * | drained at once   |         |         | CORKED  | -       |
 * | stop              | STOPPED | STOPPED | STOPPED | -       |
 *
 * `-` stays in the state; an empty cell cannot happen, as a link drains only what it has kept. CORKED: a write of this turn is done, and messages are gathered for a big one.
 * BLOCKED: the link keeps the last write until it drains, `at once` is within the turn. STOPPED: the connection is ending, and only
 * a last ERROR is written. `tests/engine/connection/writer_states_test.ts` walks the table.
 *
 * Over 400 lines because flush policy and failures share one batch. More than 20 members because connection, link and pipe each have
 * their contract with it.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Message } from "../../base/message.ts";
import type { Link } from "../../transport/transport.ts";
import { lacksBytes } from "../../base/untransferable.ts";
import { writeError } from "../../base/write_error.ts";
import { BatchEncoder, type SlabPool } from "../../zmtp/batch_encoder.ts";
import type { Output } from "../../zmtp/heartbeat.ts";
import type { PipeSink } from "../pipe/contracts.ts";
import type { DroppedMessage } from "../pipe/dropped_message.ts";
import type { Outbox } from "../pipe/outbox.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { Run } from "../pipe/run.ts";
import { OutputWatch } from "./output_watch.ts";
import type { Protocol } from "./protocol.ts";
import type { ReadTurns } from "./read_turns.ts";
import { SlowEncoding } from "./slow_encoding.ts";

/**
 * Target size of one write, in bytes: more gains nothing (docs/performance.md). Leaves room in a slab for the last
 * message.
 */
const WRITE_AT = 60 * 1024;

/** Maximum bytes written per turn, so that a loop of sends cannot block the event loop. */
const TURN_BUDGET = 4 * 1024 * 1024;

/**
 * The part of that which a subscription uses, besides its bytes: 4096 of them are sent per turn, which takes some ms.
 */
const SUBSCRIPTION_COST = 1024;

/** Control bytes that may wait before answers to PINGs are no longer added: the peer does not read. */
const MAX_CONTROL = 64 * 1024;

/** The connection, as its writer sees it: it reports to it. */
export interface WriterHost {
  /** Called after `finish`, when everything is written. */
  written(): void;
  /** A batch could not be encoded or written: the connection must end. */
  writeFailed(error: Error): void;
  /** The link threw: the connection must be aborted. */
  linkFailed(error: Error): void;
  /** Runs a step of the shutdown; an exception does not stop the next steps. */
  safely(step: () => void): void;
}

/** Options of a writer. */
export interface WriterOptions {
  readonly link: Link;
  readonly protocol: Protocol;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly turns: ReadTurns;
}

/** Writes to one link. */
export class Writer implements PipeSink {
  /** The link keeps the last batch until `drained`. */
  blocked = false;
  /** Messages were handed over, which the peer may not have read yet. */
  delivered = false;
  /** Set by `finish`: everything that waits is written, then `written` is called. */
  finishing = false;
  /** Nothing more is written, except a last ERROR. */
  stopped = false;

  readonly #link: Link;
  readonly #protocol: Protocol;
  readonly #clock: Clock;
  readonly #host: WriterHost;
  readonly #batch: BatchEncoder;
  readonly #slow: SlowEncoding;
  readonly #output = new OutputWatch();
  /** Messages are encoded as they are: that needs no protocol, and spares it four calls per message. */
  #plain = false;
  #pipe: PeerPipe | undefined;
  /** The pipe of the messages in flight, which may have been detached meanwhile. */
  #source: Outbox | undefined;
  /** Frames that precede all queued messages: greeting, commands. */
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  /** Messages that were in flight when the link was lost, and that no queue took back. */
  #unreturned = 0;
  /** The link has taken the batch, whose messages still count as in flight. */
  #accepted = false;
  /** The message that was moved here last takes long to encode: it is in flight, and nothing of it in the batch yet. */
  #deferred = false;
  /** Target size of a write, in bytes. */
  #writeAt = WRITE_AT;
  /** Bytes of all writes that did not throw. */
  #written = 0;
  /** The bytes that were sent of a write that threw; `undefined` if none did. */
  #torn: number | undefined;
  /** The first write of this turn is done; the end of the turn is awaited. */
  #corked = false;
  #turnBytes = 0;
  readonly #onTurn = () => this.#turnEnded();

  constructor({ link, protocol, slabs, clock, turns }: WriterOptions, host: WriterHost) {
    this.#link = link;
    this.#protocol = protocol;
    this.#clock = clock;
    this.#host = host;
    this.#batch = new BatchEncoder(slabs, protocol.framing);
    this.#slow = new SlowEncoding(turns, link, () => this.flushNow());
  }

  /** The number of messages in flight, or lost with the link. */
  get unsent(): number {
    return this.#unreturned + (this.#source?.inFlight ?? 0);
  }

  /** Writes the messages of a pipe from now on. */
  attach(pipe: PeerPipe): void {
    this.#pipe = pipe;
    this.#source = pipe.outbox;
    this.#plain = this.#protocol.plain === true;
  }

  /** Takes no more messages from the pipe. */
  detach(): void {
    this.#pipe = undefined;
  }

  /** Adds the frame of a command. */
  add(bytes: Uint8Array): void {
    // Only answers to PINGs can be without limit, and omitting one harms no peer that does not read.
    if (this.#protocol.ready && this.#controlBytes > MAX_CONTROL) return;
    this.addLast(bytes);
  }

  /** Adds the frame of a command, however many wait. */
  addLast(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#controlBytes += bytes.length;
  }

  /** Messages of `bytes` bytes are queued. */
  queued(bytes: number): void {
    if (!this.#corked) this.flushNow();
    else if (bytes >= WRITE_AT) this.flush();
  }

  /** The same, but more will follow. */
  gathered(bytes: number): void {
    if (bytes >= WRITE_AT) this.flush();
  }

  /** Writes everything that waits, within the share of this turn. */
  flush(): void {
    if (this.blocked || this.#turnBytes >= TURN_BUDGET) return;
    this.flushNow();
  }

  /** Writes commands that wait, if there are any. */
  flushControl(): void {
    if (this.#controlBytes > 0) this.flushNow();
  }

  /** Writes everything that waits. */
  flushNow(): void {
    if (this.stopped || this.blocked) return;
    try {
      this.#write();
      if (this.stopped) return;
      if (this.finishing && this.#drained()) this.#host.written();
      else this.#pipe?.outbox.flushed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** The link has drained. */
  drained(): void {
    this.blocked = false;
    this.#accepted = true;
    this.#output.drains++;
    try {
      this.#batchDone();
    } catch (error) {
      // Unless the connection is closing already, this closes it.
      if (!this.stopped) return this.failed(error);
    }
    if (this.stopped) return;
    // On Deno a write is done within the turn: without this, a loop of sends would be a write per message.
    if (this.#corked && (!this.#wantsWrite() || this.#turnBytes >= TURN_BUDGET)) this.#flushed();
    else this.flushNow();
  }

  /** The progress of the bytes to send since the last call. */
  look(): Output {
    const output = this.#output.look(this.#link, this.blocked);
    // A PING waits behind a message that is being encoded.
    return this.#slow.message === undefined ? output : "moving";
  }

  /**
   * Something threw. The encoder and the cipher may be in any state, so the connection ends here: the link has taken whole
   * messages only, and nothing of the batch that was being made. The message that was the cause is dropped already; the
   * others go over the next connection.
   */
  failed(cause: unknown): void {
    const error = writeError(this.#link.remote, cause);
    if (!this.blocked) {
      this.#torn = 0;
      // In every case, messages that the link has taken are not sent again.
      this.#batchLost(this.#accepted ? Number.MAX_SAFE_INTEGER : 0, false);
      this.#host.safely(() => this.#batch.reset());
      this.#control = [];
      this.#controlBytes = 0;
    }
    this.#host.writeFailed(error);
  }

  /** The connection is closing: no more messages. A message that is being encoded goes back to its queue. */
  stop(): void {
    this.stopped = true;
    if (this.#slow.message === undefined) return;
    this.#slow.stop();
    this.#batchLost(0, false);
    this.#host.safely(() => this.#batch.reset());
  }

  /** Writes commands that still wait (ERROR), before the link ends. */
  lastWords(): void {
    if (this.#controlBytes === 0) return;
    this.#takeControl();
    this.blocked = !this.#link.write(this.#batch.complete());
  }

  /** The link is closed, and had taken `taken` bytes of the last write. `left`: the peer ended it. */
  lost(taken: number | undefined, left: boolean): void {
    this.stop();
    this.#batchLost(this.#torn === undefined ? taken : Math.max(this.#torn, taken ?? 0), left);
    this.#batch.reset();
    this.#control = [];
  }

  /** The message that could not be sent, if there is one. */
  takeUnsendable(): DroppedMessage | undefined {
    return this.#source?.takeUnsendable();
  }

  // The sink of the pipe.

  get full(): boolean {
    return this.#batch.bytes >= this.#writeAt || this.#deferred;
  }

  get written(): number {
    return this.#deferred ? Infinity : this.#batch.bytes;
  }

  message(message: Message): void {
    if (this.#plain) this.#batch.addMessage(message);
    else this.#encode(message);
  }

  #encode(message: Message): void {
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

  first(message: Message): void {
    this.#protocol.encode(message, this.#batch);
  }

  subscription(cancel: boolean, topic: Uint8Array): void {
    this.#turnBytes += SUBSCRIPTION_COST;
    this.#protocol.encodeSubscription?.(cancel, topic, this.#batch);
  }

  #turnEnded(): void {
    this.#corked = false;
    this.#turnBytes = 0;
    if (this.#pipe?.gathered !== true || this.#wantsWrite()) this.flushNow();
  }

  #flushed(): void {
    try {
      this.#pipe?.outbox.flushed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** True if there is enough to write before the turn ends. */
  #wantsWrite(): boolean {
    return this.finishing || this.#controlBytes > 0 || (this.#pipe?.outbox.wantsWrite(WRITE_AT) ?? false);
  }

  #drained(): boolean {
    return !this.blocked && this.#controlBytes === 0 && this.#source?.open !== true &&
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
      const chunks = batch.complete();
      let taken: boolean;
      try {
        taken = this.#link.write(chunks);
      } catch (error) {
        return this.#linkThrew(error);
      }
      this.#written += bytes;
      if (!taken) {
        this.blocked = true;
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

  /** Continues with a message that takes long; `true` if the batch is complete, or the message is dropped. */
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

  /** The link threw, against its contract: only its count, or its end, shows how much of the write it has taken. */
  #linkThrew(cause: unknown): void {
    this.#torn = Math.max(0, (this.#link.bytesTaken ?? 0) - this.#written);
    this.blocked = true;
    this.#host.linkFailed(writeError(this.#link.remote, cause));
  }

  #batchDone(): void {
    if (this.#source?.handedOver()) this.delivered = true;
    this.#batch.reset();
    this.#accepted = false;
  }

  /** The link is lost with a batch of which `taken` bytes are out. `left`: by the peer. */
  #batchLost(taken: number | undefined, left: boolean): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#host.safely(() => this.#unreturned += source.lost({ taken, left, torn: this.#torn !== undefined }));
  }

  #takeControl(): void {
    for (const bytes of this.#control) this.#batch.addEncoded(bytes);
    this.#control = [];
    this.#controlBytes = 0;
  }
}
