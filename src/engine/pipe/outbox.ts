/**
 * The messages to one peer: those that wait, and those in flight, which a connection has encoded and its link has not taken
 * in full. This is the one ledger of them: each entry leaves it once, as handed over, put back, dropped or lost.
 *
 * | Event               | WAITING   | OPEN         | IN FLIGHT | CUT OFF OPEN | CUT OFF | OUT | DROPPED |
 * | ------------------- | --------- | ------------ | --------- | ------------ | ------- | --- | ------- |
 * | moveTo              | IN FLIGHT | -            | -         | -            | -       | -   | -       |
 * | moveTo, slow        | OPEN      | -            | -         | -            | -       | -   | -       |
 * | moveTo, throws      | DROPPED   | -            | -         | -            | -       | -   | -       |
 * | moveTo, transferred | DROPPED   | -            | -         | -            | -       | -   | -       |
 * | closeAt             | x         | IN FLIGHT    | x         | CUT OFF      | x       | x   | x       |
 * | dropOpen            | x         | DROPPED      | x         | DROPPED      | x       | x   | x       |
 * | spoilOpen           | x         | DROPPED      | x         | DROPPED      | x       | x   | x       |
 * | handedOver          | -         | WAITING      | OUT       | DROPPED      | OUT     | -   | -       |
 * | lost, none taken    | -         | WAITING      | WAITING   | DROPPED      | DROPPED | -   | -       |
 * | lost, all taken     | -         | WAITING      | OUT       | DROPPED      | OUT     | -   | -       |
 * | lost, unknown       | -         | WAITING      | OUT       | DROPPED      | OUT     | -   | -       |
 * | dropFirst           | DROPPED   | x            | x         | -            | -       | -   | -       |
 * | clear               | DROPPED   | CUT OFF OPEN | CUT OFF   | -            | -       | -   | -       |
 *
 * The states of one message. OPEN is in flight, and still to be encoded. CUT OFF is in flight as well, but cannot be put back, because the queue was cleared
 * meanwhile. OUT is handed over, and counts as sent; after `lost, unknown` it is reported as well. `-` changes nothing; `x` would break the
 * contract: `closeAt`, `dropOpen` and `spoilOpen` are for the message that is `open`, `dropFirst` is called when nothing is lent.
 * `tests/engine/pipe/pipe_states_test.ts` walks the table.
 *
 * Over 400 lines because queue, ledger and high-water marks change together. More than 20 members because pipe, connection and
 * socket each see a part of that.
 *
 * @module
 */

import { type Message, messageBytes } from "../../base/message.ts";
import { MOST_WAITING } from "../../routing/subscribe.ts";
import { lacksBytes } from "../../base/untransferable.ts";
import type { CounterSet } from "../counters.ts";
import type { PipeSink } from "./contracts.ts";
import type { DroppedMessage } from "./dropped_message.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";
import { InFlight } from "./in_flight.ts";
import { type OutEntry, OutQueue } from "./out_queue.ts";
import { Run } from "./run.ts";
import { Suspect } from "./suspect.ts";
import { SubscriptionQueue } from "./subscription_queue.ts";

/** Maximum size of the framing of a message, in bytes, in most cases. */
const FRAMING = 32;

/** A write that was not finished because its link was lost. */
export interface LostWrite {
  /** Bytes of the write that the link had taken; `undefined` if that is unknown. */
  readonly taken: number | undefined;
  /** True if the write threw. */
  readonly torn?: boolean;
  /** True if the peer disconnected, possibly because it rejects the message that was being sent. */
  readonly left?: boolean;
}

/** Reports of an outbox to its pipe. */
export interface OutboxHost {
  /** There is room again after `full` was set. */
  room(): void;
  /** A message is dropped because the program transferred its memory. */
  transferred(message: DroppedMessage): void;
}

/** The sending side of a pipe. */
export class Outbox {
  /** Counters that the outbox adds to. */
  counters: CounterSet;
  readonly suspect: Suspect = new Suspect();
  /** The number of entries that go out alone, each in a write of its own: one of them may have caused a write to throw. */
  alone = 0;
  /**
   * The messages that wait. The pipe uses it directly for each message: one object less on that path is up to a fifth of the
   * CPU time of a publisher with 64 subscribers (docs/performance.md).
   */
  readonly queue: OutQueue = new OutQueue();

  readonly #marks: HighWaterMarks;
  readonly #conflate: boolean;
  readonly #host: OutboxHost;
  readonly #flight = new InFlight();
  /** Messages that precede all that are queued, on this connection. */
  #first: Message[] | undefined;
  /** Subscriptions that go out before and between queued messages. */
  readonly #subscriptions = new SubscriptionQueue();
  #moved = 0;
  #unsendable: DroppedMessage | undefined;

  /** Creates an empty outbox. */
  constructor(marks: HighWaterMarks, conflate: boolean, counters: CounterSet, host: OutboxHost) {
    this.#marks = marks;
    this.#conflate = conflate;
    this.counters = counters;
    this.#host = host;
  }

  /** The number of messages that wait. */
  get messages(): number {
    return this.queue.messages;
  }

  /** The bytes of their bodies. */
  get bytes(): number {
    return this.queue.bytes;
  }

  /** The bytes of a write of all that waits, with the headers of the frames, roughly. */
  get expectedBytes(): number {
    return this.queue.bytes + this.queue.messages * FRAMING;
  }

  /** The number of messages in flight. */
  get inFlight(): number {
    return this.#flight.messages;
  }

  /** True if everything is moved out. */
  get drained(): boolean {
    return this.queue.messages === 0 && this.#subscriptions.empty;
  }

  /** True if the next message need not be queued: nothing precedes it, and it has its bytes. */
  passes(message: Message): boolean {
    return this.drained && !this.queue.full && this.#first === undefined && !lacksBytes(message);
  }

  /** Counts a message that is handed over without being queued. */
  pass(message: Message): void {
    this.#moved++;
    this.counters.messagesSent++;
    this.counters.bytesSent += messageBytes(message);
  }

  /** Such a message could not be sent: it is dropped. */
  spoilPassed(message: Message): void {
    this.#countSpoiled(1, message.length, messageBytes(message));
  }

  /** True if there are at least `bytes` bytes to write, or the socket waits for room. */
  wantsWrite(bytes: number): boolean {
    return this.queue.full || this.queue.bytes >= bytes;
  }

  /** Adds a message that precedes all others on this connection. */
  pushFirst(message: Message): void {
    (this.#first ??= []).push(message);
  }

  /** Adds a subscription behind the messages that wait. `false` if too many wait for a connection: all of them are dropped. */
  subscribe(cancel: boolean, topic: Uint8Array, connected: boolean): boolean {
    if (!connected && this.#subscriptions.length === MOST_WAITING) {
      this.#subscriptions.clear();
      return false;
    }
    // An XSUB's subscription must not overtake the messages that it sent before.
    this.#subscriptions.push(this.#moved + this.queue.messages, cancel, topic);
    return true;
  }

  /** Adds every topic, before all that waits: each is asked for when it goes out. */
  subscribeAll(topics: Iterator<Uint8Array>): void {
    this.#subscriptions.all(topics);
  }

  /** The connection is lost: drops messages for it alone. */
  disconnected(): void {
    this.#first = undefined;
    this.#subscriptions.clear();
  }

  /**
   * Moves what waits into a sink until that is full; from then on it is in flight. An exception of the sink is passed
   * to the caller, and the message that the sink was given is dropped.
   */
  moveTo(sink: PipeSink): void {
    const queue = this.queue;
    const flight = this.#flight;
    let messages = 0;
    let bytes = 0;
    let extraFrames = 0;
    let entry: OutEntry | undefined;
    try {
      if (this.#first !== undefined) this.#moveFirst(sink);
      flight.leads(sink.written);
      // Encoding a message adds none.
      const subscriptions = !this.#subscriptions.empty;
      while (!sink.full) {
        if (subscriptions) {
          this.#subscriptions.moveTo(sink, this.#moved + messages);
          flight.leads(sink.written);
          // No message may overtake a subscription.
          if (sink.full) break;
        }
        entry = queue.lend();
        if (entry === undefined) break;
        if (queue.shared && entry instanceof Run) {
          bytes += entry.bytes;
          messages += entry.messages;
          extraFrames -= entry.messages;
          sink.run!(entry);
          flight.run(entry.messages, sink.written);
        } else {
          const message = entry as Message;
          const size = messageBytes(message);
          bytes += size;
          messages++;
          if (message.length !== 1) extraFrames += message.length - 1;
          // Every message without bytes, and none of one frame with some, may lack them.
          if ((size === 0 || message.length > 1) && lacksBytes(message)) this.#dropLent(message);
          else {
            sink.message(message);
            flight.message(sink.written);
          }
        }
        entry = undefined;
      }
    } catch (error) {
      this.#spoil(entry);
      this.#movedOut(messages, bytes, extraFrames);
      throw error;
    }
    this.#movedOut(messages, bytes, extraFrames);
  }

  /** All that is in flight is with the link; returns whether there was any. */
  handedOver(): boolean {
    const { entries, open } = this.#flight;
    if (entries === 0) return false;
    // First, so that no later error makes them be sent again.
    this.#flight.done();
    if (open) {
      this.#acquit(entries - 1);
      this.#returnOpen();
      return entries > 1;
    }
    this.#acquit(entries);
    this.queue.handedOver();
    if (this.suspect.cuts > 0) this.suspect.clear();
    return true;
  }

  /** True if the last entry in flight is a message that is still to be encoded. */
  get open(): boolean {
    return this.#flight.open;
  }

  /** The open message is encoded, and ends at this byte of the write. */
  closeAt(end: number): void {
    this.#flight.closeAt(end);
  }

  /** The open message has lost its bytes: it is dropped. */
  dropOpen(): void {
    const { lent } = this.queue;
    this.#flight.removeOpen();
    // The queue may have been cleared meanwhile.
    if (lent === undefined) this.#countLost(1);
    else this.#dropLent(lent as Message);
  }

  /** The open message could not be encoded: it is dropped. */
  spoilOpen(): void {
    const { lent } = this.queue;
    this.#flight.removeOpen();
    if (lent === undefined) this.#countLost(1);
    else this.#spoil(lent);
  }

  /** All that is lent is handed over, except the open message, which is the next one; `false` if the queue was cleared meanwhile. */
  #returnOpen(): boolean {
    if (this.#putBack(1, 0) > 0) return true;
    this.#countLost(1);
    return false;
  }

  /**
   * The link is lost with a write of which some bytes are out. A message that is not out in full goes over the next connection:
   * peers drop the part that they have. Returns how many messages were in flight and cannot be sent again.
   */
  lost({ taken, torn = false, left = false }: LostWrite): number {
    const flight = this.#flight;
    const out = flight.entries;
    if (out === 0) return 0;
    if (taken === undefined) {
      if (!flight.open) this.queue.handedOver();
      else if (this.#returnOpen()) flight.removeOpen();
      const { messages } = flight;
      flight.done();
      return messages;
    }
    const { entries, cut } = flight.lost(taken);
    this.#acquit(out - entries);
    // It was alone in the write that threw, for the second time.
    if (torn && this.alone > 0 && out === 1 && entries === 1 && this.queue.lent !== undefined) {
      this.#spoil(this.queue.lent);
      flight.done();
      this.#acquit(1);
      return 0;
    }
    const returned = this.#putBack(entries, left ? cut : 0);
    if (torn) this.alone = Math.max(this.alone, returned);
    flight.entries -= returned;
    const unreturned = flight.entries === 0 ? 0 : flight.messages;
    flight.done();
    this.#countLost(unreturned);
    return unreturned;
  }

  /** Reports room if the socket waits for it. Half of the queue must be free, as in libzmq. */
  flushed(): void {
    const { messages, bytes, extraFrames } = this.queue;
    const marks = this.#marks;
    if (!this.queue.full || messages > marks.sendMessages / 2) return;
    if (bytes > marks.sendBytes / 2 || messages + extraFrames > marks.sendFrames / 2) return;
    this.queue.full = false;
    try {
      this.#host.room();
    } catch (error) {
      // The report has not reached callers that wait for room: it is repeated when the next connection has written.
      this.queue.full = true;
      throw error;
    }
  }

  /** The high-water marks have changed: callers that wait for room may have it now. */
  marksChanged(): void {
    if (!this.queue.full || !this.queue.hasSpace(this.#marks)) return;
    this.queue.full = false;
    this.#host.room();
  }

  /** Drops the message that peers refuse. */
  dropFirst(): Message | undefined {
    const message = this.queue.dropFirst();
    this.suspect.clear();
    if (message !== undefined) this.counters.drops.add("tooLarge");
    this.flushed();
    return message;
  }

  /** Drops all that waits, as lost; returns the number of messages. */
  clear(): number {
    const given = this.queue.clear();
    this.counters.drops.add("lost", given);
    return given;
  }

  /** The message that was dropped because it could not be sent, since this was asked last. */
  takeUnsendable(): DroppedMessage | undefined {
    const dropped = this.#unsendable;
    this.#unsendable = undefined;
    return dropped;
  }

  #movedOut(messages: number, bytes: number, extraFrames: number): void {
    this.#moved += messages;
    this.queue.taken(messages, bytes, extraFrames);
    this.counters.messagesSent += messages;
    this.counters.bytesSent += bytes;
  }

  /** These entries are sent, so none of them caused a write to throw. */
  #acquit(entries: number): void {
    if (this.alone > 0) this.alone = Math.max(0, this.alone - entries);
  }

  /**
   * All that is lent is handed over, except the last `count` entries, which are the next to be sent again. Returns how many
   * entries those are, also where `conflate` has dropped them for a later one: none if the queue was cleared meanwhile.
   */
  #putBack(count: number, cut: number): number {
    if (this.#conflate && this.queue.messages > 0) {
      // A later message replaced it.
      this.queue.handedOver();
      this.counters.messagesSent -= count;
      this.counters.drops.add("conflated", count);
      return count;
    }
    const { entries, messages, bytes } = this.queue.putBack(count);
    this.#moved -= messages;
    this.counters.messagesSent -= messages;
    this.counters.bytesSent -= bytes;
    if (cut > 0) this.suspect.cut(this.queue.first(), cut);
    return entries;
  }

  /** The entry that was moved out last cannot be sent: it is dropped, so that it is not tried forever. */
  #spoil(entry: OutEntry | undefined): void {
    if (entry === undefined) return;
    const run = entry instanceof Run;
    const messages = run ? entry.messages : 1;
    this.queue.dropLent();
    const bytes = run ? entry.bytes : messageBytes(entry);
    this.#countSpoiled(messages, run ? undefined : entry.length, bytes);
  }

  #countSpoiled(messages: number, frames: number | undefined, bytes: number): void {
    this.counters.messagesSent -= messages;
    this.counters.bytesSent -= bytes;
    this.counters.drops.add("unsendable", messages);
    if (frames !== undefined) this.#unsendable = { frames, bytes };
  }

  /** The message that is being moved out has lost its bytes: it is dropped, and is not put back. */
  #dropLent(message: Message): void {
    this.queue.dropLent();
    this.#countLost(1);
    this.#host.transferred({ frames: message.length, bytes: messageBytes(message) });
  }

  #countLost(messages: number): void {
    this.counters.messagesSent -= messages;
    this.counters.drops.add("lost", messages);
  }

  #moveFirst(sink: PipeSink): void {
    const first = this.#first!;
    // Before, so that one that cannot be sent is not tried again.
    this.#first = undefined;
    for (const message of first) {
      sink.first(message);
      this.counters.messagesSent++;
      this.counters.bytesSent += messageBytes(message);
    }
  }
}
